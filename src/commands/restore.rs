//! `-R`: rules to the kernel.

mod apply;
mod dry_run;
mod replace;

use super::lock::Lock;
use super::place::Place;
use super::{Failure, complain};
use crate::ExitStatus;
use crate::cli::{Restore, UsageError};
use crate::names::SystemLookup;
use crate::rules::{self, Line, Text};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// Restores, or says what restoring would do.
pub fn run(place: &Place, restore: &Restore) -> Result<ExitStatus, Failure> {
    if restore.mode.dry_run && !restore.replace {
        return dry_run::run(restore);
    }
    // Opened first: without privilege there is no need to type all the rules.
    let kernel = place.open()?;
    if restore.replace {
        replace::run(kernel, place, restore)
    } else {
        apply::run(kernel, place, restore)
    }
}

/// Takes the lock that keeps two restores from interleaving.
fn lock(place: &Place, restore: &Restore) -> Result<Lock, Failure> {
    place
        .within(|| Lock::take(restore.wait))?
        .map_err(|error| Failure::new(ExitStatus::Refused, error))
}

/// The rules' name in messages.
fn source(restore: &Restore) -> &str {
    restore.file.as_deref().unwrap_or("stdin")
}

/// Counts and reports the lines that are wrong.
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
        complain_of(self.source, number, message);
    }

    /// The status of a file with bad lines: nothing of it was applied.
    fn status(&self) -> Option<ExitStatus> {
        if self.count == 0 {
            return None;
        }
        let lines = if self.count == 1 { "line" } else { "lines" };
        complain(&format!(
            "{} bad {lines} in {}: nothing was applied",
            self.count, self.source
        ));
        Some(ExitStatus::Usage)
    }
}

fn complain_of(source: &str, number: u32, message: &str) {
    complain(&format!("{source}:{number}: {message}"));
}

/// Reads all the rules.
fn read(restore: &Restore, each: impl FnMut(u32, Result<Line, UsageError>)) -> Result<(), Failure> {
    open(restore)
        .and_then(|input| rules::read(input, &mut SystemLookup::default(), each))
        .map_err(|error| unreadable(restore, error))
}

/// Reads all the rules and keeps their text.
fn read_text(
    restore: &Restore,
    names: &mut SystemLookup,
    each: impl FnMut(u32, Result<Line, UsageError>),
) -> Result<Text, Failure> {
    open(restore)
        .and_then(|input| {
            // A pipe has no size.
            let size = input.metadata().map_or(0, |about| about.len());
            Text::read(input, size, names, each)
        })
        .map_err(|error| unreadable(restore, error))
}

/// The rules' file, or standard input without the small buffer that is usual.
fn open(restore: &Restore) -> io::Result<File> {
    match &restore.file {
        None => io::stdin().as_fd().try_clone_to_owned().map(File::from),
        Some(path) => File::open(path),
    }
}

fn unreadable(restore: &Restore, error: io::Error) -> Failure {
    let name = restore.file.as_deref().unwrap_or("standard input");
    let error = anyhow::Error::from(error).context(format!("cannot read {name}"));
    Failure::new(ExitStatus::Usage, error)
}
