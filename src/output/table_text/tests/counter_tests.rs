//! Counters, rates and odd values.

use super::*;
use proptest::prelude::*;

fn counters() -> Stats {
    Stats {
        connections: 100_000_000,
        in_packets: 12,
        out_packets: 99_999_999,
        in_bytes: 4_294_967_295,
        out_bytes: 123_456_789_012,
        connection_rate: 100_000_000,
        in_packet_rate: 999_999_999,
        out_packet_rate: 4_294_967_295,
        in_byte_rate: 4_567,
        out_byte_rate: 345_678_901_234,
    }
}

#[test]
fn counters_and_rates() {
    let (names, key) = (Names::numeric(), key(Protocol::UDP, "10.0.0.1", 80));
    let row = || DestinationStatus {
        stats: counters(),
        ..server("10.0.0.2", 80, ForwardMethod::Masquerade)
    };
    let listing = |format, exact| {
        Listing::new(format, exact, &names)
            .service(service(key, "wlc"), counters())
            .server(&key, row())
    };
    listing(TableFormat::Stats, false).is(&[
        "UDP  10.0.0.1:80                   100000K       12 99999999    4294M     123G",
        "  -> 10.0.0.2:80                   100000K       12 99999999    4294M     123G",
    ]);
    listing(TableFormat::Stats, true).is(&[
        "UDP  10.0.0.1:80                  100000000       12 99999999 4294967295 123456789012",
        "  -> 10.0.0.2:80                  100000000       12 99999999 4294967295 123456789012",
    ]);
    // 1.31 wraps the last one of the destination at 2^32, to 2081M.
    listing(TableFormat::Rate, false).is(&[
        "UDP  10.0.0.1:80                   100000K  999999K    4294M     4567     345G",
        "  -> 10.0.0.2:80                  100000000 999999999 4294967295     4567     345G",
    ]);
    Listing::new(TableFormat::Stats, false, &names)
        .service(service(mark(Family::Inet6, 8), "wlc"), Stats::default())
        .is(&["FWM  8 IPv6                              0        0        0        0        0"]);
}

fn any_stats() -> impl Strategy<Value = Stats> {
    proptest::array::uniform10(any::<u64>()).prop_map(|n| Stats {
        connections: n[0],
        in_packets: n[1],
        out_packets: n[2],
        in_bytes: n[3],
        out_bytes: n[4],
        connection_rate: n[5],
        in_packet_rate: n[6],
        out_packet_rate: n[7],
        in_byte_rate: n[8],
        out_byte_rate: n[9],
    })
}

proptest! {
    #[test]
    fn columns_hold_for_any_counters(stats in any_stats(), octets: [u8; 4], port: u16) {
        let names = Names::numeric();
        let endpoint = Endpoint { address: octets.into(), port };
        let key = ServiceKey::Address { protocol: Protocol::TCP, endpoint };
        let mut writer = TableWriter::new(Vec::new(), TableFormat::Stats, false, &names);
        writer.service(&ServiceStatus { service: Service::new(key), stats }).unwrap();
        writer.destination(&key, &DestinationStatus {
            stats,
            ..server("10.0.0.2", port, ForwardMethod::DirectRoute)
        }).unwrap();
        let text = String::from_utf8(writer.into_inner()).unwrap();
        for line in text.lines() {
            prop_assert_eq!(line.len(), LABEL + 5 * 9);
        }
    }

    #[test]
    fn no_flags_and_numbers_are_too_odd(
        bits: [u32; 6], weight: i32, kind: u8, port: u16, flags: u16, format in 0..6usize,
    ) {
        let names = Names::numeric();
        let format = [
            TableFormat::Stats, TableFormat::Rate, TableFormat::Thresholds,
            TableFormat::PersistentConnections, TableFormat::Tunnels, TableFormat::Plain,
        ][format];
        let key = mark(Family::Inet6, bits[0]);
        let tunnel = match kind % 3 {
            0 => Tunnel::Other { kind, port, flags },
            1 => Tunnel::Gue { port, checksum: Checksum::from_bits(flags) },
            _ => Tunnel::Gre { checksum: Checksum::from_bits(flags) },
        };
        let mut status = server("10.0.0.2", port, ForwardMethod::Tunnel(tunnel));
        status.destination.weight = weight;
        status.destination.upper_threshold = bits[1];
        (status.active, status.inactive, status.persistent) = (bits[2], bits[3], bits[4]);
        let mut writer = TableWriter::new(Vec::new(), format, true, &names);
        let mut service = Service::new(key);
        service.flags = SchedulerFlags::from_bits(bits[5]);
        writer.service(&ServiceStatus { service, stats: Stats::default() }).unwrap();
        writer.destination(&key, &status).unwrap();
        let text = String::from_utf8(writer.into_inner()).unwrap();
        prop_assert_eq!(text.lines().count(), 2);
    }
}
