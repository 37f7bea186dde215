//! The JSON documents: as docs/json.md says, and with the numbers that theirs prints in columns.

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::UdpSocket;
use std::process::Stdio;
use support::columns::{self, LAYOUTS, daemon, list};
use support::schema::documented;
use support::traffic::{busy_director, udp_server};
use support::{Namespace, Tool, lossy, rows, theirs_restores};

/// What the busy director has not: every kind of service and server.
const MORE: [&str; 16] = [
    "-A -u 10.9.9.9:5060 -s rr -p 60 --pe sip",
    "-a -u 10.9.9.9:5060 -r 10.9.9.9:5061 -m",
    "-A -t 10.9.9.9:84 -s sh -b sh-port,sh-fallback",
    "-a -t 10.9.9.9:84 -r 10.9.9.10 -i --tun-type gue --tun-port 6080 --tun-csum -x 2147483647 -w 0",
    "-a -t 10.9.9.9:84 -r 10.9.9.11 -i --tun-type gue --tun-port 6081 --tun-remcsum -y 7 -x 9",
    "-a -t 10.9.9.9:84 -r 10.9.9.12 -i --tun-type gre --tun-csum -w 2147483647",
    "-a -t 10.9.9.9:84 -r 10.9.9.13 -i --tun-type gre",
    "-a -t 10.9.9.9:84 -r 10.9.9.14 -i",
    "-A -f 7 -6 -s wlc -p 360 -M 64",
    "-a -f 7 -6 -r fd00::9 -i",
    "-A -f 2147483647 -s mh -b mh-port -p 2678400 -M 255.255.0.0",
    "-A -u 10.9.9.9:54 -s rr -o",
    "-A --sctp-service [fd00::9]:85 -s wrr -b flag-1,flag-3",
    "--set 901 121 301",
    "--start-daemon master --mcast-interface lo --syncid 3 --sync-maxlen 1400 --mcast-port 99 --mcast-ttl 5",
    "--start-daemon backup --mcast-interface lo --mcast-group ff05::7",
];

#[test]
fn the_page_is_in_order() {
    let schemas = documented();
    assert_eq!(schemas.len(), 10);
    for (document, schema) in schemas {
        let mut seen = BTreeSet::new();
        schema.check(&schema.example, &mut seen);
        assert_eq!(
            seen,
            schema.paths(),
            "{document}: fields of the example and of the tables"
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_busy_director() {
    let (_namespace, _open) = busy_director();
    theirs_restores(&MORE);
    udp_server("10.9.9.9:5061");
    let phone = UdpSocket::bind("10.9.9.9:0").expect("a phone's socket");
    phone
        .send_to(
            b"INVITE sip:x SIP/2.0\r\nCall-ID: abc\r\n\r\n",
            "10.9.9.9:5060",
        )
        .expect("sending");
    documents_are_as_documented();
    numbers_are_those_of_the_columns();
    connections_are_those_of_the_columns();
}

fn json(line: &str) -> Value {
    parsed(&Tool::Ours.line(line).ok())
}

#[track_caller]
fn parsed(text: &str) -> Value {
    assert!(text.ends_with("}\n"), "{text}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn documents_are_as_documented() {
    let schemas = documented();
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut check = |word: &'static str, document: &Value| {
        schemas[word].check(document, seen.entry(word).or_default());
    };
    for (word, line) in [
        ("table", "-L --json"),
        ("table", "-Ln -j --stats --exact"),
        ("table", "-j -L -u 10.9.9.9:5060 --thresholds"),
        ("connections", "-Lcj"),
        ("counts", "-L -c --count -j"),
        ("timeouts", "-L --timeout -j"),
        ("daemons", "-L --daemon -j"),
    ] {
        check(word, &json(line));
    }
    let rules = b"-A -t 10.9.9.9:80 -s wlc\n-A -t 10.9.9.9:90\n";
    let plan = Tool::Ours.run_with(["-R", "--replace", "--dry-run", "-j"], rules);
    assert!(plan.status == 3 && plan.stderr.is_empty(), "{plan}");
    check("plan", &parsed(&plan.text()));
    let drain = Tool::Ours.line("--drain -t 10.9.9.9:80 -r 10.9.9.9:8081 -j --wait 0");
    assert_eq!(drain.status, 3, "{drain}");
    for line in drain.text().split_inclusive('\n') {
        check("drain", &parsed(line));
    }
    let starved = Tool::Ours.line("--check -j --min-servers 9");
    assert_eq!(starved.status, 2);
    check("check", &parsed(&starved.text()));
    let differs = Tool::Ours.run_with(["--check", "-j", "--file", "-"], rules);
    assert_eq!(differs.status, 2);
    check("rules-check", &parsed(&differs.text()));
    // Findings are faults: lab_doctor.rs makes some.
    for (word, schema) in schemas.iter().filter(|(word, _)| *word != "doctor") {
        let missing: Vec<_> = schema
            .paths()
            .difference(&seen[word.as_str()])
            .cloned()
            .collect();
        assert!(missing.is_empty(), "{word}: never seen: {missing:?}");
    }
}

/// One process of theirs that prints these listings, each without its headings.
fn theirs(lines: &[&str]) -> Vec<Vec<String>> {
    let mut rules = String::new();
    for line in lines {
        rules += &format!("{line}\n-L --timeout\n");
    }
    let printed = Tool::Theirs.run_with(["-R"], rules.as_bytes()).ok();
    let listings = printed
        .split_inclusive("Timeout (")
        .map(|part| part.trim_end_matches("Timeout ("));
    let body = |part: &str| {
        rows(part)
            .into_iter()
            .filter(|row| !is_heading(row))
            .collect()
    };
    listings.take(lines.len()).map(body).collect()
}

fn is_heading(row: &str) -> bool {
    ["IP Virtual", "Prot ", "tcp tcpfin"]
        .iter()
        .any(|start| row.starts_with(start))
}

fn numbers_are_those_of_the_columns() {
    let lines = LAYOUTS.map(|(line, ..)| line);
    for _ in 0..20 {
        let before = theirs(&lines);
        let document = json("-L -j");
        if theirs(&lines) != before {
            continue;
        }
        for (layout, theirs) in LAYOUTS.into_iter().zip(before) {
            assert_eq!(columns::services(&document, layout), theirs, "{}", layout.0);
        }
        let timeouts = &json("-L --timeout -j")["timeouts"];
        let shown = ["tcp", "tcpfin", "udp"]
            .map(|name| timeouts[name].to_string())
            .join(" ");
        assert_eq!(
            format!("Timeout (tcp tcpfin udp): {shown}\n"),
            Tool::Theirs.line("-L --timeout").ok()
        );
        let daemons = json("-L --daemon -j");
        let shown: String = list(&daemons["daemons"]).iter().map(daemon).collect();
        assert_eq!(shown, Tool::Theirs.line("-L --daemon").ok());
        return;
    }
    panic!("the table never stands still");
}

fn connections_are_those_of_the_columns() {
    let ours = columns::connections(&json("-Lcj"));
    let theirs = columns::listed_connections(&Tool::Theirs.line("-Lnc").ok());
    assert!(ours.len() > 15, "{ours:?}");
    columns::same_connections(ours, theirs, 15);
}

/// With --json a failure is what it is without: a message, its status, and nothing on standard output.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn failures() {
    let _namespace = Namespace::new();
    for (line, status) in [
        ("-L -t 10.0.0.1:80", 1),
        ("-L -f 7 -6 --stats", 1),
        ("-L -t nosuch", 2),
        ("-L -c --client 10.0.0.1/33", 2),
        ("-L -c -f 1", 2),
        ("-L -c --timeout", 2),
        ("-L --count", 2),
        ("-L --bogus", 255),
        ("-L --netns nosuch", 2),
        ("-L -c --netns /etc/passwd", 2),
        ("-S", 2),
    ] {
        let plain = Tool::Ours.line(line);
        let json = Tool::Ours.line(&format!("{line} -j"));
        assert!(
            json.status == status && json.stdout.is_empty(),
            "{line}: {json}"
        );
        assert!(!json.stderr.is_empty(), "{line}: {json}");
        assert!(line == "-S" || plain == json, "{line}: {plain}\n{json}");
    }
    assert_eq!(Tool::Ours.line("-L -j").status, 0);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn output_that_is_lost() {
    let _namespace = Namespace::new();
    theirs_restores(&["-A -t 10.0.0.1:80"]);
    for line in [
        "-Lj",
        "-Lcj",
        "-Lc --count -j",
        "-L --timeout -j",
        "-L --daemon -j",
        "-Lj -t 10.0.0.1:80",
    ] {
        let mut command = Tool::Ours.command(support::words::split(line));
        let full = std::fs::File::create("/dev/full").expect("a full device");
        let lost = command
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .expect("an end");
        let said = lossy(&lost.stderr);
        assert!(
            lost.status.code() == Some(1)
                && said.lines().count() == 1
                && said.contains("No space left on device"),
            "{line}: {said}"
        );
    }
    // A reader that has gone is no failure.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = Tool::Ours.command(["-Lj"]);
    let quiet = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .expect("an end");
    assert!(
        quiet.status.success() && quiet.stderr.is_empty(),
        "{quiet:?}"
    );
}

/// In the kernel's order, as theirs has it.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn unsorted() {
    let _namespace = Namespace::new();
    let rules = (1..40).map(|last| {
        format!("-A -t 10.0.0.{last}:80\n-a -t 10.0.0.{last}:80 -r 10.0.1.{last}\n-a -t 10.0.0.{last}:80 -r 10.0.0.9")
    });
    theirs_restores(&rules.collect::<Vec<_>>());
    let text = Tool::Theirs.line("-Ln --nosort").ok();
    let theirs: Vec<_> = text
        .lines()
        .skip(3)
        .map(|row| row.split_whitespace().nth(1).unwrap_or_default())
        .collect();
    let order = |line: &str| {
        let document = json(line);
        let rows = list(&document["services"]).iter().flat_map(|service| {
            std::iter::once(service)
                .chain(list(&service["servers"]))
                .map(columns::endpoint)
        });
        rows.collect::<Vec<_>>()
    };
    assert_eq!(order("-L -j --nosort"), theirs);
    let sorted = order("-L -j");
    assert_ne!(sorted, theirs);
    assert_eq!(sorted[..3], ["10.0.0.1:80", "10.0.0.9:80", "10.0.1.1:80"]);
}
