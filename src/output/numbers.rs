//! The counter columns of `--stats` and `--rate`.

use super::columns::push_right;
use crate::model::push_text::push_decimal;

/// A counter below this is printed whole.
const PLAIN_BELOW: u64 = 100_000_000;
/// A counter below the first number is divided by the second and printed with the unit. The
/// steps are uneven because a column keeps as many digits as fit.
const UNITS: [(u64, u64, u8); 3] = [
    (1_000_000_000, 1_000, b'K'),
    (100_000_000_000, 1_000_000, b'M'),
    (100_000_000_000_000, 1_000_000_000, b'G'),
];
const LARGEST_UNIT: (u64, u8) = (1_000_000_000_000, b'T');

/// Appends a counter, right-aligned in 9 columns, in K, M, G or T from 10^8 on.
///
/// The largest counters, over 10^19, fill the column without a blank before them.
pub fn push_counter(line: &mut Vec<u8>, value: u64) {
    if value < PLAIN_BELOW {
        return push_right(line, value, 9);
    }
    let (divisor, unit) = UNITS
        .into_iter()
        .find(|(below, ..)| value < *below)
        .map_or(LARGEST_UNIT, |(_, divisor, unit)| (divisor, unit));
    push_right(line, value / divisor, 8);
    line.push(unit);
}

/// Appends all digits of a counter after a blank, at least 9 columns in all:
/// what `--exact` prints.
pub fn push_exact(line: &mut Vec<u8>, value: u64) {
    line.push(b' ');
    push_right(line, value, 8);
}

/// Appends seconds as minutes and seconds, `MM:SS`; the minutes grow as they must.
pub fn push_minutes(line: &mut Vec<u8>, seconds: u32) {
    push_two_digits(line, seconds / 60);
    line.push(b':');
    push_two_digits(line, seconds % 60);
}

/// Appends a number, with a zero before a single digit.
fn push_two_digits(line: &mut Vec<u8>, number: u32) {
    if number < 10 {
        line.push(b'0');
    }
    push_decimal(line, u64::from(number));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counter(value: u64) -> String {
        let mut line = Vec::new();
        push_counter(&mut line, value);
        String::from_utf8(line).unwrap()
    }

    fn exact(value: u64) -> String {
        let mut line = Vec::new();
        push_exact(&mut line, value);
        String::from_utf8(line).unwrap()
    }

    /// Each pair was printed by ipvsadm 1.31, its counters set by a library
    /// between it and the kernel.
    #[test]
    fn units_begin_where_those_of_1_31_do() {
        for (value, expected) in [
            (0, "        0"),
            (99_999_999, " 99999999"),
            (100_000_000, "  100000K"),
            (999_999_999, "  999999K"),
            (1_000_000_000, "    1000M"),
            (4_294_967_295, "    4294M"),
            (10_000_000_000, "   10000M"),
            (99_999_999_999, "   99999M"),
            (100_000_000_000, "     100G"),
            (999_999_999_999, "     999G"),
            (1_000_000_000_000, "    1000G"),
            (99_999_999_999_999, "   99999G"),
            (100_000_000_000_000, "     100T"),
            (100_000_000_000_000_000, "  100000T"),
            (9_223_372_036_854_775_808, " 9223372T"),
            (18_446_744_073_709_551_615, "18446744T"),
        ] {
            assert_eq!(counter(value), expected);
        }
    }

    #[test]
    fn exact_keeps_every_digit() {
        assert_eq!(exact(0), "        0");
        assert_eq!(exact(99_999_999), " 99999999");
        assert_eq!(exact(100_000_000), " 100000000");
        assert_eq!(exact(u64::MAX), " 18446744073709551615");
    }

    #[test]
    fn expiry() {
        for (seconds, expected) in [
            (0, "00:00"),
            (59, "00:59"),
            (60, "01:00"),
            (899, "14:59"),
            (3_599_999, "59999:59"),
            (u32::MAX, "71582788:15"),
        ] {
            let mut line = Vec::new();
            push_minutes(&mut line, seconds);
            assert_eq!(line, expected.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn a_counter_is_nine_columns(value: u64, shift in 0..64u32) {
            prop_assert_eq!(counter(value >> shift).len(), 9);
            prop_assert!(exact(value >> shift).len() >= 9);
        }
    }
}
