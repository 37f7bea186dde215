//! A whole rules file.

use super::line::{Line, parse_line};
use crate::cli::{Lookup, UsageError};
use std::io::{self, BufRead};

/// The longest line, in bytes. No rule comes near it; a file of another kind
/// must not fill the memory.
const MAX_LINE: usize = 64 * 1024;

/// Reads a rules file to its end, whatever is wrong in it: `each` is told of each
/// line that asks for something or is bad, by its number, from 1. Returns how many
/// lines there are.
///
/// # Errors
/// When reading fails; what is wrong in the text is not an error here.
pub fn read(
    mut input: impl BufRead,
    names: &mut dyn Lookup,
    mut each: impl FnMut(u32, Result<Line, UsageError>),
) -> io::Result<u32> {
    let mut text = Vec::new();
    let mut number = 0;
    while let Some(whole) = next_line(&mut input, &mut text)? {
        number += 1;
        if let Some(line) = parse(&text, whole, names).transpose() {
            each(number, line);
        }
    }
    Ok(number)
}

fn parse(text: &[u8], whole: bool, names: &mut dyn Lookup) -> Result<Option<Line>, UsageError> {
    if !whole {
        return Err(UsageError::new(format!("longer than {MAX_LINE} bytes")));
    }
    let text = std::str::from_utf8(text).map_err(|_| UsageError::new("not UTF-8 text"))?;
    parse_line(text, names)
}

/// Reads the next line into `text`, its end left out; `Some(false)` says that the
/// line was too long to keep, `None` that there is no more.
fn next_line(input: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<Option<bool>> {
    text.clear();
    let mut whole = true;
    let mut any = false;
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if available.is_empty() {
            return Ok(any.then_some(whole));
        }
        any = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        whole = whole && text.len() + part.len() <= MAX_LINE;
        if whole {
            text.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
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
    fn a_line_without_end_takes_no_memory() {
        let mut text = vec![b'x'; 10_000_000];
        text.extend_from_slice(b"\n-C\n");
        let (rules, bad) = read_text(&text);
        assert_eq!(rules, [2]);
        assert_eq!(bad, [(1, "longer than 65536 bytes".to_owned())]);
    }
}
