//! Saves that are ended half way, and what they leave beside the file.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::process::Command;
use support::folder::Folder;
use support::{Namespace, Outcome, Tool};

const OLD: &str = "# the last good one\n";

fn save(path: &str) -> Outcome {
    Tool::Ours.run(["-S", "-n", "--file", path])
}

fn many_rules() {
    let rules: String = (1..3000).map(|n| format!("-A -f {n} -s rr\n")).collect();
    assert_eq!(Tool::Ours.run_with(["-R"], rules.as_bytes()).ok(), "");
}

/// Each signal comes as soon as there is anything beside the file, or at the end.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn signals_leave_nothing_beside_the_file() {
    let _namespace = Namespace::new();
    many_rules();
    let folder = Folder::new("signals");
    let path = folder.path("rules");
    let saved = Tool::Ours.line("-Sn").ok();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for _ in 0..3 {
            fs::write(&path, OLD).expect("a file");
            let mut command = Tool::Ours.command(["-Sn", "--file", &path]);
            let mut child = command.spawn().expect("a process");
            let id = Pid::from_raw(child.id().cast_signed());
            while folder.names().len() == 1 && child.try_wait().expect("a process").is_none() {}
            // Not yet waited for, it has its id still; else there is nobody to signal.
            let _ = kill(id, signal);
            child.wait().expect("a process");
            assert_eq!(folder.names(), ["rules"], "{signal}");
            let text = fs::read_to_string(&path).expect("the file");
            assert!(text == OLD || text == saved, "{text}");
        }
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_limit_of_file_sizes_is_an_error() {
    let _namespace = Namespace::new();
    many_rules();
    let folder = Folder::new("limit");
    let path = folder.path("rules");
    fs::write(&path, OLD).expect("a file");
    for other in [false, true] {
        if other {
            fs::hard_link(&path, folder.path("other")).expect("a name");
        }
        let mut command = Command::new("bash");
        command.args(["-c", "ulimit -f 1; exec \"$0\" -Sn --file \"$1\""]);
        command.arg(Tool::Ours.path()).arg(&path);
        let outcome = Outcome::of(&mut command, b"");
        assert!(
            String::from_utf8_lossy(&outcome.stderr).ends_with("\nthe file is as it was\n"),
            "{outcome}"
        );
        outcome.fails(1, &format!("cannot write {path}: File too large"));
        assert_eq!(fs::read_to_string(&path).expect("the file"), OLD);
        assert!(!folder.names().iter().any(|name| name.starts_with('.')));
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_the_dead_left_goes_at_the_next_save() {
    let _namespace = Namespace::new();
    let folder = Folder::new("leftovers");
    let name = |number: u32| format!(".ipvsadm-{number:016x}.new");
    for number in 0..3 {
        fs::write(folder.path(&name(number)), "").expect("a file");
    }
    // One is at work still, and others' files are none of ours.
    let living = File::open(folder.path(&name(1))).expect("a file");
    living.lock().expect("a lock");
    fs::write(folder.path(".ipvsadm-notes"), "").expect("a file");
    assert_eq!(save(&folder.path("rules")).ok(), "");
    assert_eq!(
        folder.names(),
        [".ipvsadm-0000000000000001.new", ".ipvsadm-notes", "rules"]
    );
    // Not by closing it: a child of another test that just starts may have it open.
    living.unlock().expect("an unlock");
    assert_eq!(save(&folder.path("rules")).ok(), "");
    assert_eq!(folder.names(), [".ipvsadm-notes", "rules"]);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn many_saves_at_once_leave_one_whole_file() {
    let _namespace = Namespace::new();
    many_rules();
    let saved = Tool::Ours.line("-Sn").ok();
    let folder = Folder::new("crowd");
    let path = folder.path("rules");
    for other in [false, true] {
        let children: Vec<_> = (0..6)
            .map(|_| {
                let mut command = Tool::Ours.command(["-Sn", "--file", &path]);
                command.spawn().expect("a process")
            })
            .collect();
        for mut child in children {
            assert!(child.wait().expect("a process").success());
        }
        assert_eq!(fs::read_to_string(&path).expect("the file"), saved);
        if !other {
            assert_eq!(folder.names(), ["rules"]);
            fs::hard_link(&path, folder.path("other")).expect("a name");
        }
    }
}
