//! Mounts that nobody else sees.

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::path::Path;

/// Runs `test` in a thread with a mount and a network namespace of its own.
pub fn with_own_mounts(test: impl FnOnce() + Send) {
    let run = || {
        unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace of one's own");
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
            .expect("keeping mounts to oneself");
        let _namespace = super::Namespace::new();
        test();
    };
    std::thread::scope(|scope| {
        if let Err(panic) = scope.spawn(run).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Mounts an empty file system over a folder.
#[track_caller]
pub fn mount_empty(folder: impl AsRef<Path>, options: &str) {
    mount(
        Some("tmpfs"),
        folder.as_ref(),
        Some("tmpfs"),
        MsFlags::empty(),
        Some(options),
    )
    .expect("a small file system");
}

/// Mounts one file or folder over another.
#[track_caller]
pub fn bind(source: impl AsRef<Path>, target: impl AsRef<Path>) {
    mount(
        Some(source.as_ref()),
        target.as_ref(),
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )
    .expect("a bind mount");
}

/// Makes a mount read-only.
#[track_caller]
pub fn make_read_only(target: impl AsRef<Path>) {
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    mount(
        None::<&str>,
        target.as_ref(),
        None::<&str>,
        flags,
        None::<&str>,
    )
    .expect("a read-only mount");
}
