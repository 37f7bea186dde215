//! A row of the option table: a command or an option.

use super::command::Command;
use super::parsed::ParsedOptions;
use super::usage_error::UsageError;
use super::values::HostAndPort;
use super::verbs::{Verb, Verbs};
use crate::model::{Change, Protocol, ServiceKey, SyncRole};
use crate::names::Lookup;

/// A command or an option.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The long name, without its dashes.
    pub long: &'static str,
    /// The short letters; `-L` has two.
    pub short: &'static [char],
    /// Its value, and the function that puts it into the parsed options.
    pub value: Value,
    /// What shells offer as its value.
    pub offers: Offers,
    /// One line of help.
    pub help: &'static str,
    /// What that is with a command for which it means something else.
    pub other_helps: &'static [(Verb, &'static str)],
    /// The name in messages.
    pub name: &'static str,
    /// Which command it is, and what makes that; `None` for an option.
    pub command: Option<(Verb, Build)>,
    /// Puts the words that are neither options nor values into the parsed options.
    pub words: fn(&mut ParsedOptions, &[&str]) -> Result<(), UsageError>,
    /// The commands that an option may go with.
    pub legal: Verbs,
    /// Whether it may be repeated and is never illegal.
    pub unchecked: bool,
    /// Whether it may be repeated, where it is legal: said twice it says more.
    pub repeatable: bool,
    /// Whether a listing takes it only with `-c`.
    pub needs_connections: bool,
    /// Whether it excludes the row above: the two share their name in messages.
    pub alternative: bool,
    /// Its place in the table; alternatives share that of the first of them.
    pub number: usize,
}

/// Whether an option or command takes a value, and the function that parses and
/// keeps it. The values are named as in the help.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// It takes none.
    No(fn(&mut ParsedOptions) -> Result<(), UsageError>),
    /// It takes one.
    Required(&'static str, SetValue),
    /// It takes the next word, unless that begins with `-`.
    Optional(
        &'static str,
        fn(&mut ParsedOptions, Option<&str>) -> Result<(), UsageError>,
    ),
}

/// What shells offer as a value.
#[derive(Debug, Clone, Copy)]
pub enum Offers {
    /// Nothing: it could be anything.
    Nothing,
    /// Words that are always the same.
    Words(fn() -> Vec<&'static str>),
    /// Files.
    Files,
    /// The table's services of a protocol; of `None`, its firewall marks.
    Services(Option<Protocol>),
    /// The table's servers.
    Servers,
    /// The flags of the line's scheduler.
    SchedulerFlags,
    /// Network interfaces.
    Interfaces,
    /// The names of network namespaces.
    Namespaces,
}

/// Puts a value into the parsed options.
pub type SetValue = fn(&mut ParsedOptions, &str, &mut dyn Lookup) -> Result<(), UsageError>;

/// Makes a command of the parsed options and of those that it can't do without.
#[derive(Debug, Clone, Copy)]
pub enum Build {
    /// A command that is no change.
    Other(fn(&ParsedOptions) -> Result<Command, UsageError>),
    /// A change that needs no option.
    Alone(fn(&ParsedOptions) -> Change),
    /// A change that needs a service.
    OfService(fn(&ParsedOptions, ServiceKey) -> Result<Change, UsageError>),
    /// A change that needs a service and a real server.
    OfServer(fn(&ParsedOptions, ServiceKey, HostAndPort) -> Result<Change, UsageError>),
    /// A change that needs the role of a sync daemon.
    OfDaemon(fn(&ParsedOptions, SyncRole) -> Change),
}

impl Row {
    /// The row with what shells offer as its value.
    pub const fn offering(self, offers: Offers) -> Self {
        Row { offers, ..self }
    }

    /// The row with another help for these commands.
    pub const fn saying(self, other_helps: &'static [(Verb, &'static str)]) -> Self {
        Row {
            other_helps,
            ..self
        }
    }

    /// The line of help with a command.
    pub fn help_with(&self, verb: Option<Verb>) -> &'static str {
        let mut others = self.other_helps.iter();
        let other = others.find(|(of, _)| Some(*of) == verb);
        other.map_or(self.help, |(_, help)| help)
    }

    /// Whether it is an option rather than a command.
    pub fn is_option(&self) -> bool {
        self.command.is_none()
    }

    /// Whether it is the row of this command.
    pub fn is_command(&self, verb: Verb) -> bool {
        self.command.is_some_and(|(own, _)| own == verb)
    }
}

/// An option.
pub const fn option(
    long: &'static str,
    short: &'static [char],
    legal: Verbs,
    value: Value,
    help: &'static str,
) -> Row {
    Row {
        long,
        short,
        value,
        offers: Offers::Nothing,
        help,
        other_helps: &[],
        name: long,
        command: None,
        words: no_words,
        legal,
        unchecked: false,
        repeatable: false,
        needs_connections: false,
        alternative: false,
        number: 0,
    }
}

/// A command.
pub const fn command(
    verb: Verb,
    long: &'static str,
    short: &'static [char],
    build: Build,
    help: &'static str,
) -> Row {
    Row {
        command: Some((verb, build)),
        ..option(long, short, Verbs::NONE, Value::No(|_| Ok(())), help)
    }
}

/// The words of most commands: there must be none.
pub fn no_words(_: &mut ParsedOptions, words: &[&str]) -> Result<(), UsageError> {
    unexpected(words, UsageError::UnexpectedArgument)
}

/// The complaint about the first of words that should not be there.
pub fn unexpected(words: &[&str], complaint: fn(String) -> UsageError) -> Result<(), UsageError> {
    let first = words.first().map(|word| (*word).to_owned());
    first.map_or(Ok(()), |word| Err(complaint(word)))
}

/// Gives the rows their numbers.
pub const fn numbered<const N: usize>(mut rows: [Row; N]) -> [Row; N] {
    let mut i = 1;
    while i < N {
        rows[i].number = if rows[i].alternative {
            rows[i - 1].number
        } else {
            i
        };
        i += 1;
    }
    rows
}
