//! Kinds of values: their names in messages, and the values that are taken.

use std::fmt;

/// A kind of values, such as weights.
#[derive(Debug, PartialEq, Eq)]
pub struct ValueKind {
    /// Its name in messages: 1.31's, where it has such a value.
    name: &'static str,
    /// The values that are taken: the line after the message.
    pub taken: &'static str,
    /// Whether it is a time in seconds.
    pub is_time: bool,
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const fn kind(name: &'static str, taken: &'static str) -> ValueKind {
    ValueKind {
        name,
        taken,
        is_time: false,
    }
}

const fn time(name: &'static str) -> ValueKind {
    ValueKind {
        is_time: true,
        ..kind(name, "times are seconds, at most 2678400 (31 days)")
    }
}

const LIMIT: &str = "a limit is N or WARNING,N";
const THRESHOLD: &str = "a threshold is a number from 0 to 2147483647";
const PORT: &str = "a port is a number from 1 to 65535";
const ROLE: &str = "a sync daemon is master or backup";

pub static TIMEOUT: ValueKind = time("timeout");
pub static WAIT: ValueKind = time("wait");
pub static RESOLVE_TIMEOUT: ValueKind = time("resolve-timeout");
pub static WATCH: ValueKind = time("watch");
pub static FWMARK: ValueKind = kind("fwmark", "a mark is a number from 1 to 4294967295");
pub static MIN_SERVERS: ValueKind = kind("min-servers", LIMIT);
pub static MAX_CONNECTIONS: ValueKind = kind("max-connections", LIMIT);
pub static TOP: ValueKind = kind("top", "a number of services from 1 to 4294967295");
pub static BY: ValueKind = kind("by", "services are sorted by cps, pps, bps or active");
pub static METRICS_FORMAT: ValueKind = kind(
    "metrics format",
    "the formats are prometheus and openmetrics",
);
pub static WEIGHT: ValueKind = kind("weight", "a weight is a number from 0 to 2147483647");
pub static UPPER_THRESHOLD: ValueKind = kind("u_threshold", THRESHOLD);
pub static LOWER_THRESHOLD: ValueKind = kind("l_threshold", THRESHOLD);
pub static SYNC_ID: ValueKind = kind("syncid", "a sync id is a number from 0 to 255");
pub static SYNC_MAXLEN: ValueKind = kind("sync-maxlen", "a length is a number from 1 to 65507");
pub static MCAST_PORT: ValueKind = kind("mcast-port", PORT);
pub static MCAST_TTL: ValueKind = kind("mcast-ttl", "a TTL is a number from 1 to 255");
pub static TUNNEL_PORT: ValueKind = kind("tunnel port", PORT);
pub static TUNNEL_TYPE: ValueKind = kind("tunnel type", "a tunnel is ipip, gue or gre");
pub static PREFIX_LENGTH: ValueKind = kind(
    "ipv6 netmask",
    "of IPv6 the mask is a prefix length from 1 to 128",
);
pub static NETMASK: ValueKind = kind(
    "virtual server persistent mask",
    "of IPv4 the mask is an address, such as 255.255.255.0",
);
pub static STARTED_ROLE: ValueKind = kind("start-daemon parameter", ROLE);
pub static STOPPED_ROLE: ValueKind = kind("start_daemon", ROLE);
pub static DIRECTOR: ValueKind = kind(
    "director",
    "the director is named by its address, such as 10.0.0.1",
);
