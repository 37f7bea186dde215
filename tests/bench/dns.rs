//! A name server that thinks before it answers.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// Serves 127.0.0.1:53 of this namespace, and makes the resolver ask it. Every question is answered, that long after it came.
pub fn serve_after(delay: Duration) {
    std::fs::write("/etc/resolv.conf", "nameserver 127.0.0.1\n").expect("the lab's resolv.conf");
    std::fs::write("/etc/nsswitch.conf", "hosts: files dns\nservices: files\n")
        .expect("the lab's nsswitch.conf");
    let socket = UdpSocket::bind("127.0.0.1:53").expect("the port of a name server");
    let answers = socket.try_clone().expect("the socket");
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            if sender
                .send((Instant::now() + delay, packet[..length].to_vec(), from))
                .is_err()
            {
                return;
            }
        }
    });
    // All wait as long, so they are due in the order in which they came.
    std::thread::spawn(move || {
        for (due, question, from) in receiver {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let _ = answers.send_to(&answer(&question), from);
        }
    });
}

/// Every address has the name host.test.
fn answer(question: &[u8]) -> Vec<u8> {
    let labels = question[12..]
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(0);
    let mut packet = question[..12 + labels + 1 + 4].to_vec();
    packet[2..4].copy_from_slice(&[0x84, 0]); // an answer, with authority, no error
    packet[6..12].copy_from_slice(&[0, 1, 0, 0, 0, 0]); // one answer and nothing else
    packet.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60]); // the name asked for, PTR, IN, for a minute
    packet.extend([0, 11]);
    packet.extend(b"\x04host\x04test\x00");
    packet
}
