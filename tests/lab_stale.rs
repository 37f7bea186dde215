//! `-L -c --stale`: the connections that are kept at a server which takes no more.

mod support;

use support::alone::alone;
use support::drain::director;
use support::peer::{self, Entry};
use support::traffic::{tcp_exchange, udp_exchange};
use support::{Tool, lossy};

/// The servers of the connections that are listed, in ascending order.
fn servers(line: &str) -> Vec<String> {
    let listing = Tool::Ours.line(line).ok();
    let last = |row: &str| row.split_whitespace().last().unwrap_or_default().to_owned();
    let mut servers: Vec<_> = listing.lines().skip(2).map(last).collect();
    servers.sort_unstable();
    servers
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn each_reason() {
    let _alone = alone();
    let rules = [
        "-A -u 10.9.9.9:53 -s rr",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m",
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8081 -m",
    ];
    director(&rules, || {
        udp_exchange("10.9.9.9:0", "10.9.9.9:53");
        let _open: Vec<_> = (0..2).map(|_| tcp_exchange("10.9.9.9:80", 10)).collect();
        assert_eq!(servers("-Lnc").len(), 3);
        assert_eq!(servers("-Lnc --stale"), [""; 0]);
        Tool::Ours.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 0"]);
        assert_eq!(servers("-Lnc --stale"), ["10.9.9.9:8080"]);
        Tool::Ours.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8081 -m -x 1"]);
        assert_eq!(servers("-Lnc --stale"), ["10.9.9.9:8080", "10.9.9.9:8081"]);
        Tool::Ours.setup(&[
            "-e -t 10.9.9.9:80 -r 10.9.9.9:8081 -m -x 2",
            "-d -u 10.9.9.9:53 -r 10.9.9.9:5353",
        ]);
        assert_eq!(servers("-Lnc --stale"), ["10.9.9.9:5353", "10.9.9.9:8080"]);
        // With the other choices, counted, and for programs.
        assert_eq!(servers("-Lnc --stale -u 10.9.9.9:53"), ["10.9.9.9:5353"]);
        assert_eq!(servers("-Lnc --stale -r 10.9.9.9:8081"), [""; 0]);
        let counts = Tool::Ours.line("-Lnc --stale --count").ok();
        assert_eq!(counts.lines().count(), 4, "{counts}");
        for (line, list) in [
            ("-Lcj --stale", "connections"),
            ("-Lcj --stale --count", "counts"),
        ] {
            let text = Tool::Ours.line(line).ok();
            let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(document[list].as_array().map(Vec::len), Some(2), "{text}");
        }
        // Without its service a connection is stale, too.
        Tool::Ours.setup(&["-D -t 10.9.9.9:80"]);
        assert_eq!(servers("-Lnc --stale").len(), 3);
        Tool::Ours
            .line("-L --stale")
            .fails(2, "Illegal 'stale' option with the 'list' command");
        let hint = lossy(&Tool::Ours.line("-L --stale").stderr);
        assert!(hint.contains("it goes with -c"), "{hint}");
    });
}

/// Connections of marks and of all ports have no service of their address and port.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn services_without_a_port() {
    let _alone = alone();
    let rules = [
        "-A -f 7 -s rr",
        "-a -f 7 -r 10.9.9.10 -g",
        "-A -t 10.9.9.8:0 -s rr -p 300",
        "-a -t 10.9.9.8:0 -r 10.9.9.11 -g",
    ];
    director(&rules, || {
        peer::listen();
        let connections = [
            ("10.9.9.7:443", "10.9.9.10:443"),
            ("10.9.9.7:443", "10.9.9.12:443"),
            ("10.9.9.8:443", "10.9.9.11:443"),
            ("10.9.9.8:443", "10.9.9.10:443"),
        ];
        let entries =
            connections.map(|(service, server)| Entry::tcp("10.8.8.8:1", service, server));
        let entries: Vec<_> = (1..)
            .zip(entries)
            .map(|(port, mut entry)| {
                entry.client.set_port(port);
                entry
            })
            .collect();
        peer::report(&entries, 4);
        assert_eq!(servers("-Lnc --stale"), ["10.9.9.10:443", "10.9.9.12:443"]);
        Tool::Ours.setup(&["-e -f 7 -r 10.9.9.10 -g -w 0"]);
        assert_eq!(servers("-Lnc --stale").len(), 3);
    });
}
