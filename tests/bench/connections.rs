//! Connections, made as the peer of a sync daemon: no traffic fills the table as fast.

use crate::harness::{Tool, run};
use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

/// The entries of a message.
const ENTRIES: u32 = 30;

/// Makes so many established TCP connections.
pub fn fill(count: u32) {
    run(Tool::Ours.command(&["--start-daemon", "backup", "--mcast-interface", "lo"]));
    let mut route = Command::new("ip");
    route.args(["route", "add", "224.0.0.0/4", "dev", "lo"]);
    run(route);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let mut next = 0;
    let end = Instant::now() + Duration::from_secs(60);
    // What the daemon is too slow for is lost: it is sent again, and known connections are only refreshed.
    while connections() < count {
        assert!(Instant::now() < end, "only {} connections", connections());
        while next < count {
            let numbers = next..count.min(next + ENTRIES);
            next = numbers.end;
            socket
                .send_to(&message(numbers), "224.0.0.81:8848")
                .expect("sending");
            if next % (ENTRIES * 20) == 0 {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        std::thread::sleep(Duration::from_millis(500));
        next = if connections() < count { 0 } else { count };
    }
    run(Tool::Ours.command(&["--stop-daemon", "backup"]));
}

fn connections() -> u32 {
    let text =
        std::fs::read_to_string("/proc/thread-self/net/ip_vs_conn").expect("the connections");
    text.lines().count() as u32 - 1
}

fn message(numbers: std::ops::Range<u32>) -> Vec<u8> {
    let entries: Vec<u8> = numbers.clone().flat_map(entry).collect();
    let size = (8 + entries.len()) as u16;
    let [high, low] = size.to_be_bytes();
    let mut message = vec![0, 0, high, low, numbers.len() as u8, 1, 0, 0];
    message.extend(entries);
    message
}

/// From a client of this number, over 10.1.0.1:80, to one of 100 servers.
fn entry(number: u32) -> Vec<u8> {
    let ports = [1024 + (number % 60_000) as u16, 80, 80];
    let mut bytes = vec![0, 6, 0, 36];
    bytes.extend(0u32.to_be_bytes());
    bytes.extend(1u16.to_be_bytes());
    bytes.extend(ports.map(u16::to_be_bytes).concat());
    bytes.extend(0u32.to_be_bytes());
    bytes.extend(600u32.to_be_bytes());
    let addresses = [
        0x0b00_0001 + number,
        0x0a01_0001,
        0x0a02_0000 + number % 100,
    ];
    bytes.extend(addresses.map(u32::to_be_bytes).concat());
    bytes
}
