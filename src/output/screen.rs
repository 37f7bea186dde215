//! A picture on a terminal: redrawn in place, cropped to the terminal's size, with what
//! changed since the last picture marked.

use crate::text::counted;
use std::collections::HashMap;

/// How many letters of a row name it: those before the columns of numbers.
const LABEL: usize = 33;

/// Makes room for pictures and hides the cursor; what the terminal shows comes back by
/// [`LEAVE`].
pub const ENTER: &str = "\x1b[?1049h\x1b[?25l";
/// Gives the terminal back as it was.
pub const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// What is to be seen.
#[derive(Debug, Default)]
pub struct Picture {
    /// Lines.
    pub text: Vec<u8>,
    /// How many services are not among them, as they would be below the screen.
    pub hidden: usize,
}

/// The last picture.
#[derive(Debug, Default)]
pub struct Screen {
    rows: HashMap<String, String>,
}

impl Screen {
    /// What draws a picture over the last one, with a line at the bottom: how much is
    /// below, and `status`.
    pub fn draw(&mut self, picture: &Picture, size: Size, status: &str) -> Vec<u8> {
        let text = String::from_utf8_lossy(&picture.text);
        let mut drawn = b"\x1b[H".to_vec();
        let lines = text.lines().count();
        let visible = size.rows.saturating_sub(1);
        let first = self.rows.is_empty();
        let mut rows = HashMap::new();
        for (name, line) in named(&text).take(visible) {
            let marks = match self.rows.get(&name) {
                _ if first => Vec::new(),
                Some(old) => changed(old, line),
                None => vec![true; line.chars().count()],
            };
            push_line(&mut drawn, line, &marks, size.columns);
            drawn.extend_from_slice(b"\r\n");
            rows.insert(name, line.to_owned());
        }
        self.rows = rows;
        let below = match (lines.saturating_sub(visible), picture.hidden) {
            (0, 0) => String::new(),
            (lines, 0) => counted(lines as u64, "line") + " below; ",
            (_, services) => counted(services as u64, "service") + " below; ",
        };
        push_line(&mut drawn, &format!("{below}{status}"), &[], size.columns);
        drawn.extend_from_slice(b"\x1b[J");
        drawn
    }
}

/// The size of a terminal, in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Letters of a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

/// The lines, each with a name by which it is found in the next picture: a row moves
/// when others come, go or overtake it.
fn named(text: &str) -> impl Iterator<Item = (String, &str)> {
    let mut service = String::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    text.lines().map(move |line| {
        let label: String = line.chars().take(LABEL).collect();
        if !line.starts_with(' ') {
            service.clone_from(&label);
        }
        let name = format!("{service}\n{label}");
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        (format!("{name}\n{count}"), line)
    })
}

/// Which letters of a line belong to words that were others in the old one.
fn changed(old: &str, new: &str) -> Vec<bool> {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let mut marks = vec![false; new.len()];
    let mut start = 0;
    for word in new.split_inclusive(|letter| *letter == ' ') {
        let end = start + word.len();
        let letters = word.iter().filter(|letter| **letter != ' ').count();
        let range = start..start + letters;
        if letters > 0 && old.get(range.clone()) != new.get(range.clone()) {
            marks[range].fill(true);
        }
        start = end;
    }
    marks
}

/// A line as far as it fits; what is behind it on the screen goes.
fn push_line(drawn: &mut Vec<u8>, line: &str, marks: &[bool], columns: usize) {
    let mut marked = false;
    let mut buffer = [0; 4];
    for (i, letter) in line.chars().take(columns).enumerate() {
        let mark = marks.get(i).copied().unwrap_or(false);
        if mark != marked {
            drawn.extend_from_slice(if mark { b"\x1b[7m" } else { b"\x1b[27m" });
            marked = mark;
        }
        drawn.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
    }
    if marked {
        drawn.extend_from_slice(b"\x1b[27m");
    }
    // At the right edge the last letter would go.
    if line.chars().count() < columns {
        drawn.extend_from_slice(b"\x1b[K");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Size = Size {
        columns: 80,
        rows: 24,
    };

    fn draw(screen: &mut Screen, text: &str, size: Size) -> String {
        let text = text.as_bytes().to_vec();
        let picture = Picture { text, hidden: 0 };
        String::from_utf8(screen.draw(&picture, size, "s")).unwrap()
    }

    #[test]
    fn words_that_changed_are_marked() {
        let mut screen = Screen::default();
        assert!(!draw(&mut screen, "TCP a   1  2\n", WIDE).contains("\x1b[7m"));
        let same = draw(&mut screen, "TCP a   1  2\n", WIDE);
        assert!(!same.contains("\x1b[7m"), "{same:?}");
    }

    /// A number that changes its name's part of the row is another row.
    #[test]
    fn a_row_is_found_where_it_moved_to() {
        let row = |name: &str, number: u32| format!("{name:<33}{number:>9}\n");
        let mut screen = Screen::default();
        draw(&mut screen, &(row("TCP a", 1) + &row("TCP b", 2)), WIDE);
        let next = draw(&mut screen, &(row("TCP b", 3) + &row("TCP a", 1)), WIDE);
        assert_eq!(next.matches("\x1b[7m").count(), 1, "{next:?}");
        assert!(next.contains("\x1b[7m3\x1b[27m"), "{next:?}");
        let more = draw(&mut screen, &row("TCP c", 1), WIDE);
        assert!(more.contains("\x1b[7mTCP c"), "{more:?}");
    }

    #[test]
    fn a_picture_is_cropped() {
        let size = Size {
            columns: 4,
            rows: 3,
        };
        let drawn = draw(&mut Screen::default(), "abcdef\nab\nc\nd\n", size);
        assert_eq!(drawn, "\x1b[Habcd\r\nab\x1b[K\r\n2 li\x1b[J");
    }
}
