//! `-R --dry-run`: the whole file checked, without a kernel.

use super::{read, refused_line};
use crate::ExitStatus;
use crate::cli::Restore;
use crate::commands::{Failure, to_stdout};
use crate::model::Change;
use crate::names::Names;
use crate::rules::RulesWriter;
use crate::table::{Request, Table};

/// Prints what would be sent. The rules are tried on an empty table in memory,
/// which refuses what the kernel would refuse.
///
/// What is kept until all lines are found good is the output.
pub fn run(restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut table = Table::new();
    let names = Names::numeric();
    let mut output = RulesWriter::new(Vec::new(), &names);
    let bad = read(restore, |number, request| {
        for change in check(&mut table, restore, request, number)? {
            let written = output.change(&change);
            written.map_err(|error| error.to_string())?;
        }
        Ok(())
    })?;
    if let Some(status) = bad {
        return Ok(status);
    }
    to_stdout(|out| Ok(out.write_all(&output.into_inner())?))
}

/// The changes that a line makes of the table; a message where it cannot.
fn check(
    table: &mut Table,
    restore: &Restore,
    request: Request,
    line: u32,
) -> Result<Vec<Change>, String> {
    let exist = request.exist || restore.mode.exist;
    let made = table.take(&Request { exist, ..request }, line);
    made.map_err(|refusal| refused_line(table, &request.change, &refusal))
}
