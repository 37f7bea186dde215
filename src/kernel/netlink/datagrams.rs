//! Several datagrams by one system call: the pieces of a dump.

use super::socket::{KERNEL, KernelSocket, does_not_fit, uninterrupted};
use nix::sys::socket::{MsgFlags, MultiHeaders, NetlinkAddr, recvmmsg};
use std::io::{self, IoSliceMut};
use std::os::fd::AsRawFd;

/// A short dump is its rows and its end; this many pieces are 300 destinations
/// and the end.
const DATAGRAMS: usize = 5;
/// The longest piece of a dump (`netlink_dump` of the kernel's
/// `net/netlink/af_netlink.c`).
const LONGEST: usize = 32 * 1024;

/// Datagrams from the kernel, and the room for them.
pub(crate) struct Datagrams {
    /// Room for all, one after the other.
    buffer: Vec<u8>,
    lengths: Vec<usize>,
}

impl Datagrams {
    /// Makes room. Made before the heap has grown, the allocator asks the kernel
    /// for it, whose pages are zero: only those that are used cost anything,
    /// which a start notices.
    pub(crate) fn new() -> Self {
        Datagrams {
            buffer: vec![0; DATAGRAMS * LONGEST],
            lengths: Vec::new(),
        }
    }

    /// Takes what the kernel has to say next; it replaces what was here.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing, nor will be before the next send.
    pub(crate) fn receive(&mut self, socket: &KernelSocket) -> io::Result<()> {
        self.lengths.clear();
        let room = socket.room().min(LONGEST);
        let descriptor = socket.descriptor().as_raw_fd();
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC;
        let (buffer, lengths) = (&mut self.buffer, &mut self.lengths);
        uninterrupted(|| {
            let mut slices: Vec<_> = buffer
                .chunks_mut(LONGEST)
                .map(|part| [IoSliceMut::new(part.get_mut(..room).unwrap_or_default())])
                .collect();
            let mut headers = MultiHeaders::<NetlinkAddr>::preallocate(DATAGRAMS, None);
            for piece in recvmmsg(descriptor, &mut headers, slices.iter_mut(), flags, None)? {
                // Any process may send to a netlink socket.
                let kernels = piece.address.is_some_and(|from| from.pid() == KERNEL);
                if kernels && piece.bytes > room {
                    return Err(does_not_fit(piece.bytes));
                }
                lengths.push(if kernels { piece.bytes } else { 0 });
            }
            Ok(())
        })
    }

    /// The datagrams, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let whole = self.buffer.chunks(LONGEST).zip(&self.lengths);
        whole.filter_map(|(part, length)| part.get(..*length))
    }
}
