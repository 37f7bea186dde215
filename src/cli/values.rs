//! The values of options: text to numbers, addresses and names.

use super::command::{Colour, Limit, MetricsFormat, Network, SortBy};
use super::sort_key::SortKey;
use super::usage_error::UsageError;
use super::value_kind::{
    BY, DIRECTOR, FWMARK, METRICS_FORMAT, NETMASK, PREFIX_LENGTH, TUNNEL_TYPE, ValueKind,
};
use crate::model::{
    Family, Name, Netmask, Protocol, SchedulerFlags, ServiceKey, SyncRole, parse_ipv4,
};
use crate::names::Lookup;
use std::net::{IpAddr, Ipv6Addr, SocketAddrV4};
use std::ops::RangeInclusive;

/// The longest timeout the kernel takes, in seconds: 31 days.
pub const MAX_TIMEOUT: u64 = 31 * 24 * 60 * 60;

/// A decimal number as the C library's `strtol` takes it: leading blanks and a
/// sign are allowed, anything after the digits is not.
fn decimal(text: &str, range: RangeInclusive<u64>) -> Option<u64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    let in_range = range.contains(&number) && !(negative && number > 0);
    in_range.then_some(number)
}

/// Parses a number into the option's type. Only a bad number makes its `error`:
/// most rules files have none.
fn narrow<T: TryFrom<u64>>(
    text: &str,
    range: RangeInclusive<u64>,
    error: impl FnOnce() -> UsageError,
) -> Result<T, UsageError> {
    decimal(text, range)
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(error)
}

/// A number in a range.
pub fn number<T: TryFrom<u64>>(
    text: &str,
    range: RangeInclusive<u64>,
    kind: &'static ValueKind,
) -> Result<T, UsageError> {
    narrow(text, range, || UsageError::IllegalValue(kind))
}

/// `[WARNING,]CRITICAL`.
pub fn limit(text: &str, kind: &'static ValueKind) -> Result<Limit, UsageError> {
    let (warning, critical) = match text.split_once(',') {
        Some((warning, critical)) => (Some(count(warning, kind)?), critical),
        None => (None, text),
    };
    let critical = count(critical, kind)?;
    Ok(Limit { warning, critical })
}

/// What `--by` sorts by.
pub fn sort_by(text: &str) -> Result<SortBy, UsageError> {
    Ok(match text {
        "cps" => SortBy::Connections,
        "pps" => SortBy::Packets,
        "bps" => SortBy::Bits,
        "active" => SortBy::Active,
        _ => return Err(UsageError::IllegalValue(&BY)),
    })
}

/// The format of `--metrics`.
pub fn metrics_format(text: Option<&str>) -> Result<MetricsFormat, UsageError> {
    match text {
        None | Some("prometheus") => Ok(MetricsFormat::Prometheus),
        Some("openmetrics") => Ok(MetricsFormat::OpenMetrics),
        Some(_) => Err(UsageError::IllegalValue(&METRICS_FORMAT)),
    }
}

/// A weight or threshold.
pub fn count<T: TryFrom<u64>>(text: &str, kind: &'static ValueKind) -> Result<T, UsageError> {
    number(text, 0..=i32::MAX as u64, kind)
}

/// A time in seconds, at least `min`.
pub fn seconds(text: &str, min: u64, kind: &'static ValueKind) -> Result<u32, UsageError> {
    narrow(text, min..=MAX_TIMEOUT, || invalid(kind, text))
}

fn invalid(kind: &'static ValueKind, text: &str) -> UsageError {
    UsageError::InvalidNumber(kind, text.to_owned())
}

/// An address, and the port if the text has one.
pub type HostAndPort = (IpAddr, Option<u16>);

/// `ADDR[:PORT]`, `[V6][:PORT]`, a bare IPv6 address, or a name for either part.
/// A name in brackets stands for an IPv6 address, as in listings and saves.
fn host_and_port(text: &str, protocol: Protocol, names: &mut dyn Lookup) -> Option<HostAndPort> {
    // Nearly all texts are an IPv4 address with a port, without leading zeros.
    if let Ok(both) = text.parse::<SocketAddrV4>() {
        return Some((IpAddr::V4(*both.ip()), Some(both.port())));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let address = match address.parse::<Ipv6Addr>() {
            Ok(address) => IpAddr::V6(address),
            // `fe80::1%lo` is no name, though resolvers read it.
            Err(_) if address.contains(':') => return None,
            Err(_) => *names.host(address).iter().find(|it| it.is_ipv6())?,
        };
        return match rest.strip_prefix(':') {
            Some(port) => Some((address, Some(self::port(port, protocol, names)?))),
            None if rest.is_empty() => Some((address, None)),
            None => None,
        };
    }
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some((IpAddr::V6(address), None));
    }
    match text.split_once(':') {
        Some((host, port)) => Some((
            self::host(host, names)?,
            Some(self::port(port, protocol, names)?),
        )),
        // inet_aton would take a bare number, but it is more likely a port or a
        // mark that was put in the wrong place.
        None if text.bytes().all(|b| b.is_ascii_digit()) => None,
        None => Some((self::host(text, names)?, None)),
    }
}

/// The address of a name is its first IPv4 one, else its first IPv6 one.
fn host(text: &str, names: &mut dyn Lookup) -> Option<IpAddr> {
    if let Some(address) = parse_ipv4(text) {
        return Some(IpAddr::V4(address));
    }
    let addresses = names.host(text);
    let ipv4 = addresses.iter().find(|address| address.is_ipv4());
    ipv4.or(addresses.first()).copied()
}

fn port(text: &str, protocol: Protocol, names: &mut dyn Lookup) -> Option<u16> {
    if text.is_empty() {
        return None;
    }
    if let Some(port) = decimal(text, 0..=65535) {
        return u16::try_from(port).ok();
    }
    let looks_numeric = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+- ".contains(&b));
    if looks_numeric {
        None
    } else {
        names.port(text, protocol)
    }
}

/// An address with or without a port; `which` names the server in the message.
pub fn address(
    text: &str,
    which: &'static str,
    protocol: Protocol,
    names: &mut dyn Lookup,
) -> Result<HostAndPort, UsageError> {
    host_and_port(text, protocol, names)
        .ok_or_else(|| UsageError::UnknownAddress(which, text.to_owned()))
}

/// The value of `--director`.
pub fn director(text: &str) -> Result<IpAddr, UsageError> {
    numeric_address(text).ok_or_else(|| invalid(&DIRECTOR, text))
}

/// An address, of IPv6 also in brackets; no name.
fn numeric_address(text: &str) -> Option<IpAddr> {
    let in_brackets = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    in_brackets.unwrap_or(text).parse().ok()
}

/// The value of `-f`: the mark of an IPv4 service.
pub fn fwmark(text: &str) -> Result<ServiceKey, UsageError> {
    let mark = narrow(text, 1..=u64::from(u32::MAX), || invalid(&FWMARK, text))?;
    let family = Family::Inet;
    Ok(ServiceKey::Fwmark { family, mark })
}

/// The value of `-M`, for clients of this family.
pub fn netmask(text: &str, family: Family) -> Result<Netmask, UsageError> {
    match family {
        Family::Inet => parse_ipv4(text)
            .map(Netmask::V4)
            .ok_or(UsageError::IllegalValue(&NETMASK)),
        Family::Inet6 => number(text, 1..=128, &PREFIX_LENGTH).map(Netmask::V6),
    }
}

/// The name of a scheduler or persistence engine. The kernel has none whose name
/// is longer than its field for names.
pub fn module(text: &str) -> Result<Name, UsageError> {
    text.parse().map_err(|_| UsageError::NoSuchModule)
}

/// The value of `-b`: names of the scheduler's flags, separated by commas.
pub fn scheduler_flags(text: &str, scheduler: &Name) -> Result<SchedulerFlags, UsageError> {
    let mut flags = SchedulerFlags::default();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        flags = flags.union(scheduler_flag(word, scheduler)?);
    }
    Ok(flags)
}

fn scheduler_flag(word: &str, scheduler: &Name) -> Result<SchedulerFlags, UsageError> {
    let (owner, flag) = match word {
        "flag-1" => (None, SchedulerFlags::FLAG_1),
        "flag-2" => (None, SchedulerFlags::FLAG_2),
        "flag-3" => (None, SchedulerFlags::FLAG_3),
        "sh-fallback" => (Some("sh"), SchedulerFlags::FLAG_1),
        "sh-port" => (Some("sh"), SchedulerFlags::FLAG_2),
        "mh-fallback" => (Some("mh"), SchedulerFlags::FLAG_1),
        "mh-port" => (Some("mh"), SchedulerFlags::FLAG_2),
        _ => return Err(UsageError::UnknownFlag(word.to_owned())),
    };
    match owner {
        Some(owner) if owner != scheduler.as_str() => {
            Err(UsageError::IncompatibleFlag(word.to_owned()))
        }
        _ => Ok(flag),
    }
}

/// The value of `--tun-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TunnelType {
    /// IP in IP.
    #[default]
    Ipip,
    /// Generic UDP encapsulation.
    Gue,
    /// Generic routing encapsulation.
    Gre,
}

impl TunnelType {
    /// ipvsadm's word for it.
    pub fn name(self) -> &'static str {
        match self {
            TunnelType::Ipip => "ipip",
            TunnelType::Gue => "gue",
            TunnelType::Gre => "gre",
        }
    }
}

/// The value of `--tun-type`.
pub fn tunnel_type(text: &str) -> Result<TunnelType, UsageError> {
    match text {
        "ipip" => Ok(TunnelType::Ipip),
        "gue" => Ok(TunnelType::Gue),
        "gre" => Ok(TunnelType::Gre),
        _ => Err(UsageError::IllegalValue(&TUNNEL_TYPE)),
    }
}

/// `master` or `backup`.
pub fn role(text: &str, kind: &'static ValueKind) -> Result<SyncRole, UsageError> {
    match text {
        "master" => Ok(SyncRole::Master),
        "backup" => Ok(SyncRole::Backup),
        _ => Err(UsageError::IllegalValue(kind)),
    }
}

/// A multicast group.
pub fn mcast_group(text: &str) -> Result<IpAddr, UsageError> {
    let family = if text.contains(':') { "IPv6" } else { "IPv4" };
    match text.parse::<IpAddr>() {
        Ok(address) if address.is_multicast() => Ok(address),
        _ => Err(UsageError::InvalidGroup(family, text.to_owned())),
    }
}

/// An interface's name. The kernel has none that is longer than its field for names.
pub fn interface(text: &str) -> Result<Name, UsageError> {
    text.parse().map_err(|_| UsageError::NoSuchDevice)
}

/// A path, or the name of a network namespace; `what` names it in the message.
pub fn path(text: &str, what: &'static str) -> Result<String, UsageError> {
    let text = text.to_owned();
    // The bytes of an argument that were not UTF-8 have been replaced.
    if text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(UsageError::IllegalText(what, text));
    }
    Ok(text)
}

/// The value of `--sort-by`.
pub fn sort_key(text: &str) -> Result<SortKey, UsageError> {
    SortKey::named(text).ok_or_else(|| UsageError::UnknownSortKey(text.to_owned()))
}

/// The value of `--color`; without one it is `always`, as with other programs.
pub fn colour(text: Option<&str>) -> Result<Colour, UsageError> {
    match text {
        Some("auto") => Ok(Colour::Auto),
        None | Some("always") => Ok(Colour::Always),
        Some("never") => Ok(Colour::Never),
        Some(other) => Err(UsageError::UnknownColour(other.to_owned())),
    }
}

/// The value of `--client`.
pub fn network(text: &str) -> Result<Network, UsageError> {
    let parse = || {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address = numeric_address(address)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(most), |length| decimal(length, 0..=most))?;
        Some(Network {
            address,
            length: u8::try_from(length).ok()?,
        })
    };
    parse().ok_or_else(|| UsageError::IllegalText("client address[/length]", text.to_owned()))
}

#[cfg(test)]
mod tests;
