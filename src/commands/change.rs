//! The commands that make one change.

use super::{Failure, hint, to_stdout};
use crate::ExitStatus;
use crate::cli::Mode;
use crate::kernel::{Error, Kernel};
use crate::model::Change;

/// Makes the change, or prints it.
pub fn run(
    open: impl FnOnce() -> Result<Kernel, Failure>,
    change: &Change,
    mode: Mode,
) -> Result<ExitStatus, Failure> {
    if mode.dry_run {
        return to_stdout(|out| Ok(writeln!(out, "{change}")?));
    }
    let mut kernel = open()?;
    let made = if mode.exist {
        kernel.ensure(change)
    } else {
        kernel.apply(change)
    };
    made.map_err(|error| {
        let hint = match &error {
            Error::Refused(refused) => hint::hint(&mut kernel, change, refused),
            _ => None,
        };
        hint.into_iter()
            .fold(Failure::change(error), Failure::with_help)
    })?;
    Ok(ExitStatus::Success)
}
