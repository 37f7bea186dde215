//! Real connections through virtual services: counters, rates and connections look alike in both.

mod support;

use support::peer::{self, Entry};
use support::traffic::{WENT_THROUGH, busy_director, conns};
use support::{Namespace, Tool, table};

/// Lists with theirs, ours and theirs again, until nothing happened in between; then ours has to be the same.
#[track_caller]
fn same_listing(line: &str) -> String {
    let mut theirs = Tool::Theirs.line(line).ok();
    for _ in 0..50 {
        let ours = Tool::Ours.line(line).ok();
        let again = Tool::Theirs.line(line).ok();
        if theirs == again {
            assert_eq!(theirs, ours, "{line}");
            return ours;
        }
        theirs = again;
    }
    panic!("{line} never stands still:\n{theirs}");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn counters_and_connections() {
    let (_namespace, open) = busy_director();
    let stats = same_listing("-Ln --stats --exact");
    assert_eq!(conns(&stats), WENT_THROUGH);
    for line in [
        "-Ln",
        "-L",
        "-Ln --stats",
        "-L --stats",
        "-Ln --rate",
        "-Ln --rate --exact",
        "-Ln --thresholds",
        "-Ln --persistent-conn",
        "-Ln -t 10.9.9.9:80 --stats",
        "-Ln -t [fd00::9]:80 --rate",
    ] {
        same_listing(line);
    }
    for line in [
        "-Lnc",
        "-Lc",
        "-Lnc --persistent-conn",
        "-Lnc --nosort",
        "-Lnc --exact",
    ] {
        let listing = same_listing(line);
        // Two lines of title, and one row each for 10 open, 4 closed and 1 UDP connection and the template.
        assert!(listing.lines().count() > 2 + 10 + 1, "{line}: {listing}");
    }
    assert_eq!(open.len(), 10);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn zero_clears_the_counters() {
    let (_namespace, _open) = busy_director();
    let before = table();
    let zeros = |listing: &str| {
        let rows = listing.lines().skip(3).filter(|row| !row.is_empty());
        rows.map(|row| {
            row.split_whitespace()
                .rev()
                .take(5)
                .all(|field| field == "0")
        })
        .collect::<Vec<_>>()
    };
    assert!(
        !zeros(&Tool::Theirs.line("-Ln --stats").ok())
            .iter()
            .all(|zero| *zero)
    );
    assert_eq!(Tool::Ours.line("-Z -t 10.9.9.9:80").ok(), "");
    let one = zeros(&same_listing("-Ln --stats"));
    assert!(
        one[..3].iter().all(|zero| *zero) && !one[3..].iter().all(|zero| *zero),
        "{one:?}"
    );
    assert_eq!(Tool::Ours.line("-Z").ok(), "");
    assert!(zeros(&same_listing("-Ln --stats")).iter().all(|zero| *zero));
    assert_eq!(table(), before);
}

/// What another director reports over the wire: every protocol, state and length of life that there is.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn connections_from_a_peer() {
    let _namespace = Namespace::new();
    peer::listen();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m"]);
    let states = (0..=11).map(|state| (peer::TCP, state)).chain([
        (peer::UDP, 0),
        (peer::SCTP, 1),
        (peer::SCTP, 5),
    ]);
    let lives = [1_000, 3_599, 3_600, 100_000, 86_400, 2_678_400];
    let entries = states.enumerate().map(|(index, (protocol, state))| Entry {
        protocol,
        state,
        life: lives[index % lives.len()],
        ..Entry::tcp(
            &format!("10.1.1.1:{}", 1_000 + index),
            "10.0.0.1:80",
            "10.0.0.2:80",
        )
    });
    peer::report(&entries.collect::<Vec<_>>(), 10);
    let listing = same_listing("-Lnc");
    assert!(
        listing.contains("TCP ") && listing.contains("UDP ") && listing.lines().count() > 12,
        "{listing}"
    );
    assert!(
        listing.contains("ESTABLISHED") && listing.contains("LISTEN") && listing.contains("1666:"),
        "{listing}"
    );
    same_listing("-Lc");
    same_listing("-Lnc --persistent-conn");
    same_listing("-Ln");
}
