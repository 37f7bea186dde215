//! Files of /etc that the resolver reads, replaced for one test and nobody else.

use super::ip;
use super::mounts::{bind, with_own_mounts};
use std::path::{Path, PathBuf};

/// Names of ports as every system has them; some have more, for ports that the tests take for nameless.
const SERVICES: &str = "telnet 23/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\n";

/// Runs `test` in a thread with a mount and a network namespace of its own, in which these files have these contents.
pub fn with_files(files: &[(&str, &str)], test: impl FnOnce() + Send) {
    with_own_mounts(|| {
        replace("/etc/services", SERVICES);
        for (path, text) in files {
            replace(path, text);
        }
        ip("address add 10.9.9.9/32 dev lo");
        test();
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
    let path = Path::new(path);
    // The lab has a /run of its own: a link into it, such as /etc/resolv.conf is on many machines, leads to nothing.
    if let (false, Ok(link)) = (path.exists(), path.read_link()) {
        let file = path.with_file_name(link);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("making a folder");
        std::fs::write(file, "").expect("writing a file");
    }
    bind(&source, path);
    // What is mounted stays readable without its name.
    std::fs::remove_file(&source).expect("removing a file");
}
