//! Saves to files: whole or not at all, with everything about the file kept.
//!
//! `target` finds what a path leads to, `replace` puts a new file in its place,
//! and `in_place` writes where a new file would lose something of the old one.
//!
//! The room uses no other; the commands use it.

mod file_attributes;
mod in_place;
mod new_file;
mod save_target;

pub use save_target::Target;

use nix::sys::signal::{SigSet, Signal};
use std::io::{self, Write};

/// Why a save failed, and what that means for the file.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The file has its old content.
    #[error(transparent)]
    Untouched(#[from] io::Error),
    /// A device or a pipe may have taken a part of the content.
    #[error(transparent)]
    Stream(io::Error),
    /// The file has neither the old content nor the new one.
    #[error(transparent)]
    Torn(io::Error),
}

impl SaveError {
    /// What a person should know beside the reason.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            SaveError::Untouched(_) => Some("the file is as it was"),
            SaveError::Stream(_) => None,
            SaveError::Torn(_) => Some(
                "the file is not whole, and its `!' at the beginning keeps a restore from taking it: save again",
            ),
        }
    }
}

impl Target {
    /// Makes `content` the content of the file, or writes it to the device or the
    /// pipe.
    ///
    /// # Errors
    /// When it can't be written. See [`SaveError`].
    pub fn save(self, content: &[u8]) -> Result<(), SaveError> {
        match self {
            Target::Stream(mut stream) => stream.write_all(content).map_err(SaveError::Stream),
            Target::Open(file) => {
                let _signals = HeldSignals::hold();
                in_place::write(&file, content)
            }
            Target::Entry { folder, name, file } => {
                let _signals = HeldSignals::hold();
                if new_file::replace(&folder, &name, file.as_ref(), content)? {
                    return Ok(());
                }
                match file {
                    Some(file) => in_place::write(&file, content),
                    None => Err(io::Error::from(io::ErrorKind::PermissionDenied).into()),
                }
            }
        }
    }
}

/// Holds back the signals that would end the program between two steps; they
/// come when this is dropped.
struct HeldSignals {
    before: Option<SigSet>,
}

impl HeldSignals {
    fn hold() -> Self {
        // A file that may not grow further is an error of the write. The signal
        // would come after it, so it is held back to the end.
        let mut too_large = SigSet::empty();
        too_large.add(Signal::SIGXFSZ);
        // It fails for bad arguments alone.
        let _ = too_large.thread_block();
        let before = SigSet::thread_get_mask().ok();
        let _ = SigSet::all().thread_block();
        HeldSignals { before }
    }
}

impl Drop for HeldSignals {
    fn drop(&mut self) {
        let _ = self.before.take().map(|before| before.thread_set_mask());
    }
}
