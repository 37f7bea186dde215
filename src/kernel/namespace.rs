//! Network namespaces: each has an IPVS table of its own.

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where `ip netns` keeps the namespaces it has named.
const NAMED: [&str; 2] = ["/run/netns", "/var/run/netns"];

/// A network namespace other than the thread's own.
#[derive(Debug)]
pub struct NetworkNamespace {
    name: String,
    file: File,
    /// The namespace to come back to.
    home: File,
}

/// Why a network namespace can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamespaceError {
    /// Nothing has this name.
    #[error("no such network namespace: `{0}'")]
    Missing(String),
    /// Its file can't be opened.
    #[error("cannot open the network namespace {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The system call's error.
        source: io::Error,
    },
    /// The file is something else.
    #[error("`{0}' is no network namespace")]
    Other(String),
    /// It can't be entered, for example for want of privilege.
    #[error("cannot enter the network namespace `{name}'")]
    Enter {
        /// Its name.
        name: String,
        /// The system call's error.
        source: io::Error,
    },
    /// The namespace of this thread can't be opened, so nothing was done.
    #[error("cannot open this process's network namespace")]
    Home(#[source] io::Error),
    /// The thread could not come back: it still is in the other namespace.
    #[error("cannot return from the network namespace")]
    Return(#[source] io::Error),
}

impl NetworkNamespace {
    /// The namespace of a name of `ip netns`, a path, or a process id.
    ///
    /// # Errors
    /// [`NamespaceError::Missing`], [`NamespaceError::Open`] or
    /// [`NamespaceError::Home`].
    pub fn find(name: &str) -> Result<Self, NamespaceError> {
        let file = find(name)?;
        let home = File::open("/proc/thread-self/ns/net").map_err(NamespaceError::Home)?;
        let name = name.to_owned();
        Ok(NetworkNamespace { name, file, home })
    }

    /// Does something with this thread in the namespace, and comes back.
    ///
    /// Sockets and files that `work` opens go on belonging to the namespace.
    ///
    /// # Errors
    /// [`NamespaceError::Other`] or [`NamespaceError::Enter`] before anything was
    /// done; [`NamespaceError::Return`] afterwards.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> Result<T, NamespaceError> {
        enter(&self.file).map_err(|error| match error {
            Errno::EINVAL => NamespaceError::Other(self.name.clone()),
            error => NamespaceError::Enter {
                name: self.name.clone(),
                source: error.into(),
            },
        })?;
        let done = work();
        enter(&self.home).map_err(|error| NamespaceError::Return(error.into()))?;
        Ok(done)
    }
}

fn enter(namespace: &File) -> Result<(), Errno> {
    setns(namespace, CloneFlags::CLONE_NEWNET)
}

/// Opens the first of what the name may mean that is there.
fn find(name: &str) -> Result<File, NamespaceError> {
    let mut candidates = Vec::new();
    if name.contains('/') {
        candidates.push(PathBuf::from(name));
    } else {
        candidates.extend(NAMED.map(|folder| Path::new(folder).join(name)));
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            candidates.push(PathBuf::from(format!("/proc/{name}/ns/net")));
        }
    }
    for path in candidates {
        match open(&path) {
            Err(error) if is_missing(&error) => {}
            opened => return opened.map_err(|source| NamespaceError::Open { path, source }),
        }
    }
    Err(NamespaceError::Missing(name.to_owned()))
}

/// Opens without waiting, as it would for the writer of a pipe.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
