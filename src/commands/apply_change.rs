//! The commands that make one change.

use super::{Failure, complain, refusal_hint, surprise, to_stdout};
use crate::ExitStatus;
use crate::cli::Mode;
use crate::kernel::{Error, Kernel};
use crate::model::Change;
use std::io::{self, IsTerminal};

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
    let surprise = match io::stderr().is_terminal() {
        true => surprise::of(&mut kernel, change, mode),
        false => None,
    };
    let made = if mode.exist {
        kernel.ensure(change)
    } else {
        kernel.apply(change)
    };
    made.map_err(|error| {
        let hint = match &error {
            Error::Refused(refused) => refusal_hint::hint(&mut kernel, change, refused),
            _ => None,
        };
        Failure::change(error).with_lines(hint)
    })?;
    if let Some(surprise) = surprise {
        complain(&surprise);
    }
    Ok(ExitStatus::Success)
}
