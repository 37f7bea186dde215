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

use super::attributes::Malformed;
use super::error::{Error, Operation};
use super::socket::KernelSocket;
use super::stream::{Dump, Stream};
use std::collections::HashSet;
use std::hash::Hash;

/// The dumps after which a busy table is merged.
const DUMPS: usize = 6;

/// Lists a table: every row that is there all the while is listed, none twice,
/// in the kernel's order.
pub(crate) fn list<T, K: Eq + Hash + Copy>(
    stream: &mut Stream,
    [socket, voucher]: [&KernelSocket; 2],
    operation: Operation,
    request: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, Malformed>,
    key: impl Fn(&T) -> K,
) -> Result<Vec<T>, Error> {
    let mut dumps = Vec::new();
    while dumps.len() < DUMPS {
        let vouching = dumps.len() % 2 == 1;
        if vouching && dumps.len() > 1 {
            voucher.widen();
        }
        let way = if vouching { voucher } else { socket };
        let dump = stream.dump(way, operation, request, &decode)?;
        // Of its smaller pieces nobody can say whether they had room left.
        let snapshot = !vouching && is_snapshot(&dump);
        if snapshot || dumps.last().is_some_and(|last| agree(last, &dump, &key)) {
            return Ok(dump.rows);
        }
        dumps.push(dump);
    }
    Ok(merge(dumps, key))
}

fn is_snapshot<T>(dump: &Dump<T>) -> bool {
    !dump.interrupted && dump.cuts.is_empty() && dump.ended
}

/// Whether two dumps vouch for each other.
fn agree<T, K: Eq>(one: &Dump<T>, other: &Dump<T>, key: impl Fn(&T) -> K) -> bool {
    !one.interrupted
        && !other.interrupted
        && one.rows.len() == other.rows.len()
        && !one.cuts.iter().any(|cut| other.cuts.contains(cut))
        && (one.rows.iter().zip(&other.rows)).all(|(a, b)| key(a) == key(b))
}

/// The union by key. The latest dump's rows and order win; a row only an earlier
/// one has follows the row it followed there.
fn merge<T, K: Eq + Hash + Copy>(dumps: Vec<Dump<T>>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut rows: Vec<T> = Vec::new();
    let mut known = HashSet::new();
    for dump in dumps.into_iter().rev() {
        let mut previous = None;
        for row in dump.rows {
            let this = key(&row);
            if known.insert(this) {
                let after = rows.iter().rposition(|row| Some(key(row)) == previous);
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

    fn dump(rows: &[u32], cuts: &[usize]) -> Dump<u32> {
        Dump {
            rows: rows.to_vec(),
            cuts: cuts.to_vec(),
            ..Dump::default()
        }
    }

    #[test]
    fn one_piece_with_room_left_is_a_snapshot() {
        assert!(is_snapshot(&dump(&[1, 2], &[])));
        assert!(!is_snapshot(&dump(&[1, 2], &[1])));
        let mut full = dump(&[1, 2], &[]);
        full.ended = false;
        assert!(!is_snapshot(&full));
    }

    #[test]
    fn dumps_agree_only_when_cut_at_different_places() {
        let same = |r: &u32| *r;
        let rows = [1, 2, 3, 4, 5];
        assert!(agree(&dump(&rows, &[2, 4]), &dump(&rows, &[1, 3]), same));
        assert!(!agree(&dump(&rows, &[2, 4]), &dump(&rows, &[1, 4]), same));
        assert!(!agree(&dump(&rows, &[2]), &dump(&[1, 2, 4, 5], &[1]), same));
        assert!(!agree(
            &dump(&rows, &[2]),
            &dump(&[1, 2, 4, 3, 5], &[1]),
            same
        ));
    }

    #[test]
    fn a_merge_loses_no_row_and_repeats_none() {
        let dumps = vec![
            dump(&[1, 2, 3, 4, 5], &[2]),
            dump(&[9, 1, 2, 2, 4, 5], &[3]),
            dump(&[2, 4, 5, 6], &[1]),
        ];
        assert_eq!(merge(dumps, |r| *r), [9, 1, 2, 3, 4, 5, 6]);
        assert_eq!(merge(vec![dump(&[], &[])], |r: &u32| *r), Vec::<u32>::new());
    }
}
