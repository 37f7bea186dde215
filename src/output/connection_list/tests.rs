//! The rows were printed by ipvsadm 1.31 for the same lines of the kernel.

use super::*;
use crate::kernel::{ConnectionLine, Connections};
use crate::model::Endpoint;
use crate::names::{NameRequests, example};
use crate::output::json_connection;
use proptest::prelude::*;
use std::io::{BufRead, Read};
use std::net::Ipv6Addr;

const HEADING: &str =
    "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n";

const LINES: &str = "\
TCP 0A000001 9230 0A000001 0053 7F000001 0053 CLOSE             9
TCP 0A010000 0000 0A000001 0063 7F000001 0050 ASSURED          59
UDP 0A000001 0000 0A000001 13C4 7F000001 13C4 NONE             59 sip simple-id@h
IP  0A000001 0000 00000007 0000 7F000001 0000 NONE             69
SCTP 0A01000A 03F2 0A000001 0B59 0A000032 0050 S-RECEIVED    99999
TCP 2001:0db8:0000:0000:0000:0000:0000:0009 03E8 2001:0db8:0000:0000:0000:0000:0000:0001 0050 2001:0db8:0000:0000:0000:0000:0000:0050 0050 ESTABLISHED 3599999
UDP 2001:0db8:0000:0000:0000:0000:0000:0009 03E8 0000:0000:0000:0000:0000:0000:0000:0000 0050 7F000001 0035 UDP             178
";

fn list(lines: &str, names: &Names, engine: bool) -> (String, ConnectionSummary) {
    let mut out = Vec::new();
    let file = format!("{HEADING}{lines}");
    let summary = write_connections(file.as_bytes(), &mut out, names, engine).unwrap();
    (String::from_utf8(out).unwrap(), summary)
}

#[test]
fn numeric() {
    let (text, summary) = list(LINES, &Names::numeric(), false);
    assert_eq!(
        text,
        "\
IPVS connection entries
pro expire state       source             virtual            destination
TCP 00:09  CLOSE       10.0.0.1:37424     10.0.0.1:83        127.0.0.1:83
TCP 00:59  ASSURED     10.1.0.0:0         10.0.0.1:99        127.0.0.1:80
UDP 00:59  NONE        10.0.0.1:0         10.0.0.1:5060      127.0.0.1:5060
IP  01:09  NONE        10.0.0.1:0         0.0.0.7:0          127.0.0.1:0
SCTP 1666:39 S-RECEIVED  10.1.0.10:1010     10.0.0.1:2905      10.0.0.50:80
TCP 59999:59 ESTABLISHED [2001:db8::9]:1000 [2001:db8::1]:80   [2001:db8::50]:80
UDP 02:58  UDP         [2001:db8::9]:1000 [::]:80            127.0.0.1:53
"
    );
    let expected = ConnectionSummary {
        written: 7,
        unreadable: 0,
    };
    assert_eq!(summary, expected);
}

#[test]
fn columns_are_as_wide_as_what_is_in_them() {
    let lines = "\
TCP 2001:0db8:1111:2222:3333:4444:0000:0009 03E8 2001:0db8:0000:0000:0000:0000:0000:0001 0050 2001:0db8:1111:2222:0000:0000:0000:0050 0050 ESTABLISHED 899
UDP 0A000001 0000 0A000001 13C4 7F000001 13C4 NONE             59 sip simple-id@h
";
    let text = |engine| {
        let mut out = Vec::new();
        let names = Names::numeric();
        let mut writer = ConnectionWriter::new(&mut out, &names, engine);
        let connections = || {
            lines
                .lines()
                .map(|line| Connection::parse(line.as_bytes()).unwrap())
        };
        connections().for_each(|connection| writer.fit(&connection));
        writer.heading().unwrap();
        connections().for_each(|connection| writer.connection(&connection).unwrap());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        text(false),
        "\
IPVS connection entries
pro expire state       source                                  virtual            destination
TCP 14:59  ESTABLISHED [2001:db8:1111:2222:3333:4444:0:9]:1000 [2001:db8::1]:80   [2001:db8:1111:2222::50]:80
UDP 00:59  NONE        10.0.0.1:0                              10.0.0.1:5060      127.0.0.1:5060
"
    );
    let of_engine = text(true);
    let starts = ["pe name", "sip "].map(|cell| of_engine.lines().find_map(|row| row.find(cell)));
    assert!(starts[0].is_some() && starts[0] == starts[1], "{of_engine}");
}

#[test]
fn persistence_engines() {
    let (text, _) = list(LINES, &Names::numeric(), true);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[1],
        "pro expire state       source             virtual            destination        \
         pe name          pe_data"
    );
    assert_eq!(
        lines[3],
        "TCP 00:59  ASSURED     10.1.0.0:0         10.0.0.1:99        127.0.0.1:80"
    );
    assert_eq!(
        lines[4],
        "UDP 00:59  NONE        10.0.0.1:0         10.0.0.1:5060      127.0.0.1:5060   \
         sip                simple-id@h"
    );
}

/// A client chooses the data: a column shows its first word, as 1.31 does.
#[test]
fn data_with_blanks() {
    let line = "UDP 0A000001 0000 0A000001 13C4 7F000001 13C4 NONE 59 sip  a b\tc@x \n";
    let connection = Connection::parse(line.as_bytes()).unwrap();
    assert_eq!(connection.engine, Some(("sip", b"a b\tc@x".as_slice())));
    let json = serde_json::to_value(json_connection(&connection)).unwrap();
    assert_eq!(json["pe"]["data"], "a b\tc@x");
    let (text, _) = list(line, &Names::numeric(), true);
    assert!(text.ends_with(" sip                a\n"), "{text}");
    let without = line.replace("  a b\tc@x ", "  ");
    let connection = Connection::parse(without.as_bytes()).unwrap();
    assert_eq!(connection.engine, None);
}

#[test]
fn names() {
    let lines = "\
TCP 0A000002 0050 0A000001 0050 0A000002 01BB ESTABLISHED     899
UDP 0A000002 0050 0A000001 0035 2001:0db8:0000:0000:0000:0000:0000:0001 0050 UDP     899
";
    let (text, _) = list(lines, &example(), false);
    assert_eq!(
        text.lines().skip(2).collect::<Vec<_>>(),
        [
            "TCP 14:59  ESTABLISHED a-very-long-host-name-that-goes-on-and-on.department.exampl \
             short.example:http a-very-long-host-name-that-goes-on-and-on.department.exampl",
            "UDP 14:59  UDP         a-very-long-host-name-that-goes-on-and-on.department.exampl \
             short.example:domain [six.example]:80",
        ]
    );
}

#[test]
fn what_is_to_be_named() {
    let mut connections = Connections::new(HEADING.as_bytes().chain(LINES.as_bytes())).unwrap();
    let mut requests = NameRequests::default();
    let mut count = 0;
    while let ConnectionLine::Connection(connection) = connections.next_entry().unwrap() {
        for endpoint in connection.endpoints() {
            requests.add(connection.transport(), endpoint);
        }
        count += 1;
    }
    assert_eq!(count, 7);
    let (_, open) = Names::resolve(&requests, std::time::Duration::ZERO);
    assert!(open >= 9, "{open} addresses");
}

#[test]
fn unreadable_lines_are_counted_and_left_out() {
    let good = "TCP 0A010000 03E8 0A000001 0050 0A000032 0050 NONE            899";
    let bad = [
        "",
        "garbage",
        "TCP 0A010000 03E8 0A000001",
        &good.replace("NONE            899", "NONE"),
        &good.replace("899", "8x9"),
        &good.replace("03E8", "103E8"),
        &good.replace("03E8", "zz"),
        &good.replace("0A010000", "0A0100001"),
        &good.replace("0A010000", "10.1.0.0"),
        &good.replace("TCP", "\x1b[2J"),
        &"x ".repeat(10_000),
    ]
    .join("\n");
    let (text, summary) = list(&format!("{good}\n{bad}\n{good}"), &Names::numeric(), false);
    assert_eq!((summary.written, summary.unreadable), (2, 11));
    assert_eq!(text.lines().count(), 4);
}

#[test]
fn a_clients_data_cannot_steer_the_terminal_nor_break_a_row() {
    let line = "UDP 0A000001 0000 0A000001 13C4 7F000001 13C4 NONE 59 sip \x1b[2J\x07\u{e9}\n";
    let (text, _) = list(line, &Names::numeric(), true);
    assert!(text.ends_with("sip                \\x1b[2J\\x07\\xc3\\xa9\n"));
    // 1.31 reads lines of 255 bytes, and crashes or makes up rows.
    let long = format!("{} {}\n", line.trim_end(), "y".repeat(255));
    assert_eq!(list(&long, &Names::numeric(), true).1.written, 1);
}

#[test]
fn an_overdue_timer_is_zero() {
    let parse = |seconds: &str| {
        let line = format!("TCP 0A010000 03E8 0A000001 0050 0A000032 0050 NONE {seconds}");
        Connection::parse(line.as_bytes()).map(|connection| connection.expires)
    };
    assert_eq!(parse("4294967295"), Some(u32::MAX));
    assert_eq!(parse("184467440737095515"), Some(0));
    assert_eq!(parse("99999999999999999999999"), Some(0));
    assert_eq!(parse("-5"), None);
}

#[test]
fn an_empty_file_is_an_error_and_prints_nothing() {
    let mut out = Vec::new();
    let error = write_connections(io::empty(), &mut out, &Names::numeric(), false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unexpected input from /proc/net/ip_vs_conn"
    );
    assert!(out.is_empty());
    assert_eq!(list("", &Names::numeric(), false).1.written, 0);
}

/// Bytes of which lines of the file are made, so that chance comes near them.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"TCP 0A010000 03E8 0A000001 0050 0A000032 0050 NONE 899".to_vec()),
        Just(b"UDP 2001:db8::9 0000 ::1 13C4 7F000001 0035 UDP 1".to_vec()),
        prop::sample::select(vec![
            "\n",
            " ",
            "\r\n",
            "sip",
            "TCP",
            "0A000001",
            "::1",
            "FFFF",
            "\0",
            "99999999999999999999"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        (0..5_000usize).prop_map(|length| vec![b'x'; length]),
        any::<Vec<u8>>(),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// What a reader makes of a file, line by line: JSON, or nothing of what it can't read.
fn entries(reader: impl BufRead) -> Vec<Option<String>> {
    let mut connections = Connections::new(reader).unwrap();
    let mut entries = Vec::new();
    loop {
        entries.push(match connections.next_entry().unwrap() {
            ConnectionLine::End => return entries,
            ConnectionLine::Unreadable => None,
            ConnectionLine::Connection(connection) => {
                Some(serde_json::to_string(&json_connection(&connection)).unwrap())
            }
        });
    }
}

#[test]
fn the_longest_line_ends_at_its_limit() {
    let line = "UDP 0A000001 0000 0A000001 13C4 7F000001 13C4 NONE 59 sip ";
    for (length, read) in [
        (4_094, true),
        (4_095, true),
        (4_096, false),
        (4_097, false),
        (9_000, false),
    ] {
        let data = "x".repeat(length - line.len());
        for end in ["\n", ""] {
            let file = format!("{HEADING}{line}{data}{end}");
            let entries = entries(file.as_bytes());
            assert_eq!(
                (entries.len(), entries[0].is_some()),
                (1, read),
                "{length} {end:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn lines_do_not_depend_on_how_they_are_read(bytes in pieces(), room in 1..100usize) {
        let file = || HEADING.as_bytes().chain(bytes.as_slice());
        let whole = entries(file());
        prop_assert_eq!(&entries(io::BufReader::with_capacity(room, file())), &whole);
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').count();
        prop_assert_eq!(whole.len(), lines);
        for document in whole.into_iter().flatten() {
            let value: serde_json::Value = serde_json::from_str(&document).unwrap();
            prop_assert!(value["expires"].is_u64() && value["source"]["address"].is_string());
        }
    }

    #[test]
    fn rows_of_any_bytes_are_printable(bytes in pieces(), engine: bool) {
        let mut out = Vec::new();
        let file = HEADING.as_bytes().chain(bytes.as_slice());
        let summary = write_connections(file, &mut out, &Names::numeric(), engine).unwrap();
        prop_assert!(out.iter().all(|byte| *byte == b'\n' || (b' '..=b'~').contains(byte)));
        prop_assert_eq!(out.split(|byte| *byte == b'\n').count() as u64, summary.written + 3);
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
        prop_assert_eq!(summary.written + summary.unreadable, lines);
    }

    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>, engine: bool) {
        let mut out = Vec::new();
        let file = HEADING.as_bytes().chain(bytes.as_slice());
        let summary = write_connections(file, &mut out, &Names::numeric(), engine).unwrap();
        let text = String::from_utf8(out).unwrap();
        prop_assert_eq!(text.lines().count() as u64, summary.written + 2);
    }

    #[test]
    fn nearly_right_lines_are_survived(at in 0..70usize, byte: u8, data: Vec<u8>) {
        let mut line = b"TCP 0A010000 03E8 0A000001 0050 0A000032 0050 NONE            899 sip ".to_vec();
        line.extend(data);
        line[at] = byte;
        let mut out = Vec::new();
        let file = HEADING.as_bytes().chain(line.as_slice());
        let summary = write_connections(file, &mut out, &Names::numeric(), true).unwrap();
        let text = String::from_utf8(out).unwrap();
        prop_assert!(text.bytes().all(|byte| byte == b'\n' || byte.is_ascii_graphic() || byte == b' '));
        prop_assert_eq!(text.lines().count() as u64, summary.written + 2);
    }

    #[test]
    fn what_the_kernel_writes_is_understood(
        a: [u8; 4], b: [u8; 16], ports: [u16; 3], expires: u32,
    ) {
        let hex = |address: [u8; 4]| format!("{:08X}", u32::from_be_bytes(address));
        let six = Ipv6Addr::from(b).segments().map(|segment| format!("{segment:04x}")).join(":");
        let line = format!(
            "TCP {six} {:04X} {six} {:04X} {} {:04X} {:<11} {expires:>7}",
            ports[0], ports[1], hex(a), ports[2], "ESTABLISHED",
        );
        let connection = Connection::parse(line.as_bytes()).unwrap();
        prop_assert_eq!(connection.client, Endpoint { address: b.into(), port: ports[0] });
        prop_assert_eq!(connection.virtual_, Endpoint { address: b.into(), port: ports[1] });
        prop_assert_eq!(connection.destination, Endpoint { address: a.into(), port: ports[2] });
        prop_assert_eq!(connection.expires, expires);
    }
}

/// What became of the lines.
#[derive(Debug, Default, PartialEq)]
struct ConnectionSummary {
    written: u64,
    unreadable: u64,
}

/// Lists a whole file.
fn write_connections(
    reader: impl BufRead,
    out: &mut Vec<u8>,
    names: &Names,
    engine: bool,
) -> io::Result<ConnectionSummary> {
    let mut connections = Connections::new(reader)?;
    let mut writer = ConnectionWriter::new(out, names, engine);
    let mut summary = ConnectionSummary::default();
    writer.heading()?;
    loop {
        match connections.next_entry()? {
            ConnectionLine::End => return Ok(summary),
            ConnectionLine::Unreadable => summary.unreadable += 1,
            ConnectionLine::Connection(connection) => {
                writer.connection(&connection)?;
                summary.written += 1;
            }
        }
    }
}
