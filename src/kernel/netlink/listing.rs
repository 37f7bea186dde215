//! Listings that stay true while others change the table.
//!
//! The kernel hands out a table in pieces, and others may change the table between
//! two pieces. The kernel continues by counting rows from the start of the table. So
//! after an addition the next piece begins with a row that was already sent, and
//! after a deletion it skips a row that stayed. IPVS does not mark such a dump.
//!
//! Two facts help. The kernel gathers one piece while it holds the table's mutex,
//! and rows that stay keep their order, as new rows enter at the head of their
//! hash chain or list. Therefore:
//!
//! - A dump in one piece that had room left is a snapshot.
//! - Two consecutive dumps confirm each other when they list the same rows in the
//!   same order and were split at different rows. Then the first row, and every pair
//!   of neighbours, stand together in one piece of one of the dumps, so no row that
//!   stayed is missing between them, and no row is listed twice. The second dump
//!   uses another socket, which offers smaller buffers than the 32 KiB of the first.
//! - Of a table that changes too fast for that, the rows of several dumps are
//!   merged by key: every one of them would have had to skip the same row.
//!
//! A table that fits in one piece, which is about 100 services or as many
//! destinations of one service, costs one dump. A larger table that nobody changes
//! costs two.

use super::message::Row;
use super::socket::KernelSocket;
use super::stream::{Dump, Stream};
use crate::kernel::error::Error;
use crate::kernel::error::Malformed;
use crate::kernel::refusal::Operation;
use std::collections::HashSet;

/// The number of dumps after which their rows are merged.
const DUMPS: usize = 6;

/// Lists a table into `rows`, in the kernel's order, and drops what `rows` held. Every
/// row that is in the table during the whole call is listed, and no row twice.
pub(crate) fn list<T: Row>(
    stream: &mut Stream,
    [first_socket, second_socket]: [&KernelSocket; 2],
    operation: Operation,
    request: &[u8],
    context: T::Context,
    rows: &mut Vec<T>,
) -> Result<(), Error> {
    rows.clear();
    let mut last = stream.dump(first_socket, operation, request, &mut |attributes| {
        rows.push(T::decode(attributes, context)?);
        Ok(())
    })?;
    if is_snapshot(&last) {
        return Ok(());
    }
    let mut earlier = Vec::new();
    for round in 1..DUMPS {
        let is_second = round % 2 == 1;
        if is_second && round > 1 {
            second_socket.split_elsewhere();
        }
        let socket = if is_second {
            second_socket
        } else {
            first_socket
        };
        let mut comparison = Comparison::with(rows);
        let dump = stream.dump(socket, operation, request, &mut |attributes| {
            comparison.take(attributes, context)
        })?;
        let other = comparison.end();
        let confirmed = other.is_none() && confirm_each_other(&last, &dump);
        if let Some(other) = other {
            earlier.push(std::mem::replace(rows, other));
        }
        // Of the smaller pieces of the second socket it is not known whether they had room.
        if confirmed || !is_second && is_snapshot(&dump) {
            return Ok(());
        }
        last = dump;
    }
    earlier.push(std::mem::take(rows));
    *rows = merge(earlier);
    Ok(())
}

fn is_snapshot(dump: &Dump) -> bool {
    !dump.interrupted && dump.cuts.is_empty() && dump.ended
}

/// Whether two dumps with the same rows in the same order confirm each other.
fn confirm_each_other(one: &Dump, other: &Dump) -> bool {
    !one.interrupted && !other.interrupted && !one.cuts.iter().any(|cut| other.cuts.contains(cut))
}

/// Compares another dump with the rows of the dump before. While the rows are the
/// same they are counted and not kept.
struct Comparison<'a, T> {
    before: &'a [T],
    same: usize,
    /// All rows of the other dump, once one of them differs.
    other: Option<Vec<T>>,
}

impl<'a, T: Row> Comparison<'a, T> {
    fn with(before: &'a [T]) -> Self {
        Comparison {
            before,
            same: 0,
            other: None,
        }
    }

    fn take(&mut self, attributes: &[u8], context: T::Context) -> Result<(), Malformed> {
        if self.other.is_none() {
            let key = T::decode_key(attributes, context)?;
            let expected = self.before.get(self.same).map(T::key);
            if expected == Some(key) {
                self.same += 1;
                return Ok(());
            }
        }
        let row = T::decode(attributes, context)?;
        self.other_rows().push(row);
        Ok(())
    }

    /// The rows of the other dump, which begin with those that were the same.
    fn other_rows(&mut self) -> &mut Vec<T> {
        let same = self.before.get(..self.same).unwrap_or_default();
        self.other.get_or_insert_with(|| same.to_vec())
    }

    /// The rows of the other dump, unless all of them were the same.
    fn end(mut self) -> Option<Vec<T>> {
        if self.same < self.before.len() {
            self.other_rows();
        }
        self.other
    }
}

/// Merges dumps or listings by key, in the order of the latest. A row that only an
/// earlier one has follows the row that it followed there.
pub(crate) fn merge<T: Row>(dumps: Vec<Vec<T>>) -> Vec<T> {
    let mut rows: Vec<T> = Vec::new();
    let mut known = HashSet::new();
    for dump in dumps.into_iter().rev() {
        let mut previous = None;
        for row in dump {
            let this = row.key();
            if known.insert(this) {
                let after = rows.iter().rposition(|row| Some(row.key()) == previous);
                rows.insert(after.map_or(0, |i| i + 1), row);
            }
            previous = Some(this);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Row for u32 {
        type Key = u32;
        type Context = ();

        fn decode(attributes: &[u8], (): ()) -> Result<u32, Malformed> {
            super::super::attributes::get_u32(attributes)
        }

        fn decode_key(attributes: &[u8], (): ()) -> Result<u32, Malformed> {
            u32::decode(attributes, ())
        }

        fn key(&self) -> u32 {
            *self
        }
    }

    fn dump(rows: usize, cuts: &[usize]) -> Dump {
        Dump {
            rows,
            cuts: cuts.to_vec(),
            ..Dump::default()
        }
    }

    #[test]
    fn one_piece_with_room_left_is_a_snapshot() {
        assert!(is_snapshot(&dump(2, &[])));
        assert!(!is_snapshot(&dump(2, &[1])));
        let mut full = dump(2, &[]);
        full.ended = false;
        assert!(!is_snapshot(&full));
    }

    #[test]
    fn dumps_confirm_each_other_only_when_split_at_different_rows() {
        assert!(confirm_each_other(&dump(5, &[2, 4]), &dump(5, &[1, 3])));
        assert!(!confirm_each_other(&dump(5, &[2, 4]), &dump(5, &[1, 4])));
        let mut interrupted = dump(5, &[1, 3]);
        interrupted.interrupted = true;
        assert!(!confirm_each_other(&dump(5, &[2, 4]), &interrupted));
        assert!(!confirm_each_other(&interrupted, &dump(5, &[2, 4])));
    }

    /// What is made of a dump that follows one of these rows.
    fn compared(before: &[u32], rows: &[u32]) -> Option<Vec<u32>> {
        let mut comparison = Comparison::with(before);
        for row in rows {
            comparison.take(&row.to_ne_bytes(), ()).unwrap();
        }
        comparison.end()
    }

    #[test]
    fn a_dump_is_the_same_or_is_kept_whole() {
        let before = [1, 2, 3, 4];
        assert_eq!(compared(&before, &before), None);
        assert_eq!(compared(&[], &[]), None);
        for other in [
            &[][..],
            &[1],
            &[2, 3, 4],
            &[1, 2, 4],
            &[1, 2, 4, 3],
            &[9, 1, 2, 3, 4],
            &[1, 2, 3, 4, 5],
            &[1, 2, 2, 3, 4],
        ] {
            assert_eq!(compared(&before, other).as_deref(), Some(other));
        }
    }

    #[test]
    fn a_merge_loses_no_row_and_repeats_none() {
        let dumps = vec![
            vec![1, 2, 3, 4, 5],
            vec![9, 1, 2, 2, 4, 5],
            vec![2, 4, 5, 6],
        ];
        assert_eq!(merge(dumps), [9, 1, 2, 3, 4, 5, 6]);
        assert!(merge(vec![Vec::<u32>::new()]).is_empty());
    }
}
