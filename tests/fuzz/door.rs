//! What the fuzz targets reach of the library beyond its public interface: the one place that knows where the rooms are.
//!
//! It is a module of the library, compiled only under `--cfg fuzzing`.
#![allow(missing_docs)]

use crate::cli::clap::{command, tokens};
use crate::cli::{Invocation, UsageError, parse};
use crate::kernel::error::Malformed;
use crate::kernel::netlink::message::{decode_info, decode_timeouts, encode_change};
use crate::kernel::netlink::request::{Payload, read_reply};
use crate::kernel::netlink::stream::{Dump, read_answers};
use crate::kernel::proc::services_text::ServersText;
pub use crate::kernel::{Connection, ConnectionLine, Connections};
use crate::kernel::{Error, Operation, Row};
use crate::model::{
    Change, DestinationStatus, Endpoint, Family, Info, ServiceKey, ServiceStatus, SyncDaemon,
    Timeouts,
};
use crate::names::Lookup;
use genetlink::message::{RawGenlMessage, map_from_rawgenlmsg};
use netlink_packet_core::NetlinkMessage;
use std::cell::RefCell;
use std::io;

/// What is wrong with bytes that do not decode.
pub type Decoded<T> = Result<T, &'static str>;

/// A row decoded whole, and no further than its name.
fn row<T: Row>(attributes: &[u8], context: T::Context) -> (Decoded<T>, Decoded<T::Key>) {
    let whole = T::decode(attributes, context).map_err(|Malformed(reason)| reason);
    let key = T::decode_key(attributes, context).map_err(|Malformed(reason)| reason);
    (whole, key)
}

pub fn service_status(attributes: &[u8]) -> (Decoded<ServiceStatus>, Decoded<ServiceKey>) {
    row(attributes, ())
}

pub fn destination_status(
    attributes: &[u8],
    family: Family,
) -> (Decoded<DestinationStatus>, Decoded<Endpoint>) {
    row(attributes, family)
}

pub fn daemon(attributes: &[u8]) -> Decoded<SyncDaemon> {
    row(attributes, ()).0
}

pub fn timeouts(attributes: &[u8]) -> Decoded<Timeouts> {
    decode_timeouts(attributes).map_err(|Malformed(reason)| reason)
}

pub fn info(attributes: &[u8]) -> Decoded<Info> {
    decode_info(attributes).map_err(|Malformed(reason)| reason)
}

/// The attributes of the request that makes a change.
pub fn encoded(change: &Change) -> Vec<u8> {
    let mut out = Vec::new();
    encode_change(change, &mut out);
    out
}

/// How a dump came: its rows, how many came before each new piece, and whether the kernel says that the table changed.
pub type Dumped = (usize, Vec<usize>, bool);

/// Reads a dump that comes in these datagrams; `None` where they do not end it.
pub fn dump(
    pieces: &[&[u8]],
    sequence: u32,
    mut take: impl FnMut(&[u8]) -> Decoded<()>,
) -> Result<Option<Dumped>, Error> {
    let mut dump = Dump::default();
    let mut take = |attributes: &[u8]| take(attributes).map_err(Malformed);
    for piece in pieces {
        if dump.take_piece(piece, Operation::GetService, sequence, &mut take)? {
            return Ok(Some((dump.rows, dump.cuts, dump.interrupted)));
        }
    }
    Ok(None)
}

/// The refusals of a batch of `count` changes, by index and errno, and whether the datagram answers it.
pub fn answers(datagram: &[u8], base: u32, count: usize) -> io::Result<(Vec<(usize, i32)>, bool)> {
    let mut refusals = Vec::new();
    let operations = vec![Operation::AddService; count];
    let answered = read_answers(datagram, base, &operations, &mut |index, refusal| {
        refusals.push((index, refusal.errno));
    })?;
    Ok((refusals, answered))
}

/// The attributes of the reply to a single request, by genetlink's way; `None` where genetlink drops it.
pub fn reply(datagram: &[u8]) -> Option<Result<Option<Vec<u8>>, Error>> {
    let raw = NetlinkMessage::<RawGenlMessage>::deserialize(datagram).ok()?;
    let message = map_from_rawgenlmsg::<Payload>(raw).ok()?;
    Some(read_reply(Operation::GetInfo, message.payload))
}

/// What clap makes of an argument list; `None` where it refuses the words themselves.
pub fn by_clap(words: &[String], names: &mut dyn Lookup) -> Option<Result<Invocation, UsageError>> {
    thread_local!(static COMMAND: RefCell<clap::Command> = RefCell::new(command()));
    // Building it takes longer than all that follows.
    let matches = COMMAND.with_borrow_mut(|command| command.try_get_matches_from_mut(words));
    let matches = matches.ok()?;
    Some(parse::invocation(tokens(&matches), None, names))
}

/// What the text of `/proc/net/ip_vs` says of each service; `None` where it is not such a text.
pub fn proc_servers(
    text: &[u8],
    keys: &[ServiceKey],
) -> Option<Vec<Option<Vec<DestinationStatus>>>> {
    let table = ServersText::read(text)?;
    let servers = keys.iter().map(|key| {
        let mut rows = Vec::new();
        table.servers(key, &mut rows).then_some(rows)
    });
    Some(servers.collect())
}
