//! The way back: servers that stayed and servers that were deleted, with all they had.

mod support;

use std::fs;
use support::drain::{Drain, WEB, assert_weight_is_back, director, drain, saved, undrain};
use support::random::{repeatable, table_of};
use support::traffic::tcp_exchange;
use support::{Tool, lossy};

const LINE: &str = "-t 10.9.9.9:80 -r 10.9.9.9:8080";

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn of_one_that_stayed_and_of_one_that_was_deleted() {
    director(&WEB, || {
        let before = saved();
        for (keep, weightless) in [("--keep", true), ("", false)] {
            let outcome = drain(&format!("{LINE} {keep}"));
            assert!(
                outcome.status == 0 && outcome.stderr.is_empty(),
                "{outcome}"
            );
            assert_eq!(saved().contains("-r 10.9.9.9:8080 -m -w 0"), weightless);
            assert_eq!(saved().contains("-r 10.9.9.9:8080"), weightless);
            let change = match weightless {
                true => "-e",
                false => "-a",
            };
            let wanted = format!("{change} {LINE} -m -w 5 -x 1000 -y 10\n");
            assert_eq!(undrain(&format!("{LINE} --dry-run")).ok(), wanted);
            assert_eq!(undrain(LINE).ok(), "");
            assert_eq!(saved(), before);
        }
        // There is nothing to do any more.
        let again = undrain(LINE);
        assert_eq!(again.status, 0, "{again}");
        assert_eq!(
            lossy(&again.stderr),
            "10.9.9.9:8080 of -t 10.9.9.9:80 has weight 5 already\n"
        );
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn with_another_weight() {
    director(&WEB, || {
        for keep in ["--keep", ""] {
            assert_eq!(drain(&format!("{LINE} {keep}")).status, 0);
            assert_eq!(undrain(&format!("{LINE} -w 3")).ok(), "");
            assert!(saved().contains("-r 10.9.9.9:8080 -m -w 3 -x 1000 -y 10"));
        }
    });
}

/// A search through all services leaves servers that take connections alone, whatever weight is given.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_server_that_takes_connections_is_left_alone() {
    let rules = [
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5",
        "-A -t 10.9.9.9:81 -s rr",
        "-a -t 10.9.9.9:81 -r 10.9.9.9:8080 -m -w 100",
        "-A -t 10.9.9.9:82 -s rr",
        "-a -t 10.9.9.9:82 -r 10.9.9.9:8080 -m -w 0",
    ];
    director(&rules, || {
        assert_eq!(drain(LINE).status, 0);
        let outcome = undrain("-r 10.9.9.9 -w 3");
        assert_eq!(outcome.status, 0, "{outcome}");
        let said = "added back: -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 3 (it was drained before)\n\
                    10.9.9.9:8080 of -t 10.9.9.9:81 has weight 100 already\n";
        assert_eq!(lossy(&outcome.stderr), said);
        for (port, weight) in [(80, 3), (81, 100), (82, 3)] {
            let line = format!("-a -t 10.9.9.9:{port} -r 10.9.9.9:8080 -m -w {weight}\n");
            assert!(saved().contains(&line), "{}", saved());
        }
        // With its service it is meant.
        assert_eq!(undrain("-t 10.9.9.9:81 -r 10.9.9.9:8080 -w 7").ok(), "");
        assert!(saved().contains("-a -t 10.9.9.9:81 -r 10.9.9.9:8080 -m -w 7\n"));
    });
}

/// One server that can't be undrained keeps none of the others; a dry run says the same.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn one_that_can_not_be() {
    let rules = [
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5",
        "-A -t 10.9.9.9:82 -s rr",
        "-a -t 10.9.9.9:82 -r 10.9.9.9:8080 -m -w 0",
    ];
    director(&rules, || {
        let before = saved();
        assert_eq!(drain(LINE).status, 0);
        let said = "10.9.9.9:8080 of -t 10.9.9.9:82: the weight that it had is not known\n\
                    give it with -w\n";
        let planned = undrain("-r 10.9.9.9 --dry-run");
        assert_eq!((planned.status, lossy(&planned.stderr).as_ref()), (2, said));
        let line = "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5\n";
        assert_eq!(planned.text(), line);
        let outcome = undrain("-r 10.9.9.9");
        let said = format!(
            "added back: -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5 (it was drained before)\n{said}"
        );
        assert_eq!((outcome.status, lossy(&outcome.stderr)), (2, said));
        assert_eq!(saved(), before);
    });
}

/// Added back with weight 0 it is not back yet: what it had is still known.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn with_weight_0_for_now() {
    director(&WEB, || {
        let before = saved();
        assert_eq!(drain(LINE).status, 0);
        assert_eq!(undrain(&format!("{LINE} -w 0")).ok(), "");
        assert!(saved().contains("-m -w 0 -x 1000 -y 10"));
        assert_eq!(undrain(LINE).ok(), "");
        assert_eq!(saved(), before);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn without_its_port() {
    director(&WEB, || {
        assert_eq!(drain(LINE).status, 0);
        let outcome = undrain("-t 10.9.9.9:80 -r 10.9.9.9");
        outcome.clone().fails(255, "No such destination");
        let hint = "10.9.9.9:8080 was drained: give its port\n";
        assert!(lossy(&outcome.stderr).ends_with(hint), "{outcome}");
    });
}

/// Of one of weight 0 that nobody drained, it is not known what weight it should have.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn without_knowledge_the_weight_is_asked_for() {
    director(&WEB, || {
        Tool::Ours.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 0"]);
        for dry_run in ["", " --dry-run"] {
            let outcome = undrain(&format!("{LINE}{dry_run}"));
            let message = "10.9.9.9:8080 of -t 10.9.9.9:80: the weight that it had is not known";
            outcome.clone().fails(2, message);
            assert!(
                lossy(&outcome.stderr).ends_with("give it with -w\n"),
                "{outcome}"
            );
        }
        assert_eq!(undrain(&format!("{LINE} -w 4")).ok(), "");
        assert!(saved().contains("-m -w 4"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn nothing_to_undrain() {
    director(&WEB, || {
        undrain("-t 10.9.9.9:80 -r 10.9.9.9:8081").fails(255, "No such destination");
        undrain("-t 10.9.9.9:81 -r 10.9.9.9:8081").fails(255, "Service not defined");
        undrain("-r 10.9.9.7").fails(255, "No such destination");
        undrain("-t 10.9.9.9:80").fails(
            2,
            "You need to supply the 'real-server' option for the 'undrain' command",
        );
        undrain("-r 10.9.9.9 --keep").fails(2, "Illegal 'keep' option with the 'undrain' command");
    });
}

/// Connections that outlived the server's absence are its own again.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn in_the_middle_of_a_drain() {
    director(&WEB, || {
        let before = saved();
        let _open = tcp_exchange("10.9.9.9:80", 10);
        let mut drain = Drain::start(LINE);
        drain.shows("active 1");
        assert_eq!(undrain(LINE).ok(), "");
        assert_weight_is_back(&drain.end());
        assert_eq!(saved(), before);
    });
}

/// After a drain and its way back a table is the same to the byte, whatever it holds.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_drain_and_back_changes_nothing() {
    let mut random = repeatable();
    director(&[], || {
        for _ in 0..15 {
            let rules = format!("-C\n{}", table_of(&mut random));
            assert_eq!(Tool::Ours.run_with(["-R"], rules.as_bytes()).ok(), "");
            let before = saved();
            let server = random.of(&["10.0.0.3", "10.0.0.4", "127.0.0.1", "fd00::3"]);
            let keep = random.of(&["--keep", ""]);
            let outcome = drain(&format!("-r {server} {keep}"));
            let there = before.contains(&format!("-r {server}:"))
                || before.contains(&format!("-r [{server}]:"));
            assert_eq!(
                outcome.status,
                if there { 0 } else { 255 },
                "{outcome}\n{before}"
            );
            let undrained = undrain(&format!("-r {server}"));
            assert_eq!(
                undrained.status,
                if there { 0 } else { 255 },
                "{undrained}\n{before}"
            );
            assert_eq!(saved(), before, "{server} {keep}");
        }
    });
}

/// A file that others may have written is not believed.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_is_kept_is_not_believed_blindly() {
    director(&WEB, || {
        assert_eq!(drain(LINE).status, 0);
        let folder = fs::read_dir("/run/ipvsadm").expect("the folder");
        let mut paths = folder.map(|entry| entry.expect("an entry").path());
        let path = paths.find(|path| path.extension().is_some_and(|it| it == "drained"));
        let path = path.expect("what is kept");
        let kept = fs::read_to_string(&path).expect("what is kept");
        assert_eq!(kept.lines().count(), 2);
        fs::write(&path, kept.replace("-a", "-D")).expect("writing");
        let outcome = undrain(LINE);
        assert_eq!(outcome.status, 255, "{outcome}");
        assert!(lossy(&outcome.stderr).starts_with("cannot read /run/ipvsadm/netns-"));
        fs::remove_file(&path).expect("removing it");
        std::os::unix::fs::symlink("/etc/passwd", &path).expect("a link");
        for outcome in [undrain(LINE), drain(LINE)] {
            assert_eq!(outcome.status, 255, "{outcome}");
            assert!(lossy(&outcome.stderr).contains("it is a symbolic link; remove it"));
        }
    });
}
