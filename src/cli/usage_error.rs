//! What can be wrong with a command line or with a line of a rules file.
//!
//! The words are ipvsadm 1.31's where it has such an error: scripts see them.

use super::value_kind::ValueKind;
use crate::ExitStatus;

/// A command line, or a line of a rules file, that can't be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // each says what it is
pub enum UsageError {
    // The words.
    /// A word, and the option that it was probably meant to be.
    #[error("{0}: unknown option")]
    UnknownOption(String, Option<String>),
    /// A word, and the long name of the option that has no value.
    #[error("{0}: missing argument")]
    MissingValue(String, &'static str),
    #[error("{0}: option does not take an argument")]
    UnwantedValue(String),
    #[error("unexpected argument {0}")]
    UnexpectedArgument(String),
    /// A word after a command that takes a file.
    #[error("unexpected argument {0}")]
    FileAsWord(String),
    /// A word after a command that takes a service.
    #[error("unexpected argument {0}")]
    ServiceAsWord(String),
    /// A word after a command that takes a real server.
    #[error("unexpected argument {0}")]
    ServerAsWord(String),
    #[error("invalid option `{0}'")]
    SecondCommand(String),
    #[error("multiple '{0}' options specified")]
    Repeated(&'static str),
    /// With the only command that takes the options, if there is one.
    #[error("no command is given, such as -A, -a or -D")]
    NoCommand(Option<&'static str>),
    #[error("`{0}' is no command, such as -A, -a or -D")]
    NotACommand(String),
    /// The program that was called so was given no command.
    #[error("Try `{0} -h' or '{0} --help' for more information.")]
    TryHelp(String, Box<UsageError>),
    /// `ipvsadm-save` or `ipvsadm-restore` does not know an argument.
    #[error("{0}: {1}")]
    Misused(&'static str, Box<UsageError>),

    // The values.
    #[error("illegal {0} specified")]
    IllegalValue(&'static ValueKind),
    #[error("illegal {0} `{1}' specified")]
    IllegalText(&'static str, String),
    #[error("illegal color `{0}' specified")]
    UnknownColour(String),
    #[error("invalid {0} value `{1}' specified")]
    InvalidNumber(&'static ValueKind, String),
    #[error("illegal {0} server address[:port] specified")]
    UnknownAddress(&'static str, String),
    #[error("invalid {0} mcast-group `{1}'")]
    InvalidGroup(&'static str, String),
    #[error("illegal sort key `{0}' specified")]
    UnknownSortKey(String),
    #[error("invalid scheduler flag `{0}'")]
    UnknownFlag(String),
    #[error("incompatible scheduler flag `{0}'")]
    IncompatibleFlag(String),
    #[error("-6 used before -f")]
    Ipv6WithoutMark,
    #[error("--set option requires 3 timeout values")]
    MissingTimeouts,
    /// The name is longer than the kernel's names.
    #[error("Scheduler or persistence engine not found")]
    NoSuchModule,
    /// The name is longer than the kernel's names.
    #[error("No such device")]
    NoSuchDevice,

    // What goes together.
    #[error("Illegal '{0}' option with the '{1}' command")]
    Illegal(&'static str, &'static str),
    #[error("You need to supply the '{0}' option for the '{1}' command")]
    Missing(&'static str, &'static str),
    #[error("The option '{0}' conflicts with the '{1}' option in the '{2}' command")]
    Conflict(&'static str, &'static str, &'static str),
    #[error("Illegal '{0}' option with the 'list' command")]
    NeedsConnections(&'static str),
    #[error("Illegal '{0}' option with the 'list' command")]
    NeedsMetrics(&'static str),
    #[error("Illegal '{0}' option with the 'list' command")]
    NeedsLiveRates(&'static str),
    #[error("options conflicts in the list command")]
    ListConflict,
    #[error(
        "The option 'service-address' conflicts with the 'connection' option in the 'list' command"
    )]
    ConnectionsOfMark,
    #[error("The 'json' option prints a plan: it needs 'replace' and 'dry-run'")]
    JsonWithoutPlan,
    #[error("The 'force' option says what follows the wait: it needs 'wait'")]
    ForceWithoutWait,
    #[error("Zero port specified for non-persistent service")]
    ZeroPort,
    #[error("One-Packet Scheduling is only for UDP virtual services")]
    OnePacketNotUdp,
    #[error("Different address family is allowed only for tunneling servers")]
    OtherFamily,
    #[error("Tunnel options conflict with forward method")]
    NotATunnel,
    #[error("Illegal '{0}' option with the '{1}' tunnel type")]
    IllegalInTunnel(&'static str, &'static str),
    #[error("You need to supply the 'tun-port' option for the 'gue' tunnel type")]
    MissingTunnelPort,
    #[error("The option '{0}' conflicts with the '{1}' option in the '{2}' tunnel type")]
    TunnelConflict(&'static str, &'static str, &'static str),

    // The lines of rules files.
    #[error("longer than {0} bytes")]
    LongLine(usize),
    #[error("not UTF-8 text")]
    NotUtf8,
    #[error("a line with `ipvsadm' alone changes nothing")]
    NameAlone,
    #[error("--{0} goes with -R, for all lines")]
    ForAllLines(&'static str),
    #[error("a rules file holds changes, and this line {0}")]
    NotAChange(&'static str),
    #[error("this is a listing: -S writes rules")]
    Listing,
}

impl UsageError {
    /// The exit status of a program with such a command line.
    pub fn status(&self) -> ExitStatus {
        match self {
            UsageError::UnknownOption(..)
            | UsageError::MissingValue(..)
            | UsageError::UnwantedValue(_)
            | UsageError::TryHelp(..)
            | UsageError::NoSuchModule
            | UsageError::NoSuchDevice => ExitStatus::Refused,
            // The scripts ended with 1 at an argument that they did not know.
            UsageError::Misused(..) => ExitStatus::Failure,
            _ => ExitStatus::Usage,
        }
    }
}
