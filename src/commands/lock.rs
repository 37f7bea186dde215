//! One restore at a time in a network namespace.

use super::complain;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Where the locks are. They go with the boot, as the table does.
const FOLDER: &str = "/run/ipvsadm";
/// How often a lock that another holds is tried: a restore takes a fraction of a
/// second.
const RETRY: Duration = Duration::from_millis(20);

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another restore held it all the time.
    #[error("another restore is at work: {holder}; waited {waited} s for it to end (--wait)")]
    Held {
        /// What the holder said of itself.
        holder: String,
        /// How long was waited, in seconds.
        waited: u32,
    },
    /// The lock could not be tried.
    #[error("cannot lock {}: {error}", path.display())]
    Io {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// The lock of this network namespace; dropping it frees it.
#[derive(Debug)]
pub struct Lock {
    file: Option<File>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A stale name in the file would at worst be told to someone who waits.
        let _ = self.file.take().map(|file| file.set_len(0));
    }
}

impl Lock {
    /// Takes the lock, waiting up to `wait` seconds for another to free it.
    ///
    /// Where the folder can't be written, in a container or without root, there
    /// is no lock, and a line on standard error says so.
    pub fn take(wait: u32) -> Result<Self, LockError> {
        let path = path().map_err(|error| LockError::Io {
            path: FOLDER.into(),
            error,
        })?;
        let file = match open(&path) {
            Ok(file) => file,
            Err(error) if is_denied(&error) => {
                complain(&format!(
                    "cannot lock {}: {error}; going on without",
                    path.display()
                ));
                return Ok(Lock { file: None });
            }
            Err(error) => return Err(LockError::Io { path, error }),
        };
        let end = Instant::now() + Duration::from_secs(wait.into());
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                    return Err(LockError::Held {
                        holder: holder(&file),
                        waited: wait,
                    });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(RETRY),
                Err(TryLockError::Error(error)) => return Err(LockError::Io { path, error }),
            }
        }
        // The lock holds without a name, too, such as on a full disk.
        let _ = sign(&file);
        Ok(Lock { file: Some(file) })
    }
}

/// The lock's file: network namespaces are told apart by their inode.
fn path() -> io::Result<PathBuf> {
    let namespace = fs::metadata("/proc/thread-self/ns/net")?.ino();
    Ok(Path::new(FOLDER).join(format!("netns-{namespace}.lock")))
}

/// Nobody else may read it: whoever can open a file can lock it.
fn open(path: &Path) -> io::Result<File> {
    fs::create_dir_all(FOLDER)?;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn is_denied(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
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
