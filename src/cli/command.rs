//! What a command line asks for, checked and typed.

use super::program::Program;
use crate::ExitStatus;
use crate::model::{Change, Endpoint, Protocol, ServiceKey};
use crate::output::TableFormat;
use std::net::IpAddr;

/// What a command line asks for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The command.
    pub command: Command,
    /// The network namespace to work in; this process's where `None`.
    pub netns: Option<String>,
}

impl From<Command> for Invocation {
    fn from(command: Command) -> Self {
        Invocation {
            command,
            netns: None,
        }
    }
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
    /// Show the help of a program.
    Help(Program),
    /// Show the version.
    Version,
}

/// How a change is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    /// Adding what exists edits it, deleting what does not exist succeeds.
    pub exist: bool,
    /// Nothing is done, and what would be done is printed.
    pub dry_run: bool,
}

/// Restoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// Where the rules are; standard input where `None`.
    pub file: Option<String>,
    /// Converge by difference.
    pub replace: bool,
    /// How the changes are made.
    pub mode: Mode,
    /// How long to wait for another restore, in seconds.
    pub wait: u32,
    /// The plan as JSON.
    pub json: bool,
}

/// A listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    /// What is listed.
    pub what: Listing,
    /// Addresses and ports as numbers.
    pub numeric: bool,
    /// Counters in full.
    pub exact: bool,
    /// In ascending order, rather than the kernel's.
    pub sorted: bool,
    /// As JSON.
    pub json: bool,
    /// How long names may be looked up, in seconds.
    pub resolve_timeout: u32,
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
    /// Only those of a client.
    pub client: Option<Network>,
}

/// The addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// An address.
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

/// What a listing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Services and their servers: all, or one service's.
    Table(Option<ServiceKey>, TableFormat),
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
    /// Where to; standard output where `None`.
    pub file: Option<String>,
    /// How long names may be looked up, in seconds.
    pub resolve_timeout: u32,
}

/// A command line that can't be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UsageError {
    /// What is wrong: the first line on standard error.
    pub message: String,
    /// What may help: the line after it.
    pub hint: Option<String>,
    /// The exit status.
    pub status: ExitStatus,
}

/// What is said where no command is given.
pub const NO_COMMAND: &str = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";

impl UsageError {
    /// An error in a value or in the combination of options.
    pub fn new(message: impl Into<String>) -> Self {
        UsageError {
            message: message.into(),
            hint: None,
            status: ExitStatus::Usage,
        }
    }

    /// An error with the status of a refusal.
    pub fn refused(message: impl Into<String>) -> Self {
        UsageError {
            status: ExitStatus::Refused,
            ..Self::new(message)
        }
    }

    /// The error as it is told by a program that was called so: without a command
    /// its help is pointed to.
    #[must_use]
    pub fn of_program(self, called: &str) -> Self {
        let message = match called {
            "" => self.message,
            _ if self.message == NO_COMMAND => self.message.replace("ipvsadm", called),
            _ => self.message,
        };
        UsageError { message, ..self }
    }

    /// The error as it is told of a line of a rules file, where no help follows:
    /// a line without a command is told what it lacks instead.
    #[must_use]
    pub fn of_line(self) -> Self {
        match self.hint {
            Some(hint) if self.message == NO_COMMAND => UsageError::new(hint),
            _ => self,
        }
    }

    /// The same with a line of help.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
