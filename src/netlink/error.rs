//! What can go wrong between a program and the kernel's IPVS.

use super::attributes::Malformed;
use crate::model::Change;
use std::fmt;
use std::io;

/// A request of the IPVS family, with its number on the wire (`IPVS_CMD_*` of
/// the kernel's `include/uapi/linux/ip_vs.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Operation {
    /// `NEW_SERVICE`
    AddService = 1,
    /// `SET_SERVICE`
    EditService = 2,
    /// `DEL_SERVICE`
    DeleteService = 3,
    /// `GET_SERVICE`, of one service or all.
    GetService = 4,
    /// `NEW_DEST`
    AddDestination = 5,
    /// `SET_DEST`
    EditDestination = 6,
    /// `DEL_DEST`
    DeleteDestination = 7,
    /// `GET_DEST`
    GetDestination = 8,
    /// `NEW_DAEMON`
    StartDaemon = 9,
    /// `DEL_DAEMON`
    StopDaemon = 10,
    /// `GET_DAEMON`
    GetDaemon = 11,
    /// `SET_CONFIG`
    SetTimeouts = 12,
    /// `GET_CONFIG`
    GetTimeouts = 13,
    /// `GET_INFO`
    GetInfo = 15,
    /// `ZERO`, of one service or all.
    Zero = 16,
    /// `FLUSH`
    Clear = 17,
}

impl Operation {
    /// The request that makes this change.
    pub fn of(change: &Change) -> Self {
        match change {
            Change::AddService(_) => Operation::AddService,
            Change::EditService(_) => Operation::EditService,
            Change::DeleteService(_) => Operation::DeleteService,
            Change::Clear => Operation::Clear,
            Change::AddDestination(..) => Operation::AddDestination,
            Change::EditDestination(..) => Operation::EditDestination,
            Change::DeleteDestination(..) => Operation::DeleteDestination,
            Change::Zero(_) => Operation::Zero,
            Change::SetTimeouts(_) => Operation::SetTimeouts,
            Change::StartDaemon(_) => Operation::StartDaemon,
            Change::StopDaemon(..) => Operation::StopDaemon,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::AddService => "add a service",
            Operation::EditService => "edit a service",
            Operation::DeleteService => "delete a service",
            Operation::GetService => "get services",
            Operation::AddDestination => "add a destination",
            Operation::EditDestination => "edit a destination",
            Operation::DeleteDestination => "delete a destination",
            Operation::GetDestination => "get destinations",
            Operation::StartDaemon => "start a sync daemon",
            Operation::StopDaemon => "stop a sync daemon",
            Operation::GetDaemon => "get sync daemons",
            Operation::SetTimeouts => "set timeouts",
            Operation::GetTimeouts => "get timeouts",
            Operation::GetInfo => "get the version",
            Operation::Zero => "zero counters",
            Operation::Clear => "clear the table",
        })
    }
}

/// The kernel's refusal of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the kernel refused to {operation}: {}", self.as_io())]
pub struct Refusal {
    /// The request.
    pub operation: Operation,
    /// The kernel's errno, positive: 17 is `EEXIST`.
    pub errno: i32,
}

impl Refusal {
    /// The errno as the standard library's error.
    pub fn as_io(&self) -> io::Error {
        io::Error::from_raw_os_error(self.errno)
    }
}

/// The result of a request that the kernel did not answer: netlink keeps quiet
/// of one that failed with `EINTR` (`netlink_rcv_skb` of the kernel's
/// `net/netlink/af_netlink.c`), and of no other.
///
/// Stopping a sync daemon "fails" so when its thread had not begun to run yet.
/// The daemon is gone then.
pub(crate) fn unanswered(operation: Operation) -> Result<(), Refusal> {
    /// `asm-generic/errno-base.h`
    const EINTR: i32 = 4;
    match operation {
        Operation::StopDaemon => Ok(()),
        _ => Err(Refusal {
            operation,
            errno: EINTR,
        }),
    }
}

/// A failure of a [`Kernel`](super::Kernel)'s call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No netlink socket could be opened.
    #[error("cannot open a netlink socket: {0}")]
    Socket(#[source] io::Error),
    /// The kernel has no IPVS, and the module could not be loaded.
    #[error("IPVS is not available: {source}{}", self.modprobe_said())]
    Unavailable {
        /// The kernel's answer to the question for the family.
        source: io::Error,
        /// What modprobe wrote to its standard error, or why it did not run;
        /// `None` where it was not tried or was silent.
        modprobe: Option<String>,
    },
    /// The kernel understood a request and refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An answer that does not decode.
    #[error("cannot {operation}: the kernel's answer does not decode: {reason}")]
    Malformed {
        /// The request.
        operation: Operation,
        /// What is wrong with the answer.
        reason: &'static str,
    },
    /// A request could not be sent or its answer not received.
    #[error("cannot {operation}: {source}")]
    Transport {
        /// The request.
        operation: Operation,
        /// The system call's error.
        source: io::Error,
    },
    /// Sending stopped within a batch: of the changes `first` to `last`, counted
    /// from 0, those not reported as refused may or may not have been made.
    /// Everything before `first` was made or reported, nothing after `last` was
    /// sent.
    #[error("changes {first} to {last} have an unknown result: {source}")]
    Unknown {
        /// The batch's first change.
        first: usize,
        /// The batch's last change.
        last: usize,
        /// What is known to be refused, of these changes and those before.
        refused: Vec<(usize, Refusal)>,
        /// The system call's error; `ENOBUFS` where the kernel's answers did not
        /// fit the socket's receive buffer.
        source: io::Error,
    },
}

impl Error {
    /// The errno, where the kernel refused a request.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::Refused(refusal) => Some(refusal.errno),
            _ => None,
        }
    }

    pub(crate) fn malformed(operation: Operation) -> impl Fn(Malformed) -> Error {
        move |Malformed(reason)| Error::Malformed { operation, reason }
    }

    pub(crate) fn transport(operation: Operation) -> impl Fn(io::Error) -> Error {
        move |source| Error::Transport { operation, source }
    }

    fn modprobe_said(&self) -> String {
        match self {
            Error::Unavailable {
                modprobe: Some(text),
                ..
            } => format!(" ({text})"),
            _ => String::new(),
        }
    }
}
