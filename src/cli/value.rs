//! Values of options.

use super::command::{Network, UsageError};
use crate::model::{
    Endpoint, Family, Name, Netmask, Protocol, SchedulerFlags, ServiceKey, SyncRole, parse_ipv4,
};
use crate::names::Lookup;
use std::net::{IpAddr, Ipv6Addr, SocketAddrV4};

/// The longest timeout the kernel takes, in seconds: 31 days.
const MAX_TIMEOUT: u64 = 31 * 24 * 60 * 60;

/// A decimal number as the C library's `strtol` takes it: leading blanks and a
/// sign are allowed, anything after the digits is not.
pub fn number(text: &str, min: u64, max: u64) -> Option<u64> {
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
    let in_range = (min..=max).contains(&number) && !(negative && number > 0);
    in_range.then_some(number)
}

/// The number, narrowed to the type that `max` fits. `message` says that it is
/// none; it is not made for each of a million good ones.
fn narrow<T: TryFrom<u64>, M: Into<String>>(
    text: &str,
    min: u64,
    max: u64,
    message: impl FnOnce() -> M,
) -> Result<T, UsageError> {
    number(text, min, max)
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| UsageError::new(message()))
}

/// An address with a port, if one was given.
pub type HostAndPort = (IpAddr, Option<u16>);

/// `ADDR[:PORT]`, `[V6][:PORT]`, a bare IPv6 address, or a name for either part.
/// A name in brackets is one of an IPv6 address, as listings and saves write it.
pub fn host_and_port(
    text: &str,
    protocol: Protocol,
    names: &mut dyn Lookup,
) -> Option<HostAndPort> {
    // Nearly all are IPv4 with a port, without leading zeros.
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
    if let Some(port) = number(text, 0, 65535) {
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

/// The value of `-t`, `-u` or `--sctp-service`.
pub fn service(
    text: &str,
    protocol: Protocol,
    names: &mut dyn Lookup,
) -> Result<ServiceKey, UsageError> {
    let (address, port) =
        host_and_port(text, protocol, names).ok_or_else(|| unknown_address("virtual", text))?;
    let endpoint = Endpoint {
        address,
        port: port.unwrap_or(0),
    };
    Ok(ServiceKey::Address { protocol, endpoint })
}

fn unknown_address(which: &str, text: &str) -> UsageError {
    UsageError::new(format!("illegal {which} server address[:port] specified")).with_hint(format!(
        "`{text}' is no address[:port], and no name that is known"
    ))
}

/// The value of `-f`.
pub fn fwmark(text: &str, family: Family) -> Result<ServiceKey, UsageError> {
    let mark = narrow(text, 1, u64::from(u32::MAX), || {
        format!("invalid fwmark value `{text}' specified")
    })?;
    Ok(ServiceKey::Fwmark { family, mark })
}

/// The value of `-r`.
pub fn server(
    text: &str,
    protocol: Protocol,
    names: &mut dyn Lookup,
) -> Result<HostAndPort, UsageError> {
    host_and_port(text, protocol, names).ok_or_else(|| unknown_address("real", text))
}

/// A timeout in seconds, at least `min`.
pub fn timeout(text: &str, min: u64) -> Result<u32, UsageError> {
    narrow(text, min, MAX_TIMEOUT, || {
        format!("invalid timeout value `{text}' specified")
    })
}

/// The value of `-M`.
pub fn netmask(text: &str, family: Family) -> Result<Netmask, UsageError> {
    match family {
        Family::Inet => parse_ipv4(text)
            .map(Netmask::V4)
            .ok_or_else(|| UsageError::new("illegal virtual server persistent mask specified")),
        Family::Inet6 => narrow(text, 1, 128, || "illegal ipv6 netmask specified").map(Netmask::V6),
    }
}

/// A weight or threshold.
pub fn count<T: TryFrom<u64>>(text: &str, what: &str) -> Result<T, UsageError> {
    narrow(text, 0, i32::MAX as u64, || {
        format!("illegal {what} specified")
    })
}

/// The name of a scheduler or persistence engine. One the kernel can't hold is
/// one it doesn't have.
pub fn module(text: &str) -> Result<Name, UsageError> {
    text.parse()
        .map_err(|_| UsageError::refused("Scheduler or persistence engine not found"))
}

/// A tunnel's UDP port.
pub fn tunnel_port(text: &str) -> Result<u16, UsageError> {
    narrow(text, 1, 65535, || "illegal tunnel port specified")
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
        _ => return Err(UsageError::new(format!("invalid scheduler flag `{word}'"))),
    };
    match owner {
        Some(owner) if owner != scheduler.as_str() => Err(UsageError::new(format!(
            "incompatible scheduler flag `{word}'"
        ))),
        _ => Ok(flag),
    }
}

/// `master` or `backup`; the message is the command's own.
pub fn role(text: &str, message: &str) -> Result<SyncRole, UsageError> {
    match text {
        "master" => Ok(SyncRole::Master),
        "backup" => Ok(SyncRole::Backup),
        _ => Err(UsageError::new(message)),
    }
}

/// A sync id.
pub fn sync_id(text: &str) -> Result<u32, UsageError> {
    narrow(text, 0, 255, || "illegal syncid specified")
}

/// The length of sync messages: a UDP payload.
pub fn sync_max_length(text: &str) -> Result<u16, UsageError> {
    narrow(text, 1, 65535 - 20 - 8, || "illegal sync-maxlen specified")
}

/// The UDP port of sync messages.
pub fn mcast_port(text: &str) -> Result<u16, UsageError> {
    narrow(text, 1, 65535, || "illegal mcast-port specified")
}

/// The TTL of sync messages.
pub fn mcast_ttl(text: &str) -> Result<u8, UsageError> {
    narrow(text, 1, 255, || "illegal mcast-ttl specified")
}

/// A multicast group.
pub fn mcast_group(text: &str) -> Result<IpAddr, UsageError> {
    let family = if text.contains(':') { "IPv6" } else { "IPv4" };
    match text.parse::<IpAddr>() {
        Ok(address) if address.is_multicast() => Ok(address),
        _ => Err(UsageError::new(format!(
            "invalid {family} mcast-group `{text}'"
        ))),
    }
}

/// An interface's name. One the kernel can't hold is one it doesn't have.
pub fn interface(text: &str) -> Result<Name, UsageError> {
    text.parse()
        .map_err(|_| UsageError::refused("No such device"))
}

/// A file's path.
pub fn path(text: &str) -> Result<&str, UsageError> {
    // An argument that was not UTF-8 has become another path.
    if text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(UsageError::new(format!(
            "illegal file path `{text}' specified"
        )));
    }
    Ok(text)
}

/// The value of `--netns`.
pub fn netns(text: &str) -> Result<&str, UsageError> {
    path(text).map_err(|_| UsageError::new(format!("illegal network namespace `{text}' specified")))
}

/// The value of `--client`.
pub fn network(text: &str) -> Result<Network, UsageError> {
    let parse = || {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let bare = address
            .strip_prefix('[')
            .and_then(|a| a.strip_suffix(']'))
            .unwrap_or(address);
        let address: IpAddr = bare.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(most), |length| number(length, 0, most))?;
        Some(Network {
            address,
            length: u8::try_from(length).ok()?,
        })
    };
    parse().ok_or_else(|| {
        UsageError::new(format!(
            "illegal client address[/length] `{text}' specified"
        ))
    })
}

/// How long names may be looked up, in seconds.
pub fn resolve_timeout(text: &str) -> Result<u32, UsageError> {
    narrow(text, 0, MAX_TIMEOUT, || {
        format!("invalid resolve-timeout value `{text}' specified")
    })
}

/// How long to wait, in seconds; 0 not at all.
pub fn wait(text: &str) -> Result<u32, UsageError> {
    narrow(text, 0, MAX_TIMEOUT, || {
        format!("invalid wait value `{text}' specified")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoNames;
    impl Lookup for NoNames {
        fn host(&mut self, _: &str) -> &[IpAddr] {
            &[]
        }
        fn port(&mut self, _: &str, _: Protocol) -> Option<u16> {
            None
        }
    }

    #[test]
    fn numbers_as_strtol_takes_them() {
        for good in ["5", " 5", "+5", "05", "\t+5"] {
            assert_eq!(number(good, 0, 10), Some(5), "{good:?}");
        }
        assert_eq!(number("-0", 0, 10), Some(0));
        for bad in [
            "",
            " ",
            "-",
            "+",
            "-5",
            "5 ",
            "5x",
            "0x5",
            "1.5",
            "11",
            "99999999999999999999999",
            "++5",
            "é",
        ] {
            assert_eq!(number(bad, 0, 10), None, "{bad:?}");
        }
    }

    #[test]
    fn addresses_and_ports() {
        let parse = |text| {
            host_and_port(text, Protocol::TCP, &mut NoNames).map(|(a, p)| (a.to_string(), p))
        };
        let found = |address: &str, port| Some((address.to_owned(), port));
        assert_eq!(parse("10.0.0.5"), found("10.0.0.5", None));
        assert_eq!(parse("10.1:080"), found("10.0.0.1", Some(80)));
        assert_eq!(parse("12345:80"), found("0.0.48.57", Some(80)));
        assert_eq!(parse("[::1]:80"), found("::1", Some(80)));
        assert_eq!(parse("[::1]"), found("::1", None));
        assert_eq!(parse("::1"), found("::1", None));
        for bad in [
            "",
            ":80",
            "10.0.0.5:",
            "10.0.0.5:65536",
            "10.0.0.5:-1",
            "10.0.0.5:1:2",
            "12345",
            "[]",
            "[::1",
            "[::1]x",
            "[::1]:",
            "[10.0.0.1]:80",
            "fe80::1%lo",
            " 10.0.0.5:80",
            "10.0.0.5:80 ",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn flags_of_schedulers() {
        let sh: Name = "sh".parse().unwrap();
        let bits = |text| scheduler_flags(text, &sh).map(SchedulerFlags::bits);
        assert_eq!(bits("sh-port,flag-3"), Ok(0x30));
        assert_eq!(bits(",,,"), Ok(0));
        assert_eq!(
            bits("mh-port").unwrap_err().message,
            "incompatible scheduler flag `mh-port'"
        );
        assert_eq!(
            bits(" sh-port").unwrap_err().message,
            "invalid scheduler flag ` sh-port'"
        );
    }
}
