//! Puts a new file in the place of another.

use super::file_attributes;
use super::save_target::is_strangers;
use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, linkat, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::ffi::{CStr, OsStr};
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

/// The mode of a file that was not there before; the umask applies.
const NEW_FILE: Mode = Mode::from_raw_mode(0o644);
/// The mode until the new file has the owner of the old one.
const PRIVATE: Mode = Mode::from_raw_mode(0o600);
/// How the names of new files begin and end before they are in place.
const BEFORE: &str = ".ipvsadm-";
const AFTER: &str = ".new";
/// How many names are tried: each is random, so one is enough but for bad luck.
const ATTEMPTS: usize = 20;

/// Replaces the file of this name, `old` if there is one, by a new file with its
/// attributes.
///
/// False says that a new file can't take the place without losing something: the
/// old one has other names, is a mount, or has attributes that this process may
/// not give. Then nothing was changed.
///
/// # Errors
/// When the content can't be written, synced or renamed; the file is as it was.
pub fn replace(
    folder: &OwnedFd,
    name: &OsStr,
    old: Option<&File>,
    content: &[u8],
) -> io::Result<bool> {
    // They cost nothing but space, and the save matters more.
    let _ = remove_leftovers(folder);
    if let Some(old) = old
        && old.metadata()?.nlink() > 1
    {
        return Ok(false);
    }
    let mode = if old.is_some() { PRIVATE } else { NEW_FILE };
    let mut new = match NewFile::create(folder, mode) {
        Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) if old.is_some() => return Ok(false),
        created => created?,
    };
    new.file.write_all(content)?;
    if let Some(old) = old
        && !file_attributes::copy(old, &new.file)?
    {
        return Ok(false);
    }
    new.file.sync_all()?;
    match new.rename(name) {
        Err(Errno::BUSY | Errno::ACCESS | Errno::PERM) if old.is_some() => return Ok(false),
        renamed => renamed?,
    }
    // The rename is on disk once the folder is. Not every file system can sync a
    // folder, and the file is in place either way.
    let _ = readable(folder).map(|folder| File::from(folder).sync_all());
    Ok(true)
}

/// The folder, opened for more than its path.
fn readable(folder: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(folder, ".", flags, Mode::empty())
}

/// A file that has no name yet, where the file system can do that, or one that
/// goes away with this.
///
/// It is locked as long as its process lives: one that nobody holds is left over.
struct NewFile<'a> {
    folder: &'a OwnedFd,
    file: File,
    name: Option<String>,
}

impl<'a> NewFile<'a> {
    fn create(folder: &'a OwnedFd, mode: Mode) -> rustix::io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        if let Ok(file) = openat(folder, ".", flags | OFlags::TMPFILE, mode) {
            let file = File::from(file);
            // Without locks nobody can tell that it is left over: it stays then.
            let _ = file.try_lock();
            let name = None;
            return Ok(NewFile { folder, file, name });
        }
        for _ in 0..ATTEMPTS {
            let name = random_name();
            let flags = flags | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
            let file = match openat(folder, &name, flags, mode) {
                Err(Errno::EXIST) => continue,
                created => File::from(created?),
            };
            // Another save may have taken it for left over before it was locked.
            let taken = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            if !taken && file.metadata().is_ok_and(|found| found.nlink() == 1) {
                let name = Some(name);
                return Ok(NewFile { folder, file, name });
            }
        }
        Err(Errno::EXIST)
    }

    fn rename(mut self, target: &OsStr) -> rustix::io::Result<()> {
        for _ in 0..ATTEMPTS {
            let name = match self.name.take() {
                Some(name) => name,
                None => match self.link() {
                    Err(Errno::EXIST) => continue,
                    linked => linked?,
                },
            };
            let renamed = renameat(self.folder, &name, self.folder, target);
            self.name = renamed.is_err().then_some(name);
            return renamed;
        }
        Err(Errno::EXIST)
    }

    /// Gives the file a name. With the privilege it needs no /proc, with /proc no
    /// privilege.
    fn link(&self) -> rustix::io::Result<String> {
        let name = random_name();
        match linkat(&self.file, "", self.folder, &name, AtFlags::EMPTY_PATH) {
            Err(Errno::EXIST) => return Err(Errno::EXIST),
            Ok(()) => return Ok(name),
            Err(_) => {}
        }
        let open = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        linkat(CWD, open, self.folder, &name, AtFlags::SYMLINK_FOLLOW)?;
        Ok(name)
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // Nothing more can be done.
            let _ = unlinkat(self.folder, name, AtFlags::empty());
        }
    }
}

/// A short name that strangers can't guess and take.
fn random_name() -> String {
    let number = RandomState::new().build_hasher().finish();
    format!("{BEFORE}{number:016x}{AFTER}")
}

/// Removes the new files that killed processes left in a folder.
fn remove_leftovers(folder: &OwnedFd) -> io::Result<()> {
    for entry in Dir::new(readable(folder)?)? {
        let entry = entry?;
        let name = entry.file_name();
        let bytes = name.to_bytes();
        if bytes.starts_with(BEFORE.as_bytes()) && bytes.ends_with(AFTER.as_bytes()) {
            // One that can't be removed must not keep the others.
            let _ = remove_leftover(folder, name);
        }
    }
    Ok(())
}

fn remove_leftover(folder: &OwnedFd, name: &CStr) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, Mode::empty())?);
    let found = file.metadata()?;
    if !found.is_file() || is_strangers(&found, folder)? {
        return Ok(());
    }
    // Its process lives while it is locked.
    file.try_lock()?;
    Ok(unlinkat(folder, name, AtFlags::empty())?)
}
