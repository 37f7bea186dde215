use super::*;
use crate::names::NoNames;

#[test]
fn numbers_as_strtol_takes_them() {
    for good in ["5", " 5", "+5", "05", "\t+5"] {
        assert_eq!(decimal(good, 0..=10), Some(5), "{good:?}");
    }
    assert_eq!(decimal("-0", 0..=10), Some(0));
    for bad in [
        "",
        " ",
        "-",
        "+",
        "-5",
        "5 ",
        "5x",
        "0x5",
        "1.5",
        "11",
        "99999999999999999999999",
        "++5",
        "é",
    ] {
        assert_eq!(decimal(bad, 0..=10), None, "{bad:?}");
    }
}

#[test]
fn addresses_and_ports() {
    let parse =
        |text| host_and_port(text, Protocol::TCP, &mut NoNames).map(|(a, p)| (a.to_string(), p));
    let found = |address: &str, port| Some((address.to_owned(), port));
    assert_eq!(parse("10.0.0.5"), found("10.0.0.5", None));
    assert_eq!(parse("10.1:080"), found("10.0.0.1", Some(80)));
    assert_eq!(parse("12345:80"), found("0.0.48.57", Some(80)));
    assert_eq!(parse("[::1]:80"), found("::1", Some(80)));
    assert_eq!(parse("[::1]"), found("::1", None));
    assert_eq!(parse("::1"), found("::1", None));
    for bad in [
        "",
        ":80",
        "10.0.0.5:",
        "10.0.0.5:65536",
        "10.0.0.5:-1",
        "10.0.0.5:1:2",
        "12345",
        "[]",
        "[::1",
        "[::1]x",
        "[::1]:",
        "[10.0.0.1]:80",
        "fe80::1%lo",
        " 10.0.0.5:80",
        "10.0.0.5:80 ",
    ] {
        assert_eq!(parse(bad), None, "{bad:?}");
    }
}

#[test]
fn flags_of_schedulers() {
    let sh: Name = "sh".parse().unwrap();
    let bits = |text| scheduler_flags(text, &sh).map(SchedulerFlags::bits);
    assert_eq!(bits("sh-port,flag-3"), Ok(0x30));
    assert_eq!(bits(",,,"), Ok(0));
    assert_eq!(
        bits("mh-port").unwrap_err().to_string(),
        "incompatible scheduler flag `mh-port'"
    );
    assert_eq!(
        bits(" sh-port").unwrap_err().to_string(),
        "invalid scheduler flag ` sh-port'"
    );
}
