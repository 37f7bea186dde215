//! The table as a clap command, which reads the program's arguments and knows what
//! a misspelt option was meant to be.

use super::options::{TABLE, by_long};
use super::reader::{Token, Tokens};
use super::row::{Row, Value};
use super::verbs::Verb;
use ::clap::error::{ContextKind, ContextValue};
use ::clap::{Arg, ArgAction, ArgMatches, Command, Error};

/// The id of the words that are neither options nor values.
const STRAY: &str = "";

/// Stands for a value that was not given. No argument can hold a NUL.
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

/// The clap argument of a row. It has no help, which each start would copy and
/// only completions show.
pub fn argument(row: &'static Row) -> Arg {
    let arg = Arg::new(row.long).long(row.long);
    let arg = match row.short {
        [first, others @ ..] => arg.short(*first).visible_short_aliases(others.to_vec()),
        [] => arg,
    };
    let arg = match row.value {
        Value::No(_) => arg.num_args(0).default_missing_value(NO_VALUE),
        Value::Required(name, _) => arg.value_name(name).allow_hyphen_values(true),
        Value::Optional(name, _) => arg
            .value_name(name)
            .num_args(0..=1)
            .default_missing_value(NO_VALUE),
    };
    // Some options may be repeated: `parse` complains of the others, not clap.
    arg.action(ArgAction::Append)
}

/// The tokens that clap found, in their order on the command line.
pub fn tokens(matches: &ArgMatches) -> Tokens<'_> {
    let mut tokens = Vec::new();
    for row in TABLE {
        let positions = matches.indices_of(row.long).into_iter().flatten();
        let values = matches.get_many::<String>(row.long).into_iter().flatten();
        tokens.extend(positions.zip(values).map(|(position, value)| Token {
            row,
            value: Some(value.as_str()).filter(|value| *value != NO_VALUE),
            // clap does not tell in which word it found an option.
            word: row.long,
            position,
        }));
    }
    tokens.sort_by_key(|token| token.position);
    let stray = matches.get_many::<String>(STRAY).into_iter().flatten();
    Tokens {
        tokens,
        stray: stray.map(String::as_str).collect(),
    }
}

/// The option that a misspelt one was probably meant to be: one that goes with the
/// command, where one was given.
pub fn suggestion(error: &Error, verb: Option<Verb>) -> Option<String> {
    let ContextValue::String(name) = error.get(ContextKind::SuggestedArg)? else {
        return None;
    };
    let row = by_long(name.trim_start_matches('-'))?;
    let goes = verb.is_none_or(|verb| row.is_option() && row.legal.contains(verb));
    goes.then(|| name.clone())
}
