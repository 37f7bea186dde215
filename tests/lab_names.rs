//! Names of addresses: asked for together and once each, for a limited time, and shown harmless.

mod support;

use std::time::{Duration, Instant};
use support::dns::{self, Server};
use support::files::with_files;
use support::peer::{self, Entry};
use support::places::Sleeper;
use support::{Namespace, Outcome, Tool, theirs_restores};

/// A resolver that waits long for an answer and asks no second time.
const PATIENT: (&str, &str) = (
    "/etc/resolv.conf",
    "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n",
);

/// One service with so many servers, and each of them twice.
fn servers(count: usize) {
    let mut rules = vec![
        "-A -t 10.0.0.1:80".to_string(),
        "-A -u 10.0.0.1:53".to_string(),
    ];
    for n in 1..=count {
        rules.push(format!("-a -t 10.0.0.1:80 -r 10.1.0.{n}"));
        rules.push(format!("-a -u 10.0.0.1:53 -r 10.1.0.{n}"));
    }
    theirs_restores(&rules);
}

/// The server answers nobody before all have asked.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn all_at_once_and_each_once() {
    with_files(&[PATIENT, dns::FILES[1], dns::FILES[2]], || {
        servers(39);
        let server = Server::start(40);
        let listing = Tool::Ours.line("-L --resolve-timeout 25").ok();
        let named = listing.lines().filter(|row| row.contains("h-10-")).count();
        assert_eq!(named, 2 * 40, "{listing}");
        let asked = server.asked();
        assert!(
            asked.len() == 40 && asked.values().all(|times| *times == 1),
            "{asked:?}"
        );
        let saved = Tool::Ours.line("-S --resolve-timeout 25").ok();
        assert_eq!(
            saved
                .lines()
                .filter(|row| row.contains("h-10-0-0-1.test:"))
                .count(),
            2 * 40,
            "{saved}"
        );
        assert!(server.asked().values().all(|times| *times == 2));
    });
}

/// Those who have asked first do not keep the others from being asked.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn more_than_are_asked_at_a_time() {
    with_files(&[PATIENT, dns::FILES[1], dns::FILES[2]], || {
        servers(149);
        let server = Server::start(1);
        let listing = Tool::Ours.line("-L --resolve-timeout 25").ok();
        assert_eq!(
            listing.lines().filter(|row| row.contains("h-10-")).count(),
            2 * 150,
            "{listing}"
        );
        let asked = server.asked();
        assert!(
            asked.len() == 150 && asked.values().all(|times| *times == 1),
            "{asked:?}"
        );
    });
}

/// Success, with so many questions without an answer.
#[track_caller]
fn numbers(outcome: &Outcome, unanswered: &str) -> String {
    let said = format!("{unanswered}: printed as numbers\n");
    assert!(
        outcome.status == 0 && outcome.stderr == said.as_bytes(),
        "{outcome}"
    );
    outcome.text()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_dead_server_hangs_nobody() {
    let hosts = ("/etc/hosts", "10.1.0.3 known.test\nfd00::7 six.test\n");
    with_files(&[PATIENT, dns::FILES[1], hosts], || {
        peer::listen();
        let server = Server::start(usize::MAX);
        servers(3);
        theirs_restores(&["-A -t [fd00::7]:80", "-a -t [fd00::7]:80 -r fd00::8"]);
        peer::report(
            &[Entry::tcp("10.2.0.1:1001", "10.0.0.1:80", "10.1.0.3:80")],
            1,
        );
        let begin = Instant::now();
        let late = |count| format!("{count} names were not found within 1 second");
        for (line, count, row) in [
            ("-L", 4, "  -> known.test:http "),
            ("-L -t [fd00::7]:80", 1, "TCP  [six.test]:http "),
            ("-S", 4, "-a -t 10.0.0.1:http -r known.test:http "),
            ("-L --stats", 4, "TCP  10.0.0.1:http "),
            ("-L -c", 2, " 10.0.0.1:http      known.test:http\n"),
            ("-L -c --count", 1, " known.test:http    ESTABLISHED 1\n"),
        ] {
            let outcome = Tool::Ours.line(&format!("{line} --resolve-timeout 1"));
            let said = late(count).replace("1 names were", "1 name was");
            let shown = numbers(&outcome, &said);
            assert!(shown.contains(row), "{line}: {shown}");
        }
        assert!(
            begin.elapsed() < Duration::from_secs(25),
            "{:?}",
            begin.elapsed()
        );

        // No time at all: nobody is asked, and ports have their names all the same.
        let before = server.asked();
        let shown = numbers(
            &Tool::Ours.line("-L -t [fd00::7]:80 --resolve-timeout 0"),
            "2 names were not found within 0 seconds",
        );
        assert!(shown.contains("TCP  [fd00::7]:http "), "{shown}");
        for line in ["-Ln", "-Sn", "-L -j", "-Lcj", "-Lnc", "-Lnc --count"] {
            Tool::Ours.line(line).ok();
        }
        assert_eq!(server.asked(), before);
    });
}

/// Six addresses are one more family, not other rules.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn ipv6() {
    with_files(&[PATIENT, dns::FILES[1], dns::FILES[2]], || {
        theirs_restores(&[
            "-A -t [fd00::1]:80",
            "-a -t [fd00::1]:80 -r [fd00::2]:80",
            "-A -u [fd00::1]:80",
        ]);
        let server = Server::start(2);
        let shown = Tool::Ours.line("-L").ok();
        // The stub makes names of the last four digits.
        assert!(
            shown.contains("TCP  [h-0-0-0-1.test]:http wlc")
                && shown.contains("  -> [h-0-0-0-2.test]:http "),
            "{shown}"
        );
        assert_eq!(server.asked().values().copied().collect::<Vec<_>>(), [1, 1]);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn names_cannot_steer() {
    let hosts = (
        "/etc/hosts",
        "10.0.0.1 evil\u{1b}[31m\n10.0.0.2 two\u{7f}\u{9b}\n10.0.0.3 caf\u{e9}\nfd00::1 six\u{7}\n",
    );
    with_files(&[hosts, dns::FILES[1]], || {
        peer::listen();
        theirs_restores(&[
            "-A -t 10.0.0.1:80",
            "-a -t 10.0.0.1:80 -r 10.0.0.2:81 -m",
            "-A -t [fd00::1]:80",
        ]);
        peer::report(
            &[Entry::tcp("10.0.0.3:1001", "10.0.0.1:80", "10.0.0.2:81")],
            1,
        );
        for (line, names) in [
            (
                "-L",
                &[
                    "evil\\x1b[31m:http",
                    "two\\x7f\\xc2\\x9b:81",
                    "[six\\x07]:http",
                ][..],
            ),
            (
                "-S",
                &[
                    "evil\\x1b[31m:http",
                    "two\\x7f\\xc2\\x9b:81",
                    "[six\\x07]:http",
                ],
            ),
            (
                "-Lc",
                &[
                    "caf\\xc3\\xa9:1001",
                    "evil\\x1b[31m:http",
                    "two\\x7f\\xc2\\x9b:81",
                ],
            ),
            (
                "-Lc --count",
                &["evil\\x1b[31m:http", "two\\x7f\\xc2\\x9b:81"],
            ),
        ] {
            let shown = Tool::Ours.line(line).ok();
            assert!(
                shown
                    .bytes()
                    .all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)),
                "{line}: {shown:?}"
            );
            assert!(
                names.iter().all(|name| shown.contains(name)),
                "{line}: {shown}"
            );
        }
    });
}

/// Other sources than files and DNS, here one that is not there, take nothing away.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn other_sources() {
    let sources = (
        "/etc/nsswitch.conf",
        "hosts: files nosuch dns\nservices: files nosuch\n",
    );
    let hosts = ("/etc/hosts", "10.1.0.1 known.test\n");
    with_files(&[PATIENT, sources, hosts], || {
        servers(3);
        let server = Server::start(3);
        let shown = Tool::Ours.line("-L --resolve-timeout 25").ok();
        for row in [
            "TCP  h-10-0-0-1.test:http ",
            "  -> known.test:http ",
            "  -> h-10-1-0-3.test:domain ",
        ] {
            assert!(shown.contains(row), "{row}: {shown}");
        }
        assert_eq!(
            server.asked().values().copied().collect::<Vec<_>>(),
            [1, 1, 1]
        );
        theirs_restores(&["-A -t 10.0.0.7:80"]);
        let late = Tool::Ours.line("-L -t 10.0.0.7:80 --resolve-timeout 1");
        numbers(&late, "1 name was not found within 1 second");
    });
}

/// What a host is called is said here, where the command runs, not there.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn names_are_those_of_here() {
    with_files(
        &[
            dns::FILES[0],
            dns::FILES[1],
            ("/etc/hosts", "10.0.0.1 www\n"),
        ],
        || {
            let sleeper = {
                let _there = Namespace::new();
                Sleeper::new()
            };
            let _here = Namespace::new();
            let _server = Server::start(1);
            let ours = |line: &str| Tool::Ours.line(&format!("{line} --netns {}", sleeper.id()));
            assert_eq!(ours("-A -t www:http").ok(), "");
            assert_eq!(ours("-a -t www:80 -r 10.0.0.2").ok(), "");
            assert_eq!(
                ours("-S").ok(),
                "-A -t www:http -s wlc\n-a -t www:http -r h-10-0-0-2.test:http -g -w 1\n"
            );
            assert!(ours("-L").ok().contains("  -> h-10-0-0-2.test:http"));
        },
    );
}
