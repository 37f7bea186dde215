//! What others do between two looks of a drain: no rule is lost, and none comes back with old settings.

mod support;

use nix::sys::signal::Signal;
use std::fs;
use support::drain::{
    Drain, SERVER, WEB, assert_deleted, assert_weight_is_back, director, drain, hold_lock,
    run_file, saved, switch, undrain,
};
use support::traffic::tcp_exchange;
use support::{Tool, lossy};

const LINE: &str = "-t 10.9.9.9:80 -r 10.9.9.9:8080";

/// Nothing was left of the server when it was looked at; before it is deleted its weight comes back.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_weight_comes_back_before_the_deletion() {
    for keep in ["", " --keep"] {
        director(&WEB, || {
            let before = saved();
            let open = tcp_exchange("10.9.9.9:80", 10);
            let mut drain = Drain::start(&format!("{LINE}{keep}"));
            drain.shows("active 1");
            let lock = hold_lock();
            drop(open);
            drain.waits_for_lock();
            Tool::Theirs.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5 -x 1000 -y 10"]);
            drop(lock);
            assert_weight_is_back(&drain.end());
            assert_eq!(saved(), before);
        });
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn it_is_deleted_before_it_gets_weight_0() {
    director(&WEB, || {
        let lock = hold_lock();
        let mut drain = Drain::start(LINE);
        drain.waits_for_lock();
        Tool::Theirs.setup(&["-D -t 10.9.9.9:80"]);
        drop(lock);
        let outcome = drain.end();
        assert_eq!(outcome.status, 0, "{outcome}");
        assert_eq!(
            outcome.text(),
            "10.9.9.9:8080  gone: another program deleted it\n"
        );
    });
}

/// A signal before anything was done ends the drain with nothing done.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_signal_while_a_restore_is_at_work() {
    director(&WEB, || {
        let before = saved();
        let lock = hold_lock();
        let mut drain = Drain::start(LINE);
        drain.waits_for_lock();
        drain.signal(Signal::SIGINT);
        drop(lock);
        assert_eq!(drain.end().status, 128 + Signal::SIGINT as i32);
        assert_eq!(saved(), before);
    });
}

/// What is known when the server is deleted comes back: settings that were changed while it was drained, also
/// where the note of it was lost.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn changed_while_it_was_drained() {
    for lose in [false, true] {
        director(&WEB, || {
            let open = tcp_exchange("10.9.9.9:80", 10);
            let mut drain = Drain::start(LINE);
            drain.shows("active 1");
            Tool::Theirs.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 0 -x 2000 -y 20"]);
            if lose {
                fs::remove_file(run_file("drained")).expect("removing the note");
            }
            drop(open);
            assert_deleted(&drain.end(), SERVER);
            assert_eq!(undrain(LINE).ok(), "");
            assert!(saved().contains("-m -w 5 -x 2000 -y 20"), "{}", saved());
        });
    }
}

/// Who reads that templates are waited for sets the switch; the drain that waits for them is done then.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_switch_is_set_while_it_waits() {
    let rules = [
        "-A -t 10.9.9.9:80 -s rr -p 300",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 2",
    ];
    director(&rules, || {
        drop(tcp_exchange("10.9.9.9:80", 10));
        let mut drain = Drain::start(LINE);
        drain.shows("persistent 1");
        switch("expire_quiescent_template", "1");
        assert_deleted(&drain.end(), SERVER);
    });
}

/// The other way round: what --force was allowed for is not so any more.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_switch_is_set_back_while_it_waits() {
    director(&WEB, || {
        switch("expire_nodest_conn", "1");
        let _open = tcp_exchange("10.9.9.9:80", 10);
        let mut drain = Drain::start(&format!("{LINE} --force --wait 3"));
        drain.shows("active 1");
        switch("expire_nodest_conn", "0");
        let outcome = drain.end();
        assert_eq!(outcome.status, 3, "{outcome}");
        assert!(saved().contains("-m -w 0 -x 1000 -y 10"));
    });
}

/// Where nothing can be kept, the way back is said, and is one.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_way_back_is_said_where_it_can_not_be_kept() {
    for keep in ["", " --keep"] {
        director(&WEB, || {
            let before = saved();
            fs::write("/run/ipvsadm", "").expect("a file in its place");
            let outcome = drain(&format!("{LINE}{keep}"));
            assert_eq!(outcome.status, 0, "{outcome}");
            let said = lossy(&outcome.stderr);
            let back = "ipvsadm -a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5 -x 1000 -y 10 --exist";
            assert_eq!(said.lines().last(), Some(back), "{said}");
            assert_ne!(saved(), before);
            Tool::Ours.setup(&[back.trim_start_matches("ipvsadm ")]);
            assert_eq!(saved(), before);
        });
    }
}
