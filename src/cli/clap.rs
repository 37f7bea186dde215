//! The table as a clap command: it knows what a misspelt option was meant to be,
//! completions are made from it, and it bears the small reader out.

use super::options::{Entry, TABLE, Value};
use ::clap::error::{ContextKind, ContextValue};
use ::clap::{Arg, ArgAction, Command, Error};

/// The id of the words that belong to nothing.
const STRAY: &str = "";

/// Stands for an optional value that was not given: no argument can hold a NUL.
const NO_VALUE: &str = "\0";

/// The clap command of the whole option table.
pub fn command() -> Command {
    Command::new("ipvsadm")
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(TABLE.iter().map(argument))
        .arg(Arg::new(STRAY).num_args(0..).action(ArgAction::Append))
}

fn argument(entry: &'static Entry) -> Arg {
    let arg = Arg::new(entry.long).long(entry.long).help(entry.help);
    let arg = match entry.short {
        [first, others @ ..] => arg.short(*first).visible_short_aliases(others.to_vec()),
        [] => arg,
    };
    match entry.value {
        // -6 and --sort may be repeated: no check refuses them.
        Value::No if entry.group.is_none() && entry.is_option() => {
            arg.overrides_with(entry.long).action(ArgAction::SetTrue)
        }
        Value::No => arg.action(ArgAction::SetTrue),
        Value::Required(name) => arg
            .action(ArgAction::Append)
            .value_name(name)
            .allow_hyphen_values(true),
        Value::Optional(name) => {
            let arg = arg.action(ArgAction::Append).value_name(name);
            arg.num_args(0..=1).default_missing_value(NO_VALUE)
        }
    }
}

/// The option that a misspelt one was probably meant to be.
pub fn suggestion(error: &Error) -> Option<&str> {
    match error.get(ContextKind::SuggestedArg)? {
        ContextValue::String(name) => Some(name),
        _ => None,
    }
}

/// What clap reads, for the test that holds the small reader to it.
#[cfg(any(test, fuzzing))]
pub mod witness {
    use super::{NO_VALUE, STRAY};
    use crate::cli::options::{Entry, TABLE, Value};
    use crate::cli::reader::{Token, Tokens};
    use ::clap::ArgMatches;

    /// The tokens that clap found, in their order on the command line.
    pub fn tokens(matches: &ArgMatches) -> Tokens<'_> {
        let mut found: Vec<(usize, Token<'_>)> = Vec::new();
        for entry in TABLE {
            match entry.value {
                Value::No if matches.get_flag(entry.long) => {
                    let index = matches.index_of(entry.long).unwrap_or(0);
                    found.push((index, token(entry, None)));
                }
                Value::No => {}
                Value::Required(_) | Value::Optional(_) => found.extend(valued(matches, entry)),
            }
        }
        found.sort_by_key(|(index, _)| *index);
        let stray = matches
            .get_many::<String>(STRAY)
            .into_iter()
            .flatten()
            .map(String::as_str);
        Tokens {
            tokens: found.into_iter().map(|(_, token)| token).collect(),
            stray: stray.collect(),
        }
    }

    fn valued<'a>(
        matches: &'a ArgMatches,
        entry: &'static Entry,
    ) -> impl Iterator<Item = (usize, Token<'a>)> {
        let indices = matches.indices_of(entry.long).into_iter().flatten();
        let values = matches.get_many::<String>(entry.long).into_iter().flatten();
        indices.zip(values).map(move |(index, value)| {
            let value = Some(value.as_str()).filter(|value| *value != NO_VALUE);
            (index, token(entry, value))
        })
    }

    /// clap does not tell in which word it found an option: the long name stands in.
    fn token<'a>(entry: &'static Entry, value: Option<&'a str>) -> Token<'a> {
        let word = entry.long;
        Token { entry, value, word }
    }
}
