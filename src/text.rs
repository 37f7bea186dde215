//! Text from outside, on its way to a terminal or a shell.

use std::borrow::Cow;
use std::fmt::Write;

/// Replaces what could steer a terminal or hide text, control characters and
/// bidirectional overrides, by visible escapes: `\x1b`, `\u{202e}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(must_escape) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        // Writing to a string does not fail.
        let _ = match c {
            c if !must_escape(c) => write!(escaped, "{c}"),
            c if u32::from(c) < 0x100 => write!(escaped, "\\x{:02x}", u32::from(c)),
            c => write!(escaped, "\\u{{{:x}}}", u32::from(c)),
        };
    }
    Cow::Owned(escaped)
}

fn must_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text of a system's error without the number that the standard library
/// adds: ` (os error 2)` says nothing to people.
pub fn without_error_number(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    plain
}

/// `1 line`, `2 lines`.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// The word as a shell takes it.
pub fn quote(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&byte);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// The words of a line, each as a shell takes it.
pub fn quote_words(line: &str) -> String {
    let quoted: Vec<String> = line.split(' ').map(quote).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_a_line_is_quoted_where_it_must_be() {
        assert_eq!(
            quote_words("-d -t [fd00::1]:80 -r 10.0.0.2:80"),
            "-d -t '[fd00::1]:80' -r 10.0.0.2:80"
        );
    }

    #[test]
    fn error_numbers_are_left_out() {
        let error = std::io::Error::from_raw_os_error(2);
        assert_eq!(
            without_error_number(&format!("x: {error}; y")),
            "x: No such file or directory; y"
        );
        assert_eq!(without_error_number("x"), "x");
    }

    #[test]
    fn what_steers_a_terminal_becomes_visible() {
        assert_eq!(escape("web-1.example"), "web-1.example");
        assert_eq!(
            escape("a\x1b[2Jb\n\u{9b}c\u{202e}d"),
            "a\\x1b[2Jb\\x0a\\x9bc\\u{202e}d"
        );
    }
}
