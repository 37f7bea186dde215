//! The names the program is called by: `ipvsadm`, and the two that were scripts.

use super::command::{Command, Invocation, UsageError};
use super::options::{Entry, Meaning, Opt, TABLE};
use super::parse;
use super::reader::{self, Fault, SyntaxError, Tokens};
use super::verbs::Verb;
use crate::ExitStatus;
use crate::names::Lookup;
use std::ffi::OsStr;
use std::path::Path;

/// Which program was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `ipvsadm`, and any name that is not one of the others.
    Ipvsadm,
    /// `ipvsadm-save`: `ipvsadm -S`.
    Save,
    /// `ipvsadm-restore`: `ipvsadm -R --replace`.
    Restore,
}

impl Program {
    /// The program of a name or path, such as the first word of a command line.
    pub fn called(path: &OsStr) -> Self {
        match Path::new(path).file_name().and_then(OsStr::to_str) {
            Some("ipvsadm-save") => Program::Save,
            Some("ipvsadm-restore") => Program::Restore,
            _ => Program::Ipvsadm,
        }
    }

    /// The name without its folder.
    pub fn name(self) -> &'static str {
        match self {
            Program::Ipvsadm => "ipvsadm",
            Program::Save => "ipvsadm-save",
            Program::Restore => "ipvsadm-restore",
        }
    }

    /// Parses the arguments, the program's name left out.
    ///
    /// # Errors
    /// The first thing wrong, with the exit status to end with.
    pub fn parse(self, words: &[String], names: &mut dyn Lookup) -> Result<Invocation, UsageError> {
        match self {
            Program::Ipvsadm => parse::arguments(words, names),
            Program::Save => self.parse_as(&["-S"], words, names),
            Program::Restore => self.parse_as(&["-R", "--replace"], words, names),
        }
    }

    /// Parses the arguments of a program that stands for a command: `own` words
    /// come first, and only the command's options may follow.
    fn parse_as(
        self,
        own: &[&str],
        words: &[String],
        names: &mut dyn Lookup,
    ) -> Result<Invocation, UsageError> {
        let mut read = Tokens::default();
        let fault = reader::read(words.iter().map(String::as_str), &mut read).err();
        let help = Meaning::Command(Verb::Help);
        if read.tokens.iter().any(|token| token.entry.meaning == help) {
            return Ok(Command::Help(self).into());
        }
        if let Some(token) = read.tokens.iter().find(|it| !self.takes(it.entry)) {
            return Err(self.misused(&format!("{}: unknown option", token.word)));
        }
        if let Some(SyntaxError { word, mut fault }) = fault {
            if let Fault::MissingValue(entry) = fault
                && !self.takes(entry)
            {
                fault = Fault::Unknown;
            }
            return Err(self.misused(&SyntaxError { word, fault }.to_string()));
        }
        if let Some(word) = read.stray.first() {
            return Err(self.misused(&format!("unexpected argument {word}")));
        }
        let mut words: Vec<String> = own.iter().map(|word| (*word).to_owned()).collect();
        for token in read.tokens.iter().filter(|it| !self.ignores(it.entry)) {
            let word = token.to_string();
            // Said twice is said: the scripts took `-n -n`.
            if token.value.is_some() || !words.contains(&word) {
                words.push(word);
            }
        }
        parse::words_of(words.iter().map(String::as_str), names)
    }

    /// Whether the program has this option.
    pub fn takes(self, entry: &Entry) -> bool {
        match self {
            Program::Ipvsadm => true,
            Program::Save => entry.legal.contain(Verb::Save),
            // What --replace excludes or already says is left out. -n means
            // nothing here, but the script took it, and scripts give it.
            Program::Restore => match entry.meaning {
                Meaning::Option(Opt::Replace | Opt::Exist) => false,
                Meaning::Option(Opt::Numeric) => true,
                _ => entry.legal.contain(Verb::Restore),
            },
        }
    }

    fn ignores(self, entry: &Entry) -> bool {
        self == Program::Restore && entry.meaning == Meaning::Option(Opt::Numeric)
    }

    /// The options that mean something, in the table's order.
    pub fn options(self) -> impl Iterator<Item = &'static Entry> {
        TABLE
            .iter()
            .filter(move |entry| self.takes(entry) && !self.ignores(entry))
    }

    /// The scripts ended with 1 at an argument they did not know.
    fn misused(self, message: &str) -> UsageError {
        let name = self.name();
        UsageError {
            status: ExitStatus::Failure,
            ..UsageError::new(format!("{name}: {message}"))
        }
        .with_hint(format!("Try `{name} -h' for more information."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::SystemLookup;

    fn parse(line: &str) -> Result<Invocation, UsageError> {
        let mut words = line.split(' ');
        let program = Program::called(words.next().unwrap().as_ref());
        let words: Vec<String> = words.map(str::to_owned).collect();
        program.parse(&words, &mut SystemLookup::default())
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
            assert_eq!(parse(line), Ok(Command::Help(program).into()), "{line}");
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
                (error.message.as_str(), error.status),
                (message, ExitStatus::Failure)
            );
        }
    }
}
