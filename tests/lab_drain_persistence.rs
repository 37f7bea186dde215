//! Drains of persistent services: templates lead known clients to a server of weight 0, unless a switch of the kernel says no.

mod support;

use support::drain::{Drain, SERVER, assert_deleted, director, drain, saved, switch};
use support::traffic::{tcp_exchange, tcp_server, udp_exchange};
use support::{Tool, lossy};

const PERSISTENT: [&str; 3] = [
    "-A -t 10.9.9.9:80 -s rr -p 300",
    "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 2",
    "-a -t 10.9.9.9:80 -r 10.9.9.9:8081 -m -w 0",
];

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn templates_are_waited_for() {
    director(&PERSISTENT, || {
        drop(tcp_exchange("10.9.9.9:80", 10));
        let outcome = drain("-t 10.9.9.9:80 -r 10.9.9.9:8080 --wait 2");
        let said = lossy(&outcome.stderr);
        assert_eq!(outcome.status, 3, "{outcome}");
        assert!(
            outcome.text().contains("persistent 1  last ends in "),
            "{outcome}"
        );
        let before = "1 persistence template: known clients keep coming to a server of weight 0, \
                      as net.ipv4.vs.expire_quiescent_template is 0";
        let after =
            "the wait of 2 s is over: 1 persistence template left, of the clients 10.9.9.9 (1)\n";
        assert!(said.starts_with(before) && said.contains(after), "{said}");
        // They do keep coming.
        drop(tcp_exchange("10.9.9.9:80", 10));
        let outcome = drain("-t 10.9.9.9:80 -r 10.9.9.9:8080 --connections-only");
        assert_deleted(&outcome, SERVER);
        assert!(lossy(&outcome.stderr).contains("are not waited for (--connections-only)"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn templates_that_lead_nowhere_are_not_waited_for() {
    director(&PERSISTENT, || {
        switch("expire_quiescent_template", "1");
        let open = tcp_exchange("10.9.9.9:80", 10);
        let mut drain = Drain::start("-t 10.9.9.9:80 -r 10.9.9.9:8080");
        drain.shows("active 1  inactive 0  persistent 1");
        Tool::Ours.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8081 -m -w 1"]);
        // The client's next connection goes to the other server.
        let other = tcp_exchange("10.9.9.9:80", 10);
        let there = Tool::Ours.line("-Lnc -r 10.9.9.9:8081").ok();
        assert!(there.contains("ESTABLISHED"), "{there}");
        drop(open);
        let outcome = drain.end();
        drop(other);
        assert_deleted(&outcome, SERVER);
        let said = lossy(&outcome.stderr);
        assert!(
            said.starts_with("1 persistence template: not waited for, as "),
            "{said}"
        );
        assert!(Tool::Ours.line("-Lnc").ok().contains(":8081"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn templates_end_by_themselves() {
    let rules = [
        "-A -u 10.9.9.9:53 -s rr -p 3",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m",
    ];
    director(&rules, || {
        Tool::Ours.setup(&["--set 0 0 2"]);
        udp_exchange("10.9.9.9:0", "10.9.9.9:53");
        let outcome = Drain::start("-u 10.9.9.9:53 -r 10.9.9.9:5353").end();
        assert_deleted(&outcome, "10.9.9.9:5353");
        assert!(!saved().contains("-a"));
        assert_eq!(Tool::Ours.line("-Lnc").ok().lines().count(), 2);
    });
}

/// A mark's template carries the mark in place of an address.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn templates_of_a_mark() {
    let rules = [
        "-A -f 7 -s rr -p 300",
        "-a -f 7 -r 10.9.9.9 -g",
        "-A -f 8 -s rr -p 300",
        "-a -f 8 -r 10.9.9.9 -g",
    ];
    director(&rules, || {
        let mut iptables = std::process::Command::new("iptables-legacy");
        let mark = "-t mangle -A OUTPUT -d 10.9.9.9 -p tcp --dport 80 -j MARK --set-mark 7";
        support::Outcome::of(iptables.args(support::words::split(mark)), b"").ok();
        tcp_server("10.9.9.9:80");
        drop(tcp_exchange("10.9.9.9:80", 10));
        let outcome = drain("-f 7 -r 10.9.9.9 --wait 1");
        assert_eq!(outcome.status, 3, "{outcome}");
        assert!(
            outcome.text().contains("persistent 1  last ends in 0"),
            "{outcome}"
        );
        // The other mark has none.
        let outcome = drain("-f 8 -r 10.9.9.9 --wait 1");
        assert!(
            outcome.status == 0 && outcome.stderr.is_empty(),
            "{outcome}"
        );
    });
}
