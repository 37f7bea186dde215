//! Drains while real traffic goes on: TCP that ends, that idles and that downloads, UDP, SCTP, marks, IPv6.

mod support;

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockProtocol, SockType, SockaddrIn, bind, connect, listen,
    socket,
};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;
use support::drain::{Drain, SERVER, WEB, assert_deleted, director, drain, saved};
use support::peer::{self, Entry};
use support::traffic::{tcp_exchange, udp_exchange};
use support::{Outcome, Tool, lossy, words};

fn connections(server: &str) -> String {
    Tool::Ours.line(&format!("-Lnc -r {server}")).ok()
}

/// Sends and receives on a connection that is open.
fn goes_on(connection: &mut TcpStream) {
    connection.write_all(b"more").expect("sending");
    connection.read_exact(&mut [0; 4]).expect("the answer");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn tcp_that_ends() {
    director(&WEB, || {
        let mut connection = tcp_exchange("10.9.9.9:80", 10);
        let mut drain = Drain::start("-t 10.9.9.9:80 -r 10.9.9.9:8080");
        drain.shows("10.9.9.9:8080  active 1  inactive 0  persistent 0  last ends in 1");
        // Its other settings stay, and so does its connection; there are no new ones.
        assert!(saved().contains("-r 10.9.9.9:8080 -m -w 0 -x 1000 -y 10"));
        goes_on(&mut connection);
        assert!(TcpStream::connect("10.9.9.9:80").is_err());
        drop(connection);
        let outcome = drain.end();
        assert_deleted(&outcome, SERVER);
        assert_eq!(lossy(&outcome.stderr), "");
        // Nobody has waited for this.
        assert!(connections(SERVER).contains("TIME_WAIT"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn tcp_that_idles_to_its_timeout() {
    director(&WEB, || {
        Tool::Ours.setup(&["--set 3 0 0"]);
        let _idle = tcp_exchange("10.9.9.9:80", 10);
        let outcome = Drain::start("-r 10.9.9.9").end();
        assert_deleted(&outcome, SERVER);
        assert!(!connections(SERVER).contains("ESTABLISHED"));
    });
}

/// A server that sends a piece a second. Each byte tells its place.
fn slow_server(address: &str, pieces: u8) {
    let listener = TcpListener::bind(address).expect("a server's address");
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        for piece in 0..pieces {
            client.write_all(&[piece; 10_000]).expect("sending");
            std::thread::sleep(Duration::from_secs(1));
        }
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_download_loses_no_byte() {
    let rules = [
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:9090 -m",
    ];
    director(&rules, || {
        slow_server("10.9.9.9:9090", 10);
        let mut client = TcpStream::connect("10.9.9.9:80").expect("the virtual service");
        let limit = Some(Duration::from_secs(60));
        client.set_read_timeout(limit).expect("a time limit");
        let mut first = vec![0; 10_000];
        client.read_exact(&mut first).expect("the first piece");
        let drain = Drain::start("-t 10.9.9.9:80 -r 10.9.9.9:9090");
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).expect("all of it");
        let wanted: Vec<u8> = (1..10).flat_map(|piece| [piece; 10_000]).collect();
        assert!(
            first == [0; 10_000] && rest == wanted,
            "{} bytes",
            rest.len()
        );
        drop(client);
        assert_deleted(&drain.end(), "10.9.9.9:9090");
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn udp_until_it_is_silent() {
    let rules = [
        "-A -u 10.9.9.9:53 -s rr",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m",
    ];
    director(&rules, || {
        Tool::Ours.setup(&["--set 0 0 3"]);
        udp_exchange("10.9.9.9:0", "10.9.9.9:53");
        let outcome = Drain::start("-u 10.9.9.9:53 -r 10.9.9.9:5353").end();
        assert_deleted(&outcome, "10.9.9.9:5353");
        assert!(
            lossy(&outcome.stderr).starts_with("UDP has no end: "),
            "{outcome}"
        );
        assert!(!connections("10.9.9.9:5353").contains("UDP"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn udp_of_a_busy_client_never_ends() {
    let rules = [
        "-A -u 10.9.9.9:53 -s rr",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m",
    ];
    director(&rules, || {
        Tool::Ours.setup(&["--set 0 0 3"]);
        udp_exchange("10.9.9.9:4053", "10.9.9.9:53");
        let (stop, stopped) = mpsc::channel::<()>();
        let client = std::thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(500)).is_err() {
                udp_exchange("10.9.9.9:4053", "10.9.9.9:53");
            }
        });
        let outcome = drain("-r 10.9.9.9 --wait 5");
        stop.send(()).expect("the client");
        client.join().expect("the client");
        assert_eq!(outcome.status, 3, "{outcome}");
        let said = lossy(&outcome.stderr);
        let wanted = "the wait of 5 s is over: 1 connection left, of the clients 10.9.9.9 (1)\n";
        assert!(said.contains(wanted), "{said}");
        assert!(saved().contains("-r 10.9.9.9:5353 -m -w 0"));
    });
}

fn sctp_socket(address: &str) -> (OwnedFd, SockaddrIn) {
    let kind = (AddressFamily::Inet, SockType::Stream);
    let socket = socket(kind.0, kind.1, SockFlag::SOCK_CLOEXEC, SockProtocol::Sctp);
    (socket.expect("SCTP"), address.parse().expect("an address"))
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn sctp() {
    let service = "--sctp-service 10.9.9.9:85";
    let rules = [
        &format!("-A {service} -s rr") as &str,
        &format!("-a {service} -r 10.9.9.9:8585 -m"),
    ];
    director(&rules, || {
        let (server, address) = sctp_socket("10.9.9.9:8585");
        bind(server.as_raw_fd(), &address).expect("a server's address");
        listen(&server, Backlog::new(5).expect("few")).expect("listening");
        std::thread::spawn(move || {
            let (mut client, _) = TcpListener::from(server).accept().expect("a client");
            let mut bytes = [0; 10];
            while let Ok(length @ 1..) = client.read(&mut bytes) {
                client.write_all(&bytes[..length]).expect("answering");
            }
        });
        let (client, address) = sctp_socket("10.9.9.9:85");
        connect(client.as_raw_fd(), &address).expect("the virtual service");
        let mut client = TcpStream::from(client);
        goes_on(&mut client);
        let mut drain = Drain::start(&format!("{service} -r 10.9.9.9:8585"));
        drain.shows("active 1");
        goes_on(&mut client);
        drop(client);
        assert_deleted(&drain.end(), "10.9.9.9:8585");
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_firewall_mark() {
    let rules = [
        "-A -f 7 -s rr",
        "-a -f 7 -r 10.9.9.9:8080 -m",
        "-A -t 10.9.9.9:81 -s rr",
        "-a -t 10.9.9.9:81 -r 10.9.9.9:8080 -m",
    ];
    director(&rules, || {
        let mark = "-t mangle -A OUTPUT -d 10.9.9.9 -p tcp --dport 80 -j MARK --set-mark 7";
        Outcome::of(
            Command::new("iptables-legacy").args(words::split(mark)),
            b"",
        )
        .ok();
        let marked = tcp_exchange("10.9.9.9:80", 10);
        // This one belongs to another service and is not waited for.
        let _other = tcp_exchange("10.9.9.9:81", 10);
        let mut drain = Drain::start("-f 7 -r 10.9.9.9:8080");
        drain.shows("active 1");
        drop(marked);
        let outcome = drain.end();
        assert!(
            outcome.status == 0 && outcome.text().ends_with("  deleted\n"),
            "{outcome}"
        );
        assert!(!saved().contains("-a -f 7") && saved().contains("-a -t 10.9.9.9:81"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn ipv6() {
    let rules = [
        "-A -t [fd00::9]:80 -s rr",
        "-a -t [fd00::9]:80 -r [fd00::9]:8080 -m",
    ];
    director(&rules, || {
        let connection = tcp_exchange("[fd00::9]:80", 10);
        let mut drain = Drain::start("-t [fd00::9]:80 -r [fd00::9]:8080");
        drain.shows("[fd00::9]:8080  active 1");
        drop(connection);
        assert_deleted(&drain.end(), "[fd00::9]:8080");
    });
}

/// The director sees what the client sends, and not what the server does: the client's end may not be the connection's.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn half_a_connection_is_seen() {
    let rules = [
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.10 -g",
    ];
    director(&rules, || {
        peer::listen();
        let half = |port, state, life| Entry {
            state,
            flags: peer::INACTIVE,
            life,
            ..Entry::tcp(&format!("10.8.8.8:{port}"), "10.9.9.9:80", "10.9.9.10:80")
        };
        let entries = [
            half(1, peer::FIN_WAIT, 10),
            half(2, peer::TIME_WAIT, 100_000),
        ];
        peer::report(&entries, 2);
        let outcome = Drain::start("-t 10.9.9.9:80 -r 10.9.9.10").end();
        assert!(outcome.text().contains("active 0  inactive 2"), "{outcome}");
        assert!(
            lossy(&outcome.stderr).contains("FIN_WAIT may be alive"),
            "{outcome}"
        );
        assert_deleted(&outcome, "10.9.9.10:80");
        let left = connections("10.9.9.10:80");
        assert!(
            !left.contains("FIN_WAIT") && left.contains("TIME_WAIT"),
            "{left}"
        );
    });
}
