//! What is bulk: batches of changes, and dumps.
//!
//! Both use the socket directly. A request at a time costs a send and a
//! receive; a batch of changes costs them once, and its refusals.

use super::datagrams::Datagrams;
use super::frame::{Appended, append, attributes_of, errno, messages};
use super::message;
use super::socket::KernelSocket;
use crate::kernel::error::Error;
use crate::kernel::error::Malformed;
use crate::kernel::refusal::{Operation, Refusal, unanswered};
use crate::model::Change;
use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP,
};
use std::io;

/// The changes of a full batch. Measured for 10,100 changes: one at a time 530
/// ms, 32 to a batch 34, 64 28, 128 21, 256 19.
const BATCH: usize = 128;

/// What a refusal takes of the receive buffer, rounded up: a buffer's head and
/// the smallest data the kernel allocates, 768 bytes on x86-64.
const REFUSAL_SIZE: usize = 2048;

/// genetlink counts its requests from 1 up; ours are above.
const FIRST_SEQUENCE: u32 = 1 << 31;

/// Encoding and sequence numbers of dumps and batches.
pub(crate) struct Stream {
    family: u16,
    sequence: u32,
    /// The changes to a batch; 0 until the socket was prepared for batches.
    batch: usize,
    outbox: Vec<u8>,
    inbox: Vec<u8>,
    /// What a dump is received into.
    datagrams: Datagrams,
    /// The operations of the batch in the outbox.
    operations: Vec<Operation>,
}

/// How a dump of a table came.
pub(crate) struct Dump {
    /// The rows it had.
    pub rows: usize,
    /// How many rows came before each new piece: where the table may have
    /// changed in between.
    pub cuts: Vec<usize>,
    /// Whether the last piece surely had room for another row, so that the table
    /// had no more.
    pub ended: bool,
    /// Whether the kernel itself says that the table changed meanwhile.
    pub interrupted: bool,
    /// What is wrong with a row that could not be read.
    pub malformed: Option<Malformed>,
}

impl Stream {
    /// For a family's messages.
    pub(crate) fn new(family: u16, datagrams: Datagrams) -> Self {
        Stream {
            family,
            sequence: FIRST_SEQUENCE,
            batch: 0,
            outbox: Vec::new(),
            inbox: Vec::new(),
            datagrams,
            operations: Vec::new(),
        }
    }

    /// Sends changes in batches, in order. Returns those that the kernel refused,
    /// in order, each with its index.
    pub(crate) fn apply_all(
        &mut self,
        socket: &KernelSocket,
        changes: &[Change],
    ) -> Result<Vec<(usize, Refusal)>, Error> {
        if self.batch == 0 {
            // Even a batch that is refused whole fits, twice over.
            let room = socket.expect_many_answers().unwrap_or_default();
            self.batch = (room / REFUSAL_SIZE).clamp(1, BATCH);
        }
        let mut refused = Vec::new();
        let mut first = 0;
        for batch in changes.chunks(self.batch) {
            let base = self.encode_batch(batch);
            let mut report = |index, refusal| refused.push((first + index, refusal));
            if let Err(source) = self.exchange_batch(socket, base, &mut report) {
                let last = first + batch.len() - 1;
                return Err(Error::Unknown {
                    first,
                    last,
                    refused,
                    source,
                });
            }
            first += batch.len();
        }
        Ok(refused)
    }

    /// Fills the outbox with changes, the last one of which the kernel
    /// acknowledges. Returns the first one's sequence number.
    fn encode_batch(&mut self, changes: &[Change]) -> u32 {
        self.outbox.clear();
        self.operations.clear();
        let base = self.next_sequences(changes.len());
        let mut last = Appended::default();
        for (sequence, change) in (base..).zip(changes) {
            let operation = Operation::of(change);
            self.operations.push(operation);
            let out = &mut self.outbox;
            last = append(
                out,
                self.family,
                operation,
                NLM_F_REQUEST,
                sequence,
                |out| {
                    message::encode_change(change, out);
                },
            );
        }
        last.acknowledge(&mut self.outbox);
        base
    }

    /// Sends the outbox and reports its refusals until the last message's answer.
    fn exchange_batch(
        &mut self,
        socket: &KernelSocket,
        base: u32,
        refused: &mut impl FnMut(usize, Refusal),
    ) -> io::Result<()> {
        socket.send(&self.outbox)?;
        let mut lost = None;
        loop {
            match socket.receive(&mut self.inbox) {
                Ok(()) if read_answers(&self.inbox, base, &self.operations, refused)? => break,
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if lost.is_none() {
                        self.report_unanswered(refused);
                    }
                    break;
                }
                // Answers were lost: report those that are still there.
                Err(error) if lost.is_none() => lost = Some(error),
                Err(_) => break,
            }
        }
        lost.map_or(Ok(()), Err)
    }

    /// Reports the last change of a batch, which should have been acknowledged.
    fn report_unanswered(&self, refused: &mut impl FnMut(usize, Refusal)) {
        let last = self.operations.iter().enumerate().next_back();
        if let Some((index, operation)) = last
            && let Err(refusal) = unanswered(*operation)
        {
            refused(index, refusal);
        }
    }

    /// Dumps a table once, each row's attributes to `take`. A row that it can't
    /// read fails the dump, but only after its end: the kernel refuses a socket's
    /// next dump before that.
    pub(crate) fn dump(
        &mut self,
        socket: &KernelSocket,
        operation: Operation,
        request: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), Malformed>,
    ) -> Result<Dump, Error> {
        let sequence = self.next_sequences(1);
        self.outbox.clear();
        let (out, flags) = (&mut self.outbox, NLM_F_REQUEST | NLM_F_DUMP);
        append(out, self.family, operation, flags, sequence, |out| {
            out.extend_from_slice(request);
        });
        let fail = Error::transport(operation);
        socket.send(&self.outbox).map_err(&fail)?;

        let mut dump = Dump::default();
        loop {
            self.datagrams.receive(socket).map_err(&fail)?;
            for piece in self.datagrams.iter() {
                if dump.take_piece(piece, operation, sequence, take)? {
                    return Ok(dump);
                }
            }
        }
    }

    /// Takes this many sequence numbers and returns the first.
    fn next_sequences(&mut self, count: usize) -> u32 {
        let count = count as u32;
        let first = match self.sequence.checked_add(count) {
            Some(_) => self.sequence,
            None => FIRST_SEQUENCE,
        };
        self.sequence = first + count;
        first
    }
}

/// Reports the refusals of a datagram, which answers the batch of these operations
/// whose first sequence number is `base`. Whether the batch is answered.
pub(crate) fn read_answers(
    datagram: &[u8],
    base: u32,
    operations: &[Operation],
    refused: &mut impl FnMut(usize, Refusal),
) -> io::Result<bool> {
    let mut answered = false;
    for item in messages(datagram) {
        let (header, payload) =
            item.map_err(|Malformed(reason)| io::Error::new(io::ErrorKind::InvalidData, reason))?;
        // Answers to earlier requests are below.
        let index = header.sequence_number.wrapping_sub(base) as usize;
        let Some(&operation) = operations.get(index) else {
            continue;
        };
        if header.message_type != NLMSG_ERROR {
            continue;
        }
        if let Some(errno) = errno(payload) {
            refused(index, Refusal { operation, errno });
        }
        answered |= index + 1 == operations.len();
    }
    Ok(answered)
}

impl Default for Dump {
    /// An empty table.
    fn default() -> Self {
        Dump {
            rows: 0,
            cuts: Vec::new(),
            ended: true,
            interrupted: false,
            malformed: None,
        }
    }
}

impl Dump {
    /// Hands the rows of a datagram to `take`; whether the dump ended with it.
    pub(crate) fn take_piece(
        &mut self,
        piece: &[u8],
        operation: Operation,
        sequence: u32,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Malformed>,
    ) -> Result<bool, Error> {
        let (before, fail_row) = (self.rows, Error::malformed(operation));
        let mut complete = false;
        for item in messages(piece) {
            let (header, payload) = item.map_err(&fail_row)?;
            if header.sequence_number != sequence {
                continue;
            }
            self.interrupted |= header.flags & NLM_F_DUMP_INTR != 0;
            match header.message_type {
                NLMSG_DONE | NLMSG_ERROR => {
                    if let Some(errno) = errno(payload) {
                        return Err(Refusal { operation, errno }.into());
                    }
                    complete = true;
                    break;
                }
                NLMSG_NOOP => {}
                _ => match take(attributes_of(payload)) {
                    Ok(()) => self.rows += 1,
                    Err(malformed) => self.malformed = Some(malformed),
                },
            }
        }
        self.end_piece(before, piece.len());
        match self.malformed {
            Some(malformed) if complete => Err(fail_row(malformed)),
            _ => Ok(complete),
        }
    }

    /// Notes where a datagram's rows began, and whether it may have been full.
    fn end_piece(&mut self, before: usize, length: usize) {
        if before == self.rows {
            return;
        }
        if before > 0 {
            self.cuts.push(before);
        }
        self.ended = !may_be_full(length);
    }
}

/// Whether a piece of a dump may have lacked the room for another row.
///
/// The kernel fills a buffer of a power of two, one page to 32 KiB, less its own
/// overhead: below 1 KiB, as a row is below 512 bytes.
fn may_be_full(length: usize) -> bool {
    let margin = 1024 + 512;
    (length..length + margin).any(|end| end >= 4096 && end.is_power_of_two())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_ends_a_table_only_when_it_has_room_left() {
        // What Linux 6.1 sends of a table that goes on: 3,600 and 32,400 bytes.
        for full in [3_600, 3_776, 15_800, 32_400, 32_448] {
            assert!(may_be_full(full), "{full}");
        }
        for roomy in [20, 400, 2_500, 5_000, 20_000, 30_000] {
            assert!(!may_be_full(roomy), "{roomy}");
        }
    }

    #[test]
    fn cuts_are_where_one_piece_ends_and_the_next_begins() {
        let mut dump = Dump::default();
        for (rows, length) in [(2, 32_400), (3, 32_400), (1, 400), (0, 20)] {
            let before = dump.rows;
            dump.rows += rows;
            dump.end_piece(before, length);
        }
        assert_eq!((dump.cuts, dump.ended), (vec![2, 5], true));
    }

    /// A message of a dump with this sequence number.
    fn message(kind: u16, sequence: u32) -> Vec<u8> {
        let mut bytes = [20_u32, kind.into(), sequence, 0]
            .map(u32::to_ne_bytes)
            .concat();
        bytes.extend([0; 4]);
        bytes
    }

    #[test]
    fn rows_that_come_with_the_end_are_counted_and_cut() {
        let row = message(28, 7);
        let last = [message(28, 7), message(28, 6), message(NLMSG_DONE, 7)].concat();
        let (mut dump, mut taken) = (Dump::default(), 0);
        let mut take = |piece: &[u8]| {
            dump.take_piece(piece, Operation::GetService, 7, &mut |_| {
                taken += 1;
                Ok(())
            })
        };
        assert!(!take(&row).unwrap());
        assert!(take(&last).unwrap());
        assert_eq!((taken, dump.rows, dump.cuts), (2, 2, vec![1]));
    }

    #[test]
    fn sequence_numbers_stay_above_those_of_genetlink() {
        let mut stream = Stream::new(1, Datagrams::new());
        assert_eq!(stream.next_sequences(3), FIRST_SEQUENCE);
        assert_eq!(stream.next_sequences(1), FIRST_SEQUENCE + 3);
        stream.sequence = u32::MAX - 5;
        assert_eq!(stream.next_sequences(128), FIRST_SEQUENCE);
    }
}
