//! The floor: the messages of a restore, encoded beforehand, sent in batches by a program that does nothing else.

use crate::rules::{Rule, Shape, write};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_GENERIC};
use std::path::PathBuf;

/// The messages of a batch, as many as ours sends.
const BATCH: usize = 128;
const REQUEST: u16 = 1;
const ACK: u16 = 4;

/// Sends the batches of a file; each is preceded by its length.
pub fn send(file: &str) {
    let bytes = std::fs::read(file).expect("the messages");
    let socket = Socket::new(NETLINK_GENERIC).expect("a socket");
    let kernel = SocketAddr::new(0, 0);
    let mut rest = &bytes[..];
    let mut answer = Vec::with_capacity(64 * 1024);
    while let Some((length, messages)) = rest.split_first_chunk() {
        let (batch, after) = messages.split_at(u32::from_ne_bytes(*length) as usize);
        socket.send_to(batch, &kernel, 0).expect("sending");
        answer.clear();
        socket.recv(&mut answer, 0).expect("an answer");
        assert_eq!(answer[16..20], [0; 4], "the kernel refused");
        rest = after;
    }
}

/// Encodes a table's messages into a file.
pub fn file(shape: Shape) -> PathBuf {
    let family = family();
    let messages: Vec<_> = shape.rules(0).map(|rule| message(family, rule)).collect();
    let mut bytes = Vec::new();
    for batch in messages.chunks(BATCH) {
        let mut batch = batch.to_vec();
        if let Some(last) = batch.last_mut() {
            last[6..8].copy_from_slice(&(REQUEST | ACK).to_ne_bytes());
        }
        let batch = batch.concat();
        bytes.extend((batch.len() as u32).to_ne_bytes());
        bytes.extend(batch);
    }
    write(
        &format!("floor.{}x{}", shape.services, shape.servers),
        &bytes,
    )
}

fn message(family: u16, rule: Rule) -> Vec<u8> {
    let address = |network: u8, number: u32| {
        let [_, _, high, low] = number.to_be_bytes();
        attribute(3, &[&[10, network, high, low][..], &[0; 12]].concat())
    };
    let port = 80u16.to_be_bytes();
    let key = |number| {
        let [inet, tcp] = [2u16, 6].map(u16::to_ne_bytes);
        [
            attribute(1, &inet),
            attribute(2, &tcp),
            address(1, number),
            attribute(4, &port),
        ]
        .concat()
    };
    let (command, body) = match rule {
        Rule::Service { number } => {
            let settings = [
                attribute(6, b"wlc\0"),
                attribute(7, &[[0; 4], [0xff; 4]].concat()),
                attribute(8, &[0; 4]),
                attribute(9, &[0xff; 4]),
            ];
            (1, nest(1, &[key(number), settings.concat()].concat()))
        }
        Rule::Server {
            service,
            number,
            weight,
        } => {
            let mut to = address(2, number);
            to[2] = 1;
            let numbers = [(3, 0), (4, weight), (5, 0), (6, 0)];
            let numbers =
                numbers.map(|(kind, value): (u16, u32)| attribute(kind, &value.to_ne_bytes()));
            let server = [
                to,
                attribute(2, &port),
                numbers.concat(),
                attribute(11, &2u16.to_ne_bytes()),
            ];
            (
                5,
                [nest(1, &key(service)), nest(2, &server.concat())].concat(),
            )
        }
    };
    request(family, command, REQUEST, &body)
}

fn request(family: u16, command: u8, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = 20 + body.len() as u32;
    let mut message = length.to_ne_bytes().to_vec();
    message.extend([family.to_ne_bytes(), flags.to_ne_bytes()].concat());
    message.extend([0; 8]);
    message.extend([command, 1, 0, 0]);
    message.extend(body);
    message
}

/// One attribute, padded to four bytes.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = 4 + value.len() as u16;
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn nest(kind: u16, attributes: &[u8]) -> Vec<u8> {
    attribute(kind | 0x8000, attributes)
}

/// The number of the family, asked of the controller by its name.
fn family() -> u16 {
    let socket = Socket::new(NETLINK_GENERIC).expect("a socket");
    let question = request(16, 3, REQUEST, &attribute(2, b"IPVS\0"));
    socket
        .send_to(&question, &SocketAddr::new(0, 0), 0)
        .expect("sending");
    let (answer, _) = socket.recv_from_full().expect("an answer");
    let mut rest = &answer[20..];
    loop {
        let number = |at: usize| u16::from_ne_bytes([rest[at], rest[at + 1]]);
        if number(2) == 1 {
            return number(4);
        }
        rest = &rest[usize::from(number(0)).next_multiple_of(4)..];
    }
}
