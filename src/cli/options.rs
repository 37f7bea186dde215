//! The one table of commands and options.
//!
//! clap's command, the reader of rules lines, the legality check and the help
//! text are all made from it. A new option is one entry here.

use super::verbs::{Verb, Verbs};
use std::sync::LazyLock;

/// Whether an option or command takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// None.
    No,
    /// One, named so in the help.
    Required(&'static str),
    /// The next word, unless that begins with `-`.
    Optional(&'static str),
}

/// What an entry of the table stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A command.
    Command(Verb),
    /// An option.
    Option(Opt),
}

/// Every option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is documented by its entry's help
pub enum Opt {
    TcpService,
    UdpService,
    SctpService,
    FwmarkService,
    Ipv6,
    Scheduler,
    Persistent,
    Netmask,
    Engine,
    SchedulerFlags,
    OnePacket,
    RealServer,
    Gatewaying,
    Ipip,
    Masquerading,
    TunnelType,
    TunnelPort,
    TunnelNoChecksum,
    TunnelChecksum,
    TunnelRemoteChecksum,
    Weight,
    UpperThreshold,
    LowerThreshold,
    Connection,
    Timeout,
    Daemon,
    Stats,
    Rate,
    Exact,
    Thresholds,
    PersistentConn,
    TunInfo,
    NoSort,
    Sort,
    Numeric,
    SyncId,
    SyncMaxLength,
    McastInterface,
    McastGroup,
    McastPort,
    McastTtl,
    DryRun,
    Replace,
    Exist,
    File,
    All,
    Wait,
    Json,
    Client,
    Count,
    ResolveTimeout,
    Netns,
}

/// What the checks speak of: options of one group exclude one another, and are
/// required or illegal together.
///
/// The order is the order in which the checks report, as scripts see only the
/// first complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // named by `name`
pub enum Group {
    Numeric,
    Connection,
    ServiceAddress,
    Scheduler,
    Persistent,
    Netmask,
    RealServer,
    ForwardingMethod,
    Weight,
    UpperThreshold,
    LowerThreshold,
    McastInterface,
    Timeout,
    Daemon,
    Stats,
    Rate,
    Thresholds,
    PersistentConn,
    NoSort,
    SyncId,
    Exact,
    OnePacket,
    Engine,
    SchedulerFlags,
    McastGroup,
    McastPort,
    McastTtl,
    SyncMaxLength,
    TunInfo,
    TunnelType,
    TunnelPort,
    TunnelNoChecksum,
    TunnelChecksum,
    TunnelRemoteChecksum,
    DryRun,
    Replace,
    Exist,
    File,
    All,
    Wait,
    Json,
    Client,
    Count,
    ResolveTimeout,
    Netns,
}

/// One command or option.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it stands for.
    pub meaning: Meaning,
    /// The long name, without its dashes.
    pub long: &'static str,
    /// The short letters; `-L` has two.
    pub short: &'static [char],
    /// Its value.
    pub value: Value,
    /// One line of help.
    pub help: &'static str,
    /// The group of an option; `None` for a command, and for `-6` and `--sort`,
    /// which no check refuses.
    pub group: Option<Group>,
    /// The commands it may go with.
    pub legal: Verbs,
    /// The commands that need it, or another of its group.
    pub required: Verbs,
    /// The group without which a listing does not take it.
    pub list_needs: Option<Group>,
}

impl Entry {
    /// Whether it is an option rather than a command.
    pub fn is_option(&self) -> bool {
        matches!(self.meaning, Meaning::Option(_))
    }

    /// The name the group goes by in messages.
    pub fn group_name(&self) -> &'static str {
        match self.group {
            Some(Group::ServiceAddress) => "service-address",
            Some(Group::ForwardingMethod) => "forwarding-method",
            _ => self.long,
        }
    }
}

const fn command(
    verb: Verb,
    long: &'static str,
    short: &'static [char],
    help: &'static str,
) -> Entry {
    Entry {
        meaning: Meaning::Command(verb),
        long,
        short,
        value: Value::No,
        help,
        group: None,
        legal: Verbs::NONE,
        required: Verbs::NONE,
        list_needs: None,
    }
}

const fn option(
    opt: Opt,
    long: &'static str,
    short: &'static [char],
    group: Group,
    legal: Verbs,
    help: &'static str,
) -> Entry {
    Entry {
        meaning: Meaning::Option(opt),
        long,
        short,
        value: Value::No,
        help,
        group: Some(group),
        legal,
        required: Verbs::NONE,
        list_needs: None,
    }
}

const fn service(
    opt: Opt,
    long: &'static str,
    short: &'static [char],
    help: &'static str,
) -> Entry {
    option(opt, long, short, Group::ServiceAddress, NAMES_SERVICE, help).requiring(NEEDS_SERVICE)
}

impl Entry {
    const fn taking(mut self, name: &'static str) -> Self {
        self.value = Value::Required(name);
        self
    }

    const fn optionally_taking(mut self, name: &'static str) -> Self {
        self.value = Value::Optional(name);
        self
    }

    const fn requiring(mut self, verbs: Verbs) -> Self {
        self.required = verbs;
        self
    }

    /// In a listing, legal only along with the group.
    const fn with(mut self, group: Group) -> Self {
        self.list_needs = Some(group);
        self
    }

    /// Legal with everything, any number of times.
    const fn ungrouped(mut self) -> Self {
        self.group = None;
        self
    }
}

const SERVICE: Verbs = Verbs::of(&[Verb::AddService, Verb::EditService]);
const SERVER: Verbs = Verbs::of(&[Verb::AddServer, Verb::EditServer]);
const NEEDS_SERVER: Verbs = Verbs::of(&[Verb::AddServer, Verb::EditServer, Verb::DeleteServer]);
const NEEDS_SERVICE: Verbs = SERVICE
    .and(NEEDS_SERVER)
    .and(Verbs::of(&[Verb::DeleteService]));
const LIST: Verbs = Verbs::of(&[Verb::List]);
const NAMES_SERVICE: Verbs = NEEDS_SERVICE.and(Verbs::of(&[Verb::List, Verb::Zero]));
const START: Verbs = Verbs::of(&[Verb::StartDaemon]);
const RESTORE: Verbs = Verbs::of(&[Verb::Restore]);
const SAVE: Verbs = Verbs::of(&[Verb::Save]);
const EVERY: Verbs = CHANGES.and(LIST).and(SAVE).and(RESTORE);
const REPEATABLE: Verbs = Verbs::of(&[
    Verb::AddService,
    Verb::DeleteService,
    Verb::AddServer,
    Verb::DeleteServer,
    Verb::StartDaemon,
    Verb::StopDaemon,
]);
const CHANGES: Verbs = REPEATABLE.and(Verbs::of(&[
    Verb::EditService,
    Verb::EditServer,
    Verb::Clear,
    Verb::Zero,
    Verb::SetTimeouts,
]));

/// The table.
#[rustfmt::skip] // a row an entry
pub static TABLE: &[Entry] = &[
    command(Verb::AddService, "add-service", &['A'], "add a virtual service"),
    command(Verb::EditService, "edit-service", &['E'], "change a virtual service"),
    command(Verb::DeleteService, "delete-service", &['D'], "delete a virtual service and its servers"),
    command(Verb::Clear, "clear", &['C'], "delete every virtual service"),
    command(Verb::Restore, "restore", &['R'], "read rules from standard input and apply them"),
    command(Verb::Save, "save", &['S'], "write the table as rules to standard output"),
    command(Verb::AddServer, "add-server", &['a'], "add a real server to a virtual service"),
    command(Verb::EditServer, "edit-server", &['e'], "change a real server"),
    command(Verb::DeleteServer, "delete-server", &['d'], "delete a real server"),
    command(Verb::List, "list", &['L', 'l'], "list the table"),
    command(Verb::Zero, "zero", &['Z'], "set the counters of one or all services to zero"),
    command(Verb::SetTimeouts, "set", &[], "set the connection timeouts: --set TCP TCPFIN UDP"),
    command(Verb::StartDaemon, "start-daemon", &[], "start a sync daemon").taking("master|backup"),
    command(Verb::StopDaemon, "stop-daemon", &[], "stop a sync daemon").taking("master|backup"),
    command(Verb::Help, "help", &['h'], "show this help"),
    command(Verb::Version, "version", &['v'], "show the version"),
    service(Opt::TcpService, "tcp-service", &['t'], "a TCP service").taking("ADDR[:PORT]"),
    service(Opt::UdpService, "udp-service", &['u'], "a UDP service").taking("ADDR[:PORT]"),
    service(Opt::SctpService, "sctp-service", &[], "an SCTP service").taking("ADDR[:PORT]"),
    service(Opt::FwmarkService, "fwmark-service", &['f'], "a service of firewall-marked packets").taking("MARK"),
    option(Opt::Ipv6, "ipv6", &['6'], Group::ServiceAddress, NAMES_SERVICE, "the marked packets are IPv6").ungrouped(),
    option(Opt::Scheduler, "scheduler", &['s'], Group::Scheduler, SERVICE, "rr, wrr, lc, wlc (the default), lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos, …").taking("NAME"),
    option(Opt::SchedulerFlags, "sched-flags", &['b'], Group::SchedulerFlags, SERVICE, "the scheduler's flags, separated by commas: sh-fallback, sh-port, mh-fallback, mh-port").taking("FLAGS"),
    option(Opt::Persistent, "persistent", &['p'], Group::Persistent, SERVICE, "clients keep their server for SECONDS, 360 by default").optionally_taking("SECONDS"),
    option(Opt::Netmask, "netmask", &['M'], Group::Netmask, SERVICE, "clients of one network keep together: an IPv4 mask, or an IPv6 prefix length").taking("MASK"),
    option(Opt::Engine, "pe", &[], Group::Engine, SERVICE, "the persistence engine: sip").taking("NAME"),
    option(Opt::OnePacket, "ops", &['o'], Group::OnePacket, SERVICE, "one-packet scheduling, for UDP"),
    option(Opt::RealServer, "real-server", &['r'], Group::RealServer, NEEDS_SERVER.and(LIST), "the real server").taking("ADDR[:PORT]").requiring(NEEDS_SERVER).with(Group::Connection),
    option(Opt::Gatewaying, "gatewaying", &['g'], Group::ForwardingMethod, SERVER, "forward by direct routing (the default)"),
    option(Opt::Ipip, "ipip", &['i'], Group::ForwardingMethod, SERVER, "forward through a tunnel"),
    option(Opt::Masquerading, "masquerading", &['m'], Group::ForwardingMethod, SERVER, "forward by masquerading (NAT)"),
    option(Opt::TunnelType, "tun-type", &[], Group::TunnelType, SERVER, "the tunnel: ipip (the default), gue, gre").taking("TYPE"),
    option(Opt::TunnelPort, "tun-port", &[], Group::TunnelPort, SERVER, "the UDP port of a gue tunnel").taking("PORT"),
    option(Opt::TunnelNoChecksum, "tun-nocsum", &[], Group::TunnelNoChecksum, SERVER, "tunnelled packets carry no checksum (the default)"),
    option(Opt::TunnelChecksum, "tun-csum", &[], Group::TunnelChecksum, SERVER, "tunnelled packets carry a checksum"),
    option(Opt::TunnelRemoteChecksum, "tun-remcsum", &[], Group::TunnelRemoteChecksum, SERVER, "remote checksum offload, for gue"),
    option(Opt::Weight, "weight", &['w'], Group::Weight, SERVER, "the server's weight, 1 by default; 0 takes no new connections").taking("N"),
    option(Opt::UpperThreshold, "u-threshold", &['x'], Group::UpperThreshold, SERVER, "take no more connections at N").taking("N"),
    option(Opt::LowerThreshold, "l-threshold", &['y'], Group::LowerThreshold, SERVER, "take connections again below N").taking("N"),
    option(Opt::Connection, "connection", &['c'], Group::Connection, LIST, "list the connections"),
    option(Opt::Timeout, "timeout", &[], Group::Timeout, LIST, "list the connection timeouts"),
    option(Opt::Daemon, "daemon", &[], Group::Daemon, LIST, "list the sync daemons"),
    option(Opt::Stats, "stats", &[], Group::Stats, LIST, "list the counters"),
    option(Opt::Rate, "rate", &[], Group::Rate, LIST, "list the rates"),
    option(Opt::Thresholds, "thresholds", &[], Group::Thresholds, LIST, "list the connection thresholds"),
    option(Opt::PersistentConn, "persistent-conn", &[], Group::PersistentConn, LIST, "list the persistent connections; with -c, the engine's data"),
    option(Opt::TunInfo, "tun-info", &[], Group::TunInfo, LIST, "list the tunnels"),
    option(Opt::NoSort, "nosort", &[], Group::NoSort, LIST, "list in the kernel's order"),
    option(Opt::Sort, "sort", &[], Group::NoSort, LIST, "list in ascending order (always so)").ungrouped(),
    option(Opt::Exact, "exact", &['X'], Group::Exact, LIST, "print counters in full"),
    option(Opt::Numeric, "numeric", &['n'], Group::Numeric, Verbs::of(&[Verb::List, Verb::Save]), "print addresses and ports as numbers"),
    option(Opt::SyncId, "syncid", &[], Group::SyncId, Verbs::of(&[Verb::StartDaemon, Verb::StopDaemon, Verb::List]), "the id of the group of directors, 0 to 255").taking("ID"),
    option(Opt::SyncMaxLength, "sync-maxlen", &[], Group::SyncMaxLength, START, "the longest sync message, 1 to 65507 bytes").taking("BYTES"),
    option(Opt::McastInterface, "mcast-interface", &[], Group::McastInterface, START, "the interface of the sync messages, eth0 by default").taking("NAME"),
    option(Opt::McastGroup, "mcast-group", &[], Group::McastGroup, START, "their multicast group, 224.0.0.81 by default").taking("ADDR"),
    option(Opt::McastPort, "mcast-port", &[], Group::McastPort, START, "their UDP port, 8848 by default").taking("PORT"),
    option(Opt::McastTtl, "mcast-ttl", &[], Group::McastTtl, START, "their TTL, 1 by default").taking("TTL"),
    option(Opt::File, "file", &[], Group::File, RESTORE.and(SAVE), "read from, or write to, PATH; - is standard input or output").taking("PATH"),
    option(Opt::All, "all", &[], Group::All, SAVE, "save the timeouts and sync daemons too"),
    option(Opt::Replace, "replace", &[], Group::Replace, RESTORE, "make the table equal to the rules, touching only what differs"),
    option(Opt::DryRun, "dry-run", &[], Group::DryRun, RESTORE.and(CHANGES), "print what would be done and do nothing; the exit status is 3 where a table to be replaced differs"),
    option(Opt::Exist, "exist", &[], Group::Exist, RESTORE.and(REPEATABLE), "adding what exists edits it, deleting what does not exist succeeds"),
    option(Opt::Wait, "wait", &[], Group::Wait, RESTORE, "wait SECONDS for another restore to end, 10 by default").taking("SECONDS"),
    option(Opt::Json, "json", &['j'], Group::Json, LIST.and(RESTORE), "list, or print the plan of a --dry-run that replaces, as JSON"),
    option(Opt::Client, "client", &[], Group::Client, LIST, "with -c: only the connections of ADDR, or of a network").taking("ADDR[/LEN]").with(Group::Connection),
    option(Opt::Count, "count", &[], Group::Count, LIST, "with -c: count the connections").with(Group::Connection),
    option(Opt::ResolveTimeout, "resolve-timeout", &[], Group::ResolveTimeout, LIST.and(SAVE), "look names up for at most SECONDS, 5 by default").taking("SECONDS"),
    option(Opt::Netns, "netns", &[], Group::Netns, EVERY, "work in the network namespace: a name of `ip netns', a path, or a process id").taking("NAME"),
];

/// The entry of a short letter.
pub fn by_short(letter: char) -> Option<&'static Entry> {
    /// By the letter's number: a rules file asks for a few letters on each line.
    static BY_LETTER: LazyLock<[Option<&'static Entry>; 128]> = LazyLock::new(|| {
        let named = |letter| TABLE.iter().find(|entry| entry.short.contains(&letter));
        std::array::from_fn(|number| named(char::from(number as u8)))
    });
    *BY_LETTER.get(letter as usize)?
}

/// The entry of a long name; abbreviations do not count.
pub fn by_long(name: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.long == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (i, entry) in TABLE.iter().enumerate() {
            for other in &TABLE[i + 1..] {
                assert_ne!(entry.long, other.long);
                assert!(
                    entry
                        .short
                        .iter()
                        .all(|letter| !other.short.contains(letter)),
                    "{}",
                    entry.long
                );
            }
        }
    }

    #[test]
    fn what_is_required_is_legal() {
        for entry in TABLE {
            assert_eq!(
                entry.legal.and(entry.required),
                entry.legal,
                "{}",
                entry.long
            );
        }
    }
}
