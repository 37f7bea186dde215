//! Output that goes into a file: whole or not at all.

use super::{Failure, whole_to_stdout};
use crate::ExitStatus;
use crate::file::{SaveError, Target};
use std::io::Write;

/// Writes to the file, or to standard output where there is none.
pub fn to_file(
    path: Option<&str>,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<ExitStatus, Failure> {
    let Some(path) = path else {
        return whole_to_stdout(write);
    };
    let failed = |error: SaveError| {
        let help = error.help();
        let error = anyhow::Error::from(error).context(format!("cannot write {path}"));
        Failure::new(ExitStatus::Failure, error).with_lines(help)
    };
    // The way is tried first: a mistake in the path is told before all the names are
    // looked up.
    let found = Target::find(path.as_ref()).map_err(|error| failed(error.into()))?;
    let Some(target) = found else {
        return whole_to_stdout(write);
    };
    let mut text = Vec::new();
    write(&mut text)?;
    target.save(&text).map_err(failed)?;
    Ok(ExitStatus::Success)
}
