//! An argument list, its words apart by NUL, the program's name first.
//!
//! None of the three programs panics; clap and the small reader agree; a change's text is read as the same change.
#![no_main]

mod fixed_names;

use fixed_names::FixedNames;
use ipvs::cli::{Command, arguments, parse};
use ipvs::door;
use ipvs::rules::parse_line;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let words = String::from_utf8_lossy(bytes);
    let mut words = words.split('\0').map(str::to_owned);
    let called = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    if let Err(error) = arguments(called.as_ref(), &words, &mut FixedNames) {
        assert!(!error.to_string().is_empty(), "refused without a word");
    }
    check_readers(&words);
});

fn check_readers(words: &[String]) {
    let read = parse::line(words.iter().map(String::as_str), &mut FixedNames);
    match door::by_clap(words, &mut FixedNames) {
        Some(Ok(invocation)) => assert_eq!(read.as_ref(), Ok(&invocation)),
        // clap reads all; -h is heeded before what follows it is read.
        Some(Err(_)) | None => {
            if let Ok(read) = &read {
                assert!(
                    matches!(
                        read.command,
                        Command::Help(_) | Command::HelpOf(_) | Command::Version
                    ),
                    "{read:?}"
                );
            }
        }
    }
    // A line of a rules file has no words with blanks, which a name can hold.
    let blank = |word: &String| word.contains([' ', '\t', '\r', '\n']);
    if let Ok(read) = read
        && let Command::Change(change, _) = read.command
        && !words.iter().any(blank)
    {
        let written = change.to_string();
        let again = parse_line(&written, &mut FixedNames);
        let again = again.unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(again.map(|line| line.change), Some(change), "{written}");
    }
}
