//! Drains beside others: health checkers, administrators, other drains, signals.

mod support;

use nix::sys::signal::Signal;
use std::fs;
use support::drain::{
    Drain, SERVER, WEB, assert_deleted, assert_weight_is_back, director, drain, saved, undrain,
    undrain_everywhere,
};
use support::traffic::tcp_exchange;
use support::{Tool, lossy};

const LINE: &str = "-t 10.9.9.9:80 -r 10.9.9.9:8080";

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_checker_sets_the_weight_again() {
    director(&WEB, || {
        let open = tcp_exchange("10.9.9.9:80", 10);
        let mut drain = Drain::start(LINE);
        drain.shows("active 1");
        Tool::Theirs.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 7"]);
        let outcome = drain.end();
        assert_eq!(outcome.status, 255, "{outcome}");
        let said = lossy(&outcome.stderr);
        let wanted = "10.9.9.9:8080 of -t 10.9.9.9:80 has weight 7 again: another program, such as \
                      a health checker, has set it\nno server is left at weight 0\n";
        assert!(said.starts_with(wanted), "{said}");
        assert!(saved().contains("-w 7"));
        drop(open);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn somebody_else_deletes_it() {
    for deletes in [
        "-d -t 10.9.9.9:80 -r 10.9.9.9:8080",
        "-D -t 10.9.9.9:80",
        "-C",
    ] {
        director(&WEB, || {
            let before = saved();
            let _open = tcp_exchange("10.9.9.9:80", 10);
            let mut drain = Drain::start(LINE);
            drain.shows("active 1");
            Tool::Theirs.setup(&[deletes]);
            let outcome = drain.end();
            assert_eq!(outcome.status, 0, "{outcome}");
            assert!(
                outcome
                    .text()
                    .ends_with("  gone: another program deleted it\n"),
                "{outcome}"
            );
            // Its way back is known all the same.
            if deletes.starts_with("-d") {
                assert_eq!(undrain(LINE).ok(), "");
                assert_eq!(saved(), before);
            }
        });
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn signals_say_how_it_stands() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        director(&WEB, || {
            let before = saved();
            let open = tcp_exchange("10.9.9.9:80", 10);
            let mut drain = Drain::start(LINE);
            drain.shows("active 1");
            drain.signal(signal);
            let outcome = drain.end();
            assert_eq!(outcome.status, 128 + signal as i32, "{outcome}");
            assert_eq!(
                lossy(&outcome.stderr),
                format!(
                    "stopped by {signal}\n{SERVER} of -t 10.9.9.9:80 has weight 0\n\
                     to go on: ipvsadm --drain {LINE}\nto go back: ipvsadm --undrain {LINE}\n"
                )
            );
            // A second one goes on.
            let mut again = Drain::start(LINE);
            again.shows("active 1");
            drop(open);
            assert_deleted(&again.end(), SERVER);
            assert_eq!(undrain(LINE).ok(), "");
            assert_eq!(saved(), before);
        });
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn killed_in_the_middle_and_again() {
    director(&WEB, || {
        let before = saved();
        let open = tcp_exchange("10.9.9.9:80", 10);
        let mut killed = Drain::start(LINE);
        killed.shows("active 1");
        killed.signal(Signal::SIGKILL);
        assert_eq!(killed.end().status, 128 + 9);
        assert!(saved().contains("-w 0"));
        let mut again = Drain::start(LINE);
        again.shows("active 1");
        drop(open);
        let outcome = again.end();
        assert_deleted(&outcome, SERVER);
        assert_eq!(lossy(&outcome.stderr), "");
        assert_eq!(undrain(LINE).ok(), "");
        assert_eq!(saved(), before);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn two_of_the_same_server() {
    director(&WEB, || {
        let before = saved();
        let open = tcp_exchange("10.9.9.9:80", 10);
        let mut drains = [Drain::start(LINE), Drain::start("-r 10.9.9.9")];
        drains.iter_mut().for_each(|drain| drain.shows("active 1"));
        drop(open);
        for drain in drains {
            let outcome = drain.end();
            assert!(
                outcome.status == 0 && outcome.stderr.is_empty(),
                "{outcome}"
            );
        }
        assert!(!saved().contains("-a"));
        assert_eq!(undrain(LINE).ok(), "");
        assert_eq!(saved(), before);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn two_of_different_servers() {
    let rules = [
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8081 -m -w 6",
    ];
    director(&rules, || {
        let before = saved();
        let open: Vec<_> = (0..4).map(|_| tcp_exchange("10.9.9.9:80", 10)).collect();
        let servers = [SERVER, "10.9.9.9:8081"];
        let mut drains = servers.map(|server| Drain::start(&format!("-r {server}")));
        drains.iter_mut().for_each(|drain| drain.shows("active 2"));
        drop(open);
        for (drain, server) in drains.into_iter().zip(servers) {
            assert_deleted(&drain.end(), server);
        }
        undrain_everywhere("10.9.9.9", 2);
        assert_eq!(saved(), before);
    });
}

/// Where nothing can be kept in /run, a drain goes on with a word, and the way back asks for the weight.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn without_a_folder() {
    director(&WEB, || {
        fs::write("/run/ipvsadm", "").expect("a file in its place");
        let outcome = drain(&format!("{LINE} --keep"));
        assert_eq!(outcome.status, 0, "{outcome}");
        let said = lossy(&outcome.stderr);
        assert!(
            said.contains("--undrain will not know how it was; to go back:\n"),
            "{said}"
        );
        assert_eq!(undrain(LINE).status, 2);
        assert_eq!(undrain(&format!("{LINE} -w 5")).status, 0);
        assert!(saved().contains("-w 5 -x 1000 -y 10"));

        let before = saved();
        let _open = tcp_exchange("10.9.9.9:80", 10);
        let outcome = drain(&format!("{LINE} --wait 0"));
        let said = lossy(&outcome.stderr);
        assert!(outcome.status == 3 && saved().contains("-w 0"), "{outcome}");
        let last = said.lines().last().unwrap_or_default();
        let back = last.strip_prefix("to go back: ipvsadm ");
        assert_eq!(Tool::Ours.line(back.expect("the way back")).ok(), "");
        assert_eq!(saved(), before);
    });
}

/// A host is kept at weight 0 in one service, while its weight is set again in the other.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_is_kept_counts_as_left() {
    let mut rules = WEB.to_vec();
    rules.extend([
        "-A -u 10.9.9.9:53",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m -w 4",
    ]);
    director(&rules, || {
        let _open = tcp_exchange("10.9.9.9:80", 10);
        let mut drain = Drain::start("-r 10.9.9.9 --keep");
        drain.shows("stays at weight 0");
        Tool::Theirs.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5 -x 1000 -y 10"]);
        let outcome = drain.end();
        assert_weight_is_back(&outcome);
        let said = lossy(&outcome.stderr);
        let standing = "10.9.9.9:5353 of -u 10.9.9.9:53 has weight 0";
        assert!(said.lines().any(|line| line == standing), "{said}");
    });
}
