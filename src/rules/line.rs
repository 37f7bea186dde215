//! One line of a rules file.

use crate::cli::{Command, UsageError, parse};
use crate::names::Lookup;
use crate::table::Request;

/// How the first line of a listing begins.
const LISTING: &str = "IP Virtual Server version ";

/// The change that a line asks for; `None` for a line without one.
///
/// Words are separated by blanks; one that begins with `#` begins a comment; a
/// leading `ipvsadm` is dropped.
///
/// # Errors
/// What is wrong with the line, as on the command line.
pub fn parse_line(line: &str, names: &mut dyn Lookup) -> Result<Option<Request>, UsageError> {
    let mut words = words(line).take_while(|word| !word.starts_with('#'));
    let mut after = words.clone();
    match after.next() {
        None => return Ok(None),
        Some("ipvsadm") => words = after,
        Some(_) => {}
    }
    if words.clone().next().is_none() {
        return Err(UsageError::NameAlone);
    }
    if line.starts_with(LISTING) {
        return Err(UsageError::Listing);
    }
    let invocation = parse::line(words, names)?;
    if invocation.netns.is_some() {
        return Err(UsageError::ForAllLines("netns"));
    }
    match invocation.command {
        Command::Change(_, mode) if mode.dry_run => Err(UsageError::ForAllLines("dry-run")),
        Command::Change(change, mode) => Ok(Some(Request {
            change,
            exist: mode.exist,
        })),
        Command::List(_) | Command::Save(_) | Command::Check(_) => {
            Err(UsageError::NotAChange("lists"))
        }
        Command::Restore(_) => Err(UsageError::NotAChange("restores")),
        Command::Drain(_) | Command::Undrain(_) => Err(UsageError::NotAChange("drains")),
        Command::Doctor(_) | Command::Help(_) | Command::HelpOf(_) | Command::Version => {
            Err(UsageError::NotAChange("informs"))
        }
    }
}

/// The words between blanks. Other white space is part of one, as with 1.31.
fn words(mut rest: &str) -> impl Iterator<Item = &str> + Clone {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    std::iter::from_fn(move || {
        let start = rest.as_bytes().iter().position(|byte| !is_blank(byte))?;
        let begun = &rest[start..];
        let end = begun.as_bytes().iter().position(is_blank);
        let (word, after) = begun.split_at(end.unwrap_or(begun.len()));
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests;
