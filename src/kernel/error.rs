//! What can go wrong between a program and the kernel's IPVS.

use super::NamespaceError;
use super::refusal::{Operation, Refusal};
use std::io;

/// What is wrong with bytes that do not decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub &'static str);

/// A failure of a [`Kernel`](super::Kernel)'s call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The network namespace can't be used.
    #[error(transparent)]
    Namespace(#[from] NamespaceError),
    /// No netlink socket could be opened.
    #[error("cannot open a netlink socket")]
    Socket(#[source] io::Error),
    /// The kernel has no IPVS, and the module could not be loaded.
    #[error("IPVS is not available{}", self.modprobe_said())]
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
    #[error("cannot {operation}")]
    Transport {
        /// The request.
        operation: Operation,
        /// The system call's error.
        source: io::Error,
    },
    /// A file of the kernel can't be opened or read.
    #[error("cannot read {path}")]
    Proc {
        /// The file.
        path: &'static str,
        /// The system call's error.
        source: io::Error,
    },
    /// Sending stopped within a batch: of the changes `first` to `last`, counted
    /// from 0, those not reported as refused may or may not have been made.
    /// Everything before `first` was made or reported, nothing after `last` was
    /// sent.
    #[error("changes {first} to {last} have an unknown result")]
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
    /// The kernel's refusal, where it refused a request.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Error::Refused(refusal) => Some(*refusal),
            _ => None,
        }
    }

    /// The list of connections could not be read to its end.
    pub(crate) fn connections(source: io::Error) -> Error {
        let path = super::proc::connections_text::PATH;
        Error::Proc { path, source }
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
