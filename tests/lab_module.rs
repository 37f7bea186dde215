//! A kernel whose IPVS module is not loaded yet. tests/run boots one for this file alone: LAB_NO_IPVS=1.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use support::files::with_files;
use support::{Outcome, Tool, need_lab};

const NO_IPVS: &str = "Can't initialize ipvs: Protocol not available";

fn loaded() -> bool {
    Path::new("/proc/net/ip_vs").exists()
}

/// Commands without the module, then with it: one test, as the module stays.
#[test]
#[ignore = "needs a kernel whose IPVS is not loaded yet: tests/run"]
fn the_first_command_loads_the_module() {
    need_lab();
    assert!(
        !loaded(),
        "the module is there already: LAB_NO_IPVS=1 boots a kernel without it"
    );
    // The kernel may load the module of a family that is asked for by itself: it must not, so that the command has to.
    let kernels = "/proc/sys/kernel/modprobe";
    let modprobe = std::fs::read_to_string(kernels).expect("the kernel's own modprobe");
    std::fs::write(kernels, "/bin/false").expect("the kernel's own modprobe");
    with_files(&[("/sbin/modprobe", "")], || {
        for tool in Tool::BOTH {
            for line in [
                "",
                "-Ln",
                "-Sn",
                "-Lnc",
                "-L --timeout",
                "-A -t 10.0.0.1:80",
                "-C",
                "--set 1 2 3",
            ] {
                let outcome = tool.line(line);
                outcome.clone().fails(2, NO_IPVS);
                let hint =
                    "Are you sure that IP Virtual Server is built in the kernel or as module?";
                assert_eq!(
                    support::lossy(&outcome.stderr).lines().nth(1),
                    Some(hint),
                    "{line}"
                );
            }
        }
    });
    // What needs no kernel loads nothing.
    let dry = ["-R", "--dry-run"];
    let plan = Tool::Ours.run_with(dry, b"-A -t 10.0.0.1:80 -s rr\n");
    assert_eq!(plan.ok(), "-A -t 10.0.0.1:80 -s rr\n");
    assert!(!Tool::Ours.line("-v").ok().is_empty());
    let mut tab = Tool::Ours.command(["--", "ipvsadm", "-D", "-t", ""]);
    assert_eq!(Outcome::of(tab.env("COMPLETE", "bash"), b"").ok(), "");
    assert!(!loaded(), "what needs no kernel loaded the module");
    // The doctor loads nothing either, and says how to.
    let found = Tool::Ours.line("--doctor");
    let text = found.text();
    assert!(
        found.status == 2 && text.starts_with("error ipvs-missing: "),
        "{found}"
    );
    assert!(!loaded(), "the doctor loaded the module");
    let (_, command) = text.trim_end().rsplit_once("; run: ").expect("a command");
    for (command, after) in [(command, true), ("modprobe -r ip_vs", false)] {
        assert!(
            Command::new("sh")
                .args(["-c", command])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(loaded(), after, "{command}");
    }
    let listing = Tool::Ours.line("-Ln").ok();
    assert!(loaded());
    std::fs::write(kernels, modprobe).expect("the kernel's own modprobe");
    assert_eq!(Tool::Theirs.line("-Ln").ok(), listing);
    a_watch_sees_the_module_that_is_loaded_again();
}

/// The kernel gives it another number then.
fn a_watch_sees_the_module_that_is_loaded_again() {
    let mut command = Tool::Ours.command(["-Ln", "--watch=1"]);
    let mut watch = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the watch");
    let mut seen = BufReader::new(watch.stdout.take().expect("a pipe")).lines();
    let mut errors = BufReader::new(watch.stderr.take().expect("a pipe")).lines();
    assert!(seen.next().is_some());
    let modprobe = |words: &[&str]| {
        let done = Command::new("modprobe").args(words).status();
        assert!(done.expect("modprobe").success());
    };
    modprobe(&["-r", "ip_vs"]);
    assert!(errors.next().is_some(), "a table without the module");
    modprobe(&["ip_vs"]);
    Tool::Theirs.setup(&["-A -f 7 -s rr"]);
    let service = "FWM  7 rr";
    assert!(seen.any(|line| line.expect("a listing").starts_with(service)));
    watch.kill().expect("its end");
    watch.wait().expect("its end");
    Tool::Theirs.setup(&["-C"]);
}
