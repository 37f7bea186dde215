//! Real connections through virtual services: counters, rates and connections look alike in both.

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use support::{Namespace, Tool, in_lab, ip, table};

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

/// A server that answers each connection with what it says, and keeps it open while its client does.
fn tcp_server(address: &str) {
    let listener = TcpListener::bind(address).expect("a server's address");
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || echo(connection));
        }
    });
}

fn echo(mut connection: TcpStream) {
    let mut bytes = [0; 1000];
    while let Ok(length @ 1..) = connection.read(&mut bytes) {
        if connection.write_all(&bytes[..length]).is_err() {
            return;
        }
    }
}

fn udp_server(address: &str) {
    let socket = UdpSocket::bind(address).expect("a server's address");
    std::thread::spawn(move || {
        let mut bytes = [0; 1000];
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            let _ = socket.send_to(&bytes[..length], from);
        }
    });
}

/// A connection on which so many bytes went both ways.
fn tcp_exchange(address: &str, bytes: usize) -> TcpStream {
    let mut connection = TcpStream::connect(address).expect("the virtual service");
    let mut answer = vec![0; bytes];
    connection.write_all(&vec![b'x'; bytes]).expect("sending");
    connection
        .read_exact(&mut answer)
        .expect("the real server's answer");
    connection
}

fn udp_exchange(from: &str, to: &str) {
    let socket = UdpSocket::bind(from).expect("a client's address");
    socket
        .set_read_timeout(Some(std::time::Duration::from_secs(10)))
        .expect("a time limit");
    socket.send_to(b"question", to).expect("sending");
    socket
        .recv_from(&mut [0; 100])
        .expect("the real server's answer");
}

/// The connections that the services of a busy director have seen.
const WENT_THROUGH: [(&str, u64); 6] = [
    ("10.9.9.9:80", 6),
    ("10.9.9.9:81", 3),
    ("10.9.9.9:82", 2),
    ("10.9.9.9:83", 0),
    ("10.9.9.9:53", 1),
    ("[fd00::9]:80", 3),
];

/// The services of a listing with --stats and the connections they have seen.
fn conns(listing: &str) -> Vec<(&str, u64)> {
    let services = listing
        .lines()
        .skip(3)
        .filter(|row| !row.starts_with("  ->"));
    let fields = services.map(|row| row.split_whitespace().skip(1));
    fields
        .map(|mut fields| {
            (
                fields.next().unwrap_or_default(),
                fields
                    .next()
                    .and_then(|field| field.parse().ok())
                    .unwrap_or(u64::MAX),
            )
        })
        .collect()
}

/// A director that is its own client and its own servers: TCP and UDP, IPv4 and IPv6, one service persistent, one by local delivery.
fn busy_director() -> (Namespace, Vec<TcpStream>) {
    let namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    ip("address add fd00::9/128 dev lo");
    Tool::Theirs.setup(&[
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8081 -m -w 3 -x 100 -y 50",
        "-A -t 10.9.9.9:81 -s rr -p 300 -M 255.255.255.0",
        "-a -t 10.9.9.9:81 -r 10.9.9.9:8080 -m",
        "-A -t 10.9.9.9:82 -s rr",
        "-a -t 10.9.9.9:82 -r 10.9.9.9 -g",
        "-A -u 10.9.9.9:53 -s rr",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m",
        "-A -t [fd00::9]:80 -s rr",
        "-a -t [fd00::9]:80 -r [fd00::9]:8080 -m",
        "-A -t 10.9.9.9:83 -s rr",
    ]);
    for address in [
        "10.9.9.9:8080",
        "10.9.9.9:8081",
        "10.9.9.9:82",
        "[fd00::9]:8080",
    ] {
        tcp_server(address);
    }
    udp_server("10.9.9.9:5353");
    let mut open = Vec::new();
    for (address, count, bytes) in [
        ("10.9.9.9:80", 5, 10_000),
        ("10.9.9.9:81", 2, 10),
        ("10.9.9.9:82", 1, 10),
        ("[fd00::9]:80", 2, 1_500),
    ] {
        open.extend((0..count).map(|_| tcp_exchange(address, bytes)));
        drop(tcp_exchange(address, 10));
    }
    udp_exchange("10.9.9.9:0", "10.9.9.9:53");
    // The kernel sums up its counters every two seconds.
    let counted = || conns(&Tool::Theirs.line("-Ln --stats").ok()) == WENT_THROUGH;
    assert!(
        (0..500).any(|_| counted()),
        "the counters never show what went through"
    );
    (namespace, open)
}

#[test]
fn counters_and_connections() {
    if !in_lab() {
        return;
    }
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
fn zero_clears_the_counters() {
    if !in_lab() {
        return;
    }
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
fn connections_from_a_peer() {
    if !in_lab() {
        return;
    }
    let _namespace = Namespace::new();
    ip("route add 224.0.0.0/4 dev lo");
    Tool::Theirs.setup(&[
        "--start-daemon backup --mcast-interface lo",
        "-A -t 10.0.0.1:80",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m",
    ]);
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a peer's socket");
    let states = (0..=11u16)
        .map(|state| (6, state))
        .chain([(17, 0), (132, 1), (132, 5)]);
    let lives = [1_000, 3_599, 3_600, 100_000, 86_400, 2_678_400];
    let entries = states.enumerate().map(|(index, (protocol, state))| {
        entry(index, protocol, state, lives[index % lives.len()])
    });
    let entries: Vec<_> = entries.collect();
    let size = 8 + 36 * entries.len();
    let mut message = vec![0, 0];
    message.extend(u16::try_from(size).expect("one datagram").to_be_bytes());
    message.extend([u8::try_from(entries.len()).expect("few entries"), 1, 0, 0]);
    message.extend(entries.concat());
    // The daemon listens a moment after it was started: until the kernel shows the entries they are sent anew.
    for _ in 0..1_000 {
        peer.send_to(&message, "224.0.0.81:8848")
            .expect("sending to the daemon");
        let known = std::fs::read_to_string("/proc/thread-self/net/ip_vs_conn")
            .expect("the kernel's connections");
        if known.lines().count() > 10 {
            break;
        }
    }
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

/// One connection, 10.1.1.1 and a port of its own to 10.0.0.1:80 and 10.0.0.2:80, as version 1 of the protocol writes it.
fn entry(index: usize, protocol: u8, state: u16, life: u32) -> Vec<u8> {
    let mut bytes = vec![0, protocol];
    bytes.extend(36u16.to_be_bytes());
    bytes.extend(0u32.to_be_bytes());
    bytes.extend(state.to_be_bytes());
    for port in [u16::try_from(1_000 + index).expect("a port"), 80, 80] {
        bytes.extend(port.to_be_bytes());
    }
    bytes.extend(0u32.to_be_bytes());
    bytes.extend(life.to_be_bytes());
    bytes.extend([10, 1, 1, 1, 10, 0, 0, 1, 10, 0, 0, 2]);
    bytes
}
