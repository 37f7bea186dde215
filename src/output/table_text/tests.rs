//! The expectations were printed by ipvsadm 1.31 over the same tables.

use super::*;
use crate::model::Info;
use crate::model::{Destination, Name, Netmask, Persistence, SchedulerFlags};
use crate::names::example;

mod counter_tests;
mod on_terminal_tests;

fn endpoint(address: &str, port: u16) -> Endpoint {
    let address = address.parse().unwrap();
    Endpoint { address, port }
}

fn key(protocol: Protocol, address: &str, port: u16) -> ServiceKey {
    let endpoint = endpoint(address, port);
    ServiceKey::Address { protocol, endpoint }
}

fn tcp(address: &str, port: u16) -> ServiceKey {
    key(Protocol::TCP, address, port)
}

fn mark(family: Family, mark: u32) -> ServiceKey {
    ServiceKey::Fwmark { family, mark }
}

fn persistent(timeout: u32, netmask: Netmask) -> Option<Persistence> {
    Some(Persistence { timeout, netmask })
}

fn service(key: ServiceKey, scheduler: &str) -> Service {
    Service {
        scheduler: scheduler.parse().unwrap(),
        ..Service::new(key)
    }
}

fn server(address: &str, port: u16, forward: ForwardMethod) -> DestinationStatus {
    DestinationStatus {
        destination: Destination {
            forward,
            ..Destination::new(endpoint(address, port))
        },
        active: 0,
        inactive: 0,
        persistent: 0,
        stats: Stats::default(),
    }
}

struct Listing<'a>(TableWriter<'a, Vec<u8>>);

impl<'a> Listing<'a> {
    fn new(format: TableFormat, exact: bool, names: &'a Names) -> Self {
        Listing(TableWriter::new(Vec::new(), format, exact, names))
    }

    fn service(mut self, service: Service, stats: Stats) -> Self {
        self.0.service(&ServiceStatus { service, stats }).unwrap();
        self
    }

    fn server(mut self, key: &ServiceKey, status: DestinationStatus) -> Self {
        self.0.destination(key, &status).unwrap();
        self
    }

    #[track_caller]
    fn is(self, expected: &[&str]) {
        let text = String::from_utf8(self.0.into_inner()).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        assert!(text.ends_with('\n'));
    }
}

#[test]
fn titles() {
    let names = Names::numeric();
    let mut listing = Listing::new(TableFormat::Plain, false, &names);
    listing
        .0
        .title(Info {
            version: (1, 2, 1),
            connection_table_size: 4096,
        })
        .unwrap();
    listing.0.heading().unwrap();
    listing.is(&[
        "IP Virtual Server version 1.2.1 (size=4096)",
        "Prot LocalAddress:Port Scheduler Flags",
        "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
    ]);
}

#[test]
fn settings_of_services() {
    use SchedulerFlags as F;
    let all = F::FLAG_1.union(F::FLAG_2).union(F::FLAG_3);
    let names = Names::numeric();
    let sip = Some(Name::from_static("sip"));
    let mask = |text: &str| Netmask::V4(text.parse().unwrap());
    let plain = |key, scheduler| service(key, scheduler);
    Listing::new(TableFormat::Plain, false, &names)
        .service(
            Service {
                flags: F::FLAG_2,
                ..plain(tcp("10.0.0.1", 1), "sh")
            },
            Stats::default(),
        )
        .service(
            Service {
                flags: all,
                persistence: persistent(5, mask("255.255.0.0")),
                engine: sip,
                one_packet: true,
                ..plain(key(Protocol::UDP, "10.0.0.1", 3), "wlc")
            },
            Stats::default(),
        )
        .service(
            Service {
                engine: sip,
                ..plain(key(Protocol::UDP, "10.0.0.1", 80), "wlc")
            },
            Stats::default(),
        )
        .service(
            Service {
                persistence: persistent(5, Netmask::host(Family::Inet6)),
                ..plain(tcp("2001:db8::1", 9), "wlc")
            },
            Stats::default(),
        )
        .service(
            plain(key(Protocol::SCTP, "10.0.0.1", 80), "wrr"),
            Stats::default(),
        )
        .service(
            plain(key(Protocol(1), "10.0.0.1", 80), "wlc"),
            Stats::default(),
        )
        .service(plain(mark(Family::Inet, 7), "wlc"), Stats::default())
        .service(
            Service {
                persistence: persistent(360, Netmask::V6(48)),
                ..plain(mark(Family::Inet6, 8), "wlc")
            },
            Stats::default(),
        )
        .service(
            plain(mark(Family::Inet, 4_294_967_295), "wlc"),
            Stats::default(),
        )
        .is(&[
            "TCP  10.0.0.1:1 sh (sh-port)",
            "UDP  10.0.0.1:3 wlc (flag-1,flag-2,flag-3) persistent 5 mask 255.255.0.0 pe sip ops",
            "UDP  10.0.0.1:80 wlc",
            "TCP  [2001:db8::1]:9 wlc persistent 5",
            "SCTP 10.0.0.1:80 wrr",
            "?    10.0.0.1:80 wlc",
            "FWM  7 wlc",
            "FWM  8 IPv6 wlc persistent 360 mask 48",
            // 1.31 prints -1: a row of docs/compatibility.md.
            "FWM  4294967295 wlc",
        ]);
}

#[test]
fn rows_of_destinations() {
    let (names, key) = (Names::numeric(), tcp("10.0.0.1", 80));
    let mut first = server("10.0.0.2", 80, ForwardMethod::Masquerade);
    first.destination.weight = i32::MAX;
    (
        first.destination.upper_threshold,
        first.destination.lower_threshold,
    ) = (100, 50);
    (first.active, first.inactive, first.persistent) = (u32::MAX, 12, 3);
    let mut second = server(
        "2001:db8:1111:2222:3333:4444:5555:6666",
        65535,
        ForwardMethod::Local,
    );
    second.destination.weight = -1;
    let rows = |format| {
        Listing::new(format, false, &names)
            .server(&key, first)
            .server(&key, second)
    };
    rows(TableFormat::Plain).is(&[
        "  -> 10.0.0.2:80                  Masq    2147483647 4294967295 12        ",
        "  -> [2001:db8:1111:2222:3333:4444:5555:6666]:65535 Local   -1     0          0         ",
    ]);
    rows(TableFormat::Thresholds).is(&[
        "  -> 10.0.0.2:80                  100        50         4294967295 12        ",
        "  -> [2001:db8:1111:2222:3333:4444:5555:6666]:65535 0          0          0          0         ",
    ]);
    rows(TableFormat::PersistentConnections).is(&[
        "  -> 10.0.0.2:80                  2147483647 3           4294967295 12        ",
        "  -> [2001:db8:1111:2222:3333:4444:5555:6666]:65535 4294967295 0           0          0         ",
    ]);
}

#[test]
fn tunnels() {
    let (names, key) = (Names::numeric(), tcp("10.0.0.1", 80));
    let gue = |port, checksum| ForwardMethod::Tunnel(Tunnel::Gue { port, checksum });
    let gre = |checksum| ForwardMethod::Tunnel(Tunnel::Gre { checksum });
    let other = Tunnel::Other {
        kind: 3,
        port: 9,
        flags: 9,
    };
    [
        ForwardMethod::DirectRoute,
        ForwardMethod::Tunnel(Tunnel::Ipip),
        gue(6080, Checksum::None),
        gue(65535, Checksum::Full),
        gue(6080, Checksum::Remote),
        gre(Checksum::None),
        gre(Checksum::Full),
        gue(6080, Checksum::Other(3)),
        gre(Checksum::Other(65535)),
        ForwardMethod::Tunnel(other),
        ForwardMethod::Bypass,
    ]
    .into_iter()
    .fold(
        Listing::new(TableFormat::Tunnels, false, &names),
        |listing, forward| listing.server(&key, server("10.0.0.4", 80, forward)),
    )
    .is(&[
        "  -> 10.0.0.4:80                  Route   n/a           1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  ipip          1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  gue:6080:-c   1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  gue:65535:+c  1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  gue:6080:r+c  1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  gre:-c        1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  gre:+c        1      0          0         ",
        // 1.31 reads past its table for these two, and prints a null pointer
        // for the last one.
        "  -> 10.0.0.4:80                  Tunnel  gue:6080:0x3  1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  gre:0xffff    1      0          0         ",
        "  -> 10.0.0.4:80                  Tunnel  n/a           1      0          0         ",
        "  -> 10.0.0.4:80                  Bypass  n/a           1      0          0         ",
    ]);
}

#[test]
fn names_are_cut_to_their_column() {
    let (names, key) = (example(), tcp("10.0.0.2", 80));
    let six = tcp("2001:db8::2", 443);
    let masq = ForwardMethod::Masquerade;
    Listing::new(TableFormat::Plain, false, &names)
        .service(service(key, "wlc"), Stats::default())
        .server(&key, server("10.0.0.1", 80, masq))
        .server(&key, server("10.0.0.15", 80, masq))
        .service(service(six, "wlc"), Stats::default())
        .server(&six, server("2001:db8::1", 443, masq))
        .server(&mark(Family::Inet, 7), server("10.0.0.1", 80, masq))
        .is(&[
            "TCP  a-very-long-host-name-that-g wlc",
            "  -> short.example:http           Masq    1      0          0         ",
            "  -> a23456789012345678901234567: Masq    1      0          0         ",
            "TCP  [a-very-long-six-host-name-that-goes-on-and-on.department.e wlc",
            "  -> [six.example]:https          Masq    1      0          0         ",
            "  -> short.example:80             Masq    1      0          0         ",
        ]);
    Listing::new(TableFormat::Stats, false, &names)
        .service(service(six, "wlc"), Stats::default())
        .is(&[
            "TCP  [a-very-long-six-host-name-that-goes-on-and-on.department.e        \
               0        0        0        0        0",
        ]);
}
