//! Counters, alike in services and destinations.

use crate::kernel::error::Malformed;
use crate::kernel::netlink::attributes::{attributes, get_counter, stats};
use crate::model::Stats;

/// Decodes a STATS64 nest, or an old kernel's STATS.
pub(crate) fn decode(nest: &[u8]) -> Result<Stats, Malformed> {
    let mut counters = Stats::default();
    for attribute in attributes(nest) {
        let (kind, value) = attribute?;
        let counter = match kind {
            stats::CONNECTIONS => &mut counters.connections,
            stats::IN_PACKETS => &mut counters.in_packets,
            stats::OUT_PACKETS => &mut counters.out_packets,
            stats::IN_BYTES => &mut counters.in_bytes,
            stats::OUT_BYTES => &mut counters.out_bytes,
            stats::CONNECTION_RATE => &mut counters.connection_rate,
            stats::IN_PACKET_RATE => &mut counters.in_packet_rate,
            stats::OUT_PACKET_RATE => &mut counters.out_packet_rate,
            stats::IN_BYTE_RATE => &mut counters.in_byte_rate,
            stats::OUT_BYTE_RATE => &mut counters.out_byte_rate,
            _ => continue,
        };
        *counter = get_counter(value)?;
    }
    Ok(counters)
}
