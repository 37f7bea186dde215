//! The kernel's rows: their headers, and the few of their attributes that matter here.
//! Nothing panics, whatever the bytes.

use crate::doctor::facts::machine::{Address, Claim, Link, Way};
use netlink_packet_core::{DecodeError, Emitable, NlasIterator};
use netlink_packet_route::address::{AddressHeader, AddressHeaderFlags};
use netlink_packet_route::link::{LinkFlags, LinkHeader};
use netlink_packet_route::neighbour::{NeighbourHeader, NeighbourState};
use netlink_packet_route::route::{RouteHeader, RouteType};
use std::collections::HashMap;
use std::net::IpAddr;

/// The attributes after the header, by their numbers.
fn attributes<'a>(
    payload: &'a [u8],
    header: &impl Emitable,
) -> Result<HashMap<u16, &'a [u8]>, DecodeError> {
    nested(payload.get(header.buffer_len()..).unwrap_or_default())
}

fn nested(bytes: &[u8]) -> Result<HashMap<u16, &[u8]>, DecodeError> {
    /// Of an attribute: its number, without flags, follows its length of two bytes.
    const HEADER: usize = 4;
    let mut rest = bytes;
    let mut found = HashMap::new();
    for attribute in NlasIterator::new(bytes) {
        let attribute = attribute?;
        let length = usize::from(attribute.length());
        let value = rest.get(HEADER..length).unwrap_or_default();
        found.insert(attribute.kind(), value);
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(found)
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.try_into().ok()?))
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(end).into_owned()
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => Some(<[u8; 4]>::try_from(bytes).ok()?.into()),
        16 => Some(<[u8; 16]>::try_from(bytes).ok()?.into()),
        _ => None,
    }
}

pub fn link(payload: &[u8]) -> Result<Option<Link>, DecodeError> {
    /// The kernel's names of tunnels.
    const TUNNELS: [&str; 5] = ["ipip", "gre", "ip6gre", "ip6tnl", "sit"];
    let header = LinkHeader::parse(payload)?;
    let found = attributes(payload, &header)?;
    let info = nested(found.get(&libc::IFLA_LINKINFO).copied().unwrap_or_default())?;
    let kind = info.get(&libc::IFLA_INFO_KIND).map(|kind| text(kind));
    Ok(Some(Link {
        index: header.index,
        name: found
            .get(&libc::IFLA_IFNAME)
            .map_or(String::new(), |name| text(name)),
        up: header.flags.contains(LinkFlags::Up),
        loopback: header.flags.contains(LinkFlags::Loopback),
        arp: !header.flags.contains(LinkFlags::Noarp),
        tunnel: kind.is_some_and(|kind| TUNNELS.contains(&kind.as_str())),
        mtu: found
            .get(&libc::IFLA_MTU)
            .and_then(|mtu| number(mtu))
            .unwrap_or_default(),
    }))
}

pub fn address(payload: &[u8]) -> Result<Option<Address>, DecodeError> {
    let header = AddressHeader::parse(payload)?;
    let found = attributes(payload, &header)?;
    // IPv6 has no local one, and a link between two has both.
    let own = found
        .get(&libc::IFA_LOCAL)
        .or_else(|| found.get(&libc::IFA_ADDRESS));
    Ok(own.and_then(|own| ip(own)).map(|address| Address {
        address,
        prefix_length: header.prefix_len,
        link: header.index,
        secondary: address.is_ipv4() && header.flags.contains(AddressHeaderFlags::Secondary),
        claim: claim(header.flags),
    }))
}

fn claim(flags: AddressHeaderFlags) -> Claim {
    // A refused address is tentative, too.
    if flags.contains(AddressHeaderFlags::Dadfailed) {
        Claim::Refused
    } else if flags.contains(AddressHeaderFlags::Tentative) {
        Claim::Searching
    } else {
        Claim::Held
    }
}

pub fn neighbour(payload: &[u8]) -> Result<Option<(NeighbourState, u32, IpAddr)>, DecodeError> {
    let header = NeighbourHeader::parse(payload)?;
    let found = attributes(payload, &header)?;
    let address = found.get(&libc::NDA_DST).and_then(|address| ip(address));
    Ok(address.map(|address| (header.state, header.ifindex, address)))
}

pub fn way(payload: &[u8]) -> Result<Option<Way>, DecodeError> {
    /// A router of the other family: `RTA_VIA` of `linux/rtnetlink.h`, whose value
    /// begins with the family in two bytes.
    const RTA_VIA: u16 = 18;
    /// The metric `RTAX_MTU` of the same file.
    const RTAX_MTU: u16 = 2;
    let header = RouteHeader::parse(payload)?;
    if header.kind == RouteType::Local {
        return Ok(Some(Way::Local));
    }
    let found = attributes(payload, &header)?;
    let via = found.get(&RTA_VIA).and_then(|via| ip(via.get(2..)?));
    let gateway = found
        .get(&libc::RTA_GATEWAY)
        .and_then(|gateway| ip(gateway));
    let link = found.get(&libc::RTA_OIF).and_then(|link| number(link));
    let metrics = nested(found.get(&libc::RTA_METRICS).copied().unwrap_or_default())?;
    Ok(Some(Way::Through {
        link: link.unwrap_or_default(),
        gateway: gateway.or(via),
        mtu: metrics.get(&RTAX_MTU).and_then(|mtu| number(mtu)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::facts::rtnetlink::emitted;
    use netlink_packet_core::DefaultNla;
    use proptest::prelude::*;

    fn with(header: &impl Emitable, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut payload = emitted(header);
        for (kind, value) in attributes {
            payload.extend(emitted(&DefaultNla::new(*kind, value.to_vec())));
        }
        payload
    }

    #[test]
    fn rows_are_read() {
        let header = LinkHeader {
            index: 7,
            flags: LinkFlags::Up,
            ..LinkHeader::default()
        };
        let kind = emitted(&DefaultNla::new(libc::IFLA_INFO_KIND, b"ipip\0".to_vec()));
        let payload = with(
            &header,
            &[
                (libc::IFLA_IFNAME, b"tunl0\0"),
                (libc::IFLA_MTU, &1480u32.to_ne_bytes()),
                (libc::IFLA_LINKINFO, &kind),
            ],
        );
        let found = link(&payload).unwrap().unwrap();
        assert_eq!(
            (found.index, found.name.as_str(), found.mtu),
            (7, "tunl0", 1480)
        );
        assert!(found.up && found.tunnel && found.arp && !found.loopback);
        // IPv4 by a router of IPv6.
        let via = [&[10, 0][..], &[0; 15], &[1]].concat();
        let metrics = emitted(&DefaultNla::new(2, 1400u32.to_ne_bytes().to_vec()));
        let payload = with(
            &RouteHeader::default(),
            &[
                (libc::RTA_OIF, &7u32.to_ne_bytes()),
                (libc::RTA_METRICS, &metrics),
                (18, &via),
            ],
        );
        let through = Way::Through {
            link: 7,
            gateway: Some("::1".parse().unwrap()),
            mtu: Some(1400),
        };
        assert_eq!(way(&payload).unwrap(), Some(through));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = (link(&bytes), address(&bytes), neighbour(&bytes), way(&bytes));
        }
    }
}
