//! Notes of servers that were drained, and services and servers that others have deleted or added since.

mod support;

use std::fs;
use std::process::Command;
use support::drain::{WEB, director, drain, saved, undrain, undrain_everywhere};
use support::traffic::tcp_exchange;
use support::{Tool, lossy};

const LINE: &str = "-t 10.9.9.9:80 -r 10.9.9.9:8080";
/// The same server in a second service.
const TWO: [&str; 4] = [
    WEB[0],
    WEB[1],
    "-A -t 10.9.9.9:81 -s rr",
    "-a -t 10.9.9.9:81 -r 10.9.9.9:8080 -m -w 7",
];
const SECOND: &str = "-A -t 10.9.9.9:81 -s rr\n-a -t 10.9.9.9:81 -r 10.9.9.9:8080 -m -w 7\n";

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_service_is_gone() {
    director(&WEB, || {
        let before = saved();
        assert_eq!(drain(LINE).status, 0);
        Tool::Ours.setup(&["-D -t 10.9.9.9:80"]);
        for line in ["-r 10.9.9.9", LINE] {
            let outcome = undrain(line);
            outcome.clone().fails(255, "Service not defined");
            let hint = "its service is gone: add that, and undrain again; if it was deleted for good, there is nothing to undrain\n";
            assert!(lossy(&outcome.stderr).ends_with(hint), "{outcome}");
        }
        // It is not forgotten.
        Tool::Ours.setup(&["-A -t 10.9.9.9:80 -s rr"]);
        undrain_everywhere("10.9.9.9", 1);
        assert_eq!(saved(), before);
    });
}

/// A service that was deleted keeps no other one from its server, however long it is gone.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn one_of_the_services_is_gone() {
    director(&TWO, || {
        let before = saved();
        assert_eq!(drain("-r 10.9.9.9").status, 0);
        Tool::Ours.setup(&["-D -t 10.9.9.9:81"]);
        undrain_everywhere("10.9.9.9", 1);
        assert_eq!(drain("-r 10.9.9.9 --keep").status, 0);
        undrain_everywhere("10.9.9.9", 0);
        assert_eq!(saved(), before.replace(SECOND, ""));
        // Where its service is named, it is meant.
        undrain("-t 10.9.9.9:81 -r 10.9.9.9:8080").fails(255, "Service not defined");
        // It is not forgotten.
        Tool::Ours.setup(&["-A -t 10.9.9.9:81 -s rr"]);
        let line = "-a -t 10.9.9.9:81 -r 10.9.9.9:8080 -m -w 7\n";
        assert_eq!(undrain("-r 10.9.9.9 --dry-run").text(), line);
        let outcome = undrain("-r 10.9.9.9");
        assert_eq!(outcome.status, 0, "{outcome}");
        assert_eq!(saved(), before);
    });
}

/// What was taken out long ago in one service comes back with the others, but not without a word.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_is_added_back_in_other_services_is_told() {
    director(&TWO, || {
        let before = saved();
        assert_eq!(drain("-t 10.9.9.9:81 -r 10.9.9.9:8080").status, 0);
        assert_eq!(drain("-r 10.9.9.9 --keep").status, 0);
        let planned = undrain("-r 10.9.9.9 --dry-run").ok();
        assert!(planned.contains("-a -t 10.9.9.9:81 "), "{planned}");
        let outcome = undrain("-r 10.9.9.9");
        assert_eq!(outcome.status, 0, "{outcome}");
        let said = "added back: -t 10.9.9.9:81 -r 10.9.9.9:8080 -m -w 7 (it was drained before)\n";
        assert_eq!(lossy(&outcome.stderr), said);
        assert_eq!(saved(), before);
    });
}

/// Added by hand and deleted again between two of our commands: nobody can know of it, so the old weight is told.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn added_and_deleted_by_hand() {
    director(&WEB, || {
        assert_eq!(drain(LINE).status, 0);
        let add = format!("-a {LINE} -m -w 2");
        Tool::Ours.setup(&[add.as_str(), &format!("-d {LINE}")]);
        let outcome = undrain("-r 10.9.9.9");
        assert_eq!(outcome.status, 0, "{outcome}");
        let said = format!("added back: {LINE} -m -w 5 -x 1000 -y 10 (it was drained before)\n");
        assert_eq!(lossy(&outcome.stderr), said);
    });
}

/// A server that somebody has taken in again was not drained: the weight that it had before is forgotten.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn added_by_hand() {
    for line in [LINE, "-r 10.9.9.9", "-r 10.9.9.9 -w 0"] {
        director(&WEB, || {
            assert_eq!(drain(LINE).status, 0);
            Tool::Ours.setup(&[&format!("-a {LINE} -m -w 2")]);
            let outcome = undrain(line);
            assert_eq!(outcome.status, 0, "{outcome}");
            let said = "10.9.9.9:8080 of -t 10.9.9.9:80 has weight 2 already\n";
            assert_eq!(lossy(&outcome.stderr), said);
            Tool::Ours.setup(&[&format!("-d {LINE}")]);
            undrain("-r 10.9.9.9").fails(255, "No such destination");
        });
    }
    director(&WEB, || {
        assert_eq!(drain(LINE).status, 0);
        Tool::Ours.setup(&[&format!("-a {LINE} -m -w 2")]);
        assert_eq!(drain(LINE).status, 0);
        assert_eq!(undrain(LINE).ok(), "");
        assert!(saved().contains("-m -w 2\n"), "{}", saved());
    });
}

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
