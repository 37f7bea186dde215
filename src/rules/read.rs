//! A whole rules file.

use super::line::{Line, parse_line};
use super::lines::{Lines, MAX_LINE, lines_of};
use crate::cli::{Lookup, UsageError};
use std::io::{self, Read};

/// Reads a rules file to its end, whatever is wrong in it: `each` is told of each
/// line that asks for something or is bad, by its number, from 1. Returns how many
/// lines are not blank.
///
/// # Errors
/// When reading fails; what is wrong in the text is not an error here.
pub fn read(
    input: impl Read,
    names: &mut dyn Lookup,
    each: impl FnMut(u32, Result<Line, UsageError>),
) -> io::Result<u32> {
    read_lines(&mut Lines::new(input), names, each)
}

/// The text of a rules file, kept to be gone through again: half as much memory
/// as its rules would take.
#[derive(Debug)]
pub struct Text(Vec<u8>);

impl Text {
    /// Reads a rules file as [`read`] does. `size` is its size in bytes as far as
    /// that is known, else 0. Of a text with a bad line nothing is kept.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(
        input: impl Read,
        size: u64,
        names: &mut dyn Lookup,
        each: impl FnMut(u32, Result<Line, UsageError>),
    ) -> io::Result<Self> {
        let mut lines = Lines::kept(input, size);
        read_lines(&mut lines, names, each)?;
        Ok(Text(lines.into_text()))
    }

    /// The lines that ask for something, each with its number. `names` are those
    /// that it was read with: with others a line may turn out to be bad.
    pub fn lines(
        &self,
        names: &mut dyn Lookup,
    ) -> impl Iterator<Item = (u32, Result<Line, UsageError>)> {
        let parsed = (1..)
            .zip(lines_of(&self.0))
            .map(|(number, text)| Some((number, parse(Some(text), names).transpose()?)));
        parsed.flatten()
    }
}

fn read_lines(
    lines: &mut Lines<impl Read>,
    names: &mut dyn Lookup,
    mut each: impl FnMut(u32, Result<Line, UsageError>),
) -> io::Result<u32> {
    let (mut number, mut filled) = (0, 0);
    while let Some(text) = lines.next()? {
        number += 1;
        filled += u32::from(!text.is_some_and(|text| text.trim_ascii().is_empty()));
        let line = parse(text, names);
        if line.is_err() {
            lines.forget();
        }
        if let Some(line) = line.transpose() {
            each(number, line);
        }
    }
    Ok(filled)
}

/// What a line asks for; `None` is one that is too long.
fn parse(text: Option<&[u8]>, names: &mut dyn Lookup) -> Result<Option<Line>, UsageError> {
    let Some(text) = text else {
        return Err(UsageError::new(format!("longer than {MAX_LINE} bytes")));
    };
    let text = std::str::from_utf8(text).map_err(|_| UsageError::new("not UTF-8 text"))?;
    parse_line(text, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::SystemLookup;

    fn read_text(text: impl AsRef<[u8]>) -> (Vec<u32>, Vec<(u32, String)>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let each = |number, line: Result<Line, UsageError>| match line {
            Ok(_) => good.push(number),
            Err(error) => bad.push((number, error.message)),
        };
        read(text.as_ref(), &mut SystemLookup::default(), each).unwrap();
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
        let text = b"# head\n-C\n\n-A -t 10.0.0.1:80 --exist";
        let mut first = Vec::new();
        let kept = Text::read(&text[..], 0, names, |number, line| {
            first.push((number, line.unwrap()));
        })
        .unwrap();
        assert_eq!(first.len(), 2);
        let again: Vec<_> = kept
            .lines(names)
            .map(|(n, line)| (n, line.unwrap()))
            .collect();
        assert_eq!(again, first);
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
