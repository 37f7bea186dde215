//! A name server for one test, on 127.0.0.1:53 of its namespace. It knows the name of every IPv4 address and counts the questions.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The files that make the resolver ask it. A lost answer costs two seconds.
pub const FILES: [(&str, &str); 3] = [
    (
        "/etc/resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n",
    ),
    ("/etc/nsswitch.conf", "hosts: files dns\nservices: files\n"),
    ("/etc/hosts", "127.0.0.1 localhost\n"),
];

pub struct Server {
    asked: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Server {
    /// Starts it. It keeps its answers until so many different questions wait: a resolver that asks one after another gets none.
    pub fn start(together: usize) -> Server {
        let socket = UdpSocket::bind("127.0.0.1:53").expect("the port of a name server");
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a time limit");
        let asked = Arc::new(Mutex::new(BTreeMap::new()));
        let counter = Arc::clone(&asked);
        std::thread::spawn(move || serve(&socket, together, &counter));
        Server { asked }
    }

    /// How often each name was asked for.
    pub fn asked(&self) -> BTreeMap<String, usize> {
        self.asked.lock().expect("no panic while counting").clone()
    }
}

fn serve(socket: &UdpSocket, together: usize, asked: &Mutex<BTreeMap<String, usize>>) {
    let mut waiting: BTreeMap<String, (Vec<u8>, SocketAddr)> = BTreeMap::new();
    let mut packet = [0; 512];
    // Ends with the test: nobody asks for a while.
    while let Ok((length, from)) = socket.recv_from(&mut packet) {
        let question = &packet[..length];
        let name = name_in(question);
        *asked
            .lock()
            .expect("no panic while counting")
            .entry(name.clone())
            .or_default() += 1;
        waiting.insert(name, (question.to_vec(), from));
        if waiting.len() >= together {
            for (name, (question, from)) in std::mem::take(&mut waiting) {
                let _ = socket.send_to(&answer(&question, &name), from);
            }
        }
    }
}

/// The name of the first question, which begins after the twelve bytes of the header.
fn name_in(packet: &[u8]) -> String {
    let mut labels = Vec::new();
    let mut at = 12;
    while let Some(length) = packet.get(at).copied().filter(|length| *length > 0) {
        let end = at + 1 + usize::from(length);
        labels.push(String::from_utf8_lossy(&packet[at + 1..end]).into_owned());
        at = end;
    }
    labels.join(".")
}

/// Says that 4.3.2.1.in-addr.arpa is h-1-2-3-4.test.
fn answer(question: &[u8], name: &str) -> Vec<u8> {
    let mut parts: Vec<&str> = name.split('.').take(4).collect();
    parts.reverse();
    let host = format!("h-{}", parts.join("-"));
    let mut packet = question[..12 + name.len() + 2 + 4].to_vec();
    packet[2..4].copy_from_slice(&[0x84, 0]); // an answer, with authority, no error
    packet[6..12].copy_from_slice(&[0, 1, 0, 0, 0, 0]); // one answer and nothing else
    packet.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60]); // the name asked for, PTR, IN, for a minute
    let length = u8::try_from(host.len()).expect("a short name");
    packet.extend([0, length + 7, length]);
    packet.extend(host.as_bytes());
    packet.extend(b"\x04test\x00");
    packet
}
