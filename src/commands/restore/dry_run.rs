//! `-R --dry-run`: the whole file checked, without a kernel.

use super::{BadLines, read};
use crate::ExitStatus;
use crate::cli::Restore;
use crate::commands::{Failure, refusal, to_stdout};
use crate::kernel::{Operation, Refusal};
use crate::model::Change;
use crate::names::Names;
use crate::rules::{Line, RulesWriter};
use crate::table::{Table, fitting};

/// Prints what would be sent. The rules are tried on an empty table in memory,
/// which refuses what the kernel would refuse.
///
/// What is kept until all lines are found good is the output.
pub fn run(restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut bad = BadLines::new(restore);
    let mut table = Table::new();
    let names = Names::numeric();
    let mut output = RulesWriter::new(Vec::new(), &names);
    read(restore, |number, line| match line {
        Err(error) => bad.report(number, &error.to_string()),
        Ok(Line { change, exist }) => {
            let exist = exist || restore.mode.exist;
            let changes = if exist {
                fitting(&change, &table)
            } else {
                vec![change]
            };
            for change in changes {
                let written = try_on(&mut table, &change, number)
                    .and_then(|()| output.change(&change).map_err(|error| error.to_string()));
                if let Err(message) = written {
                    bad.report(number, &message);
                }
            }
        }
    })?;
    if let Some(status) = bad.status() {
        return Ok(status);
    }
    to_stdout(|out| Ok(out.write_all(&output.into_inner())?))
}

/// Makes the change in the table; what it refuses is said in the kernel's words.
pub fn try_on(table: &mut Table, change: &Change, line: u32) -> Result<(), String> {
    table
        .apply_line(change, line)
        .or_else(|errno| match change {
            // Whether a daemon runs is for the kernel to say, not for the file.
            Change::StopDaemon(..) => Ok(()),
            _ => {
                let operation = Operation::of(change);
                let message = refusal::message(&Refusal { operation, errno });
                Err(match earlier(table, change) {
                    Some(line) if errno == libc::EEXIST => format!("{message}: line {line}"),
                    _ => message,
                })
            }
        })
}

/// The line that already made what the change would.
fn earlier(table: &Table, change: &Change) -> Option<u32> {
    let line = match change {
        Change::AddService(service) => table.get(&service.key)?.line,
        Change::AddDestination(key, destination) => {
            let service = table.get(key)?;
            service.destinations.get(&destination.endpoint)?.line
        }
        Change::StartDaemon(daemon) => table.daemon(daemon.role)?.1,
        _ => return None,
    };
    (line > 0).then_some(line)
}
