//! A command line that is still being typed: what it says so far, and what may
//! come next.

use super::command::Program;
use super::options::{self, TABLE};
use super::parsed::ParsedOptions;
use super::reader::{self, Token, Tokens};
use super::row::{Row, Value};
use super::usage_error::UsageError;
use super::verbs::Verb;
use crate::names::NoNames;

/// The words before the cursor, read.
#[derive(Debug)]
pub struct Unfinished {
    /// What the options say whose values are right.
    pub options: ParsedOptions,
    /// Whether the command adds a server.
    pub adds_server: bool,
    /// Whether the command drains or undrains a server.
    pub drains: bool,
    /// The commands or options that may come next.
    pub next: Vec<&'static Row>,
    /// The option whose value comes next.
    pub waiting: Option<&'static Row>,
}

impl Unfinished {
    /// Reads the finished words, and the one at the cursor, which may be a bundle
    /// that grows. `None` where a finished word is no option.
    pub fn read(program: Program, finished: &[&str], current: &str) -> Option<Self> {
        let mut line = Tokens::default();
        let waiting = match reader::read(finished.iter().copied(), &mut line) {
            Ok(()) => None,
            Err(UsageError::MissingValue(_, long)) => options::by_long(long),
            Err(_) => return None,
        };
        let mut bundle = Tokens::default();
        if waiting.is_none() && !current.starts_with("--") {
            // What is wrong with it, or waits for its value, is not given yet.
            let _ = reader::read([current].into_iter(), &mut bundle);
            bundle
                .tokens
                .retain(|token| matches!(token.row.value, Value::No(_)));
        }
        let tokens = [line.tokens, bundle.tokens].concat();
        let given: Vec<&Row> = tokens
            .iter()
            .map(|token| token.row)
            .chain(waiting)
            .collect();
        let command = given
            .iter()
            .find_map(|row| row.command)
            .map(|(verb, _)| verb);
        Some(Unfinished {
            options: parse_values(tokens),
            adds_server: command == Some(Verb::AddServer),
            drains: matches!(command, Some(Verb::Drain | Verb::Undrain)),
            next: next(program, command, &given),
            waiting,
        })
    }
}

/// The rows that may follow: the commands, or the command's options that are not
/// there yet.
fn next(program: Program, command: Option<Verb>, given: &[&Row]) -> Vec<&'static Row> {
    let fits = |row: &&Row| match command {
        _ if program != Program::Ipvsadm => program.options().any(|own| own.long == row.long),
        Some(verb) => row.legal.contains(verb),
        None => !row.is_option(),
    };
    let missing = |row: &&Row| given.iter().all(|there| there.number != row.number);
    TABLE.iter().filter(fits).filter(missing).collect()
}

/// Parses the values in the table's order, and passes over those that are wrong.
fn parse_values(mut tokens: Vec<Token<'_>>) -> ParsedOptions {
    let mut options = ParsedOptions::default();
    tokens.sort_by_key(|token| token.row.number);
    for token in tokens {
        let _ = match token.row.value {
            Value::No(set) => set(&mut options),
            Value::Required(_, set) => {
                set(&mut options, token.value.unwrap_or_default(), &mut NoNames)
            }
            Value::Optional(_, set) => set(&mut options, token.value),
        };
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_of(program: Program, line: &str, current: &str) -> Option<Vec<&'static str>> {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        let unfinished = Unfinished::read(program, &words, current)?;
        Some(unfinished.next.iter().map(|row| row.long).collect())
    }

    #[test]
    fn only_what_fits_comes_next() {
        let commands = next_of(Program::Ipvsadm, "", "").unwrap();
        assert!(commands.contains(&"add-service") && !commands.contains(&"weight"));
        let daemon = next_of(Program::Ipvsadm, "--stop-daemon master", "").unwrap();
        assert_eq!(daemon, ["syncid", "dry-run", "exist", "netns"]);
        for current in ["", "--", "-"] {
            let server = next_of(Program::Ipvsadm, "-a -u 10.0.0.1:53 -g", current).unwrap();
            assert!(server.contains(&"real-server"), "{current}");
            for other in ["tcp-service", "masquerading", "scheduler", "add-server"] {
                assert!(!server.contains(&other), "{current}: {other}");
            }
        }
        let bundle = next_of(Program::Ipvsadm, "", "-ln").unwrap();
        assert!(bundle.contains(&"stats") && !bundle.contains(&"numeric"));
        let restore = next_of(Program::Restore, "--dry-run", "").unwrap();
        assert_eq!(restore, ["color", "file", "wait", "json", "netns"]);
        assert_eq!(next_of(Program::Ipvsadm, "-A --bogus", ""), None);
    }

    #[test]
    fn values_are_kept_where_they_are_right() {
        let words = ["-r", "bad:", "-6", "-f", "7", "-a", "-w"];
        let line = Unfinished::read(Program::Ipvsadm, &words, "").unwrap();
        assert_eq!(line.waiting.map(|row| row.long), Some("weight"));
        let service = line.options.service.unwrap();
        assert_eq!(service.to_string(), "-f 7 -6");
        assert!(line.adds_server && line.options.server.is_none());
    }
}
