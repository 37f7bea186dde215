//! The network namespace a command works in.

use super::Failure;
use crate::ExitStatus;
use crate::netlink::Kernel;
use anyhow::{Context, anyhow};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// This process's network namespace, or another.
#[derive(Debug, Default)]
pub struct Place {
    other: Option<Namespace>,
}

#[derive(Debug)]
struct Namespace {
    name: String,
    there: File,
    home: File,
}

impl Place {
    /// The namespace of a name of `ip netns`, a path, or a process id.
    pub fn new(netns: Option<&str>) -> Result<Self, Failure> {
        let Some(name) = netns else {
            return Ok(Place::default());
        };
        let failed = |error: anyhow::Error| Failure::new(ExitStatus::Usage, error);
        let there = find(name).map_err(failed)?;
        let home = File::open("/proc/thread-self/ns/net")
            .context("cannot open this process's network namespace")
            .map_err(failed)?;
        Ok(Place {
            other: Some(Namespace {
                name: name.to_owned(),
                there,
                home,
            }),
        })
    }

    /// Opens the kernel's IPVS there.
    pub fn open(&self) -> Result<Kernel, Failure> {
        self.within(Kernel::open)?.map_err(Failure::unavailable)
    }

    /// Does something there. Names are resolved outside: what the admin calls a
    /// host is not for the namespace to say.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> Result<T, Failure> {
        let Some(Namespace { name, there, home }) = &self.other else {
            return Ok(work());
        };
        enter(there).map_err(|error| refused(name, error))?;
        let done = work();
        enter(home)
            .context("cannot return from the network namespace")
            .map_err(|error| Failure::new(ExitStatus::Failure, error))?;
        Ok(done)
    }
}

fn enter(namespace: &File) -> Result<(), Errno> {
    setns(namespace, CloneFlags::CLONE_NEWNET)
}

/// Why a namespace can't be entered, in words.
fn refused(name: &str, error: Errno) -> Failure {
    if error == Errno::EINVAL {
        let error = anyhow!("`{name}' is no network namespace");
        return Failure::new(ExitStatus::Usage, error)
            .with_help("give a name of `ip netns', a path as below /run/netns, or a process id");
    }
    let error = anyhow::Error::from(io::Error::from(error))
        .context(format!("cannot enter the network namespace `{name}'"));
    Failure::new(ExitStatus::Usage, error)
        .with_help("you must be root in the user namespace that owns it")
}

/// Opens the first of what the name may mean that is there.
fn find(name: &str) -> anyhow::Result<File> {
    let mut candidates = Vec::new();
    if name.contains('/') {
        candidates.push(PathBuf::from(name));
    } else {
        candidates.extend(
            ["/run/netns", "/var/run/netns"].map(|folder| PathBuf::from(folder).join(name)),
        );
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            candidates.push(PathBuf::from(format!("/proc/{name}/ns/net")));
        }
    }
    for path in &candidates {
        match open(path) {
            Err(error) if is_missing(&error) => {}
            opened => {
                return opened.with_context(|| {
                    format!("cannot open the network namespace {}", path.display())
                });
            }
        }
    }
    Err(anyhow!("no such network namespace: `{name}'"))
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
