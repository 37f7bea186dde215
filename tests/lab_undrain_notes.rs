//! Notes of servers that were drained, and services and servers that others have deleted or added since.

mod support;

use std::fs;
use std::process::Command;
use support::drain::{director, drain, saved};
use support::traffic::tcp_exchange;
use support::{Tool, lossy};

/// Runs a command that was printed in a shell that refuses patterns without a match.
fn in_a_shell(line: &str) {
    let line = line.replacen("ipvsadm", &Tool::Ours.path().display().to_string(), 1);
    let mut shell = Command::new("bash");
    let output = shell.args(["-O", "failglob", "-c", &line]).output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{line}: {}", lossy(&output.stderr));
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn printed_commands_can_be_given_to_a_shell() {
    let rules = [
        "-A -t [fd00::9]:80 -s rr",
        "-a -t [fd00::9]:80 -r [fd00::9]:8080 -m -w 5",
    ];
    let line = "-t [fd00::9]:80 -r [fd00::9]:8080 --keep";
    director(&rules, || {
        let before = saved();
        let open = tcp_exchange("[fd00::9]:80", 10);
        let outcome = drain(&format!("{line} --wait 0"));
        assert_eq!(outcome.status, 3, "{outcome}");
        drop(open);
        let said = lossy(&outcome.stderr);
        for way in ["to go on: ", "to go back: "] {
            assert_ne!(saved(), before);
            let command = said.lines().find_map(|line| line.strip_prefix(way));
            in_a_shell(command.expect("a way"));
        }
        assert_eq!(saved(), before);
    });
    director(&rules, || {
        let before = saved();
        fs::write("/run/ipvsadm", "").expect("a file in its place");
        let outcome = drain(line);
        assert_eq!(outcome.status, 0, "{outcome}");
        assert_ne!(saved(), before);
        in_a_shell(lossy(&outcome.stderr).lines().last().expect("a way back"));
        assert_eq!(saved(), before);
    });
}
