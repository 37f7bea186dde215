use super::*;
use crate::model::{Destination, Family, ForwardMethod, Protocol, Tunnel};
use proptest::prelude::*;
use std::fmt::Write;
use std::net::Ipv4Addr;

/// Printed by Linux 6.1, blanks at the ends of lines included.
const PRINTED: &str = "\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A000007:0063 mh  persistent 7700 FFFF0000
TCP  [0000:0000:0000:0000:0000:0000:0102:0304]:0050 wrr\x20
TCP  0A000001:0050 rr \x20
  -> [2001:0db8:0000:0000:0000:0000:0000:0005]:0050      Tunnel  7      0          0         \x20
  -> 7F000001:0050      Local   5      12         34        \x20
  -> 0A000003:0050      Route   2147483647 0          4294967295\x20
  -> 0A000002:0050      Masq    0      0          0         \x20
UDP  0A000001:0050 wlc ops \x20
  -> 0A000002:0035      Masq    70000  0          0         \x20
SCTP  0A000001:0050 sh \x20
FWM  00000001 wlc\x20
  -> 0A000002:0000      Route   1      0          0         \x20
";

fn table(text: &str) -> ServersText {
    ServersText::new(text.as_bytes().to_vec(), true).expect("a table")
}

fn endpoint(text: &str, port: u16) -> Endpoint {
    let address = text.parse().unwrap();
    Endpoint { address, port }
}

fn key(protocol: Protocol, address: &str, port: u16) -> ServiceKey {
    let endpoint = endpoint(address, port);
    ServiceKey::Address { protocol, endpoint }
}

/// The servers, if they are certain.
fn servers(table: &ServersText, key: &ServiceKey) -> Option<Vec<DestinationStatus>> {
    let mut rows = Vec::new();
    table.servers(key, &mut rows).then_some(rows)
}

fn row(
    address: &str,
    port: u16,
    forward: ForwardMethod,
    [weight, active, inactive]: [u32; 3],
) -> DestinationStatus {
    let destination = Destination {
        forward,
        weight: weight.cast_signed(),
        ..Destination::new(endpoint(address, port))
    };
    DestinationStatus {
        active,
        inactive,
        ..DestinationStatus::idle(destination)
    }
}

#[test]
fn what_the_kernel_prints() {
    use ForwardMethod as F;
    let table = table(PRINTED);
    let tcp = servers(&table, &key(Protocol::TCP, "10.0.0.1", 80));
    assert_eq!(
        tcp.unwrap(),
        [
            row("2001:db8::5", 80, F::Tunnel(Tunnel::Ipip), [7, 0, 0]),
            row("127.0.0.1", 80, F::Local, [5, 12, 34]),
            row(
                "10.0.0.3",
                80,
                F::DirectRoute,
                [i32::MAX as u32, 0, u32::MAX]
            ),
            row("10.0.0.2", 80, F::Masquerade, [0, 0, 0]),
        ]
    );
    let udp = servers(&table, &key(Protocol::UDP, "10.0.0.1", 80)).unwrap();
    assert_eq!(udp, [row("10.0.0.2", 53, F::Masquerade, [70_000, 0, 0])]);
    for empty in [
        key(Protocol::SCTP, "10.0.0.1", 80),
        key(Protocol::TCP, "10.0.0.7", 99),
        key(Protocol::TCP, "::1.2.3.4", 80),
    ] {
        assert_eq!(servers(&table, &empty), Some(vec![]), "{empty:?}");
    }
}

#[test]
fn what_it_does_not_say() {
    let table = table(PRINTED);
    let family = Family::Inet;
    for unknown in [
        ServiceKey::Fwmark { family, mark: 1 },
        key(Protocol::TCP, "10.0.0.1", 81),
        key(Protocol(51), "10.0.0.1", 80),
    ] {
        assert_eq!(servers(&table, &unknown), None, "{unknown:?}");
    }
}

/// The rest of the table stays good.
#[test]
fn a_service_twice_or_a_server_twice_is_not_certain() {
    let (tcp, udp) = (
        key(Protocol::TCP, "10.0.0.1", 80),
        key(Protocol::UDP, "10.0.0.1", 80),
    );
    for extra in [
        "TCP  0A000001:0050 rr \n",
        "UDP  00000000:0001 rr \n",
        "  -> 0A000002:0000      Route   1      0          0         \n",
    ] {
        let table = table(&format!("{PRINTED}{extra}"));
        assert_eq!(servers(&table, &tcp).is_some(), !extra.starts_with("TCP"));
        assert_eq!(servers(&table, &udp).map(|rows| rows.len()), Some(1));
    }
    for (port, certain) in [("0050", false), ("0051", true)] {
        let line = format!("  -> 7F000001:{port}      Masq    1      0          0         \nUDP");
        let table = table(&PRINTED.replace("UDP", &line));
        assert_eq!(servers(&table, &tcp).is_some(), certain);
    }
}

#[test]
fn a_line_that_makes_no_sense_is_not_certain() {
    let line = "  -> 0A000002:0050      Masq    0      0          0         ";
    let tcp = key(Protocol::TCP, "10.0.0.1", 80);
    for bad in [
        "  -> ",
        "  -> 0A000002:0050",
        "  -> 0A000002      Masq    0      0          0         ",
        "  -> 0A000002:0050Masq    0      0          0         ",
        "  -> 0A00000G:0050      Masq    0      0          0         ",
        "  -> 0A000002:0050      Bypass  0      0          0         ",
        "  -> 0A000002:0050      Masq    -1     0          0         ",
        "  -> 0A000002:0050      Masq    2147483648 0      0         ",
        "  -> 0A000002:0050      Masq    0      4294967296 0         ",
        "  -> 0A000002:0050      Masq    0      0         ",
        "  -> 0A000002:0050      Masq    0      0          0          0",
        "  -> [2001:0db8]:0050      Masq    0      0          0         ",
        "  -> [2001:0db8:0000:0000:0000:0000:0000.0005]:0050 Masq 0 0 0",
    ] {
        let table = table(&PRINTED.replacen(line, bad, 1));
        assert_eq!(servers(&table, &tcp), None, "{bad:?}");
    }
}

#[test]
fn another_file_is_none() {
    for bad in [
        "",
        "\n",
        "root:x:0:0:root:/root:/bin/bash\n",
        PRINTED.trim_end(),
        &PRINTED.replacen("Weight", "Load", 1),
        &PRINTED.replacen("IP Virtual Server", "IP Server", 1),
        PRINTED.split_inclusive('\n').nth(1).unwrap(),
    ] {
        assert!(
            ServersText::new(bad.as_bytes().to_vec(), true).is_none(),
            "{bad:?}"
        );
    }
    let folder = std::fs::File::open("/").unwrap();
    assert!(ServersText::read(folder).is_none());
    assert!(ServersText::read(PRINTED.as_bytes()).is_some());
}

/// A table of so many services with so many servers each, handed out a service at a time.
struct Growing {
    services: u32,
    servers: usize,
    next: u32,
    rest: Vec<u8>,
}

impl Growing {
    fn new(services: u32, servers: usize) -> Self {
        let rest = PRINTED.split_inclusive('\n').take(3).collect::<String>();
        Growing {
            services,
            servers,
            next: 0,
            rest: rest.into_bytes(),
        }
    }

    fn key(number: u32) -> ServiceKey {
        key(Protocol::TCP, &Ipv4Addr::from(number).to_string(), 80)
    }
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() && self.next < self.services {
            let mut text = format!("TCP  {:08X}:0050 rr \n", self.next);
            for server in 1..=self.servers {
                writeln!(
                    text,
                    "  -> {server:08X}:0050      Masq    1      0          0         "
                )
                .unwrap();
            }
            self.next += 1;
            self.rest = text.into_bytes();
        }
        let read = self.rest.as_slice().read(buffer)?;
        self.rest.drain(..read);
        Ok(read)
    }
}

/// It is read on only while a read of 4 KiB passes few services for what it brings.
#[test]
fn what_netlink_has_cheaper_is_left_out() {
    let passed = PASSED as u32;
    for (services, servers, read) in [
        // A service is longer than a read.
        (passed - 500, 100, passed - 500),
        (2 * passed, 100, passed),
        // Fifty of them are one.
        (40 * passed, 1, 40 * passed),
        (60 * passed, 1, 48 * passed),
        // A piece is part of one.
        (2, 3000, 2),
    ] {
        let mut kernel = Growing::new(services, servers);
        let table = ServersText::read(&mut kernel).unwrap();
        assert!(
            kernel.next.abs_diff(read) <= read / 10,
            "{} instead of {read} of {services} with {servers}",
            kernel.next
        );
        let whole = kernel.next == services && kernel.rest.is_empty();
        // The last one may be cut off, or its first line, and then the one before counts as the last.
        let certain = if whole { services } else { kernel.next - 2 };
        for number in [0, certain - 1, services] {
            let found = table.servers(&Growing::key(number), &mut Vec::new());
            assert_eq!(found, number < certain, "{number} of {services}");
        }
    }
}

/// A block may come in several reads. It is whole, or it is not certain.
#[test]
fn a_block_that_is_cut_off_is_not_certain() {
    let services = PRINTED.split_inclusive('\n').take(8).collect::<String>();
    let known = table(&services);
    for length in 0..services.len() {
        let Some(table) = ServersText::new(services.as_bytes()[..length].to_vec(), false) else {
            continue;
        };
        for block in &known.blocks {
            let key = super::lines(&known.text, block.start as usize)
                .next()
                .and_then(services_line::service)
                .unwrap();
            let found = servers(&table, &key);
            assert!(
                found.is_none() || found == servers(&known, &key),
                "{key:?} of {length} bytes"
            );
        }
    }
}

/// As the kernel prints an endpoint.
fn printed(Endpoint { address, port }: Endpoint) -> String {
    match address {
        IpAddr::V4(address) => format!("{:08X}:{port:04X}", address.to_bits()),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|segment| format!("{segment:04x}"));
            format!("[{}]:{port:04X}", groups.join(":"))
        }
    }
}

fn endpoints() -> impl Strategy<Value = Endpoint> {
    (any::<IpAddr>(), any::<u16>()).prop_map(|(address, port)| Endpoint { address, port })
}

fn rows() -> impl Strategy<Value = DestinationStatus> {
    let forward = prop::sample::select(vec![
        ForwardMethod::Masquerade,
        ForwardMethod::Local,
        ForwardMethod::Tunnel(Tunnel::Ipip),
        ForwardMethod::DirectRoute,
    ]);
    (endpoints(), forward, 0..=i32::MAX, any::<(u32, u32)>()).prop_map(
        |(endpoint, forward, weight, (active, inactive))| {
            let destination = Destination {
                forward,
                weight,
                ..Destination::new(endpoint)
            };
            DestinationStatus {
                active,
                inactive,
                ..DestinationStatus::idle(destination)
            }
        },
    )
}

fn push_row(text: &mut String, row: &DestinationStatus) {
    let destination = &row.destination;
    let word = match destination.forward {
        ForwardMethod::Local => "Local",
        ForwardMethod::Tunnel(_) => "Tunnel",
        ForwardMethod::DirectRoute => "Route",
        _ => "Masq",
    };
    let (endpoint, weight) = (printed(destination.endpoint), destination.weight);
    let (active, inactive) = (row.active, row.inactive);
    writeln!(
        text,
        "  -> {endpoint}      {word:<7} {weight:<6} {active:<10} {inactive:<10}"
    )
    .unwrap();
}

proptest! {
    #[test]
    fn a_printed_table_reads_back(
        services in prop::collection::vec(
            (
                prop::sample::select(vec![("TCP", 6), ("UDP", 17), ("SCTP", 132)]),
                endpoints(),
                prop::collection::vec(rows(), 0..5),
            ),
            0..8,
        )
    ) {
        let mut text = PRINTED.split_inclusive('\n').take(3).collect::<String>();
        for ((word, _), endpoint, rows) in &services {
            writeln!(text, "{word}  {} wlc ", printed(*endpoint)).unwrap();
            rows.iter().for_each(|row| push_row(&mut text, row));
        }
        let table = table(&text);
        for ((_, protocol), endpoint, rows) in &services {
            let key = ServiceKey::Address { protocol: Protocol(*protocol), endpoint: *endpoint };
            let read = servers(&table, &key);
            prop_assert_eq!(read.as_ref(), Some(rows));
        }
    }

    #[test]
    fn any_bytes_are_survived(
        lines in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..80),
                "(TCP|UDP|FWM|  ->)? *[0-9A-F\\[\\]:]{0,50} ?(Masq|Tunnel)?[ 0-9-]{0,40}"
                    .prop_map(String::into_bytes),
            ],
            0..10,
        ),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut text = PRINTED.as_bytes().to_vec();
        lines.iter().for_each(|line| {
            text.extend_from_slice(line);
            text.push(b'\n');
        });
        for text in [text.clone(), text[..cut.index(text.len())].to_vec(), lines.concat()] {
            if let Some(table) = ServersText::new(text, true) {
                for block in &table.blocks {
                    let key = super::lines(&table.text, block.start as usize)
                        .next()
                        .and_then(services_line::service)
                        .unwrap();
                    if let Some(rows) = servers(&table, &key) {
                        prop_assert!(are_distinct(&rows));
                    }
                }
            }
        }
    }
}

/// What the kernel does not print is no service and no server, however near it comes.
#[test]
fn only_lines_as_the_kernel_prints_them_count() {
    for line in [
        " TCP  0A000001:0050 rr \n",
        "tcp  0A000001:0050 rr \n",
        "TCP  A000001:0050 rr \n",
        "TCP  0A000001:50 rr \n",
        "TCP  [2001:db8::1]:0050 rr \n",
        "TCP\t0A000001:0050 rr \n",
        "TCP  0A000001:0050",
    ] {
        assert_eq!(services_line::service(line.as_bytes()), None, "{line:?}");
    }
    for line in [
        "  -> A000002:0050      Masq    1      0          0         \n",
        "  -> 0A000002:0050      Bypass  1      0          0         \n",
        "  -> 0A000002:0050      Masq    -1     0          0         \n",
        "  -> 0A000002:0050      Masq    1      0          0 1       \n",
        "  -> 0A000002:0050      Masq    4294967296 0          0         \n",
    ] {
        assert_eq!(services_line::server(line.as_bytes()), None, "{line:?}");
    }
}
