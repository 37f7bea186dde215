//! Writes over a file, where it can't be replaced without losing something.
//!
//! Its first byte is a mark, which no rule begins with, until all the others are
//! on the disk. So a restore refuses what a machine that stopped half way left.

use super::SaveError;
use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::{Duration, Instant};

/// What a file begins with until it is whole.
const MARK: &[u8] = b"!";
/// How long another save of the same file is waited for, and how often it is
/// looked at.
const PATIENCE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_millis(20);

/// Makes `content` the content of the file.
///
/// # Errors
/// When that can't be done; the old content is put back where possible.
pub fn write(file: &File, content: &[u8]) -> Result<(), SaveError> {
    lock(file)?;
    let old = read(file)?;
    // What does not fit is told before anything is changed.
    match fallocate(
        file,
        FallocateFlags::KEEP_SIZE,
        0,
        content.len().max(1) as u64,
    ) {
        // Not every file system can tell.
        Ok(()) | Err(Errno::NOTSUP | Errno::NOSYS) => {}
        Err(error) => return Err(io::Error::from(error).into()),
    }
    overwrite(file, content).map_err(|error| match overwrite(file, &old) {
        Ok(()) => SaveError::Untouched(error),
        Err(_) => SaveError::Torn(error),
    })
}

/// Keeps two saves from mixing. The lock goes with the file.
fn lock(file: &File) -> io::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < end => thread::sleep(RETRY),
            Err(TryLockError::WouldBlock) => {
                let reason = "another process holds a lock on it";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, reason));
            }
            // Not every file system has locks.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
        }
    }
}

fn read(file: &File) -> io::Result<Vec<u8>> {
    let size = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut content = vec![0; size];
    file.read_exact_at(&mut content, 0)?;
    Ok(content)
}

fn overwrite(file: &File, content: &[u8]) -> io::Result<()> {
    let Some((first, rest)) = content.split_at_checked(MARK.len()) else {
        file.set_len(0)?;
        return file.sync_all();
    };
    file.write_all_at(MARK, 0)?;
    file.sync_all()?;
    file.write_all_at(rest, MARK.len() as u64)?;
    file.set_len(content.len() as u64)?;
    file.sync_all()?;
    file.write_all_at(first, 0)?;
    file.sync_all()
}
