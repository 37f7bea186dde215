//! What a listing has beyond theirs: on a terminal colours and columns that fit, and servers sorted by a number. A pipe gets theirs to
//! the byte.

mod support;

use std::process::Command;
use support::alone::alone;
use support::traffic::{busy_director, udp_exchange, udp_server};
use support::{Namespace, Outcome, Tool, ip, theirs_restores};

const YELLOW: &str = "\u{1b}[33m";
const BOLD_RED: &str = "\u{1b}[1;31m";
const END: &str = "\u{1b}[0m";

/// A server that takes no new connections, one that has too many, and addresses that are as long as can be.
const RULES: [&str; 5] = [
    "-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 0 -x 1",
    "-e -t 10.9.9.9:80 -r 10.9.9.9:8081 -m -w 3 -x 2",
    "-A -t [2001:db8:1111:2222:3333:4444:5555:6666]:65535 -s rr",
    "-a -t [2001:db8:1111:2222:3333:4444:5555:6666]:65535 -r [2001:db8:1111:2222:3333:4444:5555:7777]:65535 -m",
    "-a -t [2001:db8:1111:2222:3333:4444:5555:6666]:65535 -r [2001:db8::2]:80 -m -x 100",
];

/// The start of a row of theirs.
const LONGEST: &str = "  -> [2001:db8:1111:2222:3333:4444:5555:7777]:65535";

/// What the terminal gets of a shell's line that begins with the program: `script` makes the terminal. The user's own environment must
/// not decide.
fn on_terminal(variables: &str, line: &str) -> Outcome {
    let line = format!("{variables} {} {line}", Tool::Ours.path().display());
    let mut command = Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .env_clear()
        .env("SHELL", "/bin/bash");
    Outcome::of(&mut command, b"")
}

fn screen(variables: &str, line: &str) -> String {
    on_terminal(variables, line).ok().replace("\r\n", "\n")
}

fn words(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().map(|row| row.split_whitespace().collect());
    rows.collect()
}

fn uncoloured(text: &str) -> String {
    [YELLOW, BOLD_RED, END]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(code, ""))
}

const FORMATS: [&str; 6] = [
    "-Ln",
    "-Ln --thresholds",
    "-Ln --persistent-conn",
    "-Ln --tun-info",
    "-Ln --stats",
    "-Ln --rate",
];

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn servers_that_take_no_connections_are_coloured() {
    let _alone = alone();
    let (_namespace, _open) = busy_director();
    theirs_restores(&RULES);
    for format in FORMATS {
        let shown = screen("", format);
        let coloured: Vec<_> = shown.lines().filter(|row| row.contains('\u{1b}')).collect();
        let [of_no_weight, full] = coloured[..] else {
            panic!("{format}: {shown}");
        };
        for (row, server, colour) in [
            (of_no_weight, "10.9.9.9:8080 ", YELLOW),
            (full, "10.9.9.9:8081 ", BOLD_RED),
        ] {
            let begins = row.starts_with(&format!("{colour}  -> {server}"));
            assert!(begins && row.ends_with(END), "{format}: {row:?}");
        }
    }
    let listing = screen("", "-Ln -t 10.9.9.9:80");
    assert_eq!(listing.matches(END).count(), 2, "{listing}");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn colours_are_for_terminals() {
    let _namespace = Namespace::new();
    theirs_restores(&["-A -f 7", "-a -f 7 -r 10.0.0.1:0 -w 0"]);
    let coloured =
        |variables: &str, line: &str| on_terminal(variables, line).text().contains('\u{1b}');
    for (variables, line) in [
        ("", "-Ln"),
        ("", "-L -f 7 --resolve-timeout 0"),
        ("", ""),
        ("NO_COLOR= TERM=xterm", "-Ln --color=auto"),
        ("NO_COLOR=1", "-Ln --color"),
        ("NO_COLOR=1 TERM=dumb", "-Ln --color always"),
        ("", "-Ln --color=always | cat"),
    ] {
        assert!(coloured(variables, line), "{variables} {line}");
    }
    for (variables, line) in [
        ("NO_COLOR=1", "-Ln"),
        ("TERM=dumb", "-Ln"),
        ("", "-Ln --color=never"),
        ("", "-Ln | cat"),
        ("", "-Ln --color auto | cat"),
        (
            "",
            "-Ln > /tmp/a-listing; cat /tmp/a-listing; rm /tmp/a-listing",
        ),
        ("", "-L --json --color=always"),
        ("", "-S"),
        ("", "-Sn"),
        ("", "-Lc --color=always"),
        ("", "-L --timeout --color=always"),
    ] {
        assert!(!coloured(variables, line), "{variables} {line}");
    }
    let wrong = Tool::Ours.line("-L --color=blue");
    wrong.fails(2, "illegal color `blue' specified");
    let wrong = Tool::Ours.line("-S --color=always");
    wrong.fails(2, "Illegal 'color' option with the 'save' command");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_plan_is_coloured_as_asked() {
    let _namespace = Namespace::new();
    theirs_restores(&["-A -f 7"]);
    for (option, escapes) in [
        ("", 0),
        ("--color=auto", 0),
        ("--color", 2),
        ("--color never", 0),
    ] {
        let line = format!("-R --replace --dry-run {option}");
        let plan = Tool::Ours.run_with(support::words::split(&line), b"-A -f 7 -s rr\n");
        assert_eq!(
            (plan.status, plan.text().matches('\u{1b}').count()),
            (3, escapes),
            "{line}"
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn long_addresses_keep_the_columns() {
    let _alone = alone();
    let (_namespace, _open) = busy_director();
    theirs_restores(&RULES);
    for (format, column) in [
        ("-Ln", " Forward"),
        ("-Ln --tun-info", " TunnelInfo"),
        ("-Ln --thresholds", " Uthreshold"),
        ("-Ln --persistent-conn", " PersistConn"),
        ("-Ln --stats", "Conns "),
        ("-Ln --rate", "CPS "),
    ] {
        let shown = uncoloured(&screen("", format));
        if format != "-Ln --rate" {
            let pipe = Tool::Ours.line(format).ok();
            assert_eq!(words(&shown), words(&pipe), "{format}");
        }
        let places = shown.lines().filter_map(|row| row.find(column));
        let [start] = places.collect::<Vec<_>>()[..] else {
            panic!("{format}: {shown}");
        };
        assert!(start >= LONGEST.len(), "{format}: {shown}");
        // The numbers of services and servers are right-aligned, the cells of servers left-aligned.
        let right = column.ends_with(' ');
        for row in shown.lines().skip(3) {
            let cell = row.as_bytes().get(start..).unwrap_or_default();
            let fits = match cell {
                [.., _] if right => {
                    let end = &cell[column.len() - 2..];
                    end[0].is_ascii_digit() && end[1] == b' '
                }
                [before, first, ..] if row.starts_with("  -> ") => {
                    *before == b' ' && *first != b' '
                }
                _ => !right && !row.starts_with("  -> "),
            };
            assert!(fits && !row.ends_with(' '), "{format}: {row:?} in\n{shown}");
        }
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn short_addresses_change_nothing_on_a_terminal() {
    let _alone = alone();
    let (_namespace, _open) = busy_director();
    // The rates may change between the two.
    for format in &FORMATS[..5] {
        assert_eq!(
            screen("TERM=dumb", format),
            Tool::Theirs.line(format).ok(),
            "{format}"
        );
    }
}

/// Where the columns of endpoints begin in the heading they begin in each row.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn connections_keep_their_columns() {
    let _alone = alone();
    let (_namespace, _open) = busy_director();
    theirs_restores(&[
        "-A -u [fd00::9]:53",
        "-a -u [fd00::9]:53 -r [fd00::9]:5353 -m",
    ]);
    ip("address add fd00:1111:2222:3333:4444:5555:6666:7777/128 dev lo");
    udp_server("[fd00::9]:5353");
    udp_exchange(
        "[fd00:1111:2222:3333:4444:5555:6666:7777]:0",
        "[fd00::9]:53",
    );
    for line in ["-Lnc", "-Lnc --persistent-conn", "-Lnc --count"] {
        let shown = screen("", line);
        let listing = Tool::Ours.line(line).ok();
        assert_eq!(
            shown.lines().count(),
            listing.lines().count(),
            "{line}: {shown}, but {listing}"
        );
        let heading = shown.lines().nth(1).unwrap_or_default();
        for column in ["virtual", "destination"] {
            let at = heading
                .find(column)
                .unwrap_or_else(|| panic!("{line}: {shown}"));
            let begins = |row: &str| {
                row.get(at - 1..).is_some_and(|rest| {
                    rest.starts_with(" 10.9.9.9:") || rest.starts_with(" [fd00::9]:")
                })
            };
            assert!(
                shown.lines().skip(2).all(begins),
                "{line}, {column}: {shown}"
            );
        }
    }
}

/// The servers of a listing in their order, by the last number of their address or port.
fn order(line: &str) -> Vec<String> {
    let listing = Tool::Ours.line(line).ok();
    let servers = listing.lines().filter(|row| row.starts_with("  -> 10."));
    let endpoints = servers.filter_map(|row| row.split_whitespace().nth(1));
    endpoints.map(str::to_owned).collect()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn servers_are_sorted_as_asked() {
    let _namespace = Namespace::new();
    theirs_restores(&[
        "-A -t 10.0.0.2:80",
        "-a -t 10.0.0.2:80 -r 10.0.0.10 -w 1",
        "-a -t 10.0.0.2:80 -r 10.0.0.9 -w 20",
        "-a -t 10.0.0.2:80 -r 10.0.0.11 -w 3",
        "-a -t 10.0.0.2:80 -r 10.0.0.8 -w 3",
        "-A -t 10.0.0.1:80",
        "-a -t 10.0.0.1:80 -r 10.0.0.7 -w 2",
    ]);
    let ends = |line: &str| {
        let order = order(line);
        let ends = order
            .iter()
            .filter_map(|it| it.strip_prefix("10.0.0.")?.strip_suffix(":80"));
        ends.collect::<Vec<_>>().join(" ")
    };
    // The services stay in the order of their addresses.
    let by_weight = "7 9 8 11 10";
    let by_address = "7 8 9 10 11";
    assert_eq!(ends("-Ln"), by_address);
    assert_eq!(ends("-Ln --sort-by address"), by_address);
    assert_eq!(ends("-Ln --sort --sort-by=weight"), by_weight);
    assert_eq!(ends("-Ln --sort-by active"), by_address);
    for format in FORMATS {
        assert_eq!(
            ends(&format!("{format} --sort-by weight")),
            by_weight,
            "{format}"
        );
    }
    assert_eq!(ends("-Ln -t 10.0.0.2:80 --sort-by weight"), "9 8 11 10");
    let document = Tool::Ours.line("-L -j --sort-by weight").ok();
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    let weights = document["services"][1]["servers"]
        .as_array()
        .expect("servers");
    let weights: Vec<_> = weights.iter().map(|it| it["weight"].as_u64()).collect();
    assert_eq!(weights, [Some(20), Some(3), Some(3), Some(1)]);
}

/// What a plain listing does not show has to be asked for all the same.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn servers_are_sorted_by_what_is_not_shown() {
    let _alone = alone();
    let (_namespace, _open) = busy_director();
    theirs_restores(&["-a -t 10.9.9.9:80 -r 10.9.9.9:8079 -m"]);
    let first = |line: &str| order(line).into_iter().next().unwrap_or_default();
    assert_eq!(first("-Ln -t 10.9.9.9:80"), "10.9.9.9:8079");
    for key in ["conns", "inpkts", "outbytes", "active"] {
        let line = format!("-Ln --sort-by {key}");
        assert!(
            order(&line)[1..].contains(&"10.9.9.9:8079".to_owned()),
            "{line}"
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn keys_that_make_no_sense() {
    let _namespace = Namespace::new();
    let unknown = Tool::Ours.line("-L --sort-by wieght");
    let hint = String::from_utf8_lossy(&unknown.stderr)
        .lines()
        .nth(1)
        .map(str::to_owned);
    assert_eq!(
        hint.as_deref(),
        Some(
            "a sort key is one of address, weight, active, inactive, persistent, conns, inpkts, outpkts, inbytes, outbytes, cps, inpps, outpps, inbps, outbps"
        )
    );
    unknown.fails(2, "illegal sort key `wieght' specified");
    for (line, other) in [
        ("-Lc --sort-by active", "connection"),
        ("-L --timeout --sort-by active", "timeout"),
        ("-L --daemon --sort-by active", "daemon"),
        ("-L --nosort --sort-by active", "nosort"),
    ] {
        let message = format!(
            "The option 'sort-by' conflicts with the '{other}' option in the 'list' command"
        );
        Tool::Ours.line(line).fails(2, &message);
    }
}
