//! The kernel's refusals.

use crate::model::Change;
use std::fmt;
use std::io;

/// A request of the IPVS family, with its number on the wire (`IPVS_CMD_*` of
/// the kernel's `include/uapi/linux/ip_vs.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
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

/// Why the kernel refuses requests, as far as a program may act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalKind {
    /// The service to be added is there.
    ServiceExists,
    /// The service is not there.
    NoSuchService,
    /// The kernel has no such scheduler or persistence engine.
    NoSuchModule,
    /// The destination to be added is there.
    DestinationExists,
    /// The service is there, and has no such destination.
    NoSuchDestination,
    /// A sync daemon of this role runs.
    DaemonRuns,
    /// No sync daemon of this role runs.
    NoDaemon,
    /// The interface of the sync daemon to be started is not there.
    NoSuchInterface,
    /// The caller lacks `CAP_NET_ADMIN`.
    NotPermitted,
    /// Something in the request is not acceptable (`EINVAL`).
    Invalid,
    /// A number of the request is out of its range (`ERANGE`).
    OutOfRange,
    /// The kernel has no such protocol (`ENOPROTOOPT`).
    NoSuchProtocol,
    /// The kernel has no IPVS for this address family (`EAFNOSUPPORT`).
    NoSuchFamily,
    /// The kernel cannot do this with IPv6 (`EOPNOTSUPP`).
    NotSupported,
    /// The kernel has no memory left (`ENOMEM`).
    OutOfMemory,
    /// The request has not the size that this kernel expects (`EMSGSIZE`).
    WrongSize,
    /// Another reason: the errno tells.
    Other,
}

/// The errnos that mean the same for every request.
const OF_EVERY_REQUEST: [(i32, RefusalKind); 8] = [
    (libc::EPERM, RefusalKind::NotPermitted),
    (libc::EINVAL, RefusalKind::Invalid),
    (libc::ERANGE, RefusalKind::OutOfRange),
    (libc::ENOPROTOOPT, RefusalKind::NoSuchProtocol),
    (libc::EAFNOSUPPORT, RefusalKind::NoSuchFamily),
    (libc::EOPNOTSUPP, RefusalKind::NotSupported),
    (libc::ENOMEM, RefusalKind::OutOfMemory),
    (libc::EMSGSIZE, RefusalKind::WrongSize),
];

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
    /// The refusal of a change, for a reason that the kernel could have.
    pub(crate) fn of(change: &Change, kind: RefusalKind) -> Self {
        use RefusalKind as Kind;
        let of_every = || OF_EVERY_REQUEST.into_iter().find(|(_, it)| *it == kind);
        let errno = match kind {
            Kind::ServiceExists | Kind::DestinationExists | Kind::DaemonRuns => libc::EEXIST,
            Kind::NoSuchService | Kind::NoDaemon => libc::ESRCH,
            Kind::NoSuchDestination | Kind::NoSuchModule => libc::ENOENT,
            _ => of_every().map_or(libc::EINVAL, |(errno, _)| errno),
        };
        let operation = Operation::of(change);
        Refusal { operation, errno }
    }

    /// What the errno means for this request.
    pub fn kind(&self) -> RefusalKind {
        use Operation as Op;
        match (self.operation, self.errno) {
            (Op::AddService, libc::EEXIST) => RefusalKind::ServiceExists,
            (Op::AddService | Op::EditService, libc::ENOENT) => RefusalKind::NoSuchModule,
            (Op::EditService | Op::DeleteService | Op::Zero | Op::GetService, libc::ESRCH)
            | (Op::AddDestination | Op::EditDestination | Op::DeleteDestination, libc::ESRCH) => {
                RefusalKind::NoSuchService
            }
            (Op::AddDestination, libc::EEXIST) => RefusalKind::DestinationExists,
            (Op::EditDestination | Op::DeleteDestination, libc::ENOENT) => {
                RefusalKind::NoSuchDestination
            }
            (Op::StartDaemon, libc::EEXIST) => RefusalKind::DaemonRuns,
            (Op::StartDaemon, libc::ENODEV) => RefusalKind::NoSuchInterface,
            (Op::StopDaemon, libc::ESRCH) => RefusalKind::NoDaemon,
            (_, errno) => {
                let known = OF_EVERY_REQUEST.into_iter().find(|(it, _)| *it == errno);
                known.map_or(RefusalKind::Other, |(_, kind)| kind)
            }
        }
    }

    /// Whether the change would delete or stop what is not there.
    pub(crate) fn is_of_absent(&self) -> bool {
        use {Operation as Op, RefusalKind as Kind};
        matches!(
            (self.operation, self.kind()),
            (
                Op::DeleteService | Op::DeleteDestination,
                Kind::NoSuchService
            ) | (Op::DeleteDestination, Kind::NoSuchDestination)
                | (Op::StopDaemon, Kind::NoDaemon)
        )
    }

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
    match operation {
        Operation::StopDaemon => Ok(()),
        _ => Err(Refusal {
            operation,
            errno: libc::EINTR,
        }),
    }
}
