//! Another director that reports its connections over the wire, as version 1 of the sync protocol writes them: the way to
//! many connections, and to those that no traffic makes.

use super::{Tool, ip};
use std::net::{IpAddr, SocketAddr, UdpSocket};

pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
pub const SCTP: u8 = 132;
pub const ESTABLISHED: u16 = 1;
pub const FIN_WAIT: u16 = 4;
pub const TIME_WAIT: u16 = 5;
/// IP_VS_CONN_F_INACTIVE.
pub const INACTIVE: u32 = 0x100;
/// IP_VS_CONN_F_TEMPLATE.
pub const TEMPLATE: u32 = 0x1000;

/// A connection; client, service and server are of one family.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub protocol: u8,
    pub state: u16,
    pub flags: u32,
    pub client: SocketAddr,
    pub service: SocketAddr,
    pub server: SocketAddr,
    /// Seconds until it expires.
    pub life: u32,
}

impl Entry {
    /// An established TCP connection that outlives the test.
    pub fn tcp(client: &str, service: &str, server: &str) -> Entry {
        let [client, service, server] =
            [client, service, server].map(|text| text.parse().expect("address and port"));
        Entry {
            protocol: TCP,
            state: ESTABLISHED,
            flags: 0,
            client,
            service,
            server,
            life: 100_000,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let six = self.client.is_ipv6();
        let size: u16 = if six { 72 } else { 36 };
        let mut bytes = vec![u8::from(six), self.protocol];
        bytes.extend(size.to_be_bytes());
        bytes.extend(self.flags.to_be_bytes());
        bytes.extend(self.state.to_be_bytes());
        let ends = [self.client, self.service, self.server];
        for end in ends {
            bytes.extend(end.port().to_be_bytes());
        }
        bytes.extend(0u32.to_be_bytes());
        bytes.extend(self.life.to_be_bytes());
        for end in ends {
            match end.ip() {
                IpAddr::V4(address) => bytes.extend(address.octets()),
                IpAddr::V6(address) => bytes.extend(address.octets()),
            }
        }
        assert_eq!(bytes.len(), usize::from(size));
        bytes
    }
}

/// Makes this namespace's kernel listen to a peer.
pub fn listen() {
    ip("route add 224.0.0.0/4 dev lo");
    Tool::Theirs.setup(&["--start-daemon backup --mcast-interface lo"]);
}

/// Reports the entries until the kernel shows at least `wanted` connections: the daemon listens a moment after it was started,
/// and a full socket drops what comes.
pub fn report(entries: &[Entry], wanted: usize) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a peer's socket");
    for _ in 0..1_000 {
        for entries in entries.chunks(200) {
            socket
                .send_to(&message(entries), "224.0.0.81:8848")
                .expect("sending to the daemon");
            std::thread::yield_now();
        }
        if known() >= wanted {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the kernel took {} of {} connections", known(), wanted);
}

fn message(entries: &[Entry]) -> Vec<u8> {
    let entries: Vec<_> = entries.iter().map(Entry::bytes).collect();
    let size = 8 + entries.iter().map(Vec::len).sum::<usize>();
    let mut message = vec![0, 0];
    message.extend(u16::try_from(size).expect("one datagram").to_be_bytes());
    message.extend([u8::try_from(entries.len()).expect("few entries"), 1, 0, 0]);
    message.extend(entries.concat());
    message
}

/// How many connections the kernel of this namespace has.
pub fn known() -> usize {
    let file = std::fs::read("/proc/thread-self/net/ip_vs_conn").expect("the kernel's connections");
    file.iter().filter(|byte| **byte == b'\n').count() - 1
}
