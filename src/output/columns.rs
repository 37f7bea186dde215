//! Columns: numbers and text padded to a width.

use crate::model::push_text::push_decimal;

/// Appends a number to the right edge of a column; a longer one is not cut.
pub(super) fn push_right(line: &mut Vec<u8>, number: u64, width: usize) {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    let padded = line.len() + width.saturating_sub(digits);
    line.resize(padded, b' ');
    push_decimal(line, number);
}

/// Appends a number to the left edge of a column.
pub(super) fn push_left(line: &mut Vec<u8>, number: u64, width: usize) {
    let start = line.len();
    push_decimal(line, number);
    pad(line, start, width);
}

/// Fills the column that began at `start` with blanks; a longer one is not cut.
pub(super) fn pad(line: &mut Vec<u8>, start: usize, width: usize) {
    if line.len() < start + width {
        line.resize(start + width, b' ');
    }
}

/// Appends text in a column.
pub(super) fn push_column(line: &mut Vec<u8>, text: &str, width: usize) {
    let start = line.len();
    line.extend_from_slice(text.as_bytes());
    pad(line, start, width);
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

    proptest! {
        #[test]
        fn numbers_are_padded_as_by_the_standard_library(n: u64, width in 0..30usize) {
            prop_assert_eq!(text(|l| push_right(l, n, width)), format!("{n:>width$}"));
            prop_assert_eq!(text(|l| push_left(l, n, width)), format!("{n:<width$}"));
        }
    }
}
