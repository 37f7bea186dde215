//! What a path leads to, found as the kernel finds it for a shell's `>`.
//!
//! The last part of the path is followed by hand, each step from an open folder.
//! So nobody can exchange a link between the check and the use, and the rules of
//! `fs.protected_symlinks`, `protected_regular` and `protected_fifos` hold where
//! they are switched off, too.

use rustix::fs::{CWD, Mode, OFlags, PROC_SUPER_MAGIC, fstatfs, openat, readlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// The links in a row that Linux follows.
const MAX_LINKS: usize = 40;
/// The mode bit of a folder in which only the owner of a file may remove it.
const STICKY: u32 = 0o1000;
/// The mode bits that let the group and everybody write.
const SHARED: u32 = 0o022;

/// What a path leads to.
#[derive(Debug)]
pub enum Target {
    /// A name in a folder, with the regular file that has it, if there is one.
    Entry {
        /// The folder, opened for its path.
        folder: OwnedFd,
        /// The name in it.
        name: OsString,
        /// The file, opened for reading and writing where that is allowed.
        file: Option<File>,
    },
    /// A regular file that a descriptor of a process leads to.
    Open(File),
    /// A device or a pipe.
    Stream(File),
}

impl Target {
    /// Finds what `path` leads to, and opens it. Nothing is created or changed. A
    /// FIFO is waited for until somebody reads it. None is standard output.
    ///
    /// # Errors
    /// When it is nothing that can be written, or a stranger could have put it
    /// there.
    pub fn find(path: &Path) -> io::Result<Option<Target>> {
        let mut folder = open_folder(CWD, b".")?;
        let mut path = path.as_os_str().as_bytes().to_vec();
        for _ in 0..=MAX_LINKS {
            let (parent, name) = split(&path)?;
            folder = open_folder(&folder, parent)?;
            let name = OsStr::from_bytes(name).to_owned();
            let entry = match openat(&folder, &name, ENTRY, Mode::empty()) {
                Ok(entry) => File::from(entry),
                Err(Errno::NOENT) => {
                    return Ok(Some(Target::Entry {
                        folder,
                        name,
                        file: None,
                    }));
                }
                Err(error) => return Err(error.into()),
            };
            let found = entry.metadata()?;
            if is_strangers(&found, &folder)? {
                return Err(refusal(&found));
            }
            if !found.is_symlink() {
                return open(folder, name, &found).map(Some);
            }
            if fstatfs(&entry)?.f_type == PROC_SUPER_MAGIC {
                return open_descriptor(&folder, &name);
            }
            path = readlinkat(&entry, "", Vec::new())?.into_bytes();
        }
        Err(Errno::LOOP.into())
    }
}

/// How a name is looked at without touching what it names.
const ENTRY: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// A terminal must not become the one that controls this process.
const WRITE: OFlags = OFlags::WRONLY.union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

fn open_folder(from: impl AsFd, path: &[u8]) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(openat(from, OsStr::from_bytes(path), flags, Mode::empty())?)
}

/// The folder and the name of a path.
fn split(path: &[u8]) -> io::Result<(&[u8], &[u8])> {
    let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
        None => (&b"."[..], path),
        Some(slash) => path.split_at(slash + 1),
    };
    match name {
        b"" | b"." | b".." => Err(invalid("not a file's name")),
        name => Ok((parent, name)),
    }
}

/// Whether the entry belongs to somebody who owns neither this process nor the
/// folder, in a folder where each user may remove only their own files.
///
/// The owner of such an entry decides what is written through it, and reads it.
pub fn is_strangers(entry: &Metadata, folder: impl AsFd) -> io::Result<bool> {
    let folder = File::from(folder.as_fd().try_clone_to_owned()?).metadata()?;
    let user = rustix::process::geteuid().as_raw();
    Ok(folder.mode() & STICKY != 0
        && folder.mode() & SHARED != 0
        && entry.uid() != user
        && entry.uid() != folder.uid())
}

fn refusal(entry: &Metadata) -> io::Error {
    let (kind, what_to_do) = if entry.is_symlink() {
        ("link", "name the file itself")
    } else {
        ("file", "remove it, or save to another folder")
    };
    let error = format!(
        "a {kind} of the user {} in a folder that others may write: {what_to_do}",
        entry.uid()
    );
    io::Error::new(io::ErrorKind::PermissionDenied, error)
}

/// Opens what has the name, if that is still what was found.
fn open(folder: OwnedFd, name: OsString, found: &Metadata) -> io::Result<Target> {
    let kind = found.file_type();
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if kind.is_fifo() || kind.is_char_device() {
        let stream = openat(&folder, &name, WRITE | OFlags::NOFOLLOW, Mode::empty())?;
        return same(stream.into(), found).map(Target::Stream);
    }
    if !kind.is_file() {
        return Err(invalid("a disk or a socket"));
    }
    let access = |access| {
        let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        openat(&folder, &name, flags, Mode::empty())
    };
    let file = match access(OFlags::RDWR) {
        // Its owner may replace a file that is write-protected.
        Err(Errno::ACCESS) if found.uid() == rustix::process::geteuid().as_raw() => {
            access(OFlags::RDONLY)
        }
        other => other,
    }?;
    let file = Some(same(file.into(), found)?);
    Ok(Target::Entry { folder, name, file })
}

/// Opens what a link of /proc leads to: it has no path that could be followed.
fn open_descriptor(folder: &OwnedFd, name: &OsStr) -> io::Result<Option<Target>> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let found = File::from(openat(folder, name, flags, Mode::empty())?).metadata()?;
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    if same(output, &found).is_ok() {
        return Ok(None);
    }
    let access = if found.is_file() {
        OFlags::RDWR | OFlags::CLOEXEC
    } else {
        WRITE
    };
    let file = same(openat(folder, name, access, Mode::empty())?.into(), &found)?;
    Ok(Some(if found.is_file() {
        Target::Open(file)
    } else {
        Target::Stream(file)
    }))
}

fn same(file: File, found: &Metadata) -> io::Result<File> {
    let opened = file.metadata()?;
    if (opened.dev(), opened.ino()) == (found.dev(), found.ino()) {
        Ok(file)
    } else {
        Err(io::Error::other("another file took its name meanwhile"))
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}
