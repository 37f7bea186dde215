//! Argument lists and rules lines to commands.

use super::command::{Command, UsageError};
use super::lookup::Lookup;
use super::reader::{self, Tokens};
use super::{build, clap};

/// Parses the program's arguments, its name left out.
///
/// # Errors
/// The first thing wrong, with the exit status to end with.
pub fn arguments(words: &[String], names: &mut dyn Lookup) -> Result<Command, UsageError> {
    if words.is_empty() {
        return words_of(["-L"].into_iter(), names);
    }
    let hint = match clap::command().try_get_matches_from(words) {
        Ok(matches) => match build::command(&clap::tokens(&matches), None, names) {
            Ok(command) => return Ok(command),
            Err(_) => None,
        },
        Err(error) => clap::suggestion(&error).map(|option| format!("did you mean `{option}'?")),
    };
    // Something is wrong. clap says so of the whole list; the small reader knows
    // how far the list was right, and scripts see the leftmost complaint.
    let parsed = words_of(words.iter().map(String::as_str), names);
    parsed.map_err(|error| UsageError {
        hint: hint.or(error.hint),
        ..error
    })
}

/// Parses words by the small reader.
///
/// # Errors
/// As [`arguments`].
pub fn words_of<'a>(
    words: impl Iterator<Item = &'a str> + Clone,
    names: &mut dyn Lookup,
) -> Result<Command, UsageError> {
    let mut tokens = Tokens::default();
    let fault = reader::read(words, &mut tokens).err();
    build::command(&tokens, fault, names)
}
