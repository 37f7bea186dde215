//! Counters and rates.

/// The counters of a service or destination, and the kernel's estimate of its
/// rates.
///
/// 64-bit where the kernel sends them so; an old kernel's 32-bit counters wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub in_packets: u64,
    /// Packets to clients (0 where replies do not pass the director).
    pub out_packets: u64,
    /// Bytes from clients.
    pub in_bytes: u64,
    /// Bytes to clients.
    pub out_bytes: u64,
    /// Connections a second.
    pub connection_rate: u64,
    /// Incoming packets a second.
    pub in_packet_rate: u64,
    /// Outgoing packets a second.
    pub out_packet_rate: u64,
    /// Incoming bytes a second.
    pub in_byte_rate: u64,
    /// Outgoing bytes a second.
    pub out_byte_rate: u64,
}
