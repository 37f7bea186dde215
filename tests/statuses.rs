//! The exit statuses that the manual pages of ipvsadm-save and ipvsadm-restore tell, as far as no kernel is needed. Runs outside the lab.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

#[test]
fn of_save_and_restore() {
    for (program, words, wanted) in [
        ("ipvsadm-save", &["--bogus"][..], 1),
        ("ipvsadm-save", &["word"], 1),
        ("ipvsadm-save", &["--file"], 1),
        ("ipvsadm-save", &["--file", ""], 2),
        ("ipvsadm-save", &["--all=x"], 1),
        ("ipvsadm-save", &["--file", "a", "--file", "b"], 2),
        ("ipvsadm-save", &["--resolve-timeout", "x"], 2),
        ("ipvsadm-save", &["--netns", "nope"], 2),
        ("ipvsadm-restore", &["--bogus"], 1),
        ("ipvsadm-restore", &["word"], 1),
        ("ipvsadm-restore", &["--wait"], 1),
        ("ipvsadm-restore", &["--wait", "x"], 2),
        ("ipvsadm-restore", &["--file", ""], 2),
        ("ipvsadm-restore", &["--file", "nope"], 2),
        ("ipvsadm-restore", &["--wait", "1", "--wait", "1"], 2),
        ("ipvsadm-restore", &["--netns", "nope"], 2),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_ipvsadm"))
            .arg0(program)
            .args(words)
            .stdin(Stdio::null())
            .output()
            .expect("running it");
        assert_eq!(
            output.status.code(),
            Some(wanted),
            "{program} {words:?}: {output:?}"
        );
    }
}
