//! Where a command works: in this process's network namespace or in another.

use super::Failure;
use crate::ExitStatus;
use crate::kernel::{Error, Kernel, NamespaceError, NetworkNamespace};

/// This process's network namespace, or the one of `--netns`.
#[derive(Debug, Default)]
pub struct Place(Option<NetworkNamespace>);

impl Place {
    /// The namespace of `--netns`, if given.
    pub fn new(netns: Option<&str>) -> Result<Self, Failure> {
        let namespace = netns.map(NetworkNamespace::find).transpose();
        namespace.map(Place).map_err(failure)
    }

    /// Opens the kernel's IPVS there.
    pub fn open(&self) -> Result<Kernel, Failure> {
        let opened = match &self.0 {
            None => Kernel::open(),
            Some(namespace) => Kernel::open_in(namespace.clone()),
        };
        opened.map_err(|error| match error {
            Error::Namespace(error) => failure(error),
            other => Failure::unavailable(other),
        })
    }

    /// Does something there. Names are resolved outside: what the admin calls a
    /// host is not for the namespace to say.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> Result<T, Failure> {
        match &self.0 {
            None => Ok(work()),
            Some(namespace) => namespace.within(work).map_err(failure),
        }
    }
}

/// The namespace can't be used.
pub fn failure(error: NamespaceError) -> Failure {
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
    help.into_iter()
        .fold(Failure::new(status, error), Failure::with_help)
}
