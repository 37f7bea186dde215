//! Requests that no command line can make: raw generic netlink, by hand.

use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};

const NEW_DEST: u8 = 5;

/// One attribute, padded to four bytes; `kind` with the nest bit where it holds others.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).expect("a short attribute");
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn nest(kind: u16, attributes: &[Vec<u8>]) -> Vec<u8> {
    attribute(kind | 0x8000, &attributes.concat())
}

/// Sends a request and gives the answer behind the netlink header; a refusal ends the test.
fn request(family: u16, command: u8, version: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    let body = attributes.concat();
    let length = u32::try_from(20 + body.len()).expect("a short message");
    let mut message = length.to_ne_bytes().to_vec();
    message.extend([family.to_ne_bytes(), 5u16.to_ne_bytes()].concat()); // NLM_F_REQUEST, NLM_F_ACK
    message.extend([0; 8]);
    message.extend([command, version, 0, 0]);
    message.extend(body);
    let socket = Socket::new(NETLINK_GENERIC).expect("a netlink socket");
    socket
        .send_to(&message, &SocketAddr::new(0, 0), 0)
        .expect("sending a request");
    let (answer, _) = socket.recv_from_full().expect("an answer");
    let (kind, error) = (u16::from_ne_bytes([answer[4], answer[5]]), &answer[16..20]);
    assert!(
        kind != 2 || error == [0; 4],
        "the kernel refused: {error:?}"
    );
    answer[16..].to_vec()
}

fn ipvs_family() -> u16 {
    let answer = request(16, 3, 2, &[attribute(2, b"IPVS\0")]); // GETFAMILY by name
    let mut rest = &answer[4..];
    loop {
        let (length, kind) = (
            u16::from_ne_bytes([rest[0], rest[1]]),
            u16::from_ne_bytes([rest[2], rest[3]]),
        );
        if kind == 1 {
            return u16::from_ne_bytes([rest[4], rest[5]]);
        }
        rest = &rest[usize::from(length).next_multiple_of(4)..];
    }
}

/// Adds 10.0.0.2 with a GUE tunnel of these flags to the service TCP 10.0.0.1:80.
pub fn add_tunnel_with_flags(flags: u16) {
    let address = |last: u8| [&[10, 0, 0, last][..], &[0; 12]].concat();
    let port = 80u16.to_be_bytes();
    let service = [
        attribute(1, &2u16.to_ne_bytes()),
        attribute(2, &6u16.to_ne_bytes()),
        attribute(3, &address(1)),
        attribute(4, &port),
    ];
    let server = [
        attribute(1, &address(2)),
        attribute(2, &port),
        attribute(3, &2u32.to_ne_bytes()),
        attribute(4, &1i32.to_ne_bytes()),
        attribute(5, &0u32.to_ne_bytes()),
        attribute(6, &0u32.to_ne_bytes()),
        attribute(11, &2u16.to_ne_bytes()),
        attribute(13, &[1]),
        attribute(14, &6080u16.to_be_bytes()),
        attribute(15, &flags.to_ne_bytes()),
    ];
    request(
        ipvs_family(),
        NEW_DEST,
        1,
        &[nest(1, &service), nest(2, &server)],
    );
}
