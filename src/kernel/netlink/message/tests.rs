//! Bytes captured from Linux 6.1, and bytes that no kernel sends.

use super::*;
use crate::kernel::netlink::attributes::{nest, put_u16, service as svc};
use crate::kernel::netlink::frame::messages;
use crate::model::*;
use proptest::prelude::*;
use std::net::Ipv4Addr;

/// A datagram of a service dump: a persistent UDP service and an IPv6 fwmark.
const SERVICES: &str = "\
    700100001c000200000000800f030000010100005c0101000600010002000000\
    0600020011000000140003000a00000100000000000000000000000006000400\
    13c40000070006007368000008000b00736970000c0007000b000000ffffffff\
    080008002c01000008000900ffffff0060000a00080001000000000008000200\
    0000000008000300000000000c000400000000000000000004000b000c000500\
    0000000000000000080006000000000008000700000000000800080000000000\
    080009000000000008000a0000000000a0000c000c0001000000000000000000\
    04000b000c000200000000000000000004000b000c0003000000000000000000\
    04000b000c000400000000000000000004000b000c0005000000000000000000\
    04000b000c000600000000000000000004000b000c0007000000000000000000\
    04000b000c000800000000000000000004000b000c0009000000000000000000\
    04000b000c000a000000000000000000500100001c000200000000800f030000\
    010100003c010100060001000a00000008000500f0ffffff08000600776c6300\
    0c00070002000000ffffffff0800080000000000080009008000000064000a00\
    08000100000000000800020000000000080003000000000004000b000c000400\
    000000000000000004000b000c00050000000000000000000800060000000000\
    08000700000000000800080000000000080009000000000008000a0000000000\
    a0000c000c000100000000000000000004000b000c0002000000000000000000\
    04000b000c000300000000000000000004000b000c0004000000000000000000\
    04000b000c000500000000000000000004000b000c0006000000000000000000\
    04000b000c000700000000000000000004000b000c0008000000000000000000\
    04000b000c000900000000000000000004000b000c000a000000000000000000";

/// A datagram of a destination dump: one by GUE with remote checksums.
const DESTINATIONS: &str = "\
    900100001c000200010000800f030000050100007c010200140001000a090002\
    000000000000000000000000060002001f900000080003000200000008000400\
    0700000005000d000100000006000e0017c0000006000f000200000008000500\
    64000000080006000a0000000800070000000000080008000000000008000900\
    0000000006000b000200000064000a0008000100000000000800020000000000\
    080003000000000004000b000c000400000000000000000004000b000c000500\
    0000000000000000080006000000000008000700000000000800080000000000\
    080009000000000008000a0000000000a0000c000c0001000000000000000000\
    04000b000c000200000000000000000004000b000c0003000000000000000000\
    04000b000c000400000000000000000004000b000c0005000000000000000000\
    04000b000c000600000000000000000004000b000c0007000000000000000000\
    04000b000c000800000000000000000004000b000c0009000000000000000000\
    04000b000c000a000000000000000000";

/// A datagram of a daemon dump: a backup on an IPv6 group.
const DAEMONS: &str = "\
    5c0000001c000200020000800f03000009010000480003000800010002000000\
    070002006c6f000008000300050000000600040078050000060007000f270000\
    050008000300000014000600ff050000000000000000000000000007";

/// The reply to GET_INFO, after its headers.
const INFO: &str = "08000100010201000800020000100000";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// The attributes of each message of a datagram.
fn rows(hex: &str) -> Vec<Vec<u8>> {
    let datagram = bytes(hex);
    messages(&datagram)
        .map(|item| item.unwrap().1[4..].to_vec())
        .collect()
}

fn sip_service() -> Service {
    Service {
        scheduler: "sh".parse().unwrap(),
        flags: SchedulerFlags::FLAG_1,
        persistence: Some(Persistence {
            timeout: 300,
            netmask: Netmask::V4(Ipv4Addr::new(255, 255, 255, 0)),
        }),
        engine: Some("sip".parse().unwrap()),
        ..Service::new(ServiceKey::Address {
            protocol: Protocol::UDP,
            endpoint: Endpoint {
                address: Ipv4Addr::new(10, 0, 0, 1).into(),
                port: 5060,
            },
        })
    }
}

fn gue_destination() -> Destination {
    Destination {
        endpoint: Endpoint {
            address: Ipv4Addr::new(10, 9, 0, 2).into(),
            port: 8080,
        },
        forward: ForwardMethod::Tunnel(Tunnel::Gue {
            port: 6080,
            checksum: Checksum::Remote,
        }),
        weight: 7,
        upper_threshold: 100,
        lower_threshold: 10,
    }
}

#[test]
fn captured_services_decode() {
    let decoded: Vec<_> = rows(SERVICES)
        .iter()
        .map(|row| ServiceStatus::decode(row, ()).unwrap().service)
        .collect();
    let mark = Service::new(ServiceKey::Fwmark {
        family: Family::Inet6,
        mark: 0xffff_fff0,
    });
    assert_eq!(decoded, [sip_service(), mark]);
}

#[test]
fn captured_destinations_decode() {
    let row = &rows(DESTINATIONS)[0];
    let status = DestinationStatus::decode(row, Family::Inet6).unwrap();
    assert_eq!(status.destination, gue_destination());
    assert_eq!((status.active, status.stats), (0, Stats::default()));
}

#[test]
fn captured_daemons_decode() {
    let daemon = SyncDaemon {
        role: SyncRole::Backup,
        interface: "lo".parse().unwrap(),
        sync_id: 5,
        max_length: Some(1400),
        group: Some("ff05::7".parse().unwrap()),
        port: Some(9999),
        ttl: Some(3),
    };
    assert_eq!(SyncDaemon::decode(&rows(DAEMONS)[0], ()), Ok(daemon));
}

#[test]
fn captured_info_decodes() {
    let info = Info {
        version: (1, 2, 1),
        connection_table_size: 4096,
    };
    assert_eq!(decode_info(&bytes(INFO)), Ok(info));
    assert!(decode_info(&[]).is_err());
}

#[test]
fn what_is_encoded_decodes() {
    let mut out = Vec::new();
    encode_change(&Change::AddService(sip_service()), &mut out);
    assert_eq!(
        ServiceStatus::decode(&out, ()).unwrap().service,
        sip_service()
    );
    out.clear();
    let key = sip_service().key;
    encode_change(&Change::AddDestination(key, gue_destination()), &mut out);
    let status = DestinationStatus::decode(&out, Family::Inet).unwrap();
    assert_eq!(status.destination, gue_destination());
    out.clear();
    let timeouts = Timeouts {
        tcp: 1,
        tcp_fin: 2,
        udp: 3,
    };
    encode_change(&Change::SetTimeouts(timeouts), &mut out);
    assert_eq!(decode_timeouts(&out), Ok(timeouts));
}

#[test]
fn counters_of_64_bits_win_and_32_will_do() {
    let mut old = Vec::new();
    nest(&mut old, svc::STATS, |out| put(out, 1, &7u32.to_ne_bytes()));
    let mut new = Vec::new();
    nest(&mut new, svc::STATS64, |out| {
        put(out, 1, &(1u64 << 33).to_ne_bytes());
    });
    let connections = |nests: &[&[u8]]| {
        let mut out = Vec::new();
        nest(&mut out, top::SERVICE, |out| {
            put_u16(out, svc::FAMILY, 2);
            put_u32(out, svc::FWMARK, 1);
            put(out, svc::SCHEDULER, b"rr\0");
            nests.iter().for_each(|nest| out.extend_from_slice(nest));
        });
        ServiceStatus::decode(&out, ()).unwrap().stats.connections
    };
    assert_eq!(connections(&[&old]), 7);
    assert_eq!(connections(&[&old, &new]), 1 << 33);
    assert_eq!(connections(&[&new, &old]), 1 << 33);
    assert_eq!(connections(&[]), 0);
}

#[test]
fn a_service_of_an_unknown_family_fails_by_name() {
    let mut out = Vec::new();
    nest(&mut out, top::SERVICE, |out| put_u16(out, svc::FAMILY, 99));
    assert_eq!(
        ServiceStatus::decode(&out, ()),
        Err(Malformed("an unknown address family"))
    );
}

/// Every decoder on the same bytes.
fn decode_all(datagram: &[u8]) {
    for item in messages(datagram) {
        let Ok((_, payload)) = item else { continue };
        for start in [0, 4] {
            let attributes = payload.get(start..).unwrap_or_default();
            let _ = ServiceStatus::decode(attributes, ());
            let _ = DestinationStatus::decode(attributes, Family::Inet);
            let _ = DestinationStatus::decode(attributes, Family::Inet6);
            let _ = SyncDaemon::decode(attributes, ());
            let _ = decode_timeouts(attributes);
            let _ = decode_info(attributes);
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(noise in prop::collection::vec(any::<u8>(), 0..600)) {
        decode_all(&noise);
        // The same as attributes, behind good headers.
        let mut message = ((20 + noise.len()) as u32).to_ne_bytes().to_vec();
        message.resize(20, 0);
        message.extend_from_slice(&noise);
        decode_all(&message);
    }

    #[test]
    fn mutated_messages_never_panic(
        which in 0usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut datagram = bytes([SERVICES, DESTINATIONS, DAEMONS][which]);
        for (place, value) in changes {
            let place = place.index(datagram.len());
            datagram[place] = value;
        }
        decode_all(&datagram);
        datagram.truncate(cut.index(datagram.len()));
        decode_all(&datagram);
    }

    #[test]
    fn any_destination_comes_back(
        address in any::<std::net::IpAddr>(), port: u16, weight: i32,
        upper: u32, lower: u32, method in 0u8..8, tunnel: u16, flags: u16,
    ) {
        let checksum = Checksum::from_bits(flags);
        let destination = Destination {
            endpoint: Endpoint { address, port },
            forward: match method {
                0 => ForwardMethod::Masquerade,
                1 => ForwardMethod::Local,
                2 => ForwardMethod::DirectRoute,
                3 => ForwardMethod::Bypass,
                4 => ForwardMethod::Tunnel(Tunnel::Ipip),
                5 => ForwardMethod::Tunnel(Tunnel::Gre { checksum }),
                6 => ForwardMethod::Tunnel(Tunnel::Other { kind: 9, port: tunnel, flags }),
                _ => ForwardMethod::Tunnel(Tunnel::Gue { port: tunnel, checksum }),
            },
            weight,
            upper_threshold: upper,
            lower_threshold: lower,
        };
        let mut out = Vec::new();
        encode_change(&Change::EditDestination(sip_service().key, destination), &mut out);
        let status = DestinationStatus::decode(&out, Family::Inet).unwrap();
        prop_assert_eq!(status.destination, destination);
    }

    #[test]
    fn any_service_comes_back(
        address in any::<std::net::IpAddr>(), port: u16, protocol: u16,
        mark in any::<Option<u32>>(), scheduler in "[a-z]{1,15}", flags: u32,
        one_packet: bool, persistent: bool, timeout: u32, mask: u32,
        engine in prop::option::of("[a-z]{1,15}"),
    ) {
        let family = Family::of(address);
        let service = Service {
            key: match mark {
                Some(mark) => ServiceKey::Fwmark { family, mark },
                None => ServiceKey::Address {
                    protocol: Protocol(protocol),
                    endpoint: Endpoint { address, port },
                },
            },
            scheduler: scheduler.parse().unwrap(),
            flags: SchedulerFlags::from_bits(flags),
            persistence: persistent.then(|| Persistence {
                timeout,
                netmask: match family {
                    Family::Inet => Netmask::V4(mask.into()),
                    Family::Inet6 => Netmask::V6(mask),
                },
            }),
            engine: engine.map(|name| name.parse().unwrap()),
            one_packet,
        };
        let mut out = Vec::new();
        encode_change(&Change::AddService(service), &mut out);
        prop_assert_eq!(ServiceStatus::decode(&out, ()).unwrap().service, service);
    }
}
