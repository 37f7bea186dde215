//! A line of the file.

use crate::kernel::proc::fields::{address, decimal, field, port, protocol, without_blanks};
use crate::model::{Destination, DestinationStatus, Endpoint, ForwardMethod, ServiceKey};

/// How a server's line begins, and no service's.
const ARROW: &[u8] = b"  -> ";

/// Whether a line is a server's.
pub(super) fn is_server(line: &[u8]) -> bool {
    line.starts_with(ARROW)
}

/// The service that `TCP  0A000001:0050 rr` is about; `None` for a firewall
/// mark, whose family is not there, and for what is not understood.
pub(super) fn service(line: &[u8]) -> Option<ServiceKey> {
    if line.starts_with(b" ") {
        return None;
    }
    let (word, rest) = field(line.strip_suffix(b"\n")?)?;
    let protocol = protocol(word)?;
    let (endpoint, rest) = endpoint(rest)?;
    rest.starts_with(b" ")
        .then_some(ServiceKey::of(protocol, endpoint))
}

/// The server of `  -> 0A000002:0050      Masq    1      0          0`.
pub(super) fn server(line: &[u8]) -> Option<DestinationStatus> {
    let line = line.strip_prefix(ARROW)?.strip_suffix(b"\n")?;
    let (endpoint, rest) = endpoint(line)?;
    let (method, rest) = field(rest)?;
    let (weight, rest) = field(rest)?;
    let (active, rest) = field(rest)?;
    let (inactive, rest) = field(rest)?;
    let destination = Destination {
        forward: forward(method)?,
        weight: i32::try_from(decimal(weight)?).ok()?,
        ..Destination::new(endpoint)
    };
    let row = DestinationStatus {
        active: u32::try_from(decimal(active)?).ok()?,
        inactive: u32::try_from(decimal(inactive)?).ok()?,
        ..DestinationStatus::idle(destination)
    };
    without_blanks(rest).is_empty().then_some(row)
}

/// The file has no word for the methods that no option asks for.
fn forward(word: &[u8]) -> Option<ForwardMethod> {
    let method = std::str::from_utf8(word).ok()?.parse().ok()?;
    (method != ForwardMethod::Bypass).then_some(method)
}

/// The endpoint of the next field, `0A000001:0050` or
/// `[2001:0db8:0000:0000:0000:0000:0000:0001]:0050`, and what follows it.
fn endpoint(text: &[u8]) -> Option<(Endpoint, &[u8])> {
    let (field, rest) = field(text)?;
    let colon = field.iter().rposition(|byte| *byte == b':')?;
    let (host, digits) = (&field[..colon], &field[colon + 1..]);
    let bracketed = host
        .strip_prefix(b"[")
        .and_then(|host| host.strip_suffix(b"]"));
    let endpoint = Endpoint::new(address(bracketed.unwrap_or(host))?, port(digits)?);
    // The kernel prints all digits: eight of IPv4, or eight groups of four.
    let whole = bracketed.map_or(host.len() == 8, |host| host.len() == 39);
    (whole && digits.len() == 4).then_some((endpoint, rest))
}
