//! The floors: messages encoded beforehand, sent by a program that does nothing else.
//!
//! Of a restore they are its rules, in batches. Of a `--replace` they are a dump of the table, which is not decoded, and the rules
//! that changed; the bytes of the rules file are read as well.

use crate::rules::{Rule, Shape, write};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_GENERIC};
use std::path::PathBuf;

/// The messages of a batch, as many as ours sends.
const BATCH: usize = 128;
/// Flags of a message, of `linux/netlink.h`.
const REQUEST: u16 = 1;
const ACK: u16 = 4;
const DUMP: u16 = 0x300;
/// The type of the message that ends a dump.
const DONE: u16 = 3;
/// Commands, of `linux/ip_vs.h`.
const NEW_SERVICE: u8 = 1;
const GET_SERVICE: u8 = 4;
const NEW_SERVER: u8 = 5;
const EDIT_SERVER: u8 = 6;
const GET_SERVER: u8 = 8;

/// Reads the files that are only read, then sends the batches of the first; each is preceded by its length.
pub fn send(file: &str, read: &[&str]) {
    for file in read {
        std::fs::read(file).expect("the rules");
    }
    let bytes = std::fs::read(file).expect("the messages");
    let socket = Socket::new(NETLINK_GENERIC).expect("a socket");
    let kernel = SocketAddr::new(0, 0);
    let mut rest = &bytes[..];
    let mut answer = Vec::with_capacity(64 * 1024);
    while let Some((length, messages)) = rest.split_first_chunk() {
        let (batch, after) = messages.split_at(u32::from_ne_bytes(*length) as usize);
        socket.send_to(batch, &kernel, 0).expect("sending");
        let dumps = number(batch, 6) & DUMP == DUMP;
        loop {
            answer.clear();
            socket.recv(&mut answer, 0).expect("an answer");
            if !dumps || number(&answer, 4) == DONE {
                break;
            }
        }
        assert_eq!(answer[16..20], [0; 4], "the kernel refused");
        rest = after;
    }
}

fn number(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

/// Encodes a table's messages into a file.
pub fn file(shape: Shape) -> PathBuf {
    let family = family();
    let rules = shape.rules(0).map(|rule| message(family, rule, NEW_SERVER));
    let name = format!("floor.{}x{}", shape.services, shape.servers);
    write(&name, &batches(&rules.collect::<Vec<_>>()))
}

/// Encodes so many dumps of a table, and the edits of every `changed`th server, into a file.
pub fn difference(shape: Shape, changed: u32, dumps: usize) -> PathBuf {
    let family = family();
    let dump = |command, body: &[u8]| framed(&request(family, command, REQUEST | DUMP, body));
    let services = dump(GET_SERVICE, &[]);
    let servers = (0..shape.services).flat_map(|number| dump(GET_SERVER, &nest(1, &key(number))));
    let rules = shape.rules(changed).zip(shape.rules(0));
    let edits: Vec<_> = rules
        .filter(|(new, old)| new != old)
        .map(|(new, _)| message(family, new, EDIT_SERVER))
        .collect();
    let dump: Vec<u8> = services.into_iter().chain(servers).collect();
    let messages = [dump.repeat(dumps), batches(&edits)].concat();
    let Shape { services, servers } = shape;
    let name = format!("floor.{services}x{servers}.{changed}.{dumps}");
    write(&name, &messages)
}

/// The last message of each batch is acknowledged.
fn batches(messages: &[Vec<u8>]) -> Vec<u8> {
    let batches = messages.chunks(BATCH).flat_map(|batch| {
        let mut batch = batch.to_vec();
        if let Some(last) = batch.last_mut() {
            last[6..8].copy_from_slice(&(REQUEST | ACK).to_ne_bytes());
        }
        framed(&batch.concat())
    });
    batches.collect()
}

fn framed(batch: &[u8]) -> Vec<u8> {
    [&(batch.len() as u32).to_ne_bytes(), batch].concat()
}

fn address(network: u8, number: u32) -> Vec<u8> {
    let [_, _, high, low] = number.to_be_bytes();
    attribute(3, &[&[10, network, high, low][..], &[0; 12]].concat())
}

const PORT: [u8; 2] = 80u16.to_be_bytes();

/// What names a service.
fn key(number: u32) -> Vec<u8> {
    let [inet, tcp] = [2u16, 6].map(u16::to_ne_bytes);
    [
        attribute(1, &inet),
        attribute(2, &tcp),
        address(1, number),
        attribute(4, &PORT),
    ]
    .concat()
}

/// A rule's message; `server` is the command for a server.
fn message(family: u16, rule: Rule, server: u8) -> Vec<u8> {
    match rule {
        Rule::Service { number } => {
            let settings = [
                attribute(6, b"wlc\0"),
                attribute(7, &[[0; 4], [0xff; 4]].concat()),
                attribute(8, &[0; 4]),
                attribute(9, &[0xff; 4]),
            ];
            let body = nest(1, &[key(number), settings.concat()].concat());
            request(family, NEW_SERVICE, REQUEST, &body)
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
            let settings = [
                to,
                attribute(2, &PORT),
                numbers.concat(),
                attribute(11, &2u16.to_ne_bytes()),
            ];
            let body = [nest(1, &key(service)), nest(2, &settings.concat())].concat();
            request(family, server, REQUEST, &body)
        }
    }
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
        if number(rest, 2) == 1 {
            return number(rest, 4);
        }
        rest = &rest[usize::from(number(rest, 0)).next_multiple_of(4)..];
    }
}
