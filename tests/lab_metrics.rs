//! -L --metrics: what was really sent, in formats that Prometheus reads.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use support::exposition::Page;
use support::folder::Folder;
use support::places::{Named, unique};
use support::traffic::{busy_director, udp_exchange, udp_server};
use support::{Namespace, Tool, ip, theirs_restores};

const SERVICE: [(&str, &str); 3] = [
    ("local_address", "10.9.9.9"),
    ("local_port", "53"),
    ("proto", "UDP"),
];

fn page(line: &str) -> Page {
    let text = Tool::Ours.line(line).ok();
    Page::read(&text, line.contains("openmetrics"))
}

/// Each exchange is a connection of one packet each way: 8 bytes, the UDP header's 8 and the IPv4 header's 20.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn counters_are_the_traffic() {
    const EXCHANGES: u64 = 7;
    let _namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    theirs_restores(&[
        "-A -u 10.9.9.9:53 -s rr",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5354 -m -w 0",
    ]);
    udp_server("10.9.9.9:5353");
    for _ in 0..EXCHANGES {
        udp_exchange("10.9.9.9:0", "10.9.9.9:53");
    }
    // The kernel sums up its counters every two seconds.
    let counted = || page("-L --metrics").value("ipvs_service_connections_total", &SERVICE);
    assert!((0..500).any(|_| counted() == EXCHANGES), "{}", counted());
    for line in [
        "-L --metrics",
        "-L --metrics=openmetrics",
        "-L --metrics --nosort",
    ] {
        let page = page(line);
        let server = [&SERVICE[..], &[("remote_port", "5353")]].concat();
        let idle = [&SERVICE[..], &[("remote_port", "5354")]].concat();
        for (of, labels, times) in [
            ("service", &SERVICE[..], 1),
            ("backend", &server, 1),
            ("backend", &idle, 0),
        ] {
            for (name, wanted) in [
                ("connections", EXCHANGES),
                ("incoming_packets", EXCHANGES),
                ("outgoing_packets", EXCHANGES),
                ("incoming_bytes", EXCHANGES * 36),
                ("outgoing_bytes", EXCHANGES * 36),
            ] {
                let name = format!("ipvs_{of}_{name}_total");
                assert_eq!(page.value(&name, labels), wanted * times, "{line}: {name}");
            }
        }
        assert_eq!(
            page.value("ipvs_backend_connections_inactive", &server),
            EXCHANGES
        );
        assert_eq!(
            page.value("ipvs_connections", &[("state", "inactive")]),
            EXCHANGES
        );
        assert_eq!(page.value("ipvs_connections", &[("state", "active")]), 0);
        assert_eq!(page.value("ipvs_backend_weight", &server), 1);
        assert_eq!(page.value("ipvs_backend_weight", &idle), 0);
        assert_eq!(page.value("ipvs_service_backends", &SERVICE), 1);
    }
    Tool::Ours.line("-Z").ok();
    assert_eq!(
        page("-L --metrics").value("ipvs_service_connections_total", &SERVICE),
        0
    );
}

/// Every metric, of every kind of service.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_busy_director() {
    let (_namespace, _open) = busy_director();
    theirs_restores(&[
        "-A -f 2748 -s rr",
        "-A -f 2748 -6 -s sh -b sh-port -p 60 -M 64",
        "-a -f 2748 -6 -r fd00::8 -i",
        "-A --sctp-service [fd00::9]:85 -s rr",
        "--set 901 121 301",
        "--start-daemon backup --mcast-interface lo --syncid 3",
    ]);
    let page = page("-L --metrics");
    // The table of the documentation names them all.
    let rows = include_str!("../docs/monitoring.md").lines();
    let documented: BTreeSet<&str> = rows
        .filter(|row| row.starts_with("| `ipvs_"))
        .filter_map(|row| row.split('`').nth(1))
        .collect();
    assert_eq!(documented.len(), 23);
    assert_eq!(page.names(), documented);
    // A mark is written as the kernel's text has it, from which node_exporter takes its labels.
    assert!(support::kernel_text().contains("FWM  00000ABC"));
    let mark = [("proto", "FWM"), ("local_mark", "00000ABC")];
    assert_eq!(page.values("ipvs_service_info", &mark).len(), 2);
    let settings = [
        ("family", "ipv6"),
        ("scheduler", "sh"),
        ("flags", "sh-port"),
        ("persistent", "60"),
        ("netmask", "64"),
        ("ops", "false"),
        ("fwmark", "2748"),
    ];
    assert_eq!(page.value("ipvs_service_info", &settings), 1);
    assert_eq!(
        page.value("ipvs_timeout_seconds", &[("timeout", "tcpfin")]),
        121
    );
    let daemon = [
        ("role", "backup"),
        ("mcast_interface", "lo"),
        ("syncid", "3"),
    ];
    assert_eq!(page.value("ipvs_sync_daemon_info", &daemon), 1);
}

/// A label holds whatever the name holds.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn names_with_quotes_and_newlines() {
    let there = Namespace::new();
    theirs_restores(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2"]);
    ip(r#"link add 'a"b\c' type dummy"#);
    ip(r#"link set 'a"b\c' up"#);
    assert_eq!(
        Tool::Ours
            .run(["--start-daemon", "master", "--mcast-interface", "a\"b\\c"])
            .ok(),
        ""
    );
    let named = Named::of_this(unique("metrics"));
    let folder = Folder::new("metrics-netns");
    let odd = folder.path("new\nline \"and\" \\back");
    std::os::unix::fs::symlink(format!("/run/netns/{}", named.0), &odd).expect("a link");
    let _here = Namespace::new();
    for format in ["--metrics", "--metrics=openmetrics"] {
        let text = Tool::Ours.run(["-L", format, "--netns", &odd]).ok();
        let page = Page::read(&text, format.contains("open"));
        assert!(
            page.0.iter().all(|sample| sample.labels["netns"] == odd),
            "{text}"
        );
        let interface = [("mcast_interface", "a\"b\\c")];
        assert_eq!(page.value("ipvs_sync_daemon_info", &interface), 1);
        assert_eq!(page.value("ipvs_backend_weight", &[]), 1);
    }
    drop(there);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn few_series_where_few_are_wanted() {
    let _namespace = Namespace::new();
    theirs_restores(&[
        "-A -t 10.0.0.1:80",
        "-a -t 10.0.0.1:80 -r 10.0.0.2",
        "-a -t 10.0.0.1:80 -r 10.0.0.3",
        "-A -t 10.0.0.1:81",
        "-a -t 10.0.0.1:81 -r 10.0.0.2",
    ]);
    let all = page("-L --metrics");
    assert_eq!(all.values("ipvs_backend_weight", &[]).len(), 3);
    let services = page("-L --metrics --no-servers");
    assert!(
        !services
            .names()
            .iter()
            .any(|name| name.starts_with("ipvs_backend"))
    );
    assert_eq!(services.values("ipvs_service_backends", &[]), [2, 1]);
    assert_eq!(services.values("ipvs_connections", &[]), [0, 0]);
    let one = page("-L --metrics -t 10.0.0.1:80");
    assert_eq!(one.values("ipvs_backend_weight", &[]).len(), 2);
    assert!(
        one.0
            .iter()
            .all(|sample| sample.labels["local_port"] == "80")
    );
    let least = page("-L --metrics -t 10.0.0.1:80 --no-servers");
    assert_eq!(least.0.len(), 7);
}

/// An exporter may read the file at any time.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_file_is_whole_or_as_it_was() {
    let _namespace = Namespace::new();
    let folder = Folder::new("metrics");
    let path = folder.path("ipvs.prom");
    theirs_restores(&["-A -t 10.0.0.1:80"]);
    assert_eq!(
        Tool::Ours.run(["-L", "--metrics", "--file", &path]).ok(),
        ""
    );
    let first = fs::read_to_string(&path).expect("the metrics");
    assert_eq!(
        Page::read(&first, false).values("ipvs_service_info", &[]),
        [1]
    );
    let mode = fs::metadata(&path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "the exporter is another user");
    let missing = ["-L", "--metrics", "--file", &path, "-t", "10.0.0.9:80"];
    Tool::Ours.run(missing).fails(1, "No such service");
    assert_eq!(fs::read_to_string(&path).expect("the metrics"), first);
    theirs_restores(&["-A -t 10.0.0.1:81"]);
    let open = ["-L", "--metrics=openmetrics", "--file", &path];
    assert_eq!(Tool::Ours.run(open).ok(), "");
    let second = fs::read_to_string(&path).expect("the metrics");
    assert_eq!(
        Page::read(&second, true).values("ipvs_service_info", &[]),
        [1, 1]
    );
    assert_eq!(folder.names(), ["ipvs.prom"]);
    assert_eq!(
        Tool::Ours.run(["-L", "--metrics", "--file", "-"]).ok(),
        Tool::Ours.line("-L --metrics").ok()
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_does_not_go_together() {
    let _namespace = Namespace::new();
    for (line, message) in [
        (
            "-L --metrics -c",
            "The option 'connection' conflicts with the 'metrics' option in the 'list' command",
        ),
        (
            "-L --metrics --stats",
            "The option 'stats' conflicts with the 'metrics' option in the 'list' command",
        ),
        (
            "-L --metrics -j",
            "The option 'json' conflicts with the 'metrics' option in the 'list' command",
        ),
        (
            "-L --metrics --timeout",
            "The option 'timeout' conflicts with the 'metrics' option in the 'list' command",
        ),
        ("-L --metrics=xml", "illegal metrics format specified"),
        (
            "-L --no-servers",
            "Illegal 'no-servers' option with the 'list' command",
        ),
        (
            "-L --file /tmp/x",
            "Illegal 'file' option with the 'list' command",
        ),
        (
            "-S --metrics",
            "Illegal 'metrics' option with the 'save' command",
        ),
    ] {
        Tool::Ours.line(line).fails(2, message);
    }
    // An empty table is a page, too.
    let services = page("-L --metrics").values("ipvs_service_info", &[]);
    assert!(services.is_empty(), "{services:?}");
}
