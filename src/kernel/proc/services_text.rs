//! The servers of a plain listing, as `/proc/net/ip_vs` has them.
//!
//! Netlink tells everything, for two system calls a service; this file has all
//! services' servers, 4 KiB for a system call, with their forwarding, weight
//! and connections. What it does not have: the family of a firewall mark, the
//! kind of a tunnel, thresholds, counters. A forwarding method that no option
//! asks for shows as masquerading.
//!
//! ```text
//! IP Virtual Server version 1.2.1 (size=4096)
//! Prot LocalAddress:Port Scheduler Flags
//!   -> RemoteAddress:Port Forward Weight ActiveConn InActConn
//! TCP  0A000001:0050 rr
//!   -> 0A000002:0050      Masq    1      0          0
//!   -> [2001:0db8:0000:0000:0000:0000:0000:0005]:0050      Tunnel  7      0          0
//! ```
//!
//! For each read, of 4 KiB or of a longer block, the kernel goes through the
//! services from the first one, so the last of many services cost more than
//! netlink would. They are left out: see [`PASSED`].
//!
//! The file may change while it is read. The kernel goes on by counting
//! services from the table's start, so one may be skipped or come twice. It
//! counts those of other network namespaces where it stops and not where it
//! goes on, so where several have services, some are always skipped. But it
//! writes a service's block, its line and its servers', in one go, so a block
//! that is there is whole. Therefore the file is asked for a service that is
//! known from elsewhere, and answers only where it has exactly one block of it,
//! understands every line, and finds no server twice. An empty block is a
//! service without servers.

mod services_line;

use crate::model::{DestinationStatus, Endpoint, ServiceKey};
use memchr::memchr;
use std::io::Read;
use std::net::IpAddr;

/// The file, in the network namespace of the thread that opens it.
pub(crate) const PATH: &str = "/proc/thread-self/net/ip_vs";

/// The lines over the services; before them comes the title.
const HEADING: &[u8] = b"Prot LocalAddress:Port Scheduler Flags\n  \
    -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n";
const TITLE: &[u8] = b"IP Virtual Server version ";

/// The room made beforehand. It costs nothing until it is filled.
const ROOM: usize = 2 * 1024 * 1024;
/// Where a block begins is kept in 32 bits.
const LONGEST: usize = u32::MAX as usize;

/// What a read brings: the kernel's buffer, unless a block is longer.
const READ: usize = 4 * 1024;
/// How many reads there are between two looks at what they bring.
const READS: usize = 16;

/// How many services a read may pass over for each that it brings, before
/// netlink is cheaper. In User-Mode Linux the kernel passes one in 40 ns. Asking
/// netlink for the servers of a service takes longer than its text by 40 µs with
/// one server, 130 with a hundred: as long as passing 1000 and 3300.
const PASSED: usize = 3000;

/// The file's text, and where each service's block is.
#[derive(Debug)]
pub(crate) struct ServersText {
    text: Vec<u8>,
    /// In ascending order.
    blocks: Vec<Block>,
}

/// Where a service's block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    /// A short hash of the service's key: five thousand keys would take 30 pages.
    hash: u32,
    start: u32,
}

impl ServersText {
    /// Reads the file as far as that is cheaper than netlink; `None` where it
    /// can't be read or is not what it should be.
    pub(crate) fn read(mut file: impl Read) -> Option<Self> {
        let mut text = Vec::with_capacity(ROOM);
        let (mut passed, mut brought) = (0, READS);
        while passed * READS <= PASSED * brought && text.len() < LONGEST {
            let before = text.len();
            // Straight into the text: by way of a buffer a listing of 10,000 servers takes a fifth longer.
            let mut piece = file.by_ref().take((READ * READS) as u64);
            if piece.read_to_end(&mut text).ok()? < READ * READS {
                return ServersText::new(text, true);
            }
            let services = count_services(text.get(before..)?);
            passed += services;
            // A read that brings part of a long block counts as one that brings a service. (What is left of a line counts as one, too.)
            brought = services.max(READS);
        }
        ServersText::new(text, false)
    }

    /// Unless the text is whole, the last block may be cut off.
    fn new(text: Vec<u8>, whole: bool) -> Option<Self> {
        let title = lines(&text, 0).next()?;
        let body = text.get(title.len()..)?.strip_prefix(HEADING)?;
        let cut_short = whole && !text.ends_with(b"\n");
        if !title.starts_with(TITLE) || cut_short || text.len() >= LONGEST {
            return None;
        }
        let mut start = text.len() - body.len();
        let mut blocks = Vec::new();
        for line in lines(&text, start) {
            if let Some(key) = services_line::service(line) {
                let (hash, start) = (hash(&key), start as u32);
                blocks.push(Block { hash, start });
            }
            start += line.len();
        }
        if !whole {
            blocks.pop();
        }
        blocks.sort_unstable();
        Some(ServersText { text, blocks })
    }

    /// Puts a service's servers into `rows`, in the kernel's order, instead of
    /// what was there. Whether they are certain; else netlink has to be asked.
    pub(crate) fn servers(&self, key: &ServiceKey, rows: &mut Vec<DestinationStatus>) -> bool {
        rows.clear();
        let Some(start) = self.only_block(key) else {
            return false;
        };
        let below = lines(&self.text, start).skip(1);
        for line in below.take_while(|line| services_line::is_server(line)) {
            match services_line::server(line) {
                Some(row) => rows.push(row),
                None => return false,
            }
        }
        are_distinct(rows)
    }

    /// Where the block of this service begins, if there is exactly one.
    fn only_block(&self, key: &ServiceKey) -> Option<usize> {
        let hash = hash(key);
        let first = self.blocks.partition_point(|block| block.hash < hash);
        let alike = self.blocks.get(first..)?.iter();
        let mut starts = alike
            .take_while(|block| block.hash == hash)
            .map(|block| block.start as usize)
            .filter(|start| {
                let line = lines(&self.text, *start).next();
                line.and_then(services_line::service) == Some(*key)
            });
        let start = starts.next()?;
        starts.next().is_none().then_some(start)
    }
}

fn count_services(text: &[u8]) -> usize {
    let lines = lines(text, 0);
    lines.filter(|line| !services_line::is_server(line)).count()
}

/// The lines from here on, each with its end.
fn lines(text: &[u8], start: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = text.get(start..).unwrap_or_default();
    std::iter::from_fn(move || {
        let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

/// Keys that differ in little differ in much of this.
fn hash(key: &ServiceKey) -> u32 {
    let number = match key {
        ServiceKey::Fwmark { mark, .. } => u64::from(*mark),
        ServiceKey::Address { protocol, endpoint } => {
            fingerprint(*endpoint).rotate_left(16) ^ u64::from(protocol.0)
        }
    };
    (number.wrapping_mul(ODD) >> 32) as u32
}

/// Two to the 64th over the golden ratio.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number that is another one for another endpoint: surely with IPv4, almost
/// surely with IPv6.
fn fingerprint(Endpoint { address, port }: Endpoint) -> u64 {
    let address = match address {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            ((bits >> 64) as u64).wrapping_mul(ODD) ^ bits as u64
        }
    };
    address.rotate_left(16) ^ u64::from(port)
}

/// Whether no server is there twice; `false` also where two look alike.
fn are_distinct(rows: &[DestinationStatus]) -> bool {
    let mut seen: Vec<u64> = rows
        .iter()
        .map(|row| fingerprint(row.destination.endpoint))
        .collect();
    seen.sort_unstable();
    seen.windows(2).all(|pair| pair.first() != pair.last())
}

#[cfg(test)]
mod tests;
