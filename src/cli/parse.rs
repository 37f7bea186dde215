//! Tokens to an invocation, and the lines of rules files to changes.

use super::command::{Command, Invocation};
use super::options::TABLE;
use super::parsed::ParsedOptions;
use super::reader::{self, Token, Tokens};
use super::row::{Row, Value};
use super::usage_error::UsageError;
use super::verbs::Verb;
use super::{legality, values};
use crate::model::DEFAULT_SCHEDULER;
use crate::names::Lookup;

/// Parses the words of a rules file's line.
///
/// # Errors
/// The first thing wrong.
pub fn line<'a>(
    words: impl Iterator<Item = &'a str> + Clone,
    names: &mut dyn Lookup,
) -> Result<Invocation, UsageError> {
    let mut read = Tokens::for_a_line();
    let fault = reader::read(words, &mut read).err();
    invocation(read, fault, names)
}

/// Makes the invocation of what was read; `fault` is why the reading ended early.
///
/// # Errors
/// The leftmost thing that is wrong in itself, else what does not go together, in
/// the table's order.
pub fn invocation(
    read: Tokens<'_>,
    fault: Option<UsageError>,
    names: &mut dyn Lookup,
) -> Result<Invocation, UsageError> {
    let Tokens { mut tokens, stray } = read;
    let mut commands = tokens
        .iter()
        .filter_map(|token| Some((token, token.row.command?)));
    let Some((&Token { row, value, .. }, command)) = commands.next() else {
        return Err(fault.unwrap_or_else(|| no_command(&tokens, &stray)));
    };
    if !has_command(&tokens) {
        return Err(no_command(&tokens, &stray));
    }
    // `--start-daemon -h` takes it for its value.
    let is_value = matches!(value, Some("-h" | "--help"));
    let second = commands.next();
    if is_value || matches!(second, Some((_, (Verb::Help, _)))) {
        return Ok(Invocation {
            command: Command::HelpOf(command.0),
            netns: None,
        });
    }
    let second = second.map(|(token, _)| {
        let word = token.last_word().to_owned();
        (token.position, UsageError::SecondCommand(word))
    });
    let mut options = ParsedOptions {
        verb: Some(command.0),
        ..ParsedOptions::default()
    };
    if matches!(command.0, Verb::Help | Verb::Version) {
        // The program answers these whatever else is on the line.
        tokens.clear();
    } else {
        parse_values(&mut options, &mut tokens, second, names)?;
        fault.map_or(Ok(()), Err)?;
        (row.words)(&mut options, &stray)?;
        parse_flags(&mut options)?;
    }
    let given = tokens.iter().map(|token| token.row);
    Ok(Invocation {
        command: legality::command(TABLE, row, command, given, &options)?,
        netns: options.netns,
    })
}

/// Whether the line has a command. As in 1.31 `-h` and `-v` are none behind an option; a
/// mistake such as `-check` would be help, and a success.
pub fn has_command(tokens: &[Token<'_>]) -> bool {
    let is_answer = |row: &Row| row.is_command(Verb::Help) || row.is_command(Verb::Version);
    let mut first = tokens.iter().enumerate();
    let first = first.find(|(_, token)| !token.row.is_option());
    first.is_some_and(|(index, token)| index == 0 || !is_answer(token.row))
}

fn no_command(tokens: &[Token<'_>], stray: &[&str]) -> UsageError {
    if let Some(word) = stray.first() {
        return UsageError::NotACommand((*word).to_owned());
    }
    let takes = |verb| tokens.iter().all(|token| token.row.legal.contains(verb));
    let mut fitting = TABLE.iter().filter(|row| {
        let verb = row.command.map(|(verb, _)| verb);
        verb.is_some_and(takes)
    });
    match (tokens.first(), fitting.next(), fitting.next()) {
        (Some(_), Some(only), None) => UsageError::NoCommand(Some(only.long)),
        _ => UsageError::NoCommand(None),
    }
}

/// Parses the values in the table's order, because a value may depend on one of a
/// row above, wherever that stands on the line. Returns the leftmost error, be it
/// of a value or that of the second command.
fn parse_values(
    options: &mut ParsedOptions,
    tokens: &mut [Token<'_>],
    second_command: Option<(usize, UsageError)>,
    names: &mut dyn Lookup,
) -> Result<(), UsageError> {
    tokens.sort_by_key(|token| token.row.number);
    let mut leftmost = second_command;
    let mut last = None;
    for token in tokens {
        let row = token.row;
        let may_repeat = row.unchecked || row.repeatable;
        let repeated = last.replace(row.number) == Some(row.number) && !may_repeat;
        if leftmost
            .as_ref()
            .is_some_and(|(position, _)| *position <= token.position)
        {
            continue;
        }
        let parsed = match row.value {
            _ if repeated => Err(UsageError::Repeated(row.name)),
            Value::No(set) => set(options),
            Value::Required(_, set) => set(options, token.value.unwrap_or_default(), names),
            Value::Optional(_, set) => set(options, token.value),
        };
        if let Err(error) = parsed {
            leftmost = Some((token.position, error));
        }
    }
    leftmost.map_or(Ok(()), |(_, error)| Err(error))
}

/// Parses the scheduler's flags. 1.31 complains of other values and words first.
fn parse_flags(options: &mut ParsedOptions) -> Result<(), UsageError> {
    if let Some(text) = &options.flag_names {
        let scheduler = options.scheduler.unwrap_or(DEFAULT_SCHEDULER);
        options.flags = values::scheduler_flags(text, &scheduler)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::SystemLookup;

    fn parse(text: &str) -> Result<Invocation, UsageError> {
        line(text.split(' '), &mut SystemLookup::default())
    }

    #[test]
    fn options_stand_in_any_order() {
        for (one, other) in [
            ("-A -f 5 -6 -p -M 64", "-M 64 -6 -p -f 5 -A"),
            (
                "-a -t 1.1.1.1:80 -r 2.2.2.2 -m",
                "-m -r 2.2.2.2 -t 1.1.1.1:80 -a",
            ),
            (
                "-A -t [::1]:80 -s sh -b sh-port",
                "-b sh-port -s sh -A -t [::1]:80",
            ),
            ("--set 1 2 3", "1 --set 2 3"),
        ] {
            assert!(parse(one).is_ok(), "{one}");
            assert_eq!(parse(one), parse(other), "{one}");
        }
    }

    #[test]
    fn the_leftmost_fault_is_told() {
        for (text, message) in [
            ("-A -w x -t bad:", "illegal weight specified"),
            (
                "-A -t bad: -w x",
                "illegal virtual server address[:port] specified",
            ),
            (
                "-a -r bad: -t bad:",
                "illegal real server address[:port] specified",
            ),
            ("-A -6 -t bad:", "-6 used before -f"),
            (
                "-A -u bad: -t 1.1.1.1:1",
                "illegal virtual server address[:port] specified",
            ),
            (
                "-A -t 1.1.1.1:1 -u bad:",
                "multiple 'service-address' options specified",
            ),
            ("-L -D -n -n", "invalid option `-D'"),
            ("-L -n -n -D", "multiple 'numeric' options specified"),
            ("-A -b bogus -w x", "illegal weight specified"),
            (
                "--set 2678401 0 0 10",
                "invalid timeout value `2678401' specified",
            ),
            ("-L -w x --bogus", "illegal weight specified"),
            ("-L x --bogus", "--bogus: unknown option"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn complaints_come_in_the_order_of_the_rows() {
        for (text, complaint) in [
            ("-a -w 5 -n", UsageError::Illegal("numeric", "add-server")),
            (
                "-a -w 5",
                UsageError::Missing("service-address", "add-server"),
            ),
            (
                "-a -f 1 -s rr",
                UsageError::Illegal("scheduler", "add-server"),
            ),
            (
                "-a -f 1 -o",
                UsageError::Missing("real-server", "add-server"),
            ),
            ("-C -g", UsageError::Illegal("forwarding-method", "flush")),
            ("-L -r 1.1.1.1", UsageError::NeedsConnections("real-server")),
        ] {
            assert_eq!(parse(text), Err(complaint), "{text}");
        }
        assert!(parse("-C --sort --sort").is_ok());
    }
}
