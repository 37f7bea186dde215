//! Netlink messages in buffers: the headers around a request's attributes, and
//! the messages of a datagram.

use super::attributes::FAMILY_VERSION;
use crate::kernel::error::Malformed;
use crate::kernel::refusal::Operation;
use netlink_packet_core::{Emitable, NLM_F_ACK, NetlinkBuffer, NetlinkHeader};
use netlink_packet_generic::GenlHeader;

/// The length of a netlink header.
const HEADER: usize = 16;
/// The length of a generic netlink header.
const GENERIC_HEADER: usize = 4;

/// A message in a buffer.
#[derive(Default)]
pub(crate) struct Appended {
    start: usize,
    header: NetlinkHeader,
}

/// Appends a message of the family with this number; `fill` appends its
/// attributes.
pub(crate) fn append(
    out: &mut Vec<u8>,
    family: u16,
    operation: Operation,
    flags: u16,
    sequence: u32,
    fill: impl FnOnce(&mut Vec<u8>),
) -> Appended {
    let start = out.len();
    let generic = GenlHeader {
        cmd: operation as u8,
        version: FAMILY_VERSION,
    };
    let mut headers = [0; HEADER + GENERIC_HEADER];
    generic.emit(&mut headers[HEADER..]);
    out.extend_from_slice(&headers);
    fill(out);
    let mut header = NetlinkHeader::default();
    header.length = (out.len() - start) as u32;
    header.message_type = family;
    header.flags = flags;
    header.sequence_number = sequence;
    let appended = Appended { start, header };
    appended.emit(out);
    appended
}

impl Appended {
    /// Has the kernel acknowledge the message.
    pub(crate) fn acknowledge(mut self, out: &mut [u8]) {
        self.header.flags |= NLM_F_ACK;
        self.emit(out);
    }

    /// Writes the header over the bytes kept for it.
    fn emit(&self, out: &mut [u8]) {
        if let Some(place) = out.get_mut(self.start..self.start + HEADER) {
            self.header.emit(place);
        }
    }
}

/// The attributes of a generic netlink message's payload.
pub(crate) fn attributes_of(payload: &[u8]) -> &[u8] {
    payload.get(GENERIC_HEADER..).unwrap_or_default()
}

/// The messages of a datagram: header and payload.
pub(crate) fn messages(
    datagram: &[u8],
) -> impl Iterator<Item = Result<(NetlinkHeader, &[u8]), Malformed>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Ok(buffer) = NetlinkBuffer::new_checked(rest) else {
            rest = &[];
            return Some(Err(Malformed("a message runs over its datagram")));
        };
        let mut header = NetlinkHeader::default();
        header.length = buffer.length();
        header.message_type = buffer.message_type();
        header.flags = buffer.flags();
        header.sequence_number = buffer.sequence_number();
        header.port_number = buffer.port_number();
        let next = (buffer.length() as usize).next_multiple_of(4);
        rest = rest.get(next..).unwrap_or_default();
        Some(Ok((header, buffer.payload())))
    })
}

/// The errno that begins an error or the end of a dump; none for success, which
/// is 0 and nothing else.
pub(crate) fn errno(payload: &[u8]) -> Option<i32> {
    let code = payload.first_chunk().map_or(0, |b| i32::from_ne_bytes(*b));
    (code != 0).then(|| code.saturating_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zero_is_success() {
        for (code, expected) in [
            (0, None),
            (-17, Some(17)),
            (17, Some(17)),
            (i32::MIN, Some(i32::MAX)),
        ] {
            assert_eq!(errno(&i32::to_ne_bytes(code)), expected);
        }
    }
}
