//! --watch: what a person sees on the screen, and what a program reads from a pipe.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use support::screen::AtTerminal;
use support::traffic::{udp_exchange, udp_server};
use support::{Namespace, Tool, ip, theirs_restores, words};

fn services(count: usize) {
    let rules: String = (1..=count)
        .map(|last| {
            format!("-A -t 10.0.0.{last}:80 -s rr\n-a -t 10.0.0.{last}:80 -r 10.0.1.{last}:80 -m\n")
        })
        .collect();
    theirs_restores(&[rules.trim_end()]);
}

/// The picture is the listing, and what changes is marked.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_screen_shows_the_listing() {
    let _namespace = Namespace::new();
    services(2);
    let mut watch = AtTerminal::start("-L --watch 1", 100, 24, &[]);
    let listing = Tool::Ours.line("-Ln").ok();
    let rows: Vec<&str> = listing.lines().map(str::trim_end).collect();
    let seen = watch.until(|screen| {
        screen
            .lines()
            .starts_with(&rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>())
    });
    assert_eq!(seen.lines()[rows.len()], "every 1 s; Ctrl-C ends");
    assert!(seen.cursor_hidden && seen.marked().is_empty());
    Tool::Ours
        .line("-e -t 10.0.0.2:80 -r 10.0.1.2:80 -m -w 7")
        .ok();
    let changed = watch.until(|screen| !screen.marked().is_empty());
    assert_eq!(
        changed.marked(),
        [(6, "7".to_owned())],
        "{}",
        changed.text()
    );
    // The mark is of the last picture alone.
    watch.until(|screen| screen.marked().is_empty());
    // A service before the others moves them, and they are the same.
    Tool::Ours.line("-A -t 10.0.0.1:79").ok();
    let added = watch.until(|screen| !screen.marked().is_empty());
    assert!(
        added.marked().iter().all(|(line, _)| *line == 3),
        "{}",
        added.text()
    );
    watch.type_in("\x03");
    let (_, left) = watch.end();
    assert!(
        !left.cursor_hidden && left.text().trim_end().trim_start_matches("^C").is_empty(),
        "{}",
        left.text()
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn screens_of_any_size() {
    let _namespace = Namespace::new();
    services(9);
    let mut watch = AtTerminal::start("-L --watch 1", 20, 5, &[]);
    let small = watch.until(|screen| screen.text().contains("services below"));
    assert_eq!(
        small.lines(),
        [
            "IP Virtual Server ve",
            "Prot LocalAddress:Po",
            "  -> RemoteAddress:P",
            "TCP  10.0.0.1:80 rr",
            "8 services below; ev"
        ]
    );
    watch.resize(300, 10);
    let wide = watch.until(|screen| {
        screen
            .text()
            .contains("6 services below; every 1 s; Ctrl-C ends")
    });
    assert!(
        wide.lines()[1].ends_with("Scheduler Flags"),
        "{}",
        wide.text()
    );
    watch.resize(80, 30);
    let high = watch.until(|screen| screen.lines()[21] == "every 1 s; Ctrl-C ends");
    assert!(
        high.lines()[22..].iter().all(String::is_empty),
        "{}",
        high.text()
    );
    watch.type_in("\x03");
    watch.end();
}

/// Every signal that ends it leaves the terminal as it was; Ctrl-Z stops it so, too.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_terminal_comes_back() {
    let _namespace = Namespace::new();
    services(1);
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let watch = AtTerminal::start("-L --watch 100", 80, 24, &[]);
        watch.until(|screen| screen.text().contains("every 100 s"));
        kill(program(&watch), signal).expect("a signal");
        let (_, left) = watch.end();
        assert!(
            !left.cursor_hidden && left.text().trim_end().is_empty(),
            "{signal}: {}",
            left.text()
        );
    }
    let watch = AtTerminal::start("-L --watch 100", 80, 24, &[]);
    watch.until(|screen| screen.text().contains("every 100 s"));
    let ours = program(&watch);
    kill(ours, Signal::SIGTSTP).expect("a signal");
    let stopped = watch.until(|screen| !screen.cursor_hidden);
    assert!(stopped.text().trim_end().is_empty(), "{}", stopped.text());
    let is_stopped = || {
        let about = std::fs::read_to_string(format!("/proc/{ours}/stat")).expect("a process");
        about.contains(") T ")
    };
    assert!((0..10_000).any(|_| is_stopped()));
    kill(ours, Signal::SIGCONT).expect("a signal");
    watch.until(|screen| screen.cursor_hidden && screen.text().contains("every 100 s"));
    kill(ours, Signal::SIGTERM).expect("a signal");
    watch.end();
}

/// Ctrl-S stops the terminal: what is drawn waits, but a signal does not.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_stopped_terminal_holds_no_signal_back() {
    let _namespace = Namespace::new();
    services(1);
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let mut watch = AtTerminal::start("-L --watch 1", 80, 24, &[]);
        watch.until(|screen| screen.text().contains("every 1 s"));
        let ours = program(&watch);
        watch.type_in("\x13");
        kill(ours, signal).expect("a signal");
        watch.end();
    }
}

/// The process that setsid waits for.
fn program(watch: &AtTerminal) -> Pid {
    let parent = watch.child.id();
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let child = children.ok().and_then(|text| text.trim().parse().ok());
    Pid::from_raw(child.unwrap_or(parent as i32))
}

/// A terminal that can't draw gets a listing a tick, without a single escape.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn terminals_that_cannot_draw() {
    let _namespace = Namespace::new();
    services(1);
    for line in ["-L --watch 1", "-L --rate --watch 1"] {
        let mut watch = AtTerminal::start(line, 80, 24, &[("TERM", "dumb")]);
        let seen = watch.until(|screen| screen.text().matches("RemoteAddress").count() > 1);
        assert!(!seen.bytes.contains(&0x1b), "{}", seen.text());
        watch.type_in("\x03");
        watch.end();
    }
    let mut watch = AtTerminal::start("-L --watch 1", 80, 24, &[("NO_COLOR", "1")]);
    let seen = watch.until(|screen| screen.text().contains("every 1 s"));
    assert!(
        !seen.bytes.windows(3).any(|bytes| bytes == b"\x1b[3"),
        "a colour"
    );
    watch.type_in("\x03");
    watch.end();
}

/// A document a tick, and no failure when the reader has seen enough.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_pipe_gets_a_document_a_tick() {
    let _namespace = Namespace::new();
    services(1);
    for (line, last) in [
        ("-L --json --watch 1", "]}"),
        ("-L --stats --watch 1", "  -> 10.0.1.1:80"),
        (
            "-L -c --count --json --watch 1",
            "{\"version\":1,\"counts\":[]}",
        ),
        ("-L --rate --watch 1", "  -> 10.0.1.1:80"),
    ] {
        let mut command = Tool::Ours.command(words::split(line));
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ours");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        for _ in 0..2 {
            let mut document = String::new();
            while !document
                .lines()
                .last()
                .is_some_and(|line| line.starts_with(last))
            {
                document += &lines.next().expect("another line").expect("text");
                document.push('\n');
            }
            if line.contains("--json") {
                let document: Value = serde_json::from_str(&document).expect("JSON");
                assert_eq!(document["version"], 1);
            }
        }
        drop(lines);
        let status = child.wait().expect("an end");
        let mut said = String::new();
        child
            .stderr
            .take()
            .expect("a pipe")
            .read_to_string(&mut said)
            .expect("text");
        assert!(
            status.success() && said.is_empty(),
            "{line}: {status} {said}"
        );
    }
}

/// The numbers of a service's row with --rate: five rates, and the active connections.
fn numbers(screen: &[String], service: &str) -> Option<Vec<String>> {
    let row = screen.iter().find(|line| line.contains(service))?;
    Some(row.split_whitespace().skip(2).map(str::to_owned).collect())
}

/// Rates come of the counters, and one that starts again has none for a tick: never a negative one.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn rates_are_between_two_readings() {
    let _namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    let rules = "-A -u 10.9.9.9:53 -s rr\n-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m -w 3";
    theirs_restores(&[
        rules,
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5354 -m -w 1",
        "-A -t 10.9.9.9:80 -s rr",
    ]);
    udp_server("10.9.9.9:5353");
    udp_server("10.9.9.9:5354");
    let mut watch = AtTerminal::start("-L --rate --watch 1 --by cps", 110, 24, &[]);
    let of = |screen: &support::screen::Screen, service: &str| {
        numbers(&screen.lines(), service).unwrap_or_default()
    };
    let none = vec!["-", "-", "-", "-", "-", "0"];
    watch.until(|screen| of(screen, "UDP  10.9.9.9:53 ") == none);
    let idle = vec!["0", "0", "0", "0", "0", "0"];
    let quiet = watch.until(|screen| of(screen, "UDP  10.9.9.9:53 ") == idle);
    // By address before there are rates.
    assert!(quiet.lines()[2].starts_with("TCP"), "{}", quiet.text());
    assert_eq!(of(&quiet, ":5353 ").last().map(String::as_str), Some("75"));
    assert_eq!(of(&quiet, ":5354 ").last().map(String::as_str), Some("25"));
    for _ in 0..200 {
        udp_exchange("10.9.9.9:0", "10.9.9.9:53");
    }
    let busy = watch.until(|screen| screen.lines()[2].starts_with("UDP"));
    let rates = of(&busy, "UDP  10.9.9.9:53 ");
    let rate = |column: usize| rates[column].parse::<u64>().expect("a rate");
    assert!(rate(0) > 0, "{}", busy.text());
    // Each exchange is a connection, and a packet of 36 bytes each way. The kernel sums up one counter after the other.
    let near = |column: usize, wanted: u64| {
        let off = rate(column).abs_diff(wanted);
        assert!(off <= wanted / 10, "{}", busy.text());
    };
    near(1, rate(0));
    near(2, rate(0));
    near(3, rate(0) * 36 * 8);
    near(4, rate(0) * 36 * 8);
    // Set to zero, or deleted and added between two ticks.
    watch.until(|screen| of(screen, "UDP  10.9.9.9:53 ") == idle);
    for restart in ["-Z", "-D -u 10.9.9.9:53"] {
        Tool::Ours.line(restart).ok();
        if restart != "-Z" {
            theirs_restores(&[rules]);
        }
        let bits = |screen: &support::screen::Screen| {
            let text = screen.text();
            assert!(!text.contains("-1") && !text.contains("T "), "{text}");
            of(screen, "UDP  10.9.9.9:53 ")
        };
        watch.until(|screen| bits(screen)[..] == none[..] || bits(screen)[..] == idle[..]);
    }
    // A service that is gone is left out.
    Tool::Ours.line("-D -u 10.9.9.9:53").ok();
    watch.until(|screen| !screen.text().contains("UDP"));
    watch.type_in("\x03");
    watch.end();
}

/// A service that is watched by its name, goes, and comes again is not compared with what it was.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_named_service_begins_anew() {
    let _namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    let rules = "-A -u 10.9.9.9:53 -s rr\n-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m";
    theirs_restores(&[rules]);
    udp_server("10.9.9.9:5353");
    let mut watch = AtTerminal::start("-L -u 10.9.9.9:53 --rate --watch 1", 110, 24, &[]);
    let of = |screen: &support::screen::Screen| numbers(&screen.lines(), "UDP  10.9.9.9:53 ");
    watch.until(|screen| of(screen).is_some_and(|numbers| numbers[0] == "0"));
    Tool::Ours.line("-D -u 10.9.9.9:53").ok();
    watch.until(|screen| screen.text().contains("No such service"));
    theirs_restores(&[rules]);
    for _ in 0..200 {
        udp_exchange("10.9.9.9:0", "10.9.9.9:53");
    }
    let back = watch.until(|screen| of(screen).is_some());
    assert_eq!(of(&back).unwrap()[0], "-", "{}", back.text());
    watch.type_in("\x03");
    watch.end();
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_first_services_of_an_order() {
    let _namespace = Namespace::new();
    services(5);
    let mut watch = AtTerminal::start("-L --rate --watch 1 --top 2", 110, 24, &[]);
    let seen = watch.until(|screen| screen.text().contains("every 1 s"));
    let services: Vec<_> = seen
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("TCP"))
        .collect();
    assert_eq!(services.len(), 2, "{}", seen.text());
    // What does not fit is counted in services: their servers are not read.
    watch.resize(110, 4);
    watch.until(|screen| screen.lines()[3].starts_with("1 service below; every 1 s"));
    watch.type_in("\x03");
    watch.end();
    for (line, message) in [
        ("-L --top 2", "Illegal 'top' option with the 'list' command"),
        (
            "-L --rate --by cps",
            "Illegal 'by' option with the 'list' command",
        ),
        ("-L --rate --watch --by x", "illegal by specified"),
        ("-L --watch 0", "invalid watch value `0' specified"),
        (
            "-L --watch --metrics",
            "The option 'watch' conflicts with the 'metrics' option in the 'list' command",
        ),
        (
            "-S --watch",
            "Illegal 'watch' option with the 'save' command",
        ),
    ] {
        Tool::Ours.line(line).fails(2, message);
    }
    // What can't be listed once is not listed again and again.
    Tool::Ours
        .line("-L --watch -t 10.9.9.9:80")
        .fails(1, "No such service");
}
