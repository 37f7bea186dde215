//! Text put together by hand: numbers, padding and addresses without the
//! formatting machinery, which costs more than all of a row's work.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Appends a number in decimal.
pub(crate) fn push_decimal(line: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    for (i, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        first = i;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(digits.get(first..).unwrap_or_default());
}

/// Appends a signed number in decimal.
pub(crate) fn push_signed(line: &mut Vec<u8>, number: i64) {
    if number < 0 {
        line.push(b'-');
    }
    push_decimal(line, number.unsigned_abs());
}

/// Appends an address as the C library's `inet_ntop` writes it.
pub(crate) fn push_address(line: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => push_ipv4(line, address),
        IpAddr::V6(address) => push_ipv6(line, address),
    }
}

fn push_ipv4(line: &mut Vec<u8>, address: Ipv4Addr) {
    let [a, b, c, d] = address.octets();
    for octet in [a, b, c] {
        push_octet(line, octet);
        line.push(b'.');
    }
    push_octet(line, d);
}

/// Addresses are most of what is printed: three times as fast as any number.
fn push_octet(line: &mut Vec<u8>, octet: u8) {
    if octet >= 100 {
        line.push(b'0' + octet / 100);
    }
    if octet >= 10 {
        line.push(b'0' + octet / 10 % 10);
    }
    line.push(b'0' + octet % 10);
}

/// Unlike Rust's text, `inet_ntop`'s shows an IPv4 address in `::192.0.2.1` too.
fn push_ipv6(line: &mut Vec<u8>, address: Ipv6Addr) {
    let segments = address.segments();
    let (zeros, count) = longest_zeros(&segments);
    let [.., a, b] = segments;
    let embeds_ipv4 = zeros == 0 && (count == 6 || count == 5 && segments[5] == 0xffff);
    let written = if embeds_ipv4 { 6 } else { 8 };
    for (i, segment) in segments.into_iter().enumerate().take(written) {
        if i == zeros && count > 0 {
            line.extend_from_slice(b"::");
        } else if !(zeros..zeros + count).contains(&i) {
            if i > 0 && i != zeros + count {
                line.push(b':');
            }
            push_hex(line, segment);
        }
    }
    if embeds_ipv4 {
        if count == 5 {
            line.push(b':');
        }
        push_ipv4(line, Ipv4Addr::from(u32::from(a) << 16 | u32::from(b)));
    }
}

/// The first of the longest runs of at least two zeros: its start and length.
/// Without one the length is 0 and the start past the end.
fn longest_zeros(segments: &[u16; 8]) -> (usize, usize) {
    let mut best = (8, 0);
    let mut run = 0;
    for (i, segment) in segments.iter().enumerate() {
        run = if *segment == 0 { run + 1 } else { 0 };
        if run >= 2 && run > best.1 {
            best = (i + 1 - run, run);
        }
    }
    best
}

fn push_hex(line: &mut Vec<u8>, number: u16) {
    let digits = (number.checked_ilog2().unwrap_or(0) / 4) + 1;
    for digit in (0..digits).rev() {
        let value = (number >> (4 * digit) & 15) as u8;
        line.push(if value < 10 {
            b'0' + value
        } else {
            b'a' + value - 10
        });
    }
}

/// Appends text from outside, each byte that is not printable ASCII as `\x1b`:
/// no name or client can then steer a terminal or break a column.
pub(crate) fn push_escaped(line: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        if byte.is_ascii_graphic() {
            line.push(*byte);
        } else {
            line.extend_from_slice(b"\\x");
            for half in [byte >> 4, byte & 15] {
                push_hex(line, u16::from(half));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut line = Vec::new();
        push(&mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn addresses_are_written_as_the_c_library_does() {
        for expected in [
            "::",
            "::1",
            "::1.2.3.4",
            "::ffff:1.2.3.4",
            "::1:0:0:1",
            "2001:db8::",
            "2001:db8:0:1:0:1:0:1",
            "2001:db8::1:0:0:1",
            "1:0:0:2::3",
            "::fffe:102:304",
            "0:1::",
            "::2:3:4:5:6:7:8",
            "2001:db8:1111:2222:3333:4444:5555:6666",
            "64:ff9b::102:304",
            "10.0.0.255",
        ] {
            // inet_ntop leaves a single zero alone.
            let wanted = expected.replace("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
            let address = expected.parse().unwrap();
            assert_eq!(text(|l| push_address(l, address)), wanted);
        }
    }

    #[test]
    fn foreign_text_is_made_printable() {
        let name = "a\x1b[31m\u{85}\u{202e} b";
        assert_eq!(
            text(|l| push_escaped(l, name.as_bytes())),
            r"a\x1b[31m\xc2\x85\xe2\x80\xae\x20b"
        );
    }

    proptest! {
        #[test]
        fn numbers_agree_with_the_standard_library(n: u64, s: i64) {
            prop_assert_eq!(text(|l| push_decimal(l, n)), n.to_string());
            prop_assert_eq!(text(|l| push_signed(l, s)), s.to_string());
        }

        #[test]
        fn addresses_read_back(segments: [u16; 8], zeros: [bool; 8]) {
            let mut segments = segments;
            for (segment, zero) in segments.iter_mut().zip(zeros) {
                if zero {
                    *segment = 0;
                }
            }
            let address = Ipv6Addr::from(segments);
            let text = text(|l| push_address(l, IpAddr::V6(address)));
            prop_assert_eq!(text.parse::<Ipv6Addr>().unwrap(), address);
            if address.to_ipv4().is_none() {
                prop_assert_eq!(text, address.to_string());
            }
        }
    }
}
