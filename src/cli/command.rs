//! What a command line asks for, checked and typed.

use super::sort_key::SortKey;
use super::verbs::Verb;
use crate::model::{Change, Endpoint, Protocol, ServiceKey};
use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::Path;

/// Which program was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `ipvsadm`, or a program of any other name.
    Ipvsadm,
    /// `ipvsadm-save`: `ipvsadm -S`.
    Save,
    /// `ipvsadm-restore`: `ipvsadm -R --replace`.
    Restore,
}

impl Program {
    /// The program of a name or path, such as the first word of a command line.
    pub fn called(path: &OsStr) -> Self {
        match Path::new(path).file_name().and_then(OsStr::to_str) {
            Some("ipvsadm-save") => Program::Save,
            Some("ipvsadm-restore") => Program::Restore,
            _ => Program::Ipvsadm,
        }
    }

    /// The name without its folder.
    pub fn name(self) -> &'static str {
        match self {
            Program::Ipvsadm => "ipvsadm",
            Program::Save => "ipvsadm-save",
            Program::Restore => "ipvsadm-restore",
        }
    }
}

/// What a command line asks for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The command.
    pub command: Command,
    /// The network namespace to work in; where `None`, that of this process.
    pub netns: Option<String>,
}

/// A command with all that its options say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Change the table.
    Change(Change, Mode),
    /// List something.
    List(List),
    /// Write the table as rules.
    Save(Save),
    /// Read rules and apply them.
    Restore(Restore),
    /// Take a server out.
    Drain(Drain),
    /// Take a drained server in again.
    Undrain(Undrain),
    /// Look for what keeps services from working.
    Doctor(Doctor),
    /// Check what there is.
    Check(Check),
    /// Show the help of a program.
    Help(Program),
    /// Show the help of a command.
    HelpOf(Verb),
    /// Show the version.
    Version,
}

/// How a change is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    /// Adding what exists edits it, deleting what does not exist succeeds.
    pub exist: bool,
    /// The program prints what it would do, and does nothing.
    pub dry_run: bool,
    /// No forwarding method was given, so direct routing is meant.
    pub no_method: bool,
}

/// Looking for what keeps services from working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doctor {
    /// The one service to look at; all where `None`.
    pub service: Option<ServiceKey>,
    /// The services' addresses, where this machine is a real server; empty on a
    /// director.
    pub virtual_addresses: Vec<(IpAddr, Option<u16>)>,
    /// The director that masquerades for this real server.
    pub director: Option<IpAddr>,
    /// With hints, and what is as it should be.
    pub verbose: bool,
    /// As JSON.
    pub json: bool,
}

/// Restoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// The file to read; standard input where `None`.
    pub file: Option<String>,
    /// Whether the table is made equal to the rules, touching only what differs.
    pub replace: bool,
    /// How the changes are made.
    pub mode: Mode,
    /// How long to wait for another restore, in seconds.
    pub wait: u32,
    /// Whether the plan is printed as JSON.
    pub json: bool,
    /// Whether the plan is coloured.
    pub colour: Colour,
}

/// When the output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// On a terminal, where the environment does not say no.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A real server, of one service or of all that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerChoice {
    /// The service; all of them where `None`.
    pub service: Option<ServiceKey>,
    /// The server's address.
    pub address: IpAddr,
    /// Its port; any where `None`.
    pub port: Option<u16>,
}

impl ServerChoice {
    /// Whether a server of a service is chosen.
    pub fn contains(&self, key: &ServiceKey, server: &Endpoint) -> bool {
        self.service.is_none_or(|service| service == *key)
            && self.address == server.address
            && self.port.is_none_or(|port| port == server.port)
    }
}

/// Taking a server out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// The server.
    pub server: ServerChoice,
    /// For how long to wait, in seconds; without limit where `None`.
    pub wait: Option<u32>,
    /// The server stays, at weight 0.
    pub keep: bool,
    /// What to do with connections that are left when the wait is over.
    pub force: Force,
    /// Persistence templates are not waited for.
    pub connections_only: bool,
    /// The program says what it would do, and does nothing.
    pub dry_run: bool,
    /// Progress as lines of JSON.
    pub json: bool,
}

/// What to do with connections that are left when the wait for a drain is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// The server stays, at weight 0.
    No,
    /// The server is deleted, provided that the kernel ends its connections.
    Reset,
    /// The server is deleted, whatever becomes of its connections.
    Always,
}

/// Taking a drained server in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undrain {
    /// The server.
    pub server: ServerChoice,
    /// The weight it gets; the one that it had where `None`.
    pub weight: Option<i32>,
    /// The program prints what it would do, and does nothing.
    pub dry_run: bool,
}

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// What is listed.
    pub what: Listing,
    /// Addresses and ports as numbers.
    pub numeric: bool,
    /// Counters in full.
    pub exact: bool,
    /// The order of servers; services are in ascending order. Where `None`, both are
    /// in the kernel's.
    pub order: Option<SortKey>,
    /// As JSON.
    pub json: bool,
    /// Whether servers that take no new connections are coloured.
    pub colour: Colour,
    /// How long names may be looked up, in seconds.
    pub resolve_timeout: u32,
    /// Again and again.
    pub watch: Option<Watch>,
}

/// A listing again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// How often, in seconds.
    pub interval: u32,
    /// Only so many services, the first in the order.
    pub top: Option<usize>,
    /// The order, the largest first; by address where `None`.
    pub by: Option<SortBy>,
}

/// What services are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Connections a second.
    Connections,
    /// Packets a second, both ways.
    Packets,
    /// Bits a second, both ways.
    Bits,
    /// Active connections.
    Active,
}

/// Which connections are listed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// With the persistence engines' data.
    pub engine_data: bool,
    /// Counted, rather than each.
    pub count: bool,
    /// Only those of a service: its protocol and address; port 0 stands for all.
    pub service: Option<(Protocol, Endpoint)>,
    /// Only those given to a real server, by address or by port as well; port 0
    /// stands for all.
    pub server: Option<(IpAddr, Option<u16>)>,
    /// Only those whose server is gone, or takes no more.
    pub stale: bool,
    /// Only those of a client.
    pub client: Option<Network>,
}

/// A network: the addresses whose leading bits are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// One of its addresses.
    pub address: IpAddr,
    /// How many of its leading bits count.
    pub length: u8,
}

impl Network {
    /// Whether the address is one of the network's.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = u32::from(own) ^ u32::from(other);
                differing.leading_zeros() >= u32::from(self.length)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = u128::from(own) ^ u128::from(other);
                differing.leading_zeros() >= u32::from(self.length)
            }
            _ => false,
        }
    }
}

/// The metrics of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// The format.
    pub format: MetricsFormat,
    /// Only those of a service.
    pub service: Option<ServiceKey>,
    /// Those of the servers, too.
    pub servers: bool,
    /// The file to write; standard output where `None`.
    pub file: Option<String>,
    /// The network namespace, as it was named: a label.
    pub netns: Option<String>,
}

/// The format of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsFormat {
    /// Prometheus' text.
    Prometheus,
    /// OpenMetrics.
    OpenMetrics,
}

/// What a listing shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// Services and their servers: all, or one service's.
    Table(Option<ServiceKey>, TableFormat),
    /// The same as metrics.
    Metrics(Metrics),
    /// Connections.
    Connections(Connections),
    /// The connection timeouts.
    Timeouts,
    /// The sync daemons.
    Daemons,
}

/// Saving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// Addresses and ports as numbers.
    pub numeric: bool,
    /// The timeouts and sync daemons too.
    pub all: bool,
    /// Whether saving an empty table fails.
    pub not_empty: bool,
    /// The file to write; standard output where `None`.
    pub file: Option<String>,
    /// How long names may be looked up, in seconds.
    pub resolve_timeout: u32,
}

/// Checking, for monitoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it must be like.
    pub measure: Measure,
    /// The answer as JSON.
    pub json: bool,
}

/// What the table must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Each service keeps to limits.
    Limits {
        /// Only this service.
        service: Option<ServiceKey>,
        /// The fewest servers whose weight is above 0.
        servers: Limit,
        /// The most active connections.
        connections: Option<Limit>,
    },
    /// It is that of a rules file; of standard input where `None`.
    Rules(Option<String>),
}

/// The last good numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Beyond it there is a warning.
    pub warning: Option<u32>,
    /// Beyond it the state is critical.
    pub critical: u32,
}

/// The columns of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// `--stats`: the counters.
    Stats,
    /// `--rate`: their rates.
    Rate,
    /// `--thresholds`: limits and connections.
    Thresholds,
    /// `--persistent-conn`: persistence templates and connections.
    PersistentConnections,
    /// `--tun-info`: as plain, and the tunnels.
    Tunnels,
    /// Forwarding methods, weights and connections.
    Plain,
}
