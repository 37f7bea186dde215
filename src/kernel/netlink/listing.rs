//! Listings that hold under change.
//!
//! The kernel hands a table out in pieces and lets others change it in between.
//! It goes on by counting rows from the table's start, so a row added meanwhile
//! makes the next piece begin with a row already seen, and a row deleted
//! meanwhile makes it skip one that stayed. IPVS does not mark such a dump.
//!
//! What can be relied on: one piece is gathered under the table's mutex, and
//! rows that stay keep their order (new ones enter at the head of their hash
//! chain or list). So:
//!
//! - A dump of one piece that had room left is a snapshot.
//! - Two dumps in a row that list the same rows in the same order, but were cut
//!   into pieces at different places, vouch for each other: every two
//!   neighbours, and the first row, stand together within one piece of one of
//!   them, so no row that stayed can be missing between them, and none is twice.
//!   To be cut elsewhere the second dump takes another socket, which only offers
//!   smaller buffers; the pieces of the first dump's are 32 KiB.
//! - A table too busy for that is the union of several dumps by key: a row that
//!   stayed would have to be skipped by every one.
//!
//! A table that fits one piece, about 100 services or as many destinations of
//! one service, costs one dump; a larger one that nobody changes costs two.

use super::message::Row;
use super::socket::KernelSocket;
use super::stream::{Dump, Stream};
use crate::kernel::error::Error;
use crate::kernel::error::Malformed;
use crate::kernel::refusal::Operation;
use std::collections::HashSet;

/// The dumps after which a busy table is merged.
const DUMPS: usize = 6;

/// Lists a table into `rows`, which it empties first: every row that is there
/// all the while is listed, none twice, in the kernel's order.
pub(crate) fn list<T: Row>(
    stream: &mut Stream,
    [socket, voucher]: [&KernelSocket; 2],
    operation: Operation,
    request: &[u8],
    context: T::Context,
    rows: &mut Vec<T>,
) -> Result<(), Error> {
    rows.clear();
    let mut last = stream.dump(socket, operation, request, &mut |attributes| {
        rows.push(T::decode(attributes, context)?);
        Ok(())
    })?;
    if is_snapshot(&last) {
        return Ok(());
    }
    let mut earlier = Vec::new();
    for round in 1..DUMPS {
        let vouching = round % 2 == 1;
        if vouching && round > 1 {
            voucher.widen();
        }
        let way = if vouching { voucher } else { socket };
        let mut again = Again::of(rows);
        let dump = stream.dump(way, operation, request, &mut |attributes| {
            again.take(attributes, context)
        })?;
        let other = again.end();
        let vouched = other.is_none() && vouch(&last, &dump);
        if let Some(other) = other {
            earlier.push(std::mem::replace(rows, other));
        }
        // Of the voucher's smaller pieces nobody can say whether they had room.
        if vouched || !vouching && is_snapshot(&dump) {
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

/// Whether two dumps of the same rows in the same order vouch for each other.
fn vouch(one: &Dump, other: &Dump) -> bool {
    !one.interrupted && !other.interrupted && !one.cuts.iter().any(|cut| other.cuts.contains(cut))
}

/// The rows of another dump of a table: as long as they are those of the dump
/// before, they are counted and not kept.
struct Again<'a, T> {
    before: &'a [T],
    same: usize,
    /// All its rows, from the first one on that differs.
    other: Option<Vec<T>>,
}

impl<'a, T: Row> Again<'a, T> {
    fn of(before: &'a [T]) -> Self {
        Again {
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
        self.differ().push(row);
        Ok(())
    }

    /// The dump's own rows, which begin with those that were the same.
    fn differ(&mut self) -> &mut Vec<T> {
        let same = self.before.get(..self.same).unwrap_or_default();
        self.other.get_or_insert_with(|| same.to_vec())
    }

    /// The dump's rows, unless they were the same to the end.
    fn end(mut self) -> Option<Vec<T>> {
        if self.same < self.before.len() {
            self.differ();
        }
        self.other
    }
}

/// The union by key. The latest dump's rows and order win; a row only an earlier
/// one has follows the row it followed there.
fn merge<T: Row>(dumps: Vec<Vec<T>>) -> Vec<T> {
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
    fn dumps_vouch_only_when_cut_at_different_places() {
        assert!(vouch(&dump(5, &[2, 4]), &dump(5, &[1, 3])));
        assert!(!vouch(&dump(5, &[2, 4]), &dump(5, &[1, 4])));
        let mut interrupted = dump(5, &[1, 3]);
        interrupted.interrupted = true;
        assert!(!vouch(&dump(5, &[2, 4]), &interrupted));
        assert!(!vouch(&interrupted, &dump(5, &[2, 4])));
    }

    /// What is made of a dump that follows one of these rows.
    fn again(before: &[u32], rows: &[u32]) -> Option<Vec<u32>> {
        let mut again = Again::of(before);
        for row in rows {
            again.take(&row.to_ne_bytes(), ()).unwrap();
        }
        again.end()
    }

    #[test]
    fn a_dump_is_the_same_or_is_kept_whole() {
        let before = [1, 2, 3, 4];
        assert_eq!(again(&before, &before), None);
        assert_eq!(again(&[], &[]), None);
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
            assert_eq!(again(&before, other).as_deref(), Some(other));
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
