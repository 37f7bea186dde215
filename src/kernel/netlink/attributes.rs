//! Netlink attributes: the codec's primitives and the family's numbers.
//!
//! The numbers are those of the kernel's `include/uapi/linux/ip_vs.h`. Values
//! are in host byte order unless a name ends in `_be`.

use crate::kernel::error::Malformed;
use netlink_packet_core::{NLA_F_NESTED, NLA_HEADER_SIZE, NLA_TYPE_MASK};

/// The name of the generic netlink family, `IPVS_GENL_NAME`.
pub(crate) const FAMILY_NAME: &str = "IPVS";
/// Its version, `IPVS_GENL_VERSION`.
pub(crate) const FAMILY_VERSION: u8 = 1;

/// `IPVS_CMD_ATTR_*`: the top level of every message.
pub(crate) mod top {
    pub const SERVICE: u16 = 1;
    pub const DESTINATION: u16 = 2;
    pub const DAEMON: u16 = 3;
    pub const TIMEOUT_TCP: u16 = 4;
    pub const TIMEOUT_TCP_FIN: u16 = 5;
    pub const TIMEOUT_UDP: u16 = 6;
}

/// `IPVS_SVC_ATTR_*`: within a service.
pub(crate) mod service {
    pub const FAMILY: u16 = 1;
    pub const PROTOCOL: u16 = 2;
    pub const ADDRESS: u16 = 3;
    pub const PORT: u16 = 4;
    pub const FWMARK: u16 = 5;
    pub const SCHEDULER: u16 = 6;
    pub const FLAGS: u16 = 7;
    pub const TIMEOUT: u16 = 8;
    pub const NETMASK: u16 = 9;
    pub const STATS: u16 = 10;
    pub const ENGINE: u16 = 11;
    pub const STATS64: u16 = 12;
}

/// `IPVS_DEST_ATTR_*`: within a destination.
pub(crate) mod destination {
    pub const ADDRESS: u16 = 1;
    pub const PORT: u16 = 2;
    pub const FORWARD: u16 = 3;
    pub const WEIGHT: u16 = 4;
    pub const UPPER_THRESHOLD: u16 = 5;
    pub const LOWER_THRESHOLD: u16 = 6;
    pub const ACTIVE: u16 = 7;
    pub const INACTIVE: u16 = 8;
    pub const PERSISTENT: u16 = 9;
    pub const STATS: u16 = 10;
    pub const FAMILY: u16 = 11;
    pub const STATS64: u16 = 12;
    pub const TUNNEL_TYPE: u16 = 13;
    pub const TUNNEL_PORT: u16 = 14;
    pub const TUNNEL_FLAGS: u16 = 15;
}

/// `IPVS_DAEMON_ATTR_*`: within a sync daemon.
pub(crate) mod daemon {
    pub const STATE: u16 = 1;
    pub const INTERFACE: u16 = 2;
    pub const SYNC_ID: u16 = 3;
    pub const MAX_LENGTH: u16 = 4;
    pub const GROUP: u16 = 5;
    pub const GROUP6: u16 = 6;
    pub const PORT: u16 = 7;
    pub const TTL: u16 = 8;
}

/// `IPVS_STATS_ATTR_*`: within both kinds of counters.
pub(crate) mod stats {
    pub const CONNECTIONS: u16 = 1;
    pub const IN_PACKETS: u16 = 2;
    pub const OUT_PACKETS: u16 = 3;
    pub const IN_BYTES: u16 = 4;
    pub const OUT_BYTES: u16 = 5;
    pub const CONNECTION_RATE: u16 = 6;
    pub const IN_PACKET_RATE: u16 = 7;
    pub const OUT_PACKET_RATE: u16 = 8;
    pub const IN_BYTE_RATE: u16 = 9;
    pub const OUT_BYTE_RATE: u16 = 10;
}

/// `IPVS_INFO_ATTR_*`: the answer to GET_INFO.
pub(crate) mod info {
    pub const VERSION: u16 = 1;
    pub const TABLE_SIZE: u16 = 2;
}

/// Appends an attribute and its padding. `value` is shorter than 64 KiB: all of
/// ours are names and numbers.
pub(crate) fn put(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = (NLA_HEADER_SIZE + value.len()) as u16;
    out.extend_from_slice(&length.to_ne_bytes());
    out.extend_from_slice(&kind.to_ne_bytes());
    out.extend_from_slice(value);
    let padding = value.len().next_multiple_of(4) - value.len();
    out.extend(std::iter::repeat_n(0, padding));
}

/// Appends a number of 8 bits.
pub(crate) fn put_u8(out: &mut Vec<u8>, kind: u16, value: u8) {
    put(out, kind, &[value]);
}

/// Appends a number of 16 bits.
pub(crate) fn put_u16(out: &mut Vec<u8>, kind: u16, value: u16) {
    put(out, kind, &value.to_ne_bytes());
}

/// Appends a port: a number of 16 bits, big-endian.
pub(crate) fn put_u16_be(out: &mut Vec<u8>, kind: u16, value: u16) {
    put(out, kind, &value.to_be_bytes());
}

/// Appends a number of 32 bits.
pub(crate) fn put_u32(out: &mut Vec<u8>, kind: u16, value: u32) {
    put(out, kind, &value.to_ne_bytes());
}

/// Appends a name with its NUL.
pub(crate) fn put_name(out: &mut Vec<u8>, kind: u16, name: &crate::model::Name) {
    let text = name.as_str().as_bytes();
    // A Name is at most 15 bytes, so its NUL is there already.
    let mut value = [0; 16];
    for (to, from) in value.iter_mut().zip(text) {
        *to = *from;
    }
    put(out, kind, value.get(..=text.len()).unwrap_or(&value));
}

/// Appends an attribute that holds what `fill` appends.
///
/// It carries `NLA_F_NESTED`, as kernels since 5.2 want of new families; those
/// that came before it mask the flag off.
pub(crate) fn nest(out: &mut Vec<u8>, kind: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    put(out, kind | NLA_F_NESTED, &[]);
    fill(out);
    let length = (out.len() - start) as u16;
    if let Some(field) = out.get_mut(start..start + 2) {
        field.copy_from_slice(&length.to_ne_bytes());
    }
}

/// The attributes of a message or a nest: kind, without its flags, and value.
pub(crate) fn attributes(bytes: &[u8]) -> impl Iterator<Item = Result<(u16, &[u8]), Malformed>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((kind, value, after)) = split_first(rest) else {
            rest = &[];
            return Some(Err(Malformed("an attribute runs over its message")));
        };
        rest = after;
        Some(Ok((kind, value)))
    })
}

/// Kind and value of the first attribute, and what follows it. By hand: a dump of ten
/// thousand rows has two hundred thousand attributes, and netlink-packet-core's
/// iterator takes ten times as long.
fn split_first(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let &[a, b, c, d] = bytes.first_chunk::<NLA_HEADER_SIZE>()?;
    let end = usize::from(u16::from_ne_bytes([a, b]));
    let kind = u16::from_ne_bytes([c, d]) & NLA_TYPE_MASK;
    let value = bytes.get(NLA_HEADER_SIZE..end)?;
    let after = bytes.get((end + 3) & !3..).unwrap_or_default();
    Some((kind, value, after))
}

/// The value of the first attribute of this kind.
pub(crate) fn find(bytes: &[u8], wanted: u16) -> Result<Option<&[u8]>, Malformed> {
    for attribute in attributes(bytes) {
        let (kind, value) = attribute?;
        if kind == wanted {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The bytes of a number, which must be exactly as many as its type has.
fn exactly<const N: usize>(value: &[u8]) -> Result<[u8; N], Malformed> {
    value
        .try_into()
        .map_err(|_| Malformed("a number has the wrong length"))
}

/// A number of 8 bits.
pub(crate) fn get_u8(value: &[u8]) -> Result<u8, Malformed> {
    exactly(value).map(u8::from_ne_bytes)
}

/// A number of 16 bits.
pub(crate) fn get_u16(value: &[u8]) -> Result<u16, Malformed> {
    exactly(value).map(u16::from_ne_bytes)
}

/// A port: a number of 16 bits, big-endian.
pub(crate) fn get_u16_be(value: &[u8]) -> Result<u16, Malformed> {
    exactly(value).map(u16::from_be_bytes)
}

/// A number of 32 bits.
pub(crate) fn get_u32(value: &[u8]) -> Result<u32, Malformed> {
    exactly(value).map(u32::from_ne_bytes)
}

/// A signed number of 32 bits.
pub(crate) fn get_i32(value: &[u8]) -> Result<i32, Malformed> {
    exactly(value).map(i32::from_ne_bytes)
}

/// A counter of 32 or 64 bits, as old and new kernels send them.
pub(crate) fn get_counter(value: &[u8]) -> Result<u64, Malformed> {
    match value.len() {
        4 => get_u32(value).map(u64::from),
        _ => exactly(value).map(u64::from_ne_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netlink_packet_core::NlasIterator;
    use proptest::prelude::*;

    #[test]
    fn attributes_are_padded_and_nests_hold_them() {
        let mut out = Vec::new();
        nest(&mut out, 3, |out| {
            put_name(out, 6, &"wlc".parse().unwrap());
            put_u8(out, 8, 5);
        });
        assert_eq!(out.len(), 4 + 8 + 8);
        let nested = find(&out, 3).unwrap().unwrap();
        let all: Vec<_> = attributes(nested).map(Result::unwrap).collect();
        assert_eq!(all, [(6, &b"wlc\0"[..]), (8, &[5][..])]);
    }

    #[test]
    fn the_longest_name_keeps_its_nul() {
        let mut out = Vec::new();
        put_name(&mut out, 6, &"123456789012345".parse().unwrap());
        assert_eq!(find(&out, 6), Ok(Some(&b"123456789012345\0"[..])));
    }

    #[test]
    fn a_length_over_the_end_is_malformed() {
        for bad in [&[9, 0, 1, 0, 1, 2, 3, 4][..], &[3, 0, 1, 0], &[1]] {
            assert!(find(bad, 7).is_err(), "{bad:?}");
        }
    }

    /// What netlink-packet-core makes of the bytes.
    fn by_the_crate(bytes: &[u8]) -> Vec<Result<(u16, Vec<u8>), ()>> {
        NlasIterator::new(bytes)
            .map(|item| {
                let attribute = item.map_err(drop)?;
                let (kind, end) = (attribute.kind(), usize::from(attribute.length()));
                Ok((kind, attribute.into_inner()[NLA_HEADER_SIZE..end].to_vec()))
            })
            .collect()
    }

    proptest! {
        #[test]
        fn attributes_are_those_of_the_crate(
            given in prop::collection::vec((any::<u16>(), prop::collection::vec(any::<u8>(), 0..9)), 0..6),
            (cut, flipped, value) in any::<(prop::sample::Index, prop::sample::Index, u8)>(),
        ) {
            let mut bytes = Vec::new();
            for (kind, value) in &given {
                put(&mut bytes, *kind, value);
            }
            let whole = bytes.clone();
            let mut other = bytes.clone();
            if !other.is_empty() {
                let index = flipped.index(other.len());
                other[index] = value;
            }
            bytes.truncate(cut.index(bytes.len() + 1));
            for bytes in [whole, bytes, other] {
                let ours: Vec<_> = attributes(&bytes)
                    .map(|item| item.map(|(kind, value)| (kind, value.to_vec())).map_err(drop))
                    .collect();
                prop_assert_eq!(ours, by_the_crate(&bytes));
            }
        }
    }

    #[test]
    fn numbers_have_their_length() {
        assert!(get_u16(&[1]).is_err());
        assert!(get_u32(&[1, 2, 3, 4, 5]).is_err());
        assert_eq!(get_u16_be(&[0, 80]), Ok(80));
        assert_eq!(get_counter(&7u32.to_ne_bytes()), Ok(7));
        assert_eq!(get_counter(&(1u64 << 40).to_ne_bytes()), Ok(1 << 40));
        assert!(get_counter(&[0; 6]).is_err());
    }
}
