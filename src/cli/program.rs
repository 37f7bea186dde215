//! The arguments of the program, by the three names that it is called by.

use super::clap;
use super::command::{Command, Invocation, Program};
use super::options::TABLE;
use super::parse;
use super::reader::{self, Tokens};
use super::row::Row;
use super::usage_error::UsageError;
use super::verbs::Verb;
use crate::names::Lookup;
use std::ffi::OsStr;

/// Parses the arguments of the program that was called so.
///
/// # Errors
/// The first thing wrong.
pub fn arguments(
    called: &OsStr,
    words: &[String],
    names: &mut dyn Lookup,
) -> Result<Invocation, UsageError> {
    let list = ["-L".to_owned()];
    let alone = words.is_empty() && Program::called(called) == Program::Ipvsadm;
    let words = if alone { &list } else { words };
    let matches = clap::command().try_get_matches_from(words);
    if let Ok(matches) = &matches
        && let Ok(invocation) = invocation(called, clap::tokens(matches), None, names)
    {
        return Ok(invocation);
    }
    // The small reader knows how far the arguments are right, and in which words:
    // scripts see the leftmost complaint.
    let mut read = Tokens::default();
    let mut fault = reader::read(words.iter().map(String::as_str), &mut read).err();
    if let (Some(UsageError::UnknownOption(_, option)), Err(error)) = (&mut fault, &matches) {
        let verb = read.tokens.iter().find_map(|token| token.row.command);
        *option = clap::suggestion(error, verb.map(|(verb, _)| verb));
    }
    invocation(called, read, fault, names).map_err(|error| match (error, single_dash(words)) {
        (UsageError::TryHelp(called, _), Some(word)) => {
            let reason = UsageError::UnknownOption(word.clone(), Some(format!("-{word}")));
            UsageError::TryHelp(called, reason.into())
        }
        (error, _) => error,
    })
}

/// A long name behind one dash only, which is read as letters.
fn single_dash(words: &[String]) -> Option<&String> {
    let is_long = |word: &&String| {
        let name = word.strip_prefix('-').unwrap_or_default();
        TABLE.iter().any(|row| row.long == name)
    };
    words.iter().find(is_long)
}

fn invocation(
    called: &OsStr,
    read: Tokens<'_>,
    fault: Option<UsageError>,
    names: &mut dyn Lookup,
) -> Result<Invocation, UsageError> {
    let program = Program::called(called);
    if program != Program::Ipvsadm {
        return one_command(program, read, fault, names);
    }
    let has_command = parse::has_command(&read.tokens);
    let called = match called.to_string_lossy() {
        name if name.is_empty() => program.name().to_owned(),
        name => name.into_owned(),
    };
    parse::invocation(read, fault, names).map_err(|reason| match has_command {
        true => reason,
        false => UsageError::TryHelp(called, reason.into()),
    })
}

/// A program that stands for one command: only the command's options may follow.
fn one_command(
    program: Program,
    mut read: Tokens<'_>,
    fault: Option<UsageError>,
    names: &mut dyn Lookup,
) -> Result<Invocation, UsageError> {
    let mut rows = read.tokens.iter().map(|token| token.row);
    if rows.any(|row| row.is_command(Verb::Help)) {
        return Ok(Invocation {
            command: Command::Help(program),
            netns: None,
        });
    }
    if let Some(reason) = misuse(program, &read, fault) {
        return Err(UsageError::Misused(program.name(), reason.into()));
    }
    // An option without a value may be repeated: the scripts took `-n -n`.
    let tokens = &mut read.tokens;
    tokens.retain(|token| !program.ignores(token.row));
    tokens.sort_by_key(|token| token.row.number);
    tokens.dedup_by(|next, token| next.value.is_none() && next.row.number == token.row.number);
    for long in program.stands_for() {
        read.push_named(long);
    }
    parse::invocation(read, None, names)
}

/// What is wrong with the first argument that the program does not know.
fn misuse(program: Program, read: &Tokens<'_>, fault: Option<UsageError>) -> Option<UsageError> {
    let mut tokens = read.tokens.iter();
    if let Some(token) = tokens.find(|token| !program.takes(token.row)) {
        return Some(reader::unknown(token.word));
    }
    let stray = |word: &&str| UsageError::UnexpectedArgument((*word).to_owned());
    match fault {
        Some(UsageError::MissingValue(word, option))
            if !program.options().any(|row| row.long == option) =>
        {
            Some(reader::unknown(&word))
        }
        fault => fault.or_else(|| read.stray.first().map(stray)),
    }
}

impl Program {
    /// Whether the program has this option.
    pub fn takes(self, row: &Row) -> bool {
        match self {
            Program::Ipvsadm => true,
            Program::Save => row.legal.contains(Verb::Save),
            // Without what --replace excludes or already says. -n means nothing
            // here, but the script took it, and scripts give it.
            Program::Restore => match row.long {
                "replace" | "exist" => false,
                "numeric" => true,
                _ => row.legal.contains(Verb::Restore),
            },
        }
    }

    /// The long names of what `ipvsadm` would be told.
    fn stands_for(self) -> &'static [&'static str] {
        match self {
            Program::Ipvsadm => &[],
            Program::Save => &["save"],
            Program::Restore => &["restore", "replace"],
        }
    }

    fn ignores(self, row: &Row) -> bool {
        self == Program::Restore && row.long == "numeric"
    }

    /// The options that mean something, in the table's order.
    pub fn options(self) -> impl Iterator<Item = &'static Row> {
        TABLE
            .iter()
            .filter(move |row| self.takes(row) && !self.ignores(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExitStatus;
    use crate::names::SystemLookup;
    use proptest::prelude::*;

    fn parse(line: &str) -> Result<Invocation, UsageError> {
        let mut words = line.split(' ');
        let called = words.next().unwrap();
        let words: Vec<String> = words.map(str::to_owned).collect();
        arguments(called.as_ref(), &words, &mut SystemLookup::default())
    }

    #[test]
    fn the_name_chooses_the_program() {
        for (path, program) in [
            ("ipvsadm", Program::Ipvsadm),
            ("/sbin/ipvsadm-save", Program::Save),
            ("./ipvsadm-restore", Program::Restore),
            ("ipvsadm-save.old", Program::Ipvsadm),
            ("", Program::Ipvsadm),
        ] {
            assert_eq!(Program::called(path.as_ref()), program, "{path}");
        }
    }

    #[test]
    fn they_stand_for_commands() {
        for (program, command) in [
            ("ipvsadm-save", "ipvsadm -S"),
            ("/sbin/ipvsadm-save -n", "ipvsadm -S -n"),
            ("ipvsadm-save -n -nn --numeric", "ipvsadm -S -n"),
            (
                "ipvsadm-save --all --numeric --file=/x",
                "ipvsadm -S -n --all --file /x",
            ),
            ("ipvsadm-restore", "ipvsadm -R --replace"),
            ("ipvsadm-restore -nn", "ipvsadm -R --replace"),
            (
                "ipvsadm-restore --file -n",
                "ipvsadm -R --replace --file -n",
            ),
            (
                "ipvsadm-restore --file /x --dry-run --wait 3 --netns blue",
                "ipvsadm -R --replace --file /x --dry-run --wait 3 --netns blue",
            ),
        ] {
            let expected = parse(command);
            assert!(expected.is_ok(), "{command}");
            assert_eq!(parse(program), expected, "{program}");
        }
    }

    #[test]
    fn help_is_the_program_s_own() {
        for (line, program) in [
            ("ipvsadm-save -h", Program::Save),
            ("ipvsadm-restore --help", Program::Restore),
            ("ipvsadm -h", Program::Ipvsadm),
        ] {
            assert_eq!(
                parse(line).unwrap().command,
                Command::Help(program),
                "{line}"
            );
        }
    }

    #[test]
    fn other_arguments_are_refused() {
        for (line, message) in [
            (
                "ipvsadm-save --bogus",
                "ipvsadm-save: --bogus: unknown option",
            ),
            ("ipvsadm-save -A", "ipvsadm-save: -A: unknown option"),
            ("ipvsadm-save -nw 5", "ipvsadm-save: -nw: unknown option"),
            ("ipvsadm-save -x", "ipvsadm-save: -x: unknown option"),
            (
                "ipvsadm-save --replace",
                "ipvsadm-save: --replace: unknown option",
            ),
            (
                "ipvsadm-save --file",
                "ipvsadm-save: --file: missing argument",
            ),
            ("ipvsadm-save x", "ipvsadm-save: unexpected argument x"),
            (
                "ipvsadm-restore rules",
                "ipvsadm-restore: unexpected argument rules",
            ),
            (
                "ipvsadm-restore --exist",
                "ipvsadm-restore: --exist: unknown option",
            ),
            (
                "ipvsadm-restore --all",
                "ipvsadm-restore: --all: unknown option",
            ),
        ] {
            let error = parse(line).unwrap_err();
            assert_eq!(
                (error.to_string().as_str(), error.status()),
                (message, ExitStatus::Failure)
            );
        }
    }

    /// What clap makes of the words; `None` where it refuses them.
    fn by_clap(words: &[String], names: &mut dyn Lookup) -> Option<Result<Invocation, UsageError>> {
        let matches = clap::command().try_get_matches_from(words).ok()?;
        Some(parse::invocation(clap::tokens(&matches), None, names))
    }

    /// Words that an option table makes likely, and others.
    fn word() -> impl Strategy<Value = String> {
        let option = prop::sample::select(TABLE.iter().collect::<Vec<_>>());
        let value = prop::sample::select(vec![
            "10.0.0.1:80",
            "[::1]:80",
            "10.0.0.2",
            "rr",
            "5",
            "0",
            "-1",
            "x",
            "",
            "-",
            "master",
            "gre",
            "a=b",
            "é",
        ]);
        prop_oneof![
            3 => option.clone().prop_map(|row| format!("--{}", row.long)),
            3 => option.clone().prop_filter_map("short", |row| Some(format!("-{}", row.short.first()?))),
            1 => (option.clone(), value.clone()).prop_map(|(row, v)| format!("--{}={v}", row.long)),
            1 => (option.clone(), value.clone()).prop_filter_map("short", |(row, v)| Some(format!("-{}{v}", row.short.first()?))),
            1 => prop::collection::vec(option.clone(), 1..4).prop_map(|rows| rows.iter().filter_map(|row| row.short.first()).fold("-".to_owned(), |word, letter| format!("{word}{letter}"))),
            4 => value.prop_map(str::to_owned),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn clap_and_the_small_reader_agree(words in prop::collection::vec(word(), 1..7)) {
            let mut names = SystemLookup::default();
            let read = parse::line(words.iter().map(String::as_str), &mut names);
            match by_clap(&words, &mut names) {
                Some(Ok(invocation)) => prop_assert_eq!(Ok(invocation), read),
                // clap reads all; -h is heeded before what follows it is read.
                Some(Err(_)) | None => if let Ok(read) = read {
                    prop_assert!(matches!(read.command, Command::Help(_) | Command::HelpOf(_) | Command::Version), "{:?}", read);
                },
            }
        }
    }
}
