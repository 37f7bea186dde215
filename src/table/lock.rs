//! One restore at a time in a network namespace, and the files that a namespace has.

use crate::kernel::{Kernel, NamespaceError};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Where the locks and the other files are. They go with the boot, as the table does.
const FOLDER: &str = "/run/ipvsadm";
/// How often a lock that another holds is tried: a restore takes a fraction of a
/// second.
const RETRY: Duration = Duration::from_millis(20);
/// The bits of a mode that let others than the owner write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another restore held it all the time.
    #[error("another restore is at work: {holder}; waited {waited} s for it to end (--wait)")]
    Held {
        /// What the holder said of itself.
        holder: String,
        /// How long was waited, in seconds.
        waited: u64,
    },
    /// Somebody else could take or replace the lock.
    #[error("cannot lock {}: {reason}; remove {}, or give it to root", path.display(), path.display())]
    Untrusted {
        /// The lock's file, or its folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There can be no lock, as without root or on a full disk.
    #[error("cannot lock {}: {error}", path.display())]
    Unavailable {
        /// The lock's file, or its folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The network namespace can't be used.
    #[error(transparent)]
    Namespace(#[from] NamespaceError),
}

/// The lock of a network namespace; dropping it frees it.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A stale name in the file would at worst be told to someone who waits.
        let _ = self.0.set_len(0);
    }
}

impl Kernel {
    /// Takes the lock of the restores in the connection's network namespace, which
    /// `ipvsadm -R` takes too. While another program holds the lock, waits for it, up
    /// to `wait`.
    ///
    /// # Errors
    /// Why there is no lock. After [`LockError::Unavailable`] `ipvsadm` goes on
    /// without one.
    pub fn lock(&self, wait: Duration) -> Result<Lock, LockError> {
        let (path, file) = self.run_file("lock")?;
        acquire(path, file, wait).map(Lock)
    }

    /// Opens a file of the connection's network namespace, for what outlives a
    /// program and goes with the boot. It is created where it is missing.
    ///
    /// # Errors
    /// [`LockError::Untrusted`], [`LockError::Unavailable`] or
    /// [`LockError::Namespace`].
    pub(crate) fn run_file(&self, ending: &str) -> Result<(PathBuf, File), LockError> {
        self.within(|| open(ending))?
    }
}

fn acquire(path: PathBuf, file: File, wait: Duration) -> Result<File, LockError> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if begun.elapsed() >= wait => {
                return Err(LockError::Held {
                    holder: holder(&file),
                    waited: wait.as_secs(),
                });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(RETRY),
            Err(TryLockError::Error(error)) => return Err(LockError::Unavailable { path, error }),
        }
    }
    // The lock holds without a name, too, such as on a full disk.
    let _ = sign(&file);
    Ok(file)
}

/// Opens the file in a folder that only root, or this user, can change.
///
/// Network namespaces are told apart by their inode.
fn open(ending: &str) -> Result<(PathBuf, File), LockError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| LockError::Unavailable { path, error }
    };
    let namespace = Path::new("/proc/thread-self/ns/net");
    let inode = fs::metadata(namespace).map_err(failed(namespace))?.ino();
    let folder = Path::new(FOLDER);
    let opened = open_folder(folder).map_err(|error| refused(folder, error))?;
    check(folder, &opened, 0o755)?;
    let path = folder.join(format!("netns-{inode}.{ending}"));
    let file = open_file(&path).map_err(|error| refused(&path, error))?;
    check(&path, &file, 0o600)?;
    Ok((path, file))
}

fn open_folder(path: &Path) -> io::Result<File> {
    match DirBuilder::new().mode(0o755).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW)
        .open(path)
}

fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        // A FIFO must not block.
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
}

/// A link, or a file in the folder's place, is nothing that this program made.
fn refused(path: &Path, error: io::Error) -> LockError {
    let path = path.to_owned();
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_symlink() => LockError::Untrusted {
            path,
            reason: "it is a symbolic link".to_owned(),
        },
        _ => LockError::Unavailable { path, error },
    }
}

/// Checks that nobody but root and this user can write the file or the folder,
/// and gives it its mode, which the umask may have changed.
fn check(path: &Path, file: &File, mode: u32) -> Result<(), LockError> {
    let failed = |error| LockError::Unavailable {
        path: path.to_owned(),
        error,
    };
    let untrusted = |reason| {
        Err(LockError::Untrusted {
            path: path.to_owned(),
            reason,
        })
    };
    let found = file.metadata().map_err(failed)?;
    let user = rustix::process::geteuid().as_raw();
    let owner = found.uid();
    if owner != user && owner != 0 {
        return untrusted(format!("it belongs to the user {owner}"));
    }
    let has_one_name = found.is_file() && found.nlink() == 1;
    if !has_one_name && !found.is_dir() {
        return untrusted("it is no plain file of one name".to_owned());
    }
    if found.mode() & 0o777 == mode {
        return Ok(());
    }
    match file.set_permissions(Permissions::from_mode(mode)) {
        Err(error) if found.mode() & WRITABLE_BY_OTHERS != 0 => {
            untrusted(format!("others can write it ({error})"))
        }
        // Stricter than it must be.
        _ => Ok(()),
    }
}

/// Writes who holds the lock into it.
fn sign(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    let words = std::env::args_os();
    let command: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // In one piece: written by its parts it would be a system call each.
    let line = format!("process {} ({})\n", std::process::id(), command.join(" "));
    file.write_all(line.as_bytes())
}

fn holder(mut file: &File) -> String {
    let mut text = String::new();
    // Without a name the message is less helpful, but as true.
    let _ = file
        .rewind()
        .and_then(|()| file.take(4096).read_to_string(&mut text));
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        "another process".to_owned()
    } else {
        line.to_owned()
    }
}
