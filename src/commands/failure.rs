//! Failures of commands: what is said, and the exit status.

use super::refusal_words;
use crate::ExitStatus;
use crate::kernel::{Error, NamespaceError, RefusalKind};
use anyhow::anyhow;
use std::io;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// Standard output could not be written. A closed pipe is no failure, so this
    /// one is told apart.
    Output(io::Error),
    /// Anything else.
    Other {
        /// How the program ends.
        status: ExitStatus,
        /// What was attempted and why it failed: a line on standard error.
        error: anyhow::Error,
        /// What to do about it: further lines.
        help: Vec<String>,
    },
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

impl Failure {
    /// A failure that ends the program with `status`.
    pub fn new(status: ExitStatus, error: impl Into<anyhow::Error>) -> Self {
        Failure::Other {
            status,
            error: error.into(),
            help: Vec::new(),
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: ExitStatus) -> Self {
        if let Failure::Other { status: own, .. } = &mut self {
            *own = status;
        }
        self
    }

    /// The same with a line of help.
    #[must_use]
    pub fn with_help(self, line: impl Into<String>) -> Self {
        self.with_lines([line])
    }

    /// The same with any number of lines of help.
    #[must_use]
    pub fn with_lines(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        if let Failure::Other { help, .. } = &mut self {
            help.extend(lines.into_iter().map(Into::into));
        }
        self
    }

    /// The kernel refused a change, or its result is unknown.
    pub fn change(error: Error) -> Self {
        Failure::new(ExitStatus::Refused, described(error))
    }

    /// The kernel failed to tell what is to be listed.
    pub fn listing(error: Error) -> Self {
        Failure::new(ExitStatus::Failure, described(error))
    }

    /// The kernel's IPVS can't be reached.
    pub fn unavailable(error: Error) -> Self {
        let not_permitted = error
            .refusal()
            .is_some_and(|refusal| refusal.kind() == RefusalKind::NotPermitted);
        let (reason, modprobe) = match error {
            Error::Namespace(error) => return Failure::namespace(error),
            Error::Unavailable { modprobe, .. } => (anyhow!("Protocol not available"), modprobe),
            other => (described(other), None),
        };
        let failure = Failure::new(ExitStatus::Usage, reason.context("Can't initialize ipvs"));
        let failure = match not_permitted {
            true => failure.with_help("run it as root"),
            false => failure.with_help(
                "Are you sure that IP Virtual Server is built in the kernel or as module?",
            ),
        };
        failure.with_lines(modprobe)
    }

    /// The network namespace can't be used.
    pub fn namespace(error: NamespaceError) -> Self {
        let (status, help) = match error {
            NamespaceError::Return(_) => (ExitStatus::Failure, None),
            NamespaceError::Other(_) => (
                ExitStatus::Usage,
                Some("give a name of `ip netns', a path as below /run/netns, or a process id"),
            ),
            NamespaceError::Enter { .. } => (
                ExitStatus::Usage,
                Some("you must be root in the user namespace that owns it"),
            ),
            _ => (ExitStatus::Usage, None),
        };
        Failure::new(status, error).with_lines(help)
    }

    /// How the program ends.
    pub fn status(&self) -> ExitStatus {
        match self {
            Failure::Output(_) => ExitStatus::Failure,
            Failure::Other { status, .. } => *status,
        }
    }

    /// What is said on standard error.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Failure::Output(error) => vec![format!("cannot write to standard output: {error}")],
            Failure::Other { error, help, .. } => {
                let mut lines = vec![format!("{error:#}")];
                lines.extend(help.iter().cloned());
                lines
            }
        }
    }
}

/// A refusal in ipvsadm's words, anything else in its own.
fn described(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(refused) => anyhow!(refusal_words::message(&refused)),
        other => other.into(),
    }
}
