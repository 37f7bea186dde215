//! A restore whose messages nobody reads does not keep others waiting.

mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;
use std::time::Duration;
use support::{Namespace, Tool};

/// More messages than a pipe holds.
const LINES: usize = 5000;

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn unread_messages_hold_no_lock() {
    let _namespace = Namespace::new();
    let rules = std::env::temp_dir().join("ipvsadm-unread");
    let refused: String = (2..LINES)
        .map(|n| format!("-a -f {n} -r 10.0.0.1:80\n"))
        .collect();
    fs::write(&rules, format!("{refused}-A -f 1\n")).expect("the rules");
    let mut unread = Tool::Ours
        .command(["-R", "--file"])
        .arg(&rules)
        .stderr(Stdio::piped())
        .spawn()
        .expect("a restore");
    // Its last rule is made, and it has yet to say what was refused.
    while !Tool::Ours.line("-Sn").ok().contains("-A -f 1") {
        std::thread::sleep(Duration::from_millis(10));
    }
    // This one waits for the lock, ten seconds at most.
    assert_eq!(Tool::Ours.run_with(["-R"], b"-A -f 2\n").ok(), "");
    assert!(
        unread.try_wait().expect("the first").is_none(),
        "it was read"
    );
    let namespace = fs::metadata("/proc/thread-self/ns/net").expect("the namespace");
    let lock = format!("/run/ipvsadm/netns-{}.lock", namespace.ino());
    assert_eq!(fs::metadata(lock).expect("the lock").len(), 0);
    drop(unread.stderr.take());
    assert_eq!(unread.wait().expect("the first").code(), Some(255));
    fs::remove_file(&rules).expect("the rules");
}
