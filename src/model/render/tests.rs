//! What 1.31 has too was printed by it; it reads all the rest.

use super::*;
use crate::model::{Name, Netmask, Persistence, SchedulerFlags, SyncRole};

fn rendered(change: &Change) -> String {
    change.to_string()
}

fn endpoint(address: &str, port: u16) -> Endpoint {
    let address = address.parse().unwrap();
    Endpoint { address, port }
}

fn udp(address: &str, port: u16) -> ServiceKey {
    ServiceKey::Address {
        protocol: Protocol::UDP,
        endpoint: endpoint(address, port),
    }
}

fn mark(family: Family, mark: u32) -> ServiceKey {
    ServiceKey::Fwmark { family, mark }
}

#[test]
fn services() {
    let key = udp("10.0.0.1", 3);
    let full = Service {
        flags: SchedulerFlags::from_bits(0x38),
        persistence: Some(Persistence {
            timeout: 5,
            netmask: Netmask::V4("255.255.0.0".parse().unwrap()),
        }),
        engine: Some(Name::from_static("sip")),
        one_packet: true,
        ..Service::new(key)
    };
    let text = |service| rendered(&Change::AddService(service));
    assert_eq!(
        text(full),
        "-A -u 10.0.0.1:3 -s wlc -p 5 -M 255.255.0.0 --pe sip -o -b flag-1,flag-2,flag-3"
    );
    let engine_only = Service {
        engine: full.engine,
        ..Service::new(key)
    };
    assert_eq!(text(engine_only), "-A -u 10.0.0.1:3 -s wlc --pe sip");
    let marked = Service {
        persistence: Some(Persistence {
            timeout: 360,
            netmask: Netmask::V6(48),
        }),
        ..Service::new(mark(Family::Inet6, 8))
    };
    assert_eq!(text(marked), "-A -f 8 -6 -s wlc -p 360 -M 48");
    assert_eq!(
        text(Service::new(mark(Family::Inet, 4_294_967_295))),
        "-A -f 4294967295 -s wlc"
    );
    let sctp = ServiceKey::Address {
        protocol: Protocol::SCTP,
        endpoint: endpoint("2001:db8::1", 443),
    };
    assert_eq!(
        text(Service::new(sctp)),
        "-A --sctp-service [2001:db8::1]:443 -s wlc"
    );
    assert_eq!(
        rendered(&Change::EditService(Service::new(key))),
        "-E -u 10.0.0.1:3 -s wlc"
    );
}

/// What comes after the addresses.
fn destination(forward: ForwardMethod, thresholds: (u32, u32)) -> String {
    let destination = Destination {
        forward,
        upper_threshold: thresholds.0,
        lower_threshold: thresholds.1,
        ..Destination::new(endpoint("10.0.0.3", 80))
    };
    let text = rendered(&Change::AddDestination(udp("10.0.0.1", 80), destination));
    text.strip_prefix("-a -u 10.0.0.1:80 -r 10.0.0.3:80 ")
        .unwrap()
        .to_owned()
}

#[test]
fn forwarding_methods() {
    let plain = |forward| destination(forward, (0, 0));
    let gue = |checksum| {
        ForwardMethod::Tunnel(Tunnel::Gue {
            port: 6080,
            checksum,
        })
    };
    let gre = |checksum| ForwardMethod::Tunnel(Tunnel::Gre { checksum });
    assert_eq!(plain(ForwardMethod::Masquerade), "-m -w 1");
    assert_eq!(plain(ForwardMethod::DirectRoute), "-g -w 1");
    assert_eq!(plain(ForwardMethod::Local), "-g -w 1");
    assert_eq!(
        plain(ForwardMethod::Tunnel(Tunnel::Ipip)),
        "-i -w 1 --tun-type ipip"
    );
    for (checksum, option) in [
        (Checksum::None, "--tun-nocsum"),
        (Checksum::Full, "--tun-csum"),
        (Checksum::Remote, "--tun-remcsum"),
        (Checksum::Other(3), "--tun-csum --tun-remcsum"),
        (Checksum::Other(4), "--tun-nocsum"),
    ] {
        assert_eq!(
            plain(gue(checksum)),
            format!("-i -w 1 --tun-type gue --tun-port 6080 {option}")
        );
        assert_eq!(
            plain(gre(checksum)),
            format!("-i -w 1 --tun-type gre {option}")
        );
    }
    let other = Tunnel::Other {
        kind: 3,
        port: 6080,
        flags: 1,
    };
    assert_eq!(plain(ForwardMethod::Tunnel(other)), "-i -w 1");
}

#[test]
fn thresholds_follow_the_weight() {
    assert_eq!(
        destination(ForwardMethod::Masquerade, (100, 50)),
        "-m -w 1 -x 100 -y 50"
    );
    assert_eq!(
        destination(ForwardMethod::Tunnel(Tunnel::Ipip), (7, 0)),
        "-i -w 1 -x 7 --tun-type ipip"
    );
    assert_eq!(
        destination(ForwardMethod::Masquerade, (0, 7)),
        "-m -w 1 -y 7"
    );
}

#[test]
fn other_changes() {
    let (six, timeouts) = (
        mark(Family::Inet6, 8),
        Timeouts {
            tcp: 5,
            tcp_fin: 0,
            udp: 7,
        },
    );
    let server = endpoint("2001:db8::2", 0);
    for (change, expected) in [
        (Change::Clear, "-C"),
        (Change::DeleteService(six), "-D -f 8 -6"),
        (
            Change::EditDestination(six, Destination::new(server)),
            "-e -f 8 -6 -r [2001:db8::2]:0 -g -w 1",
        ),
        (
            Change::DeleteDestination(six, server),
            "-d -f 8 -6 -r [2001:db8::2]:0",
        ),
        (Change::Zero(None), "-Z"),
        (Change::Zero(Some(udp("10.0.0.1", 80))), "-Z -u 10.0.0.1:80"),
        (Change::SetTimeouts(timeouts), "--set 5 0 7"),
        (
            Change::StopDaemon(SyncRole::Master, 3),
            "--stop-daemon master --syncid 3",
        ),
    ] {
        assert_eq!(rendered(&change), expected);
    }
}

#[test]
fn daemons() {
    let full = SyncDaemon {
        role: SyncRole::Backup,
        interface: Name::from_static("eth0"),
        sync_id: 3,
        max_length: Some(1000),
        group: Some("ff02::82".parse().unwrap()),
        port: Some(99),
        ttl: Some(3),
    };
    assert_eq!(
        rendered(&Change::StartDaemon(full)),
        "--start-daemon backup --mcast-interface eth0 --syncid 3 --sync-maxlen 1000 \
         --mcast-group ff02::82 --mcast-port 99 --mcast-ttl 3"
    );
    let bare = SyncDaemon {
        role: SyncRole::Master,
        max_length: None,
        group: None,
        port: None,
        ttl: None,
        ..full
    };
    assert_eq!(
        rendered(&Change::StartDaemon(bare)),
        "--start-daemon master --mcast-interface eth0 --syncid 3"
    );
}
