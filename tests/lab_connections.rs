//! -L -c: which connections are listed, how they are counted, and what persistence engines keep of them.

mod support;

use std::net::UdpSocket;
use support::alone::alone;
use support::columns::{self, count, counted, list, listed_connections, same_connections};
use support::peer::{self, Entry};
use support::traffic::udp_server;
use support::{Namespace, Tool, ip, theirs_restores};

/// Connections of several clients, services and servers, of both families and all protocols, with templates.
fn mixture() -> Namespace {
    let namespace = Namespace::new();
    peer::listen();
    let mut entries = Vec::new();
    for (client, service, server) in [
        ("10.1.1.1:1001", "10.0.0.1:80", "10.0.0.2:80"),
        ("10.1.1.1:1002", "10.0.0.1:80", "10.0.0.2:8080"),
        ("10.1.1.2:1001", "10.0.0.1:80", "10.0.0.3:80"),
        ("10.1.2.3:1001", "10.0.0.1:443", "10.0.0.2:443"),
        ("10.2.0.1:1001", "10.0.0.4:80", "10.0.0.2:80"),
        ("192.0.2.1:1001", "10.0.0.4:80", "10.0.0.3:80"),
        ("[fd00:1::1]:1001", "[fd00::1]:80", "[fd00::2]:80"),
        ("[fd00:1::2]:1001", "[fd00::1]:443", "[fd00::2]:443"),
        ("[fd00:2::1]:1001", "[fd00::1]:80", "[fd00::3]:80"),
    ] {
        let tcp = Entry::tcp(client, service, server);
        entries.push(tcp);
        entries.push(Entry { state: 4, ..tcp }); // the same connection, now in another state
        if client.contains("1.1") {
            entries.push(Entry {
                protocol: peer::UDP,
                state: 0,
                ..tcp
            });
        }
    }
    let template = Entry {
        state: 0,
        flags: peer::TEMPLATE,
        ..Entry::tcp("10.1.1.0:0", "10.0.0.1:0", "10.0.0.2:0")
    };
    entries.push(template);
    entries.push(Entry {
        protocol: 0,
        service: "0.0.0.7:0".parse().expect("a mark"),
        ..template
    });
    entries.push(Entry {
        protocol: peer::SCTP,
        ..Entry::tcp("10.1.1.1:1001", "10.0.0.1:80", "10.0.0.2:80")
    });
    let wanted = 9 + 3 + 3;
    peer::report(&entries, wanted);
    assert_eq!(peer::known(), wanted);
    namespace
}

type Wanted = fn(&[&str]) -> bool;

/// Options, and the rows of theirs that they leave: protocol, state, client, service, server.
const FILTERS: [(&str, Wanted); 26] = [
    ("-t 10.0.0.1:80", |row| {
        row[0] == "TCP" && row[3] == "10.0.0.1:80"
    }),
    ("-u 10.0.0.1:80", |row| {
        row[0] == "UDP" && row[3] == "10.0.0.1:80"
    }),
    ("--sctp-service 10.0.0.1:80", |row| {
        row[0] == "SCTP" && row[3] == "10.0.0.1:80"
    }),
    ("-t 10.0.0.1:http", |row| {
        row[0] == "TCP" && row[3] == "10.0.0.1:80"
    }),
    ("-t 10.0.0.1:0", |row| {
        row[0] == "TCP" && row[3].starts_with("10.0.0.1:")
    }),
    ("-t 10.0.0.1", |row| {
        row[0] == "TCP" && row[3].starts_with("10.0.0.1:")
    }),
    ("-u 10.0.0.1", |row| {
        row[0] == "UDP" && row[3].starts_with("10.0.0.1:")
    }),
    ("-t 10.0.0.9:80", |_| false),
    ("-t [fd00::1]:80", |row| {
        row[0] == "TCP" && row[3] == "[fd00::1]:80"
    }),
    ("-t fd00::1", |row| {
        row[0] == "TCP" && row[3].starts_with("[fd00::1]:")
    }),
    ("-u [fd00::1]:0", |row| {
        row[0] == "UDP" && row[3].starts_with("[fd00::1]:")
    }),
    ("-r 10.0.0.2", |row| row[4].starts_with("10.0.0.2:")),
    ("-r 10.0.0.2:0", |row| row[4].starts_with("10.0.0.2:")),
    ("-r 10.0.0.2:8080", |row| row[4] == "10.0.0.2:8080"),
    ("-r fd00::2", |row| row[4].starts_with("[fd00::2]:")),
    ("-r [fd00::2]:443", |row| row[4] == "[fd00::2]:443"),
    ("--client 10.1.1.1", |row| row[2].starts_with("10.1.1.1:")),
    ("--client 10.1.1.7/24", |row| row[2].starts_with("10.1.1.")),
    ("--client 10.0.0.0/8", |row| row[2].starts_with("10.")),
    ("--client 0.0.0.0/0", |row| !row[2].starts_with('[')),
    ("--client 10.1.1.1/32", |row| {
        row[2].starts_with("10.1.1.1:")
    }),
    ("--client ::/0", |row| row[2].starts_with('[')),
    ("--client fd00:1::/32", |row| row[2].starts_with("[fd00:1:")),
    ("--client [fd00:2::1]/128", |row| {
        row[2].starts_with("[fd00:2::1]")
    }),
    ("-t 10.0.0.1:80 -r 10.0.0.2 --client 10.1.1.0/31", |row| {
        row[0] == "TCP"
            && row[3] == "10.0.0.1:80"
            && row[4].starts_with("10.0.0.2:")
            && row[2].starts_with("10.1.1.")
    }),
    ("-t 10.0.0.1:80 --client ::/0", |_| false),
];

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn filters() {
    let _alone = alone();
    let _namespace = mixture();
    let all = listed_connections(&Tool::Theirs.line("-Lnc").ok());
    for (options, wanted) in FILTERS {
        let left = all
            .iter()
            .filter(|(row, _)| wanted(&row.split(' ').collect::<Vec<_>>()));
        let theirs: Vec<_> = left.cloned().collect();
        let ours = Tool::Ours.line(&format!("-Lnc {options}")).ok();
        println!("{options}: {}", theirs.len());
        same_connections(listed_connections(&ours), theirs, 15);
    }
    // The same choice for the other forms of the listing.
    let options = "-t 10.0.0.1:0 --client 10.1.1.0/24";
    let text = listed_connections(&Tool::Ours.line(&format!("-Lnc {options}")).ok());
    assert_eq!(text.len(), 4);
    let json = json(&format!("-Lcj {options}"));
    same_connections(columns::connections(&json), text.clone(), 15);
    let counts = count(&text);
    assert_eq!(
        counted(&Tool::Ours.line(&format!("-Lnc --count {options}")).ok()),
        counts
    );
    assert_eq!(
        columns::counts(&self::json(&format!("-Lc --count -j {options}"))),
        counts
    );
}

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(&Tool::Ours.line(line).ok()).expect("a document")
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn refused_choices() {
    // Connections carry addresses, not marks.
    let fwmark =
        "The option 'service-address' conflicts with the 'connection' option in the 'list' command";
    for (line, message) in [
        ("-L -c -f 1", fwmark),
        ("-L -c -f 1 -6", fwmark),
        ("-L -c -6", "-6 used before -f"),
        (
            "-L --client 10.0.0.1",
            "Illegal 'client' option with the 'list' command",
        ),
        (
            "-L -r 10.0.0.1",
            "Illegal 'real-server' option with the 'list' command",
        ),
        (
            "-L -c --client 10.0.0.1/33",
            "illegal client address[/length] `10.0.0.1/33' specified",
        ),
        (
            "-L -c --client ::/129",
            "illegal client address[/length] `::/129' specified",
        ),
        (
            "-L -c -r 10.0.0.1:x",
            "illegal real server address[:port] specified",
        ),
    ] {
        let outcome = Tool::Ours.line(line);
        outcome.clone().fails(2, message);
        let hinted = outcome.stderr.split(|byte| *byte == b'\n').count() > 2;
        assert!(hinted || message.starts_with("illegal"), "{outcome}");
    }
}

/// A client chooses what an engine keeps: as much as 255 bytes, and any that the kernel takes for letters.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn engine_data() {
    let _alone = alone();
    let _namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    theirs_restores(&[
        "-A -u 10.9.9.9:5060 -s rr -p 60 --pe sip",
        "-a -u 10.9.9.9:5060 -r 10.9.9.9:5061 -m",
    ]);
    udp_server("10.9.9.9:5061");
    let mut calls = [
        b"abc".to_vec(),
        b"x".repeat(250),
        b"\xe9t\xe9@h\"{}".to_vec(),
        b"y".repeat(200),
    ];
    for call in &calls {
        // Of a connection that is known already the kernel asks no engine.
        let phone = UdpSocket::bind("10.9.9.9:0").expect("a phone's socket");
        let message = [b"INVITE sip:x SIP/2.0\r\nCall-ID: ", &call[..], b"\r\n\r\n"].concat();
        phone.send_to(&message, "10.9.9.9:5060").expect("sending");
    }
    calls.sort();
    let document = json("-Lcj");
    let data = |row: &serde_json::Value| Some(row.get("pe")?["data"].as_str()?.to_string());
    let mut shown: Vec<_> = list(&document["connections"])
        .iter()
        .filter_map(data)
        .collect();
    shown.sort_by_key(|text| text.replace('\u{fffd}', "\u{7f}"));
    let lossy = |call: &Vec<u8>| String::from_utf8_lossy(call).into_owned();
    assert_eq!(shown, calls.iter().map(lossy).collect::<Vec<_>>());
    let text = Tool::Ours.line("-Lnc --persistent-conn").ok();
    assert_eq!(text.lines().count(), 2 + 8, "{text}");
    for call in &calls {
        let escaped: String = call
            .iter()
            .map(|byte| match byte {
                b' '..=b'~' => char::from(*byte).to_string(),
                byte => format!("\\x{byte:x}"),
            })
            .collect();
        let row = format!("10.9.9.9:5060      10.9.9.9:5061    sip                {escaped}\n");
        assert!(text.contains(&row), "{row}{text}");
    }
    // Row 16 of docs/compatibility.md: theirs cuts the lines, and makes rows of the pieces.
    let theirs = Tool::Theirs.line("-Lnc --persistent-conn");
    assert!(
        theirs.status != 0 || theirs.text().lines().count() > 2 + 8,
        "{theirs}"
    );
    assert_eq!(Tool::Ours.line("-Lnc").ok().lines().count(), 2 + 8);
}
