//! Real connections in one namespace: a director that is its own client and its own servers.

use super::{Namespace, Tool, ip};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};

/// A server that answers each connection with what it says, and keeps it open while its client does.
pub fn tcp_server(address: &str) {
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

pub fn udp_server(address: &str) {
    let socket = UdpSocket::bind(address).expect("a server's address");
    std::thread::spawn(move || {
        let mut bytes = [0; 1000];
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            let _ = socket.send_to(&bytes[..length], from);
        }
    });
}

/// A connection on which so many bytes went both ways.
pub fn tcp_exchange(address: &str, bytes: usize) -> TcpStream {
    let mut connection = TcpStream::connect(address).expect("the virtual service");
    let mut answer = vec![0; bytes];
    connection.write_all(&vec![b'x'; bytes]).expect("sending");
    connection
        .read_exact(&mut answer)
        .expect("the real server's answer");
    connection
}

pub fn udp_exchange(from: &str, to: &str) {
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
pub const WENT_THROUGH: [(&str, u64); 6] = [
    ("10.9.9.9:80", 6),
    ("10.9.9.9:81", 3),
    ("10.9.9.9:82", 2),
    ("10.9.9.9:83", 0),
    ("10.9.9.9:53", 1),
    ("[fd00::9]:80", 3),
];

/// The services of a listing with --stats and the connections they have seen.
pub fn conns(listing: &str) -> Vec<(&str, u64)> {
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
pub fn busy_director() -> (Namespace, Vec<TcpStream>) {
    let namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    ip("address add fd00::9/128 dev lo nodad");
    let rules = [
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
    ];
    super::theirs_restores(&rules);
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
