//! What each command does: a file for each, and what several of them share.
//!
//! This is the uppermost room: it uses all others, and only `main` uses it. What goes to
//! standard output and standard error, and the exit status, are decided here.

mod apply_change;
mod check;
pub mod complete;
mod connections;
mod doctor;
mod drain;
mod drawing;
mod failure;
mod list;
mod live_readings;
mod metrics;
mod names;
mod progress_bar;
mod refusal_hint;
mod refusal_words;
mod restore;
mod rules_input;
mod save;
mod signals;
mod surprise;
mod table_rows;
mod terminal;
mod to_file;
mod unblocked;
mod undrain;
mod watch;

pub use failure::Failure;

use crate::ExitStatus;
use crate::cli::{self, Command, Invocation, help};
use crate::kernel::{Kernel, NetworkNamespace};
use crate::names::SystemLookup;
use crate::text::{escape, without_error_number};
use std::ffi::OsString;
use std::io::{self, Write};

/// Runs the program that the first word names, with the other words as its arguments. Returns
/// the exit status.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let mut words = words.into_iter();
    let called = words.next().unwrap_or_default();
    let words: Vec<OsString> = words.collect();
    if let Some(status) = complete::run(&called, &words) {
        return status;
    }
    let arguments: Vec<String> = words
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let parsed = cli::arguments(&called, &arguments, &mut SystemLookup::default());
    let check = match &parsed {
        Ok(invocation) => check::of(&invocation.command),
        Err(_) => check::asked_for(&arguments),
    };
    let (lines, status) = match parsed {
        Ok(invocation) => match execute(&invocation) {
            Ok(status) => return status,
            Err(failure) => (failure.lines(), failure.status()),
        },
        Err(error) => {
            let lines = [error.to_string()].into_iter().chain(error.hint());
            (lines.collect(), error.status())
        }
    };
    if let Some(json) = check {
        return check::unknown(json, &lines);
    }
    lines.iter().for_each(|line| complain(line));
    status
}

fn execute(invocation: &Invocation) -> Result<ExitStatus, Failure> {
    let namespace = invocation.netns.as_deref().map(NetworkNamespace::find);
    let namespace = namespace.transpose().map_err(Failure::namespace)?;
    let open = |namespace: Option<NetworkNamespace>| {
        let opened = namespace.map_or_else(Kernel::open, Kernel::open_in);
        opened.map_err(Failure::unavailable)
    };
    match &invocation.command {
        Command::Help(program) => print(&help::text(*program)),
        Command::HelpOf(verb) => print(&help::of_command(*verb)),
        Command::Version => print(&help::version()),
        Command::Change(change, mode) => apply_change::run(|| open(namespace), change, *mode),
        Command::List(list) => match &list.watch {
            Some(watch) => watch::run(&mut open(namespace)?, list, watch),
            None => list::run(&mut open(namespace)?, list),
        },
        Command::Save(save) => save::run(&mut open(namespace)?, save),
        Command::Restore(restore) => restore::run(|| open(namespace), restore),
        Command::Check(check) => check::run(&mut open(namespace)?, check),
        Command::Drain(drain) => {
            drain::run(&mut open(namespace)?, drain, invocation.netns.as_deref())
        }
        Command::Undrain(undrain) => undrain::run(&mut open(namespace)?, undrain),
        Command::Doctor(doctor) => {
            doctor::run(namespace.as_ref(), invocation.netns.as_deref(), doctor)
        }
    }
}

fn print(text: &str) -> Result<ExitStatus, Failure> {
    to_stdout(|out| Ok(out.write_all(text.as_bytes())?))
}

/// Writes to standard output.
///
/// A reader that closes the pipe has seen enough: that is no failure.
fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<ExitStatus, Failure> {
    match whole_to_stdout(write)? {
        ExitStatus::BrokenPipe => Ok(ExitStatus::Success),
        status => Ok(status),
    }
}

/// Writes to standard output, through one buffer, what is of no use in part.
fn whole_to_stdout(
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<ExitStatus, Failure> {
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush().map_err(Failure::Output));
    match written {
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(ExitStatus::BrokenPipe)
        }
        other => other.map(|()| ExitStatus::Success),
    }
}

/// Says what is wrong on standard error; where that can't be written, the exit
/// status must do.
fn complain(line: &str) {
    let _ = io::stderr().write_all(&complaint(line));
}

/// The line as standard error gets it.
fn complaint(line: &str) -> Vec<u8> {
    format!("{}\n", escape(&without_error_number(line))).into_bytes()
}
