//! Text to change to text is the identity.

use super::*;
use crate::model::{
    Change, Checksum, Destination, Endpoint, Family, ForwardMethod, Netmask, Persistence, Protocol,
    SchedulerFlags, Service, ServiceKey, SyncDaemon, SyncRole, Timeouts, Tunnel,
};
use crate::names::SystemLookup;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::IpAddr;

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u8; 16]>().prop_map(IpAddr::from)
    ]
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (address(), any::<u16>()).prop_map(|(address, port)| Endpoint { address, port })
}

fn key() -> impl Strategy<Value = ServiceKey> {
    let protocol = select(vec![Protocol::TCP, Protocol::UDP, Protocol::SCTP]);
    let family = select(vec![Family::Inet, Family::Inet6]);
    prop_oneof![
        (family, 1..=u32::MAX).prop_map(|(family, mark)| ServiceKey::Fwmark { family, mark }),
        (protocol, endpoint())
            .prop_map(|(protocol, endpoint)| ServiceKey::Address { protocol, endpoint }),
    ]
}

/// A service that the checks let pass: without persistence it has a port, and only
/// UDP or a mark schedules packet by packet.
fn service() -> impl Strategy<Value = Service> {
    let flags = (0..8_u32).prop_map(|bits| SchedulerFlags::from_bits(bits << 3));
    let scheduler = select(vec!["rr", "sh", "mh", "wlc", "newer"]);
    let persistence = option::of((1..=2_678_400_u32, any::<[u8; 4]>(), 1..=128_u32));
    let engine = option::of(Just("sip"));
    (key(), scheduler, flags, persistence, engine, any::<bool>()).prop_map(
        |(key, scheduler, flags, persistence, engine, one_packet)| {
            let fwmark = matches!(key, ServiceKey::Fwmark { .. });
            let persistence =
                persistence.or((!fwmark && key.port() == 0).then_some((5, [255; 4], 128)));
            Service {
                key,
                scheduler: scheduler.parse().unwrap(),
                flags,
                persistence: persistence.map(|(timeout, mask, length)| Persistence {
                    timeout,
                    netmask: match key.family() {
                        Family::Inet => Netmask::V4(mask.into()),
                        Family::Inet6 => Netmask::V6(length),
                    },
                }),
                engine: engine.map(|engine| engine.parse().unwrap()),
                one_packet: one_packet && (fwmark || key.protocol() == Some(Protocol::UDP)),
            }
        },
    )
}

fn tunnel() -> impl Strategy<Value = Tunnel> {
    let checksum = || select(vec![Checksum::None, Checksum::Full, Checksum::Remote]);
    let gre = select(vec![Checksum::None, Checksum::Full]);
    prop_oneof![
        Just(Tunnel::Ipip),
        (1..=u16::MAX, checksum()).prop_map(|(port, checksum)| Tunnel::Gue { port, checksum }),
        gre.prop_map(|checksum| Tunnel::Gre { checksum }),
    ]
}

/// A destination that suits the service: of its family unless tunnelled, at its
/// port unless masqueraded.
fn with_destination() -> impl Strategy<Value = (ServiceKey, Destination)> {
    let forward = prop_oneof![
        Just(ForwardMethod::Masquerade),
        Just(ForwardMethod::DirectRoute),
        tunnel().prop_map(ForwardMethod::Tunnel),
    ];
    let numbers = (0..=i32::MAX, 0..=i32::MAX as u32, 0..=i32::MAX as u32);
    (key(), endpoint(), forward, numbers).prop_filter_map(
        "the families differ",
        |(key, endpoint, forward, (weight, upper_threshold, lower_threshold))| {
            let tunnelled = matches!(forward, ForwardMethod::Tunnel(_));
            let fwmark = matches!(key, ServiceKey::Fwmark { .. });
            let own_port = fwmark || forward == ForwardMethod::Masquerade;
            let port = if own_port { endpoint.port } else { key.port() };
            let endpoint = Endpoint { port, ..endpoint };
            let suits = tunnelled || Family::of(endpoint.address) == key.family();
            let new = Destination {
                endpoint,
                forward,
                weight,
                upper_threshold,
                lower_threshold,
            };
            suits.then_some((key, new))
        },
    )
}

fn daemon() -> impl Strategy<Value = SyncDaemon> {
    let group = select(vec!["224.0.0.81", "239.1.2.3", "ff02::81"]);
    let role = select(vec![SyncRole::Master, SyncRole::Backup]);
    (
        role,
        "[a-z#][a-z0-9.]{0,14}",
        0..=255_u32,
        option::of(1..=65_507_u16),
        option::of(group),
        option::of(1..=u16::MAX),
        option::of(1..=u8::MAX),
    )
        .prop_map(
            |(role, interface, sync_id, max_length, group, port, ttl)| SyncDaemon {
                role,
                interface: interface.parse().unwrap(),
                sync_id,
                max_length,
                group: group.map(|group| group.parse().unwrap()),
                port,
                ttl,
            },
        )
}

fn change() -> impl Strategy<Value = Change> {
    let timeout = || 0..=2_678_400_u32;
    prop_oneof![
        service().prop_map(Change::AddService),
        service().prop_map(Change::EditService),
        key().prop_map(Change::DeleteService),
        Just(Change::Clear),
        with_destination().prop_map(|(key, new)| Change::AddDestination(key, new)),
        with_destination().prop_map(|(key, new)| Change::EditDestination(key, new)),
        (key(), endpoint()).prop_map(|(key, endpoint)| Change::DeleteDestination(key, endpoint)),
        option::of(key()).prop_map(Change::Zero),
        (timeout(), timeout(), timeout())
            .prop_map(|(tcp, tcp_fin, udp)| Change::SetTimeouts(Timeouts { tcp, tcp_fin, udp })),
        daemon().prop_map(Change::StartDaemon),
        (
            select(vec![SyncRole::Master, SyncRole::Backup]),
            0..=255_u32
        )
            .prop_map(|(role, sync_id)| Change::StopDaemon(role, sync_id)),
    ]
}

/// The kernel takes an empty name for none, so a plan must not find the two different.
#[test]
fn an_empty_engine_is_none() {
    let read = |text| parse_line(text, &mut SystemLookup::default()).unwrap();
    let without = read("-A -u 10.0.0.1:5060 -p 5");
    assert_eq!(read("-A -u 10.0.0.1:5060 -p 5 --pe="), without);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_change_s_text_is_read_as_the_change(change in change()) {
        let text = change.to_string();
        let line = parse_line(&text, &mut SystemLookup::default());
        let line = line.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(line, Some(Request { change, exist: false }), "{}", text);
    }
}
