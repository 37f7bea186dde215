//! The reader of `/proc/net/ip_vs_conn` on a text.
//!
//! Each line is a connection or is counted as unreadable, however the text comes; a connection printed as the kernel prints it is
//! read as the same; its row is one line of printable characters, and its JSON is JSON.
#![no_main]

use ipvs::door::{Connection, ConnectionLine, Connections};
use ipvs::model::Endpoint;
use ipvs::names::Names;
use ipvs::output::{ConnectionCounts, ConnectionWriter, json_connection};
use libfuzzer_sys::fuzz_target;
use std::io::{BufRead, BufReader};
use std::net::IpAddr;

fuzz_target!(|text: &[u8]| {
    let entries = read(text);
    assert_eq!(
        entries,
        read(BufReader::with_capacity(7, text)),
        "however it comes"
    );
    let lines = text.split_inclusive(|byte| *byte == b'\n').count();
    assert_eq!(
        entries.as_ref().map_or(0, |entries| entries.len() + 1),
        lines,
        "each line once"
    );
    check_counts(text);
});

/// What became of each line below the heading; none without one.
fn read(source: impl BufRead) -> Option<Vec<Option<String>>> {
    let mut connections = Connections::new(source).ok()?;
    let mut entries = Vec::new();
    loop {
        match connections.next_entry().expect("a slice is read") {
            ConnectionLine::Connection(connection) => entries.push(Some(check(&connection))),
            ConnectionLine::Unreadable => entries.push(None),
            ConnectionLine::End => return Some(entries),
        }
    }
}

/// Checks a connection; returns its row.
fn check(connection: &Connection<'_>) -> String {
    let printed = printed(connection);
    assert_eq!(Connection::parse(&printed), Some(*connection));
    let json = serde_json::to_string(&json_connection(connection)).expect("JSON");
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["expires"], connection.expires);
    assert_eq!(value["state"], connection.state);
    assert_eq!(value["virtual"]["port"], connection.virtual_.port);
    let mut rows = String::new();
    for engine in [false, true] {
        let (mut row, names) = (Vec::new(), Names::numeric());
        let mut writer = ConnectionWriter::new(&mut row, &names, engine);
        writer.connection(connection).expect("a vector takes all");
        let text = row.strip_suffix(b"\n").expect("a line");
        assert!(
            text.iter().all(|byte| (b' '..=b'~').contains(byte)),
            "{row:?}"
        );
        rows.push_str(&String::from_utf8_lossy(&row));
    }
    rows
}

/// The line as the kernel prints it.
fn printed(connection: &Connection<'_>) -> Vec<u8> {
    let address = |address: IpAddr| match address {
        IpAddr::V4(address) => format!("{:08X}", address.to_bits()),
        IpAddr::V6(address) => address
            .segments()
            .map(|segment| format!("{segment:04x}"))
            .join(":"),
    };
    let ends = [
        connection.client,
        connection.virtual_,
        connection.destination,
    ]
    .map(|Endpoint { address: it, port }| format!("{} {port:04X}", address(it)));
    let (protocol, state, expires) = (connection.protocol, connection.state, connection.expires);
    let mut line =
        format!("{protocol:<3} {} {state:<11} {expires:>7}", ends.join(" ")).into_bytes();
    if let Some((name, data)) = connection.engine {
        line.extend_from_slice(format!(" {name} ").as_bytes());
        line.extend_from_slice(data);
    }
    line
}

/// The counts are as many as there are connections.
fn check_counts(text: &[u8]) {
    let Ok(mut connections) = Connections::new(text) else {
        return;
    };
    let (mut counts, mut total) = (ConnectionCounts::default(), 0_u64);
    while let Ok(entry @ (ConnectionLine::Connection(_) | ConnectionLine::Unreadable)) =
        connections.next_entry()
    {
        if let ConnectionLine::Connection(connection) = entry {
            counts.add(&connection);
            total += 1;
        }
    }
    let mut json = Vec::new();
    counts.write_json(&mut json).expect("a vector takes all");
    let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let counted = value["counts"].as_array().expect("a list").iter();
    let counted: u64 = counted
        .filter_map(|count| count["connections"].as_u64())
        .sum();
    assert_eq!(counted, total);
}
