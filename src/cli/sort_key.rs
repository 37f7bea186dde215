//! What `--sort-by` sorts the servers of a service by.

use crate::model::{DestinationStatus, Endpoint};
use std::cmp::Reverse;

/// What the servers of a service are sorted by: a number, the largest first, or
/// their addresses alone.
#[derive(Debug, Clone, Copy)]
pub struct SortKey {
    /// Its name, as in JSON.
    pub word: &'static str,
    number: Option<fn(&DestinationStatus) -> i128>,
}

/// All there are.
pub static SORT_KEYS: [SortKey; 15] = [
    SortKey::ADDRESS,
    key("weight", |server| server.destination.weight.into()),
    key("active", |server| server.active.into()),
    key("inactive", |server| server.inactive.into()),
    key("persistent", |server| server.persistent.into()),
    key("conns", |server| server.stats.connections.into()),
    key("inpkts", |server| server.stats.in_packets.into()),
    key("outpkts", |server| server.stats.out_packets.into()),
    key("inbytes", |server| server.stats.in_bytes.into()),
    key("outbytes", |server| server.stats.out_bytes.into()),
    key("cps", |server| server.stats.connection_rate.into()),
    key("inpps", |server| server.stats.in_packet_rate.into()),
    key("outpps", |server| server.stats.out_packet_rate.into()),
    key("inbps", |server| server.stats.in_byte_rate.into()),
    key("outbps", |server| server.stats.out_byte_rate.into()),
];

const fn key(word: &'static str, number: fn(&DestinationStatus) -> i128) -> SortKey {
    SortKey {
        word,
        number: Some(number),
    }
}

/// Each word is another key.
impl PartialEq for SortKey {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for SortKey {}

impl SortKey {
    /// The order of a listing that is told no other.
    pub const ADDRESS: SortKey = SortKey {
        word: "address",
        number: None,
    };

    /// The key of a word.
    pub fn named(word: &str) -> Option<Self> {
        SORT_KEYS.iter().find(|key| key.word == word).copied()
    }

    /// Whether the plain listing shows it.
    pub fn is_plain(self) -> bool {
        ["address", "weight", "active", "inactive"].contains(&self.word)
    }

    /// Sorts the servers of a service. Where their numbers are the same, and with
    /// the addresses themselves, they are in ascending order of the addresses.
    pub fn sort(self, servers: &mut [DestinationStatus]) {
        let address = |server: &DestinationStatus| -> Endpoint { server.destination.endpoint };
        match self.number {
            None => servers.sort_unstable_by_key(address),
            Some(number) => {
                servers.sort_unstable_by_key(|server| (Reverse(number(server)), address(server)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Destination, Stats};
    use std::collections::BTreeSet;

    /// Each server has the largest of one number.
    #[test]
    fn each_key_is_another_number() {
        let mut servers: Vec<_> = (0..14_u8)
            .map(|last| {
                let endpoint = format!("10.0.0.{last}:80").parse().unwrap();
                DestinationStatus::idle(Destination::new(endpoint))
            })
            .collect();
        let [.., weight, active, inactive, persistent] = &mut servers[..] else {
            panic!("14 servers");
        };
        weight.destination.weight = i32::MAX;
        (active.active, inactive.inactive, persistent.persistent) = (1, 1, u32::MAX);
        let counters: [fn(&mut Stats) -> &mut u64; 10] = [
            |it| &mut it.connections,
            |it| &mut it.in_packets,
            |it| &mut it.out_packets,
            |it| &mut it.in_bytes,
            |it| &mut it.out_bytes,
            |it| &mut it.connection_rate,
            |it| &mut it.in_packet_rate,
            |it| &mut it.out_packet_rate,
            |it| &mut it.in_byte_rate,
            |it| &mut it.out_byte_rate,
        ];
        for (server, counter) in servers.iter_mut().zip(counters) {
            *counter(&mut server.stats) = u64::MAX;
        }
        let first = |key: &SortKey| {
            let mut sorted = servers.clone();
            key.sort(&mut sorted);
            let others = &sorted[1..];
            assert!(
                others.is_sorted_by_key(|it| it.destination.endpoint),
                "{}",
                key.word
            );
            sorted[0].destination.endpoint
        };
        let numbers = || SORT_KEYS.iter().filter(|key| **key != SortKey::ADDRESS);
        assert_eq!(numbers().map(first).collect::<BTreeSet<_>>().len(), 14);
        let inbps = SortKey::named("inbps").unwrap();
        assert_eq!(first(&inbps).to_string(), "10.0.0.8:80");
    }

    #[test]
    fn the_largest_come_first() {
        let mut servers: Vec<_> = [(3, 1), (-1, 2), (10, 3), (3, 4), (0, 5)]
            .iter()
            .rev()
            .map(|&(weight, last)| {
                let endpoint = format!("10.0.0.{last}:80").parse().unwrap();
                DestinationStatus::idle(Destination {
                    weight,
                    ..Destination::new(endpoint)
                })
            })
            .collect();
        let mut order = |word: &str| {
            SortKey::named(word).unwrap().sort(&mut servers);
            let ports = servers.iter().map(|it| it.destination.endpoint.to_string());
            ports.map(|it| it[7..8].to_owned()).collect::<String>()
        };
        assert_eq!(order("weight"), "31452");
        assert_eq!(order("active"), "12345");
        assert_eq!(order("weight"), "31452");
        assert_eq!(order("address"), "12345");
        assert!(SortKey::named("Weight").is_none());
    }
}
