//! The commands that make one change.

use super::place::Place;
use super::{Failure, exist, to_stdout};
use crate::ExitStatus;
use crate::cli::Mode;
use crate::model::Change;
use crate::output::change_text;

/// Makes the change, or prints it.
pub fn run(place: &Place, change: &Change, mode: Mode) -> Result<ExitStatus, Failure> {
    if mode.dry_run {
        return to_stdout(|out| Ok(writeln!(out, "{}", change_text(change))?));
    }
    let mut kernel = place.open()?;
    let made = if mode.exist {
        exist::apply(&mut kernel, change)
    } else {
        kernel.apply(change)
    };
    made.map_err(Failure::change)?;
    Ok(ExitStatus::Success)
}
