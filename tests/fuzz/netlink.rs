//! Every netlink decoder on a datagram.
//!
//! None panics; they agree with each other; what they read is read again from what is encoded of it; a dump gives as many rows as
//! it has messages, however it is cut; a batch's refusals are those that are there.
#![no_main]

use ipvs::door;
use ipvs::kernel::Error;
use ipvs::model::{Change, Family, ServiceKey};
use libfuzzer_sys::fuzz_target;

const NOOP: u16 = 1;
const ERROR: u16 = 2;
const DONE: u16 = 3;

/// A message as a second reader finds it.
struct Message<'a> {
    kind: u16,
    sequence: u32,
    payload: &'a [u8],
    /// Where the next one begins.
    end: usize,
}

impl Message<'_> {
    fn errno(&self) -> Option<i32> {
        let code = self.payload.get(..4).map_or(0, |code| number(code) as i32);
        (code != 0).then(|| code.saturating_abs())
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_ne_bytes(bytes.try_into().expect("four bytes"))
}

/// The messages before the first that is cut short, and whether one is.
fn split(datagram: &[u8]) -> (Vec<Message<'_>>, bool) {
    let (mut messages, mut start) = (Vec::new(), 0);
    while start < datagram.len() {
        let rest = &datagram[start..];
        let length = rest.get(..4).map_or(0, |length| number(length) as usize);
        if rest.len() < 16 || length < 16 || length > rest.len() {
            return (messages, true);
        }
        start += length.next_multiple_of(4);
        messages.push(Message {
            kind: u16::from_ne_bytes([rest[4], rest[5]]),
            sequence: number(&rest[8..12]),
            payload: &rest[16..length],
            end: start.min(datagram.len()),
        });
    }
    (messages, false)
}

fuzz_target!(|datagram: &[u8]| {
    let (messages, cut_short) = split(datagram);
    for message in &messages {
        decode(message.payload.get(4..).unwrap_or_default());
    }
    check_reply(datagram, &messages);
    if let Some(first) = messages.first() {
        check_dump(datagram, &messages, cut_short, first.sequence);
        check_answers(datagram, &messages, cut_short, first.sequence);
    }
});

fn decode(attributes: &[u8]) {
    decode_service(attributes);
    decode_destination(attributes, Family::Inet);
    decode_destination(attributes, Family::Inet6);
    if let Ok(daemon) = door::daemon(attributes) {
        let again = door::encoded(&Change::StartDaemon(daemon));
        assert_eq!(door::daemon(&again), Ok(daemon));
    }
    if let Ok(timeouts) = door::timeouts(attributes) {
        let again = door::encoded(&Change::SetTimeouts(timeouts));
        assert_eq!(door::timeouts(&again), Ok(timeouts));
    }
    let _ = door::info(attributes);
}

fn decode_service(attributes: &[u8]) {
    let (Ok(status), key) = door::service_status(attributes) else {
        return;
    };
    let service = status.service;
    assert_eq!(key, Ok(service.key), "the name alone");
    let again = door::encoded(&Change::AddService(service));
    let again = door::service_status(&again).0.map(|status| status.service);
    assert_eq!(again, Ok(service), "encoded");
}

fn decode_destination(attributes: &[u8], family: Family) {
    let (Ok(status), key) = door::destination_status(attributes, family) else {
        return;
    };
    let destination = status.destination;
    assert_eq!(key, Ok(destination.endpoint), "the name alone");
    let service = ServiceKey::Fwmark { family, mark: 1 };
    let again = door::encoded(&Change::AddDestination(service, destination));
    let again = door::destination_status(&again, family).0;
    assert_eq!(
        again.map(|status| status.destination),
        Ok(destination),
        "encoded"
    );
}

/// The first message as the answer to a single request: its attributes, or its errno.
fn check_reply(datagram: &[u8], messages: &[Message<'_>]) {
    match (door::reply(datagram), messages.first()) {
        (Some(Ok(Some(attributes))), Some(first)) => {
            assert_eq!(Some(attributes.as_slice()), first.payload.get(4..));
        }
        (Some(Err(Error::Refused(refusal))), Some(first)) => {
            assert_eq!((first.kind, Some(refusal.errno)), (ERROR, first.errno()));
        }
        (Some(Ok(None)), Some(first)) => {
            assert_eq!((first.kind, first.errno()), (ERROR, None));
        }
        (Some(_), None) => panic!("an answer without a message"),
        (Some(Err(_)) | None, _) => {}
    }
}

/// A dump in one piece, and a piece a message.
fn check_dump(datagram: &[u8], messages: &[Message<'_>], cut_short: bool, sequence: u32) {
    let own = || {
        messages
            .iter()
            .filter(|message| message.sequence == sequence)
    };
    let end = own().find(|message| matches!(message.kind, DONE | ERROR));
    let rows: Vec<&[u8]> = own()
        .take_while(|message| !matches!(message.kind, DONE | ERROR))
        .filter(|message| message.kind != NOOP)
        .map(|message| message.payload.get(4..).unwrap_or_default())
        .collect();
    let bad = rows
        .iter()
        .filter(|row| door::service_status(row).0.is_err())
        .count();

    let whole = read_dump(&[datagram], sequence);
    match (&whole, end) {
        (Ok(Some((taken, dumped))), Some(end)) => {
            assert_eq!((bad, end.errno()), (0, None));
            assert_eq!(
                (taken, dumped.0),
                (&rows.iter().map(|row| row.to_vec()).collect(), rows.len())
            );
        }
        (Ok(None), None) => assert!(!cut_short),
        (Err(Error::Refused(refusal)), Some(end)) => assert_eq!(Some(refusal.errno), end.errno()),
        (Err(_), _) => assert!(bad > 0 || cut_short),
        (Ok(ended), _) => panic!("the dump's end: {}", ended.is_some()),
    }

    let mut start = 0;
    let pieces: Vec<&[u8]> = messages
        .iter()
        .map(|message| &datagram[std::mem::replace(&mut start, message.end)..message.end])
        .collect();
    let pieces = read_dump(&pieces, sequence);
    if let (Ok(Some((one, _))), Ok(Some((many, (count, cuts, _))))) = (&whole, &pieces) {
        assert_eq!(one, many);
        assert_eq!(
            cuts,
            &(1..*count).collect::<Vec<_>>(),
            "a cut before each row but the first"
        );
    }
    assert!(cut_short || whole.is_ok() == pieces.is_ok());
}

/// The rows of a dump, and how they came.
type Read = Option<(Vec<Vec<u8>>, door::Dumped)>;

fn read_dump(pieces: &[&[u8]], sequence: u32) -> Result<Read, Error> {
    let mut rows = Vec::new();
    let dumped = door::dump(pieces, sequence, |attributes| {
        door::service_status(attributes).0?;
        rows.push(attributes.to_vec());
        Ok(())
    })?;
    Ok(dumped.map(|dumped| (rows, dumped)))
}

/// The datagram as the answer to a batch of some changes.
fn check_answers(datagram: &[u8], messages: &[Message<'_>], cut_short: bool, base: u32) {
    const CHANGES: usize = 5;
    let Ok((refusals, answered)) = door::answers(datagram, base, CHANGES) else {
        assert!(cut_short);
        return;
    };
    assert!(!cut_short);
    let index = |message: &Message<'_>| message.sequence.wrapping_sub(base) as usize;
    let errors = || {
        let errors = messages.iter().filter(|message| message.kind == ERROR);
        errors.filter(|message| index(message) < CHANGES)
    };
    let expected: Vec<_> = errors()
        .filter_map(|message| Some((index(message), message.errno()?)))
        .collect();
    assert_eq!(refusals, expected);
    assert_eq!(
        answered,
        errors().any(|message| index(message) == CHANGES - 1)
    );
}
