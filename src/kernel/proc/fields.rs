//! The fields of a line of the kernel's text, by hand: there may be a million.

use crate::model::Protocol;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The next field, without the blanks before it, and what follows it.
pub(super) fn field(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let begun = without_blanks(text);
    let end = begun.iter().position(|byte| *byte == b' ');
    let (field, rest) = begun.split_at(end.unwrap_or(begun.len()));
    (!field.is_empty()).then_some((field, rest))
}

/// The text without the blanks that begin it.
pub(super) fn without_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = text {
        text = rest;
    }
    text
}

/// A field of printable ASCII.
pub(super) fn word(field: &[u8]) -> Option<&str> {
    let printable = field.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(field).ok().filter(|_| printable)
}

/// The protocol of the kernel's word for it; `None` for one without ports.
pub(super) fn protocol(word: &[u8]) -> Option<Protocol> {
    let word = std::str::from_utf8(word).ok()?;
    let protocol: Protocol = word.parse().ok()?;
    (protocol.as_str() == word).then_some(protocol)
}

/// An address: eight hexadecimal digits of IPv4, or the text of IPv6.
pub(super) fn address(field: &[u8]) -> Option<IpAddr> {
    if let Some(address) = hexadecimal(field, 8) {
        return Some(Ipv4Addr::from(address).into());
    }
    let address: Ipv6Addr = std::str::from_utf8(field).ok()?.parse().ok()?;
    Some(address.into())
}

/// A port of at most four hexadecimal digits.
pub(super) fn port(field: &[u8]) -> Option<u16> {
    u16::try_from(hexadecimal(field, 4)?).ok()
}

/// A number of at most so many digits, which are at most eight.
fn hexadecimal(field: &[u8], most_digits: usize) -> Option<u32> {
    if field.is_empty() || field.len() > most_digits {
        return None;
    }
    field.iter().try_fold(0, |sum: u32, digit| {
        Some(sum << 4 | char::from(*digit).to_digit(16)?)
    })
}

/// A number; one that no 64 bits hold is the largest that they hold.
pub(super) fn decimal(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0, |sum: u64, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        Some(sum.saturating_mul(10).saturating_add(u64::from(digit)))
    })
}
