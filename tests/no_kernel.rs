//! On a machine whose kernel has no IPVS: help works, everything else says what is missing. Runs outside the lab.

use std::process::{Command, Output};

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipvsadm"))
        .args(words)
        .output()
        .expect("running ipvsadm")
}

/// Loading the module is what a run as root would do first, and undo this test.
fn kernel_has_ipvs() -> bool {
    let has = std::path::Path::new("/proc/net/ip_vs").exists()
        || Command::new("/sbin/modprobe")
            .args(["-n", "-q", "ip_vs"])
            .status()
            .is_ok_and(|status| status.success());
    if has {
        eprintln!("skipped: this machine's kernel has IPVS");
    }
    has
}

#[test]
fn help_and_version_work() {
    for word in ["-h", "--help", "-v", "--version"] {
        let output = run(&[word]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{word}: {output:?}"
        );
        assert!(
            text.starts_with("ipvsadm v")
                && text.lines().next().is_some_and(|line| line.ends_with(')')),
            "{word}: {text}"
        );
    }
}

#[test]
fn the_rest_says_what_is_missing() {
    if kernel_has_ipvs() {
        return;
    }
    for words in [
        &["-Ln"][..],
        &[],
        &["-A", "-t", "10.0.0.1:80"],
        &["-Sn"],
        &["-C"],
        &["-Lnc"],
        &["-L", "--timeout"],
    ] {
        let output = run(words);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(2) && output.stdout.is_empty(),
            "{words:?}: {output:?}"
        );
        let lines = [
            "Can't initialize ipvs: Protocol not available",
            "Are you sure that IP Virtual Server is built in the kernel or as module?",
        ];
        // What modprobe says about it may come first.
        let said = text
            .lines()
            .filter(|line| !line.starts_with("modprobe: "))
            .take(2);
        assert_eq!(said.collect::<Vec<_>>(), lines, "{words:?}");
    }
}
