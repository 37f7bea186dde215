//! `docs/json.md` and the program hold each other to the same documents.

use super::*;
use crate::doctor::{Finding, Remedy, Report, Runner, Severity, Unseen};
use crate::kernel::Connection;
use crate::model::{
    Change, Destination, DestinationStatus, Endpoint, Family, Netmask, Persistence, Service,
    ServiceKey, ServiceStatus, Stats, SyncDaemon, SyncRole,
};
use crate::names::SystemLookup;
use crate::output::counts::Kind;
use crate::output::{
    CheckReport, CheckState, ConnectionCounts, DrainEvent, DrainRow, Measured, Problem,
};
use crate::rules;
use crate::table::{Plan, Table, Target};
use serde_json::Value;

/// The example of docs/json.md that is marked with the word.
fn documented(word: &str) -> Value {
    let page = include_str!("../../../docs/json.md");
    let (_, rest) = page.split_once(&format!("```json {word}\n")).unwrap();
    serde_json::from_str(rest.split_once("```").unwrap().0).unwrap()
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Value {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    assert!(out.ends_with(b"\n"));
    serde_json::from_slice(&out).unwrap()
}

fn change(line: &str) -> Change {
    rules::parse_line(line, &mut SystemLookup::default())
        .unwrap()
        .unwrap()
        .change
}

fn service(line: &str) -> Service {
    match change(line) {
        Change::AddService(service) => service,
        other => panic!("{other:?}"),
    }
}

fn destination(line: &str) -> Destination {
    match change(line) {
        Change::AddDestination(_, destination) => destination,
        other => panic!("{other:?}"),
    }
}

#[test]
fn table() {
    let status = |service| ServiceStatus {
        service,
        stats: Stats::default(),
    };
    let first = status(service(
        "-A -t 10.0.0.1:80 -s sh -b sh-port -p 300 -M 255.255.255.0 --pe sip",
    ));
    let key = ServiceKey::Fwmark {
        family: Family::Inet6,
        mark: 7,
    };
    let mut second = status(Service::new(key));
    second.service.persistence = Some(Persistence {
        timeout: 360,
        netmask: Netmask::V6(64),
    });
    let server = DestinationStatus {
        destination: destination(
            "-a -t 10.0.0.1:80 -r 10.0.0.2 -i --tun-type gue --tun-port 6080 --tun-csum -x 100 -y 50",
        ),
        active: 0,
        inactive: 0,
        persistent: 0,
        stats: Stats::default(),
    };
    let info = Info {
        version: (1, 2, 1),
        connection_table_size: 4096,
    };
    let document = written(|out| {
        let mut document = JsonList::of_services(out, info)?;
        document.item(&json_row(&first, &[server]))?;
        document.item(&json_row(&second, &[]))?;
        document.end()
    });
    assert_eq!(document, documented("table"));
}

/// Those of the example, and an address and a mark of the other family.
#[test]
fn services_have_names() {
    let name = |key: &str| {
        let service = Service::new(key.parse().unwrap());
        let stats = Stats::default();
        let status = ServiceStatus { service, stats };
        let row = serde_json::to_value(json_row(&status, &[])).unwrap();
        format!("{}, {}", row["protocol"], row["name"])
    };
    for (key, expected) in [
        ("-t 10.0.0.1:80", r#""TCP", "10.0.0.1:80""#),
        ("-u [2001:db8::1]:0", r#""UDP", "[2001:db8::1]:0""#),
        ("--sctp-service 10.0.0.1:99", r#""SCTP", "10.0.0.1:99""#),
        ("-f 4294967295", r#""FWM", "FWM 4294967295""#),
        ("-f 7 -6", r#""FWM", "FWM 7 IPv6""#),
    ] {
        assert_eq!(name(key), expected);
    }
}

#[test]
fn an_empty_list_is_a_document() {
    assert_eq!(
        written(|out| JsonList::new(out, "daemons")?.end()),
        serde_json::json!({"version": 1, "daemons": []})
    );
}

const LINE: &[u8] =
    b"TCP C0000207 9C40 0A000001 0050 0A000002 0050 ESTABLISHED     899 sip 1234@example";

#[test]
fn connections() {
    let connection = Connection::parse(LINE).unwrap();
    let document = written(|out| {
        let mut document = JsonList::new(out, "connections")?;
        document.item(&json_connection(&connection))?;
        document.end()
    });
    assert_eq!(document, documented("connections"));
}

#[test]
fn counts() {
    let mut counts = ConnectionCounts::default();
    (0..12).for_each(|_| counts.add(&Connection::parse(LINE).unwrap()));
    assert_eq!(written(|out| counts.write_json(out)), documented("counts"));
}

#[test]
fn timeouts() {
    let timeouts = Timeouts {
        tcp: 900,
        tcp_fin: 120,
        udp: 300,
    };
    assert_eq!(
        written(|out| write_json_timeouts(out, &timeouts)),
        documented("timeouts")
    );
}

#[test]
fn daemons() {
    let daemon = SyncDaemon {
        role: SyncRole::Master,
        interface: "eth0".parse().unwrap(),
        sync_id: 3,
        max_length: Some(1472),
        group: Some("224.0.0.81".parse().unwrap()),
        port: Some(8848),
        ttl: Some(1),
    };
    let document = written(|out| {
        let mut document = JsonList::new(out, "daemons")?;
        document.item(&json_daemon(&daemon))?;
        document.end()
    });
    assert_eq!(document, documented("daemons"));
}

#[test]
fn plan() {
    let table = |lines: &[&str]| {
        let mut table = Table::new();
        for (number, line) in (1..).zip(lines) {
            table.apply_line(&change(line), number).unwrap();
        }
        table
    };
    let same = [
        "-A -t 10.0.0.1:80 -s rr",
        "-a -t 10.0.0.1:80 -r 10.0.0.2 -w 1",
    ];
    let others = [
        "-A -u 10.0.0.1:53",
        "-a -u 10.0.0.1:53 -r 10.0.0.2",
        "-a -u 10.0.0.1:53 -r 10.0.0.3",
    ];
    let current = [&same[..], &["-a -t 10.0.0.1:80 -r 10.0.0.3"], &others].concat();
    let wanted = [
        &[
            "-A -t 10.0.0.1:80 -s rr",
            "-a -t 10.0.0.1:80 -r 10.0.0.2 -w 5",
            "-A -t 10.0.0.1:443 -s rr",
        ][..],
        &others,
    ]
    .concat();
    let target = Target::from(table(&wanted));
    let plan = Plan::new(&table(&current), &target);
    let mut document = written(|out| write_json_plan(out, &plan));
    let mut example = documented("plan");
    // The steps of a plan come by service; the example tells one of each kind.
    for steps in [&mut document, &mut example] {
        steps["steps"]
            .as_array_mut()
            .unwrap()
            .sort_by_key(|step| step["action"].to_string());
    }
    assert_eq!(document, example);
}

#[test]
fn endpoints_of_both_families_are_text() {
    let endpoint = Endpoint {
        address: "2001:db8::1".parse().unwrap(),
        port: 80,
    };
    let kind = Kind {
        protocol: "TCP".to_owned(),
        service: endpoint,
        destination: endpoint,
        state: "NONE".to_owned(),
    };
    let document = written(|out| {
        let mut document = JsonList::new(out, "counts")?;
        document.item(&json_count(&kind, 1))?;
        document.end()
    });
    assert_eq!(document["counts"][0]["virtual"]["address"], "2001:db8::1");
}

#[test]
fn drain() {
    let row = DrainRow {
        event: DrainEvent::Waiting,
        key: "-t 10.0.0.1:80".parse().unwrap(),
        status: DestinationStatus {
            active: 12,
            inactive: 30,
            persistent: 5,
            ..DestinationStatus::idle(destination("-a -t 10.0.0.1:80 -r 10.0.0.2 -w 0"))
        },
        last_end: Some(899),
    };
    assert_eq!(
        written(|out| write_json_drain(out, &row)),
        documented("drain")
    );
}

#[test]
fn doctor() {
    let finding = Finding {
        severity: Severity::Error,
        id: "answers-missing",
        seen: "clients wait for an answer of 10.0.0.2, of which no packet ever passed here"
            .to_owned(),
        meaning: "its default route is another one than this machine, or it never answers",
        services: vec![ServiceKey::tcp("10.0.0.1:80".parse().unwrap())],
        remedy: Some(Remedy {
            on: Some("10.0.0.2".parse().unwrap()),
            commands: vec!["ip -4 route replace default via 10.0.0.9".to_owned()],
        }),
    };
    let report = Report {
        findings: vec![finding],
        unseen: vec![Unseen {
            what: "the firewall",
            why: "nft is not installed".to_owned(),
        }],
        fine: vec!["every service has a server that takes connections"],
    };
    let runner = Runner::new(Some("/run/netns/blue"));
    let document = written(|out| write_json_report(out, &report, &runner));
    assert_eq!(document, documented("doctor"));
}

#[test]
fn checks() {
    let critical = |text: &str| Problem {
        state: CheckState::Critical,
        text: text.to_owned(),
    };
    let number = |(name, value)| Measured {
        name,
        value,
        bounds: None,
    };
    for (word, text, numbers) in [
        (
            "check",
            "-t 10.0.0.1:80 has 0 servers, at least 1 wanted",
            &[("services", 2), ("servers", 3), ("connections", 12)][..],
        ),
        (
            "rules-check",
            "1 difference from /etc/ipvsadm.rules: missing: -A -t 10.0.0.1:80 -s wlc",
            &[("differences", 1)],
        ),
    ] {
        let report = CheckReport {
            problems: vec![critical(text)],
            measured: numbers.iter().copied().map(number).collect(),
        };
        assert_eq!(written(|out| report.write_json(out)), documented(word));
    }
}
