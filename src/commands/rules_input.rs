//! The rules that a command is given: a file, or standard input.

use super::complain;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

/// Opens the rules and reads them.
///
/// # Errors
/// When they can't be read, or somebody wrote to the file meanwhile: what was read may
/// be half of the old rules and half of the new ones.
pub fn read<T>(file: Option<&str>, read: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
    let input = open(file)?;
    let before = input.metadata()?;
    let rules = read(&input)?;
    let after = input.metadata()?;
    // Of a pipe or a terminal these say nothing.
    if before.is_file() && (before.len(), before.modified()?) != (after.len(), after.modified()?) {
        return Err(io::Error::other("it was changed while it was read"));
    }
    Ok(rules)
}

/// The file, or standard input without the small buffer that is usual.
fn open(file: Option<&str>) -> io::Result<File> {
    let Some(path) = file else {
        let input = io::stdin();
        if input.is_terminal() {
            complain("reading rules from the terminal; Ctrl-D ends them, Ctrl-C cancels");
        }
        return input.as_fd().try_clone_to_owned().map(File::from);
    };
    File::open(path)
}
