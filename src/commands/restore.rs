//! `-R`: rules to the kernel.

mod apply;
mod dry_run;
mod replace;

use super::{Failure, complain, refusal_words, rules_input};
use crate::ExitStatus;
use crate::cli::{Restore, UsageError};
use crate::kernel::{Kernel, Refusal, RefusalKind};
use crate::model::Change;
use crate::names::SystemLookup;
use crate::rules::{self, Text};
use crate::table::{Lock, LockError, Request, Table};
use crate::text::counted;
use std::io;
use std::time::Duration;

/// Restores, or says what restoring would do.
pub fn run(
    open: impl FnOnce() -> Result<Kernel, Failure>,
    restore: &Restore,
) -> Result<ExitStatus, Failure> {
    if restore.mode.dry_run && !restore.replace {
        return dry_run::run(restore);
    }
    // Opened first: without privilege there is no need to type all the rules.
    let kernel = open()?;
    if restore.replace {
        replace::run(kernel, restore)
    } else {
        apply::run(kernel, restore)
    }
}

/// Takes the lock that keeps two restores from changing the table in turn. 1.31
/// knows no lock: where there can be none, the restore goes on without.
fn lock(kernel: &Kernel, restore: &Restore) -> Result<Option<Lock>, Failure> {
    match kernel.lock(Duration::from_secs(restore.wait.into())) {
        Ok(lock) => Ok(Some(lock)),
        Err(error @ LockError::Unavailable { .. }) => {
            complain(&format!("{error}; going on without"));
            Ok(None)
        }
        Err(LockError::Namespace(error)) => Err(Failure::namespace(error)),
        Err(error) => Err(Failure::new(ExitStatus::Refused, error)),
    }
}

/// The rules' name in messages.
fn source(restore: &Restore) -> &str {
    restore.file.as_deref().unwrap_or("stdin")
}

/// How many bad lines are shown. Further bad lines mostly have the same fault.
const SHOWN: usize = 10;

/// Counts the lines that are wrong, and reports the first of them.
struct BadLines<'a> {
    source: &'a str,
    count: usize,
}

impl<'a> BadLines<'a> {
    fn new(restore: &'a Restore) -> Self {
        BadLines {
            source: source(restore),
            count: 0,
        }
    }

    fn report(&mut self, number: u32, message: &str) {
        self.count += 1;
        if self.count <= SHOWN {
            complain_of(self.source, number, message);
        }
    }

    /// The status of a file with bad lines: nothing of it was applied.
    fn status(&self) -> Option<ExitStatus> {
        if self.count == 0 {
            return None;
        }
        let lines = counted(self.count as u64, "bad line");
        let shown = match self.count {
            0..=SHOWN => String::new(),
            _ => format!(", the first {SHOWN} of which are shown"),
        };
        let source = self.source;
        complain(&format!("{lines} in {source}{shown}: nothing was applied"));
        Some(ExitStatus::Usage)
    }
}

fn complain_of(source: &str, number: u32, message: &str) {
    complain(&format!("{source}:{number}: {message}"));
}

/// What is said of a line that `table` refuses: the kernel's words, and the line
/// before that made the same thing.
fn refused_line(table: &Table, change: &Change, refusal: &Refusal) -> String {
    let message = refusal_words::message(refusal);
    let exists = matches!(
        refusal.kind(),
        RefusalKind::ServiceExists | RefusalKind::DestinationExists | RefusalKind::DaemonRuns
    );
    match table.line_of(change) {
        Some(line) if exists => format!("{message}: line {line}"),
        _ => message,
    }
}

/// Hands each rule to `take`, and reports the lines that are no rules and those that `take`
/// refuses. Returns the exit status where there is such a line: then nothing is applied.
fn read(
    restore: &Restore,
    mut take: impl FnMut(u32, Request) -> Result<(), String>,
) -> Result<Option<ExitStatus>, Failure> {
    let mut bad = BadLines::new(restore);
    let report_bad = |number, line: Result<Request, UsageError>| {
        let rule = line.map_err(|error| error.to_string());
        if let Err(message) = rule.and_then(|rule| take(number, rule)) {
            bad.report(number, &message);
        }
    };
    rules_input::read(restore.file.as_deref(), |input| {
        rules::read_with(input, &mut SystemLookup::default(), report_bad)
    })
    .map_err(|error| unreadable(restore, error))?;
    Ok(bad.status())
}

/// Reads all the rules and keeps their text.
fn read_text(
    restore: &Restore,
    names: &mut SystemLookup,
    each: impl FnMut(u32, Result<Request, UsageError>),
) -> Result<Text, Failure> {
    rules_input::read(restore.file.as_deref(), |input| {
        // A pipe has no size.
        let size = input.metadata().map_or(0, |about| about.len());
        Text::read(input, size, names, each)
    })
    .map_err(|error| unreadable(restore, error))
}

fn unreadable(restore: &Restore, error: io::Error) -> Failure {
    let name = restore.file.as_deref().unwrap_or("standard input");
    let error = anyhow::Error::from(error).context(format!("cannot read {name}"));
    Failure::new(ExitStatus::Usage, error)
}
