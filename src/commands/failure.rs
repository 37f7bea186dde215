//! Failures of commands: what is said, and the exit status.

use super::refusal;
use crate::ExitStatus;
use crate::netlink::Error;
use std::io;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The kernel's IPVS can't be reached.
    Unavailable(Error),
    /// A change was refused, or its result is unknown.
    Change(Error),
    /// The kernel failed to tell what is to be listed.
    Listing(Error),
    /// Output could not be written.
    Output(io::Error),
    /// Input could not be read: from where, and why.
    Input(String, io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

impl Failure {
    /// How the program ends.
    pub fn status(&self) -> ExitStatus {
        match self {
            Failure::Unavailable(_) | Failure::Input(..) => ExitStatus::Usage,
            Failure::Change(_) => ExitStatus::Refused,
            Failure::Listing(_) | Failure::Output(_) => ExitStatus::Failure,
        }
    }

    /// What is said on standard error.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Failure::Unavailable(error) => unavailable(error),
            Failure::Change(error) | Failure::Listing(error) => vec![refusal::describe(error)],
            Failure::Output(error) => vec![format!("cannot write to standard output: {error}")],
            Failure::Input(source, error) => vec![format!("cannot read {source}: {error}")],
        }
    }
}

fn unavailable(error: &Error) -> Vec<String> {
    let (reason, modprobe) = match error {
        Error::Refused(refused) => (refusal::message(refused), None),
        Error::Unavailable { modprobe, .. } => {
            ("Protocol not available".to_owned(), modprobe.as_ref())
        }
        other => (other.to_string(), None),
    };
    let mut lines = vec![
        format!("Can't initialize ipvs: {reason}"),
        "Are you sure that IP Virtual Server is built in the kernel or as module?".to_owned(),
    ];
    lines.extend(modprobe.cloned());
    lines
}
