//! What a command line asks for, checked and typed.

use super::program::Program;
use crate::ExitStatus;
use crate::model::{Change, ServiceKey};
use crate::output::TableFormat;

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
}

/// What a listing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Services and their servers: all, or one service's.
    Table(Option<ServiceKey>, TableFormat),
    /// Connections, with the persistence engines' data or without.
    Connections {
        /// Whether the engines' data is shown.
        engine_data: bool,
    },
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

    /// The same with a line of help.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
