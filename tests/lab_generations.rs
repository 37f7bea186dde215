//! What may differ from one generation of kernels to the next. tests/run runs this file in several: see docs/kernels.md.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use support::alone::alone;
use support::traffic::{WENT_THROUGH, busy_director, conns, tcp_exchange, tcp_server};
use support::{Namespace, Tool, ip};

/// The schedulers that Linux 6.1 and all later kernels have, at least.
const SCHEDULERS: [&str; 13] = [
    "rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq",
];

/// The first line's size of the connection table.
fn table_size() -> u64 {
    let listing = Tool::Ours.line("-Ln").ok();
    assert_eq!(Tool::Theirs.line("-Ln").ok(), listing);
    let (_, size) = listing.split_once("(size=").expect("the first line");
    let (size, _) = size.split_once(')').expect("the first line");
    size.parse().expect("a number")
}

/// Linux 6 makes the table when IPVS is loaded, Linux 7 when a namespace gets its first service.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_size_of_the_connection_table_is_zero_before_the_first_service_since_linux_7() {
    let _namespace = Namespace::new();
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").expect("the release");
    let (major, _) = release.split_once('.').expect("a release");
    let made_late = major.parse::<u32>().expect("a release") >= 7;
    assert_eq!(table_size() == 0, made_late, "{release}");
    assert_eq!(Tool::Ours.line("-A -t 10.0.0.1:80 -s rr").ok(), "");
    assert!(table_size() > 0, "{release}");
}

/// The schedulers of this kernel, by the names of its modules.
fn schedulers() -> Vec<String> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").expect("the release");
    let folder = Path::new("/lib/modules").join(release.trim());
    let lists = ["modules.dep", "modules.builtin"]
        .map(|name| fs::read_to_string(folder.join(name)).unwrap_or_default());
    let paths = lists.iter().flat_map(|list| list.lines());
    let mut names: Vec<String> = paths
        .filter_map(|line| {
            let file = line.split(':').next()?.rsplit('/').next()?;
            let (name, _) = file.strip_prefix("ip_vs_")?.split_once(".ko")?;
            Some(name.to_owned())
        })
        .filter(|name| name != "ftp" && name != "pe_sip")
        .collect();
    names.sort();
    names
}

/// Linux 6.12 has `twos` as well.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_kernel_loads_every_scheduler_and_engine_by_its_name() {
    let _namespace = Namespace::new();
    let schedulers = schedulers();
    for known in SCHEDULERS {
        assert!(
            schedulers.iter().any(|name| name == known),
            "{known}: {schedulers:?}"
        );
    }
    let mut wanted = Vec::new();
    for (mark, scheduler) in (1..).zip(&schedulers) {
        let rule = format!("-A -f {mark} -s {scheduler}");
        assert_eq!(Tool::Ours.line(&rule).ok(), "");
        wanted.push(rule);
    }
    let persistent = "-A -u 10.0.0.1:5060 -s rr -p 300 --pe sip";
    assert_eq!(Tool::Ours.line(persistent).ok(), "");
    let saved = Tool::Ours.line("-Sn").ok();
    assert_eq!(saved, Tool::Theirs.line("-Sn").ok());
    for rule in wanted.iter().map(String::as_str).chain([persistent]) {
        assert!(saved.lines().any(|line| line == rule), "{rule}: {saved}");
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn requests_go_through_nat() {
    let (_namespace, open) = busy_director();
    let listing = Tool::Ours.line("-Ln --stats --exact").ok();
    assert_eq!(conns(&listing), WENT_THROUGH);
    assert_eq!(open.len(), 10);
}

/// So many rules: a hundred services with their servers.
fn rules(weight: u32) -> String {
    let mut text = String::new();
    for service in 0..100 {
        let key = format!("-t 10.0.{service}.1:80");
        text += &format!("-A {key} -s wlc\n");
        for server in 1..100 {
            text += &format!("-a {key} -r 10.1.{service}.{server}:80 -m -w {weight}\n");
        }
    }
    text
}

fn replaced(rules: &str) {
    let outcome = Tool::Ours.run_with(["-R", "--replace"], rules.as_bytes());
    assert_eq!(outcome.ok(), "");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn ten_thousand_rules_are_restored_saved_replaced_and_listed() {
    // Others' services would move those of a dump.
    let _alone = alone();
    let _namespace = Namespace::new();
    let first = rules(1);
    assert_eq!(first.lines().count(), 10_000);
    assert_eq!(Tool::Ours.run_with(["-R"], first.as_bytes()).ok(), "");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let saved = Tool::Ours.line("-Sn").ok();
    assert!(sorted(&saved) == sorted(&first), "-Sn is not what -R read");
    let second = rules(2);
    replaced(&second);
    let saved = Tool::Ours.line("-Sn").ok();
    assert!(sorted(&saved) == sorted(&second), "--replace");
    let listing = Tool::Ours.line("-Ln").ok();
    let servers = listing.lines().filter(|row| row.contains(" Masq    2 "));
    assert_eq!(servers.count(), 9_900);
    replaced("-C\n");
    assert_eq!(Tool::Ours.line("-Sn").ok(), "");
}

/// The processors that are there, by their numbers.
fn processors() -> Vec<u32> {
    let text = fs::read_to_string("/proc/stat").expect("/proc/stat");
    let names = text.lines().filter_map(|line| line.strip_prefix("cpu"));
    names
        .filter_map(|name| name.split(' ').next()?.parse().ok())
        .collect()
}

/// The connections that each processor has counted, in the present namespace.
fn counted_by_each() -> Vec<u64> {
    let text = fs::read_to_string("/proc/thread-self/net/ip_vs_stats_percpu")
        .expect("the counters of the processors");
    let fields = text.lines().map(|row| row.split_whitespace());
    fields
        .filter_map(|mut fields| {
            fields.next()?.parse::<u32>().ok()?;
            u64::from_str_radix(fields.next()?, 16).ok()
        })
        .take(processors().len())
        .collect()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn counters_of_all_processors_are_summed() {
    const EACH: u64 = 20;
    const SERVICE: &str = "10.9.9.9:80";
    let _namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    support::theirs_restores(&[
        format!("-A -t {SERVICE} -s rr"),
        format!("-a -t {SERVICE} -r 10.9.9.9:8080 -m"),
    ]);
    tcp_server("10.9.9.9:8080");
    let processors = processors();
    for processor in &processors {
        // A connection is counted where its first packet is sent: on loopback, by the client's processor.
        let this = fs::read_link("/proc/thread-self").expect("this thread");
        let thread = this.file_name().expect("its id");
        let pinned = Command::new("taskset")
            .args(["-pc", &processor.to_string()])
            .arg(thread)
            .output()
            .expect("taskset");
        assert!(pinned.status.success(), "{pinned:?}");
        for _ in 0..EACH {
            drop(tcp_exchange(SERVICE, 10));
        }
    }
    assert_eq!(counted_by_each(), vec![EACH; processors.len()]);
    let sum = [(SERVICE, EACH * processors.len() as u64)];
    // The kernel sums up its counters every two seconds.
    let shown = || conns(&Tool::Ours.line("-Ln --stats --exact").ok()) == sum;
    assert!((0..500).any(|_| shown()), "not {sum:?}");
    let listings = Tool::BOTH.map(|tool| tool.line("-Ln --stats --exact").ok());
    assert_eq!(conns(&listings[0]), sum);
    assert_eq!(conns(&listings[1]), sum);
}
