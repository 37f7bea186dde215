//! A line of the file, by hand: there may be ten thousand.

use crate::model::{DestinationSummary, Endpoint, ForwardMethod, Protocol, ServiceKey, Tunnel};
use std::net::{Ipv4Addr, Ipv6Addr};

/// How a server's line begins, and no service's.
const ARROW: &[u8] = b"  -> ";

/// Whether a line is a server's.
pub(super) fn is_server(line: &[u8]) -> bool {
    line.starts_with(ARROW)
}

/// The service that `TCP  0A000001:0050 rr` is about; `None` for a firewall
/// mark, whose family is not there, and for what is not understood.
pub(super) fn service(line: &[u8]) -> Option<ServiceKey> {
    let end = line.iter().position(|byte| *byte == b' ')?;
    let (word, rest) = line.split_at(end);
    let protocol = match word {
        b"TCP" => Protocol::TCP,
        b"UDP" => Protocol::UDP,
        b"SCTP" => Protocol::SCTP,
        _ => return None,
    };
    let (endpoint, rest) = endpoint(rest.trim_ascii_start())?;
    let complete = rest.starts_with(b" ") && rest.ends_with(b"\n");
    complete.then_some(ServiceKey::Address { protocol, endpoint })
}

/// The server of `  -> 0A000002:0050      Masq    1      0          0`.
pub(super) fn server(line: &[u8]) -> Option<DestinationSummary> {
    let line = line.strip_prefix(ARROW)?.strip_suffix(b"\n")?;
    let (endpoint, rest) = endpoint(line)?;
    let (method, rest) = field(rest)?;
    let (weight, rest) = field(rest)?;
    let (active, rest) = field(rest)?;
    let (inactive, rest) = field(rest)?;
    let row = DestinationSummary {
        endpoint,
        forward: forward(method)?,
        weight: i32::try_from(decimal(weight)?).ok()?,
        active: decimal(active)?,
        inactive: decimal(inactive)?,
    };
    blanks(rest).is_empty().then_some(row)
}

/// The next field, which blanks must precede, and what follows it.
fn field(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let begun = blanks(text);
    let end = begun.iter().position(|byte| *byte == b' ');
    let (field, rest) = begun.split_at(end.unwrap_or(begun.len()));
    (begun.len() < text.len() && !field.is_empty()).then_some((field, rest))
}

/// The text without the blanks that begin it.
fn blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = text {
        text = rest;
    }
    text
}

fn forward(word: &[u8]) -> Option<ForwardMethod> {
    match word {
        b"Masq" => Some(ForwardMethod::Masquerade),
        b"Local" => Some(ForwardMethod::Local),
        b"Tunnel" => Some(ForwardMethod::Tunnel(Tunnel::default())),
        b"Route" => Some(ForwardMethod::DirectRoute),
        _ => None,
    }
}

/// The endpoint that begins a text, `0A000001:0050` or
/// `[2001:0db8:0000:0000:0000:0000:0000:0001]:0050`, and what follows it.
fn endpoint(text: &[u8]) -> Option<(Endpoint, &[u8])> {
    let (address, rest) = match text.strip_prefix(b"[") {
        Some(inner) => {
            let (digits, rest) = inner.split_first_chunk::<39>()?;
            (ipv6(digits)?.into(), rest.strip_prefix(b"]")?)
        }
        None => {
            let (digits, rest) = text.split_first_chunk::<8>()?;
            (Ipv4Addr::from(hexadecimal(digits)?).into(), rest)
        }
    };
    let (digits, rest) = rest.strip_prefix(b":")?.split_first_chunk::<4>()?;
    let port = hexadecimal(digits)? as u16;
    Some((Endpoint { address, port }, rest))
}

/// Eight groups of four digits, colons between them.
fn ipv6(text: &[u8; 39]) -> Option<Ipv6Addr> {
    let mut segments = [0; 8];
    for (segment, group) in segments.iter_mut().zip(text.chunks(5)) {
        let (digits, colon) = group.split_first_chunk::<4>()?;
        *segment = hexadecimal(digits)? as u16;
        if !colon.is_empty() && colon != b":" {
            return None;
        }
    }
    Some(segments.into())
}

/// A number of at most eight digits.
fn hexadecimal<const N: usize>(digits: &[u8; N]) -> Option<u32> {
    digits.iter().try_fold(0, |sum: u32, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'F' => digit - b'A' + 10,
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(sum << 4 | u32::from(value))
    })
}

fn decimal(field: &[u8]) -> Option<u32> {
    field.iter().try_fold(0, |sum: u32, digit| {
        let value = digit.is_ascii_digit().then(|| digit - b'0')?;
        sum.checked_mul(10)?.checked_add(u32::from(value))
    })
}
