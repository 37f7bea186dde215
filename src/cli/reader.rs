//! Words to tokens: the small reader over the option table.
//!
//! It reads the lines of rules files, a hundred times faster than clap would. It
//! also reads the program's arguments where they are wrong: it knows the word.

use super::options;
use super::row::{Row, Value};
use super::usage_error::UsageError;

/// A command or option as it was given.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    /// Its row in the table.
    pub row: &'static Row,
    /// Its value.
    pub value: Option<&'a str>,
    /// The word it came from, dashes included.
    pub word: &'a str,
    /// Its position among the tokens of the line.
    pub position: usize,
}

impl<'a> Token<'a> {
    /// The last of the words that the token came from: its value, where that is
    /// a word of its own.
    pub fn last_word(&self) -> &'a str {
        match self.value {
            Some(value) if !self.word.contains('=') => value,
            _ => self.word,
        }
    }
}

/// The words of a line, sorted out.
#[derive(Debug, Default)]
pub struct Tokens<'a> {
    /// Commands and options, in order.
    pub tokens: Vec<Token<'a>>,
    /// The words that are neither, nor a value.
    pub stray: Vec<&'a str>,
}

impl<'a> Tokens<'a> {
    /// Makes room for the tokens of a usual line of a rules file.
    pub fn for_a_line() -> Self {
        Tokens {
            tokens: Vec::with_capacity(8),
            stray: Vec::new(),
        }
    }

    /// Adds a command or an option without a value, by its long name.
    pub fn push_named(&mut self, long: &'static str) {
        if let Some(row) = options::by_long(long) {
            self.push(row, None, long);
        }
    }

    fn push(&mut self, row: &'static Row, value: Option<&'a str>, word: &'a str) {
        let position = self.tokens.len();
        self.tokens.push(Token {
            row,
            value,
            word,
            position,
        });
    }
}

/// The error of a word that is no option.
pub fn unknown(word: &str) -> UsageError {
    UsageError::UnknownOption(word.to_owned(), None)
}

/// Reads words into `tokens`, up to the first that is wrong.
pub fn read<'a>(
    mut words: impl Iterator<Item = &'a str> + Clone,
    tokens: &mut Tokens<'a>,
) -> Result<(), UsageError> {
    while let Some(word) = words.next() {
        if word == "--" {
            tokens.stray.extend(words);
            return Ok(());
        }
        if let Some(name) = word.strip_prefix("--") {
            read_long(word, name, &mut words, tokens)?;
        } else if word.len() > 1 && word.starts_with('-') {
            read_bundle(word, &mut words, tokens)?;
        } else {
            tokens.stray.push(word);
        }
    }
    Ok(())
}

/// `--name`, `--name=value`, `--name value`.
fn read_long<'a>(
    word: &'a str,
    name: &'a str,
    words: &mut (impl Iterator<Item = &'a str> + Clone),
    tokens: &mut Tokens<'a>,
) -> Result<(), UsageError> {
    let (name, attached) = match name.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (name, None),
    };
    let row = options::by_long(name).ok_or_else(|| unknown(word))?;
    let value = match (attached, row.value) {
        (Some(_), Value::No(_)) => return Err(UsageError::UnwantedValue(word.to_owned())),
        (Some(value), _) => Some(value),
        (None, _) => following_value(word, row, words)?,
    };
    tokens.push(row, value, word);
    Ok(())
}

/// `-n`, `-lnc`, `-At VALUE`, `-w5`, `-t=VALUE`.
fn read_bundle<'a>(
    word: &'a str,
    words: &mut (impl Iterator<Item = &'a str> + Clone),
    tokens: &mut Tokens<'a>,
) -> Result<(), UsageError> {
    let mut letters = word.chars();
    letters.next();
    while let Some(letter) = letters.next() {
        let row = options::by_short(letter).ok_or_else(|| unknown(word))?;
        let rest = letters.as_str();
        match row.value {
            Value::No(_) if rest.starts_with('=') => {
                return Err(UsageError::UnwantedValue(word.to_owned()));
            }
            Value::Required(..) | Value::Optional(..) if !rest.is_empty() => {
                tokens.push(row, Some(rest.strip_prefix('=').unwrap_or(rest)), word);
                break;
            }
            _ => {
                let value = following_value(word, row, words)?;
                tokens.push(row, value, word);
            }
        }
    }
    Ok(())
}

/// The value in the next word, where the row takes one.
fn following_value<'a>(
    word: &'a str,
    row: &'static Row,
    words: &mut (impl Iterator<Item = &'a str> + Clone),
) -> Result<Option<&'a str>, UsageError> {
    match row.value {
        Value::No(_) => Ok(None),
        Value::Required(..) => match words.next() {
            Some(value) => Ok(Some(value)),
            None => Err(UsageError::MissingValue(word.to_owned(), row.long)),
        },
        Value::Optional(..) => match words.clone().next() {
            Some(value) if !value.starts_with('-') => {
                words.next();
                Ok(Some(value))
            }
            _ => Ok(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read<'a> = (
        Vec<(&'static str, Option<&'a str>)>,
        Vec<&'a str>,
        Option<UsageError>,
    );

    fn read_all<'a>(words: &[&'a str]) -> Read<'a> {
        let mut tokens = Tokens::default();
        let fault = read(words.iter().copied(), &mut tokens).err();
        (
            tokens
                .tokens
                .iter()
                .map(|t| (t.row.long, t.value))
                .collect(),
            tokens.stray,
            fault,
        )
    }

    #[test]
    fn bundles_and_values() {
        assert_eq!(
            read_all(&["-lnc"]).0,
            [("list", None), ("numeric", None), ("connection", None)]
        );
        assert_eq!(
            read_all(&["-At", "x", "-w5"]).0,
            [
                ("add-service", None),
                ("tcp-service", Some("x")),
                ("weight", Some("5"))
            ]
        );
        assert_eq!(
            read_all(&["-t=x", "--weight=", "-t", "-n"]).0,
            [
                ("tcp-service", Some("x")),
                ("weight", Some("")),
                ("tcp-service", Some("-n"))
            ]
        );
        assert_eq!(
            read_all(&["-p", "-n", "-p", "5", "-p300"]).0,
            [
                ("persistent", None),
                ("numeric", None),
                ("persistent", Some("5")),
                ("persistent", Some("300"))
            ]
        );
    }

    #[test]
    fn stray_words() {
        assert_eq!(
            read_all(&["-L", "foo", "-", "", "--", "-n"]),
            (vec![("list", None)], vec!["foo", "-", "", "-n"], None)
        );
    }

    #[test]
    fn faults_end_the_reading() {
        assert_eq!(
            read_all(&["-L", "-n4", "-c"]),
            (
                vec![("list", None), ("numeric", None)],
                vec![],
                Some(unknown("-n4"))
            )
        );
        let missing = read_all(&["-Lt"]).2;
        assert!(matches!(
            missing,
            Some(UsageError::MissingValue(_, "tcp-service"))
        ));
        let unwanted = |word: &str| Some(UsageError::UnwantedValue(word.to_owned()));
        assert_eq!(read_all(&["--stats=3"]).2, unwanted("--stats=3"));
        assert_eq!(read_all(&["-n=5"]).2, unwanted("-n=5"));
        assert_eq!(read_all(&["--lis"]).2, Some(unknown("--lis")));
    }
}
