//! A whole rules file.

use super::line::parse_line;
use super::lines::{Lines, MAX_LINE};
use crate::cli::UsageError;
use crate::names::Lookup;
use crate::table::Request;
use std::io::{self, Read};

/// Reads a rules file to its end, whatever is wrong in it: `each` is told of each
/// line that asks for something or is bad, by its number, from 1.
///
/// # Errors
/// When reading fails; what is wrong in the text is not an error here.
pub fn read_with(
    input: impl Read,
    names: &mut dyn Lookup,
    mut each: impl FnMut(u32, Result<Request, UsageError>),
) -> io::Result<()> {
    read_lines(input, names, |number, _, line| each(number, line))
}

/// The most room that is made on a file's word for its size, in bytes.
const MAX_ROOM: u64 = 64 * 1024 * 1024;

/// The lines of a rules file that ask for something, kept to be read again: half
/// as much memory as the rules would take. Comments and blank lines are left out.
#[derive(Debug, Default)]
pub struct Text {
    /// Each line ends with a line feed.
    lines: Vec<u8>,
    /// Where the numbers do not follow one another: the index of a kept line, and
    /// its number in the file.
    jumps: Vec<(usize, u32)>,
    /// How many lines are kept.
    count: usize,
    /// The number of the line after the last one that was kept.
    next: u32,
}

impl Text {
    /// Reads a rules file as [`read_with`] does. `size` is its size in bytes as far as
    /// that is known, else 0. Of a text with a bad line nothing is kept.
    ///
    /// # Errors
    /// As [`read_with`].
    pub fn read(
        input: impl Read,
        size: u64,
        names: &mut dyn Lookup,
        mut each: impl FnMut(u32, Result<Request, UsageError>),
    ) -> io::Result<Self> {
        // Memory that is never written to costs nothing.
        let lines = Vec::with_capacity(size.min(MAX_ROOM) as usize);
        let mut text = Some(Text {
            lines,
            ..Text::default()
        });
        read_lines(input, names, |number, words, line| {
            match (&line, &mut text) {
                (Ok(_), Some(text)) => text.keep(number, words),
                _ => text = None,
            }
            each(number, line);
        })?;
        Ok(text.unwrap_or_default())
    }

    fn keep(&mut self, number: u32, words: &[u8]) {
        self.lines.extend_from_slice(words);
        self.lines.push(b'\n');
        if self.next != number {
            self.jumps.push((self.count, number));
        }
        self.count += 1;
        self.next = number + 1;
    }

    /// How many lines ask for something.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The lines that ask for something, each with its number. `names` are those
    /// that it was read with: with others a line may turn out to be bad.
    pub fn lines(
        &self,
        names: &mut dyn Lookup,
    ) -> impl Iterator<Item = (u32, Result<Request, UsageError>)> {
        let mut jumps = self.jumps.iter().peekable();
        let mut next = 0;
        let lines = self.lines.split(|byte| *byte == b'\n').enumerate();
        lines.filter_map(move |(index, words)| {
            if let Some((_, number)) = jumps.next_if(|(first, _)| *first == index) {
                next = *number;
            }
            let number = next;
            next += 1;
            Some((number, parse(Some(words), names).transpose()?))
        })
    }
}

fn read_lines(
    input: impl Read,
    names: &mut dyn Lookup,
    mut each: impl FnMut(u32, &[u8], Result<Request, UsageError>),
) -> io::Result<()> {
    let mut lines = Lines::new(input);
    let mut number = 0;
    while let Some(words) = lines.next()? {
        number += 1;
        if let Some(line) = parse(words, names).transpose() {
            each(number, words.unwrap_or_default(), line);
        }
    }
    Ok(())
}

/// What a line asks for; `None` is one that is too long.
fn parse(text: Option<&[u8]>, names: &mut dyn Lookup) -> Result<Option<Request>, UsageError> {
    let Some(text) = text else {
        return Err(UsageError::LongLine(MAX_LINE));
    };
    let text = std::str::from_utf8(text).map_err(|_| UsageError::NotUtf8)?;
    parse_line(text, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::SystemLookup;

    fn read_text(text: impl AsRef<[u8]>) -> (Vec<u32>, Vec<(u32, String)>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let each = |number, line: Result<Request, UsageError>| match line {
            Ok(_) => good.push(number),
            Err(error) => bad.push((number, error.to_string())),
        };
        read_with(text.as_ref(), &mut SystemLookup::default(), each).unwrap();
        (good, bad)
    }

    #[test]
    fn comments_blanks_line_ends_and_the_last_line() {
        let text = "# head\n\n -C \t\r\nipvsadm -A -t 10.0.0.1:80 -s rr # why\r\n#-C\n-a -t 10.0.0.1:80 -r 10.0.0.2";
        assert_eq!(read_text(text), (vec![3, 4, 6], vec![]));
    }

    #[test]
    fn every_bad_line_is_told() {
        let (rules, bad) =
            read_text(b"-C\n-A\n\xff\n-L\n--bogus\n-Z\nipvsadm\n-A -t 1.1.1.1:1 \0".as_slice());
        assert_eq!(rules, [1, 6]);
        assert_eq!(
            bad.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
            [2, 3, 4, 5, 7, 8]
        );
        assert_eq!(bad[1].1, "not UTF-8 text");
    }

    #[test]
    fn a_line_without_end_is_one_bad_line() {
        let mut text = vec![b'x'; 10_000_000];
        text.extend_from_slice(b"\n-C\n");
        let (rules, bad) = read_text(&text);
        assert_eq!(rules, [2]);
        assert_eq!(bad, [(1, "longer than 65536 bytes".to_owned())]);
    }

    #[test]
    fn a_text_is_gone_through_again() {
        let names = &mut SystemLookup::default();
        let text = b"# head\n-C\n\n-A -t 10.0.0.1:80 --exist\n-Z\n-Z\n  # tail\n-Z";
        let mut first = Vec::new();
        let kept = Text::read(&text[..], 0, names, |number, line| {
            first.push((number, line.unwrap()));
        })
        .unwrap();
        let numbers: Vec<_> = first.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 4, 5, 6, 8]);
        assert_eq!(kept.count(), 5);
        let again: Vec<_> = kept
            .lines(names)
            .map(|(n, line)| (n, line.unwrap()))
            .collect();
        assert_eq!(again, first);
    }

    #[test]
    fn comments_and_blank_lines_take_no_memory() {
        let names = &mut SystemLookup::default();
        let text = format!("{}-C\n", "# nothing\n\n".repeat(100_000));
        let kept = Text::read(text.as_bytes(), 0, names, |_, _| {}).unwrap();
        assert!(kept.lines.capacity() < 100, "{}", kept.lines.capacity());
        assert_eq!(kept.jumps, [(0, 200_001)]);
    }

    #[test]
    fn a_size_is_not_believed_without_end() {
        let names = &mut SystemLookup::default();
        let kept = Text::read(&b"-C"[..], u64::MAX, names, |_, _| {}).unwrap();
        assert!(kept.lines.capacity() as u64 <= MAX_ROOM);
    }

    /// Knows the names, as long as they are asked for.
    struct Forgetful(usize, [std::net::IpAddr; 1]);

    impl Lookup for Forgetful {
        fn host(&mut self, _: &str) -> &[std::net::IpAddr] {
            let known = self.0.min(1);
            self.0 -= known;
            &self.1[..known]
        }

        fn port(&mut self, _: &str, _: crate::model::Protocol) -> Option<u16> {
            None
        }
    }

    #[test]
    fn no_line_of_a_text_is_passed_over() {
        let names = &mut Forgetful(3, [[10, 0, 0, 1].into()]);
        let text = b"-A -t a:1\n-A -t b:1\n-C\n".as_slice();
        let kept = Text::read(text, 0, names, |_, line| assert!(line.is_ok())).unwrap();
        let again: Vec<_> = kept
            .lines(names)
            .map(|(number, line)| (number, line.is_ok()))
            .collect();
        assert_eq!(again, [(1, true), (2, false), (3, true)]);
    }

    #[test]
    fn a_text_with_a_bad_line_is_not_kept() {
        let names = &mut SystemLookup::default();
        let kept = Text::read(&b"-C\n-L\n-C"[..], 0, names, |_, _| {}).unwrap();
        assert_eq!(kept.lines(names).count(), 0);
    }
}
