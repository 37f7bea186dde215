//! Files of /etc that the resolver reads, replaced for one test and nobody else.

use super::ip;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::path::PathBuf;

/// Runs `test` in a thread with a mount and a network namespace of its own, in which these files have these contents.
pub fn with_files(files: &[(&str, &str)], test: impl FnOnce() + Send) {
    let run = || {
        unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace of one's own");
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
            .expect("keeping mounts to oneself");
        for (path, text) in files {
            replace(path, text);
        }
        let _namespace = super::Namespace::new();
        ip("address add 10.9.9.9/32 dev lo");
        test();
    };
    std::thread::scope(|scope| {
        if let Err(panic) = scope.spawn(run).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

fn replace(path: &str, text: &str) {
    let name = format!(
        "ipvsadm-test.{}.{:?}.{}",
        std::process::id(),
        std::thread::current().id(),
        path.replace('/', "_")
    );
    let source: PathBuf = std::env::temp_dir().join(name);
    std::fs::write(&source, text).expect("writing a file");
    mount(
        Some(&source),
        path,
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )
    .unwrap_or_else(|error| panic!("mounting over {path}: {error}"));
    // What is mounted stays readable without its name.
    std::fs::remove_file(&source).expect("removing a file");
}
