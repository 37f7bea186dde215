//! Failures of commands: what is said, and the exit status.

use super::lock::LockError;
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
    /// A file could not be written: which, and why.
    File(String, io::Error),
    /// The kernel's connections could not be read.
    Connections(io::Error),
    /// Another restore is at work, or the lock can't be had.
    Lock(LockError),
    /// The connection to the kernel failed in the middle of a convergence.
    Converging(Error),
    /// The connection to the kernel failed in the middle of a restore.
    Unknown {
        /// The rules' name.
        source: String,
        /// The first line whose result is unknown.
        first: u32,
        /// The last such line.
        last: u32,
        /// Why.
        cause: io::Error,
    },
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
            Failure::Change(_) | Failure::Lock(_) => ExitStatus::Refused,
            Failure::Converging(_) | Failure::Unknown { .. } => ExitStatus::Refused,
            Failure::Listing(_) | Failure::Connections(_) => ExitStatus::Failure,
            Failure::Output(_) | Failure::File(..) => ExitStatus::Failure,
        }
    }

    /// What is said on standard error.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Failure::Unavailable(error) => unavailable(error),
            Failure::Change(error) | Failure::Listing(error) => vec![refusal::describe(error)],
            Failure::Output(error) => vec![format!("cannot write to standard output: {error}")],
            Failure::Input(source, error) => vec![format!("cannot read {source}: {error}")],
            Failure::File(path, error) => {
                vec![format!("cannot write {path}: {error}; it is as it was")]
            }
            Failure::Connections(error) => vec![format!("cannot read the connections: {error}")],
            Failure::Converging(error) => vec![
                format!("the table is half way: {}", refusal::describe(error)),
                "run the same command again: it goes on from where the table is".to_owned(),
            ],
            Failure::Lock(error) => vec![error.to_string()],
            Failure::Unknown { source, first, last, cause } => vec![
                format!("{source}:{first}: the kernel's answers up to line {last} were lost: {cause}"),
                "nothing after that line was applied; look at the table before you go on".to_owned(),
            ],
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
