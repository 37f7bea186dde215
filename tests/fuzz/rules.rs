//! The rules reader on a file.
//!
//! Every line that says something is told, good or bad, however the file comes; kept and read again it says the same; and each
//! change's text is read as the same change.
#![no_main]

mod fixed_names;

use fixed_names::FixedNames;
use ipvs::cli::UsageError;
use ipvs::rules::{Text, parse_line, read_with};
use ipvs::table::Request;
use libfuzzer_sys::fuzz_target;
use std::io::{self, Read};

type Told = Vec<(u32, Result<Request, UsageError>)>;

/// Gives a few bytes at a time, as a pipe may.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = buffer.len().min(7);
        self.0.read(&mut buffer[..size])
    }
}

fuzz_target!(|text: &[u8]| {
    let (mut whole, mut drops) = (Told::new(), Told::new());
    read_with(text, &mut FixedNames, |number, line| {
        whole.push((number, line))
    })
    .expect("a slice");
    read_with(Drops(text), &mut FixedNames, |number, line| {
        drops.push((number, line))
    })
    .expect("drops");
    assert_eq!(whole, drops);
    check_lines(text, &whole);
    check_again(text, &whole);
    for (number, line) in &whole {
        match line {
            Ok(Request { change, .. }) => {
                let written = change.to_string();
                let again = parse_line(&written, &mut FixedNames);
                let expected = Request {
                    change: *change,
                    exist: false,
                };
                assert_eq!(
                    again,
                    Ok(Some(expected)),
                    "line {number}, written as {written}"
                );
            }
            Err(error) => assert!(
                !error.to_string().is_empty(),
                "line {number} is bad without a word"
            ),
        }
    }
});

/// The lines that were told are those that hold a word before a comment.
fn check_lines(text: &[u8], told: &Told) {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.pop_if(|last| last.is_empty());
    let says_something = |line: &[u8]| {
        let mut words = line.iter().filter(|byte| !b" \t\r".contains(byte));
        words.next().is_some_and(|first| *first != b'#')
            || std::str::from_utf8(line).is_err()
            || line.len() > 65_536
    };
    let expected: Vec<u32> = (1..)
        .zip(&lines)
        .filter(|(_, line)| says_something(line))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(
        told.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        expected
    );
}

/// A text that is kept says the same again; one with a bad line is not kept.
fn check_again(text: &[u8], told: &Told) {
    let mut first = Told::new();
    let size = text.len() as u64;
    let kept = Text::read(text, size, &mut FixedNames, |number, line| {
        first.push((number, line))
    });
    assert_eq!(&first, told);
    let again: Told = kept
        .expect("a slice is read")
        .lines(&mut FixedNames)
        .collect();
    if told.iter().all(|(_, line)| line.is_ok()) {
        assert_eq!(&again, told);
    } else {
        assert!(again.is_empty());
    }
}
