//! Listings while others add and delete: never a failure, never a row twice, never one lost that stayed, never half a document.

mod support;

use ipvs::kernel::Kernel;
use ipvs::model::{Change, Destination, Endpoint, Protocol, Service, ServiceKey};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::columns::{endpoint, list};
use support::kernel::apply_all;
use support::{Namespace, Outcome, Tool};

/// More services, and more servers of one, than the kernel tells in one piece.
const SERVICES: u16 = 250;
const SERVERS: u16 = 250;
/// Those that come and go.
const PASSING: u16 = 60;
/// How often each listing is made, if ten seconds allow it.
const ROUNDS: usize = 6;

fn to(last: u8, port: u16) -> Endpoint {
    Endpoint {
        address: Ipv4Addr::new(10, 0, 0, last).into(),
        port,
    }
}

fn service(port: u16) -> ServiceKey {
    ServiceKey::Address {
        protocol: Protocol::TCP,
        endpoint: to(1, port),
    }
}

/// Service 1 has many servers, the others have two each.
fn staying() -> Vec<Change> {
    let mut changes = Vec::new();
    for port in 1..=SERVICES {
        let key = service(port);
        changes.push(Change::AddService(Service::new(key)));
        let servers = if port == 1 { SERVERS } else { 2 };
        changes
            .extend((1..=servers).map(|n| Change::AddDestination(key, Destination::new(to(2, n)))));
    }
    changes
}

/// Services with a server each, and servers of services that stay.
fn passing() -> (Vec<Change>, Vec<Change>) {
    let (mut add, mut delete) = (Vec::new(), Vec::new());
    for n in 1..=PASSING {
        let (gone, stays) = (service(1_000 + n), service(1 + n % 5));
        let destination = Destination::new(to(3, n));
        add.push(Change::AddService(Service::new(gone)));
        add.push(Change::AddDestination(gone, destination));
        add.push(Change::AddDestination(stays, destination));
        delete.push(Change::DeleteDestination(stays, destination.endpoint));
        delete.push(Change::DeleteService(gone));
    }
    (add, delete)
}

/// Adds and deletes until told to stop. Every step succeeds: nobody else changes the table.
fn churn(kernel: &mut Kernel, stop: &AtomicBool, turns: &AtomicUsize) {
    let (add, delete) = passing();
    while !stop.load(Ordering::Relaxed) {
        for changes in [&add, &delete] {
            apply_all(kernel, changes);
            // Now and then the listings have the processor.
            if turns.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// What a listing shows: services and their servers, in order.
type Shown = Vec<(String, Vec<String>)>;
type Read = fn(Outcome) -> Shown;

fn of_columns(outcome: Outcome) -> Shown {
    let text = outcome.ok();
    let mut shown = Shown::new();
    for row in text.lines().skip(3) {
        let cell = |index| {
            row.split_whitespace()
                .nth(index)
                .unwrap_or_default()
                .to_string()
        };
        match (row.starts_with("  -> "), shown.last_mut()) {
            (true, Some((_, servers))) => servers.push(cell(1)),
            _ => shown.push((cell(1), Vec::new())),
        }
    }
    shown
}

fn of_rules(outcome: Outcome) -> Shown {
    let text = outcome.ok();
    let mut shown = Shown::new();
    for row in text.lines() {
        let words: Vec<_> = row.split(' ').collect();
        match (words[0], shown.last_mut()) {
            ("-a", Some((service, servers))) => {
                assert_eq!(service, words[2], "{text}");
                servers.push(words[4].to_string());
            }
            _ => shown.push((words[2].to_string(), Vec::new())),
        }
    }
    shown
}

fn of_json(outcome: Outcome) -> Shown {
    let document: Value = serde_json::from_str(&outcome.ok()).expect("a document");
    let services = list(&document["services"]).iter();
    let servers = |service: &Value| list(&service["servers"]).iter().map(endpoint).collect();
    services
        .map(|service| (endpoint(service), servers(service)))
        .collect()
}

/// Panics when a row is there twice, or one that stayed is not.
fn check(line: &str, shown: Shown) -> usize {
    let count = shown.len();
    let services: BTreeMap<String, Vec<String>> = shown.into_iter().collect();
    assert_eq!(services.len(), count, "{line}: a service twice");
    for port in 1..=SERVICES {
        let servers = services.get(&format!("10.0.0.1:{port}"));
        let servers = servers.unwrap_or_else(|| panic!("{line}: service {port} is lost"));
        let known: BTreeSet<_> = servers.iter().collect();
        assert_eq!(
            known.len(),
            servers.len(),
            "{line}: a server of service {port} twice"
        );
        let staying = if port == 1 { SERVERS } else { 2 };
        let lost = (1..=staying).find(|n| !known.contains(&format!("10.0.0.2:{n}")));
        assert_eq!(lost, None, "{line}: a server of service {port} is lost");
    }
    count
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn listings_hold() {
    let _namespace = Namespace::new();
    let mut kernel = Kernel::open().expect("the kernel's IPVS");
    apply_all(&mut kernel, &staying());
    let (stop, turns) = (AtomicBool::new(false), AtomicUsize::new(0));
    let listings: [(&str, Read); 4] = [
        ("-Ln", of_columns),
        ("-Sn", of_rules),
        ("-L -j", of_json),
        ("-Ln --nosort --stats", of_columns),
    ];
    let mut outcomes = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| churn(&mut kernel, &stop, &turns));
        let begin = Instant::now();
        for round in 0..ROUNDS {
            if round > 0 && begin.elapsed() > Duration::from_secs(10) {
                break;
            }
            for (line, read) in listings {
                outcomes.push((line, read, Tool::Ours.line(line)));
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let turns = turns.into_inner();
    let counts: BTreeSet<_> = outcomes
        .into_iter()
        .map(|(line, read, outcome)| check(line, read(outcome)))
        .collect();
    println!("{turns} turns; services listed: {counts:?}");
    // There was something to get wrong.
    assert!(turns > 20 && counts.len() > 1, "{turns} turns, {counts:?}");
}

/// A service by name is there with its servers, or is not there at all.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn one_service_that_comes_and_goes() {
    let _namespace = Namespace::new();
    let mut kernel = Kernel::open().expect("the kernel's IPVS");
    let stop = AtomicBool::new(false);
    let line = "-L -j -t 10.0.0.1:1001";
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let add = [
                Change::AddService(Service::new(service(1_001))),
                Change::AddDestination(service(1_001), Destination::new(to(3, 1))),
            ];
            while !stop.load(Ordering::Relaxed) {
                apply_all(&mut kernel, &add);
                kernel
                    .apply(&Change::DeleteService(service(1_001)))
                    .expect("churning");
            }
        });
        let outcomes = (0..12).map(|_| Tool::Ours.line(line)).collect();
        stop.store(true, Ordering::Relaxed);
        outcomes
    });
    for outcome in outcomes {
        if outcome.status == 0 {
            let shown = of_json(outcome);
            assert!(
                shown.len() == 1 && shown[0].0 == "10.0.0.1:1001",
                "{shown:?}"
            );
        } else {
            outcome.fails(1, "No such service");
        }
    }
}
