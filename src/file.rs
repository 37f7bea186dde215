//! Files that are replaced whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// The mode of a file that was not there before; the umask applies.
const NEW_FILE_MODE: u32 = 0o644;

/// The links in a row that Linux follows.
const MAX_LINKS: usize = 40;

/// A new content for a file, written beside it and put in its place by
/// [`Replacement::commit`]. Dropped before, it leaves the file as it was.
#[derive(Debug)]
pub struct Replacement {
    out: BufWriter<File>,
    temporary: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl Replacement {
    /// Begins a new content for `path`. A symbolic link is followed: the file it
    /// points to is replaced, the link stays.
    ///
    /// # Errors
    /// When `path` is no regular file, or its folder can't be written.
    pub fn new(path: &Path) -> io::Result<Self> {
        let target = follow_links(path)?;
        let present = match fs::metadata(&target) {
            Ok(metadata) if metadata.is_file() => Some(metadata),
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(_) => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "not a regular file",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mode = present
            .as_ref()
            .map(|metadata| metadata.permissions().mode() & 0o7777);
        let (file, temporary) = create_beside(&target, mode.unwrap_or(NEW_FILE_MODE))?;
        let (out, committed) = (BufWriter::with_capacity(64 * 1024, file), false);
        let replacement = Replacement {
            out,
            temporary,
            target,
            committed,
        };
        if let (Some(present), Some(mode)) = (present, mode) {
            let file = replacement.out.get_ref();
            // Only root may give a file away; others' files are theirs already.
            let _ = fchown(file, Some(present.uid()), Some(present.gid()));
            // What the umask took away.
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(replacement)
    }

    /// Puts the content in its place, once the disk has it.
    ///
    /// # Errors
    /// When it can't be written, synced or renamed; the file is then as it was.
    pub fn commit(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.temporary, &self.target)?;
        self.committed = true;
        // The rename is on disk once the folder is. Not every file system can
        // sync a folder, and the file is in place either way.
        if let Some(folder) = self.target.parent() {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.committed {
            // It may never have come to be; nothing more can be done.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// The file that symbolic links at the end of a path lead to; it need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&target) {
            // A relative link starts from its own folder.
            Ok(link) => target = target.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// Creates a file beside the target, under a name that nobody uses.
fn create_beside(target: &Path, mode: u32) -> io::Result<(File, PathBuf)> {
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a file's name"))?;
    let mut attempt = 0;
    loop {
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}-{attempt}.new", std::process::id()));
        let temporary = target.with_file_name(temporary);
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&temporary);
        match created {
            // Left behind by a process that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {
                attempt += 1;
            }
            other => return Ok((other?, temporary)),
        }
    }
}
