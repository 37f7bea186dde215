//! The reader of `/proc/net/ip_vs` on a text.
//!
//! What it says of a service's servers is each line below its only block, no more and no less; and of a block as the kernel prints
//! it, it says something.
#![no_main]

use ipvs::door;
use ipvs::model::{Destination, DestinationStatus, Endpoint, ForwardMethod, Protocol, ServiceKey};
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A service's line and its servers' as a second reader finds them.
struct Block<'a> {
    key: ServiceKey,
    servers: Vec<&'a str>,
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let blocks = blocks(&text);
    let keys: Vec<ServiceKey> = blocks.iter().map(|block| block.key).collect();
    let Some(answers) = door::proc_servers(text.as_bytes(), &keys) else {
        assert!(!is_table(&text), "a table is not read");
        return;
    };
    for (block, answer) in blocks.iter().zip(answers) {
        let alone = keys.iter().filter(|key| **key == block.key).count() == 1;
        match answer {
            Some(rows) => {
                assert!(alone, "a service with two blocks: {:?}", block.key);
                check_rows(block, &rows);
            }
            None => assert!(!alone || !is_printed(block), "{:?} is left out", block.key),
        }
    }
});

fn is_table(text: &str) -> bool {
    let mut lines = text.lines();
    text.ends_with('\n')
        && lines
            .next()
            .is_some_and(|title| title.starts_with("IP Virtual Server version "))
        && lines.next() == Some("Prot LocalAddress:Port Scheduler Flags")
        && lines.next() == Some("  -> RemoteAddress:Port Forward Weight ActiveConn InActConn")
        && !text.contains('\r')
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut inside = false;
    for line in text.split('\n').skip(3) {
        if line.starts_with("  -> ") {
            if let Some(block) = blocks.last_mut().filter(|_| inside) {
                block.servers.push(line);
            }
            continue;
        }
        let key = service(line);
        inside = key.is_some();
        blocks.extend(key.map(|key| Block {
            key,
            servers: Vec::new(),
        }));
    }
    blocks
}

/// The service of a line; none of a firewall mark's.
fn service(line: &str) -> Option<ServiceKey> {
    let (word, rest) = line.split_once(' ')?;
    let rest = rest.trim_start_matches(' ');
    let protocol = match word {
        "TCP" => Protocol::TCP,
        "UDP" => Protocol::UDP,
        "SCTP" => Protocol::SCTP,
        _ => return None,
    };
    let endpoint = endpoint(rest.split_once(' ')?.0)?;
    Some(ServiceKey::Address { protocol, endpoint })
}

fn endpoint(text: &str) -> Option<Endpoint> {
    let (address, port) = text.rsplit_once(':')?;
    let address = match address.strip_prefix('[') {
        Some(inner) => inner
            .strip_suffix(']')
            .filter(|inner| inner.len() == 39)?
            .parse::<Ipv6Addr>()
            .ok()?
            .into(),
        None => Ipv4Addr::from(digits(address, 8)?).into(),
    };
    let port = u16::try_from(digits(port, 4)?).ok()?;
    Some(Endpoint { address, port })
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(text, 16).ok().filter(|_| all)
}

/// A server's line, field by field.
fn server(line: &str) -> Option<DestinationStatus> {
    let mut fields = line
        .strip_prefix("  -> ")?
        .split(' ')
        .filter(|field| !field.is_empty());
    let mut next = || fields.next();
    let mut row = DestinationStatus::idle(Destination::new(endpoint(next()?)?));
    row.destination.forward = match next()? {
        "Masq" => ForwardMethod::Masquerade,
        "Local" => ForwardMethod::Local,
        "Tunnel" => ForwardMethod::Tunnel(Default::default()),
        "Route" => ForwardMethod::DirectRoute,
        _ => return None,
    };
    row.destination.weight = next()?.parse().ok()?;
    row.active = next()?.parse().ok()?;
    row.inactive = next()?.parse().ok()?;
    next().is_none().then_some(row)
}

fn check_rows(block: &Block<'_>, rows: &[DestinationStatus]) {
    let expected: Vec<_> = block.servers.iter().map(|line| server(line)).collect();
    let rows: Vec<_> = rows.iter().copied().map(Some).collect();
    assert_eq!(rows, expected);
    let distinct: HashSet<_> = rows
        .iter()
        .flatten()
        .map(|row| row.destination.endpoint)
        .collect();
    assert_eq!(distinct.len(), rows.len(), "a server twice");
}

/// Whether the block's servers are IPv4, distinct, and to the byte as the kernel prints them.
fn is_printed(block: &Block<'_>) -> bool {
    let mut seen = HashSet::new();
    block.servers.iter().all(|line| {
        server(line).is_some_and(|row| {
            seen.insert(row.destination.endpoint)
                && row.destination.weight >= 0
                && printed(&row).is_some_and(|text| text == *line)
        })
    })
}

fn printed(row: &DestinationStatus) -> Option<String> {
    let destination = &row.destination;
    let std::net::IpAddr::V4(address) = destination.endpoint.address else {
        return None;
    };
    let word = match destination.forward {
        ForwardMethod::Local => "Local",
        ForwardMethod::Tunnel(_) => "Tunnel",
        ForwardMethod::DirectRoute => "Route",
        _ => "Masq",
    };
    Some(format!(
        "  -> {:08X}:{:04X}      {word:<7} {:<6} {:<10} {:<10}",
        address.to_bits(),
        destination.endpoint.port,
        destination.weight,
        row.active,
        row.inactive
    ))
}
