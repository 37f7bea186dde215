//! What a terminal shows more than a pipe.

use super::*;

/// A server with so many connections, whose upper threshold is `limit`.
fn loaded(weight: i32, limit: u32, active: u32, inactive: u32) -> DestinationStatus {
    let mut status = server("10.0.0.2", 80, ForwardMethod::Masquerade);
    status.destination.weight = weight;
    status.destination.upper_threshold = limit;
    (status.active, status.inactive) = (active, inactive);
    status
}

#[test]
fn servers_that_take_no_new_connections_are_coloured() {
    let (names, key) = (Names::numeric(), tcp("10.0.0.1", 80));
    for (status, colour) in [
        (loaded(1, 0, 9, 9), ""),
        (loaded(1, 10, 4, 5), ""),
        (loaded(1, 10, 5, 5), "\x1b[1;31m"),
        (loaded(1, 1, u32::MAX, u32::MAX), "\x1b[1;31m"),
        (loaded(0, 0, 0, 0), "\x1b[33m"),
        (loaded(0, 10, 5, 5), "\x1b[33m"),
    ] {
        let row = |colours| {
            let writer = TableWriter::new(Vec::new(), TableFormat::Plain, false, &names);
            let mut writer = writer.with_colours(colours);
            writer.destination(&key, &status).unwrap();
            String::from_utf8(writer.into_inner()).unwrap()
        };
        let plain = row(false);
        let expected = match colour {
            "" => plain.clone(),
            _ => format!("{colour}{}\x1b[0m\n", plain.trim_end_matches('\n')),
        };
        assert_eq!(row(true), expected);
        assert!(!plain.contains('\x1b'));
    }
}

/// A service's own address is in a column only where counters follow it.
#[test]
fn columns_are_as_wide_as_what_is_in_them() {
    let (names, key) = (
        Names::numeric(),
        tcp("2001:db8:1111:2222:3333:4444:5555:6666", 80),
    );
    let servers = [
        server(
            "2001:db8:1111:2222:3333::7",
            443,
            ForwardMethod::Tunnel(Tunnel::Ipip),
        ),
        loaded(0, 0, 3, 4),
    ];
    let listing = |format, servers: &[DestinationStatus]| {
        let mut listing = Listing::new(format, false, &names);
        listing.0.fit(&key, servers);
        listing.0.heading().unwrap();
        let listing = listing.service(service(key, "wlc"), Stats::default());
        servers
            .iter()
            .fold(listing, |listing, status| listing.server(&key, *status))
    };
    listing(TableFormat::Plain, &servers).is(&[
        "Prot LocalAddress:Port Scheduler Flags",
        "  -> RemoteAddress:Port               Forward Weight ActiveConn InActConn",
        "TCP  [2001:db8:1111:2222:3333:4444:5555:6666]:80 wlc",
        "  -> [2001:db8:1111:2222:3333::7]:443 Tunnel  1      0          0",
        "  -> 10.0.0.2:80                      Masq    0      3          4",
    ]);
    listing(TableFormat::Stats, &servers[1..]).is(&[
        "Prot LocalAddress:Port                              Conns   InPkts  OutPkts  InBytes OutBytes",
        "  -> RemoteAddress:Port",
        "TCP  [2001:db8:1111:2222:3333:4444:5555:6666]:80        0        0        0        0        0",
        "  -> 10.0.0.2:80                                        0        0        0        0        0",
    ]);
    // With nothing long in it, a listing is what a pipe gets.
    listing(TableFormat::Thresholds, &servers[1..]).is(&[
        "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ",
        "  -> RemoteAddress:Port",
        "TCP  [2001:db8:1111:2222:3333:4444:5555:6666]:80 wlc",
        "  -> 10.0.0.2:80                  0          0          3          4         ",
    ]);
}
