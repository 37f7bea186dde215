//! The library on a real kernel: what it writes is what it reads back.

mod support;

use ipvs::kernel::{Error, Kernel, Operation};
use ipvs::model::*;
use std::net::Ipv4Addr;
use support::kernel::*;

fn key(protocol: Protocol, address: &str, port: u16) -> ServiceKey {
    ServiceKey::Address {
        protocol,
        endpoint: endpoint(address, port),
    }
}

fn tcp(port: u16) -> ServiceKey {
    key(Protocol::TCP, "10.0.0.1", port)
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn errno<T: std::fmt::Debug>(result: Result<T, Error>) -> (Operation, i32) {
    match result {
        Err(Error::Refused(refusal)) => (refusal.operation, refusal.errno),
        other => panic!("not refused: {other:?}"),
    }
}

fn configured(kernel: &mut Kernel) -> Vec<Service> {
    let mut services: Vec<_> = kernel
        .services()
        .unwrap()
        .iter()
        .map(|s| s.service)
        .collect();
    services.sort_by_key(|s| s.key);
    services
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_empty_table() {
    let mut kernel = kernel();
    assert_eq!(kernel.info().version, (1, 2, 1));
    let size = kernel.info().connection_table_size;
    // Since Linux 7 there is none before the first service.
    assert!(size == 0 || size.is_power_of_two());
    assert_eq!(kernel.services().unwrap(), []);
    assert_eq!(kernel.daemons().unwrap(), []);
    assert_eq!(kernel.destinations(&tcp(80)).unwrap(), []);
    assert_eq!(
        errno(kernel.service(&tcp(80))),
        (Operation::GetService, ESRCH)
    );
}

fn every_kind_of_service() -> Vec<Service> {
    let mut plain = Service::new(tcp(80));
    plain.scheduler = name("rr");
    let mut sip = Service::new(key(Protocol::UDP, "10.0.0.1", 5060));
    sip.one_packet = true;
    sip.persistence = Some(Persistence {
        timeout: 360,
        netmask: Netmask::V4(Ipv4Addr::new(255, 255, 0, 0)),
    });
    sip.engine = Some(name("sip"));
    let mut flagged = Service::new(key(Protocol::SCTP, "2001:db8::1", 1));
    flagged.scheduler = name("sh");
    flagged.flags = SchedulerFlags::FLAG_1.union(SchedulerFlags::FLAG_2);
    flagged.persistence = Some(Persistence {
        timeout: 2_678_400,
        netmask: Netmask::V6(64),
    });
    let family = Family::Inet;
    let marked = Service::new(ServiceKey::Fwmark {
        family,
        mark: u32::MAX,
    });
    let family = Family::Inet6;
    let marked6 = Service::new(ServiceKey::Fwmark { family, mark: 1 });
    vec![plain, sip, flagged, marked6, marked]
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn services_come_back_as_they_were_added() {
    let mut kernel = kernel();
    let services = every_kind_of_service();
    for service in &services {
        kernel.apply(&Change::AddService(*service)).unwrap();
        assert_eq!(
            errno(kernel.apply(&Change::AddService(*service))),
            (Operation::AddService, EEXIST)
        );
        assert_eq!(kernel.service(&service.key).unwrap().service, *service);
    }
    assert_eq!(configured(&mut kernel), services);
    for service in &services {
        kernel.apply(&Change::DeleteService(service.key)).unwrap();
    }
    assert_eq!(configured(&mut kernel), []);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_edit_changes_everything_and_back() {
    let mut kernel = kernel();
    let key = key(Protocol::UDP, "10.0.0.1", 5060);
    let plain = Service::new(key);
    let mut other = plain;
    other.scheduler = name("mh");
    other.flags = SchedulerFlags::FLAG_2;
    other.one_packet = true;
    other.persistence = Some(Persistence {
        timeout: 77,
        netmask: Netmask::V4(Ipv4Addr::new(255, 255, 255, 0)),
    });
    other.engine = Some(name("sip"));
    kernel.apply(&Change::AddService(plain)).unwrap();
    for service in [other, plain, other] {
        kernel.apply(&Change::EditService(service)).unwrap();
        assert_eq!(kernel.service(&key).unwrap().service, service);
    }
    let mut wrong = plain;
    wrong.scheduler = name("nosuch");
    assert_eq!(
        errno(kernel.apply(&Change::EditService(wrong))),
        (Operation::EditService, ENOENT)
    );
    assert_eq!(
        errno(kernel.apply(&Change::EditService(Service::new(tcp(1))))),
        (Operation::EditService, ESRCH)
    );
}

/// The kernel by itself would take the prefix length for an IPv4 mask.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_netmask_of_the_other_family_is_refused() {
    let mut kernel = kernel();
    let v6 = key(Protocol::TCP, "2001:db8::1", 80);
    let masks = [
        (tcp(80), Netmask::V6(64)),
        (v6, Netmask::V4(Ipv4Addr::BROADCAST)),
    ];
    for (key, netmask) in masks {
        let plain = Service::new(key);
        let mut wrong = plain;
        wrong.persistence = Some(Persistence {
            timeout: 300,
            netmask,
        });
        for (before, change) in [
            (None, Change::AddService(wrong)),
            (Some(Change::AddService(plain)), Change::EditService(wrong)),
        ] {
            let before: Vec<_> = before.into_iter().collect();
            apply_all(&mut kernel, &before);
            let expected = (Operation::of(&change), EINVAL);
            assert_eq!(errno(kernel.apply(&change)), expected);
            let refusals = kernel.apply_all(&[change, Change::Zero(None)]).unwrap();
            let refusals = refusals
                .iter()
                .map(|(at, it)| (*at, it.operation, it.errno));
            assert_eq!(refusals.collect::<Vec<_>>(), [(0, expected.0, expected.1)]);
        }
        assert_eq!(kernel.service(&key).unwrap().service, plain);
    }
}

fn every_kind_of_destination() -> Vec<Destination> {
    let to = |n: u8, forward| {
        let mut server = Destination::new(endpoint(&format!("10.9.0.{n}"), 80 + u16::from(n)));
        server.forward = forward;
        server.weight = i32::from(n) * 100;
        server.upper_threshold = 1000 * u32::from(n);
        server.lower_threshold = u32::from(n);
        server
    };
    let gue = |checksum| Tunnel::Gue {
        port: 6080,
        checksum,
    };
    let tunnels = [
        Tunnel::Ipip,
        gue(Checksum::None),
        gue(Checksum::Full),
        gue(Checksum::Remote),
        Tunnel::Gre {
            checksum: Checksum::None,
        },
        Tunnel::Gre {
            checksum: Checksum::Full,
        },
    ];
    let plain = [ForwardMethod::Masquerade, ForwardMethod::DirectRoute];
    let methods = plain
        .into_iter()
        .chain(tunnels.into_iter().map(ForwardMethod::Tunnel));
    let mut all: Vec<_> = (1..).zip(methods).map(|(n, f)| to(n, f)).collect();
    // Another family than the service's: only by tunnel.
    let mut other = all[2];
    other.endpoint = endpoint("2001:db8::9", 80);
    other.weight = i32::MAX;
    all.push(other);
    all
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn destinations_come_back_as_they_were_added() {
    let mut kernel = kernel();
    let key = tcp(80);
    kernel
        .apply(&Change::AddService(Service::new(key)))
        .unwrap();
    let destinations = every_kind_of_destination();
    for destination in &destinations {
        let add = Change::AddDestination(key, *destination);
        kernel.apply(&add).unwrap();
        assert_eq!(
            errno(kernel.apply(&add)),
            (Operation::AddDestination, EEXIST)
        );
    }
    // New ones enter at the head.
    let mut listed = servers(&mut kernel, &key);
    listed.reverse();
    assert_eq!(listed, destinations);
    for destination in &destinations {
        let delete = Change::DeleteDestination(key, destination.endpoint);
        kernel.apply(&delete).unwrap();
        assert_eq!(
            errno(kernel.apply(&delete)),
            (Operation::DeleteDestination, ENOENT)
        );
    }
    assert_eq!(servers(&mut kernel, &key), []);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_edit_changes_a_destination_into_any_other() {
    let mut kernel = kernel();
    let key = tcp(80);
    kernel
        .apply(&Change::AddService(Service::new(key)))
        .unwrap();
    let kinds = every_kind_of_destination();
    let there = kinds[0].endpoint;
    kernel
        .apply(&Change::AddDestination(key, kinds[0]))
        .unwrap();
    for from in &kinds[..8] {
        for to in &kinds[..8] {
            for kind in [from, to] {
                let mut destination = *kind;
                destination.endpoint = there;
                kernel
                    .apply(&Change::EditDestination(key, destination))
                    .unwrap();
                assert_eq!(servers(&mut kernel, &key), [destination]);
            }
        }
    }
    assert_eq!(
        errno(kernel.apply(&Change::EditDestination(key, kinds[1]))),
        (Operation::EditDestination, ENOENT)
    );
    assert_eq!(
        errno(kernel.apply(&Change::EditDestination(tcp(9), kinds[1]))),
        (Operation::EditDestination, ESRCH)
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn refusals_carry_the_errno() {
    let mut kernel = kernel();
    let destination = Destination::new(endpoint("10.9.0.1", 80));
    let nosuch = Change::AddDestination(tcp(80), destination);
    assert_eq!(
        errno(kernel.apply(&nosuch)),
        (Operation::AddDestination, ESRCH)
    );
    kernel
        .apply(&Change::AddService(Service::new(tcp(80))))
        .unwrap();
    let multicast = Destination::new(endpoint("224.0.0.1", 80));
    assert_eq!(
        errno(kernel.apply(&Change::AddDestination(tcp(80), multicast))),
        (Operation::AddDestination, EINVAL)
    );
    let other_family = Destination::new(endpoint("2001:db8::1", 80));
    assert_eq!(
        errno(kernel.apply(&Change::AddDestination(tcp(80), other_family))),
        (Operation::AddDestination, EINVAL)
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn zero_and_clear() {
    let mut kernel = kernel();
    kernel
        .apply(&Change::AddService(Service::new(tcp(80))))
        .unwrap();
    kernel.apply(&Change::Zero(None)).unwrap();
    kernel.apply(&Change::Zero(Some(tcp(80)))).unwrap();
    assert_eq!(
        errno(kernel.apply(&Change::Zero(Some(tcp(81))))),
        (Operation::Zero, ESRCH)
    );
    kernel.apply(&Change::Clear).unwrap();
    assert_eq!(configured(&mut kernel), []);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn timeouts_keep_what_is_zero() {
    let mut kernel = kernel();
    let first = Timeouts {
        tcp: 1000,
        tcp_fin: 50,
        udp: 2_678_400,
    };
    kernel.apply(&Change::SetTimeouts(first)).unwrap();
    assert_eq!(kernel.timeouts().unwrap(), first);
    let second = Timeouts {
        tcp_fin: 60,
        ..Timeouts::default()
    };
    kernel.apply(&Change::SetTimeouts(second)).unwrap();
    let expected = Timeouts {
        tcp_fin: 60,
        ..first
    };
    assert_eq!(kernel.timeouts().unwrap(), expected);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn sync_daemons() {
    let mut kernel = kernel();
    let stop = Change::StopDaemon(SyncRole::Master, 5);
    assert_eq!(errno(kernel.apply(&stop)), (Operation::StopDaemon, ESRCH));
    let master = SyncDaemon {
        role: SyncRole::Master,
        interface: name("lo"),
        sync_id: 5,
        max_length: Some(1400),
        group: Some("239.0.0.7".parse().unwrap()),
        port: Some(9999),
        ttl: Some(3),
    };
    let backup = SyncDaemon {
        role: SyncRole::Backup,
        sync_id: 0,
        group: Some("ff05::7".parse().unwrap()),
        ..master
    };
    for daemon in [master, backup] {
        kernel.apply(&Change::StartDaemon(daemon)).unwrap();
        assert_eq!(
            errno(kernel.apply(&Change::StartDaemon(daemon))),
            (Operation::StartDaemon, EEXIST)
        );
    }
    assert_eq!(kernel.daemons().unwrap(), [master, backup]);
    kernel.apply(&stop).unwrap();
    // The kernel does not look at the id.
    kernel
        .apply(&Change::StopDaemon(SyncRole::Backup, 200))
        .unwrap();
    assert_eq!(kernel.daemons().unwrap(), []);

    let bare = SyncDaemon {
        max_length: None,
        group: None,
        port: None,
        ttl: None,
        ..master
    };
    kernel.apply(&Change::StartDaemon(bare)).unwrap();
    let running = kernel.daemons().unwrap()[0];
    assert_eq!(running.group, Some("224.0.0.81".parse().unwrap()));
    assert_eq!((running.port, running.ttl), (Some(8848), Some(1)));
    kernel.apply(&stop).unwrap();
}
