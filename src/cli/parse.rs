//! Argument lists and rules lines to commands.

use super::command::{Invocation, UsageError};
use super::reader::{self, Tokens};
use super::{build, clap};
use crate::names::Lookup;

/// Parses the program's arguments, its name left out.
///
/// # Errors
/// The first thing wrong, with the exit status to end with.
pub fn arguments(words: &[String], names: &mut dyn Lookup) -> Result<Invocation, UsageError> {
    if words.is_empty() {
        return words_of(["-L"].into_iter(), names);
    }
    // clap says of a list that it is wrong; the small reader knows how far it was
    // right, and scripts see the leftmost complaint.
    let parsed = words_of(words.iter().map(String::as_str), names);
    parsed.map_err(|error| UsageError {
        hint: misspelt(words).or(error.hint),
        ..error
    })
}

/// A hint, where a word is nearly an option.
fn misspelt(words: &[String]) -> Option<String> {
    let error = clap::command().try_get_matches_from(words).err()?;
    clap::suggestion(&error).map(|option| format!("did you mean `{option}'?"))
}

/// Parses words by the small reader.
///
/// # Errors
/// As [`arguments`].
pub fn words_of<'a>(
    words: impl Iterator<Item = &'a str> + Clone,
    names: &mut dyn Lookup,
) -> Result<Invocation, UsageError> {
    let mut tokens = Tokens::for_a_line();
    let fault = reader::read(words, &mut tokens).err();
    build::invocation(&tokens, fault, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Command;
    use crate::cli::SystemLookup;
    use crate::cli::options::TABLE;
    use proptest::prelude::*;

    /// What clap makes of the words; `None` where it refuses them.
    fn by_clap(words: &[String], names: &mut dyn Lookup) -> Option<Result<Invocation, UsageError>> {
        let matches = clap::command().try_get_matches_from(words).ok()?;
        Some(build::invocation(
            &clap::witness::tokens(&matches),
            None,
            names,
        ))
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
            3 => option.clone().prop_map(|e| format!("--{}", e.long)),
            3 => option.clone().prop_filter_map("short", |e| Some(format!("-{}", e.short.first()?))),
            1 => (option.clone(), value.clone()).prop_map(|(e, v)| format!("--{}={v}", e.long)),
            1 => (option, value.clone()).prop_filter_map("short", |(e, v)| Some(format!("-{}{v}", e.short.first()?))),
            4 => value.prop_map(str::to_owned),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn clap_and_the_small_reader_agree(words in prop::collection::vec(word(), 1..7)) {
            let mut names = SystemLookup::default();
            let read = words_of(words.iter().map(String::as_str), &mut names);
            match by_clap(&words, &mut names) {
                Some(Ok(invocation)) => prop_assert_eq!(Ok(invocation), read),
                // clap reads all; -h is heeded before what follows it is read.
                Some(Err(_)) | None => if let Ok(read) = read {
                    prop_assert!(matches!(read.command, Command::Help(_) | Command::Version), "{:?}", read);
                },
            }
        }
    }
}
