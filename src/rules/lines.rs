//! Text in lines, as it is read.

use memchr::memchr;
use std::io::{self, Read};

/// The longest line, in bytes. No rule comes near it; a file of another kind
/// must not fill the memory.
pub const MAX_LINE: usize = 64 * 1024;

/// What is asked of the input at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// The most room that is made on a file's word for its size, in bytes.
const MAX_ROOM: u64 = 64 * 1024 * 1024;

/// The lines of an input, which go through one buffer or are kept in it.
pub struct Lines<R> {
    input: R,
    /// Zeros from `filled` on. They come from the allocator, which takes them from
    /// the kernel: so what is never filled is never touched.
    buffer: Vec<u8>,
    filled: usize,
    /// Where the next line begins.
    start: usize,
    keeps: bool,
}

impl<R: Read> Lines<R> {
    /// Forgets each line when the next is read.
    pub fn new(input: R) -> Self {
        Lines::with_room(input, CHUNK, false)
    }

    /// Keeps all lines. `size` is about how many bytes there are, 0 where nobody
    /// knows.
    pub fn kept(input: R, size: u64) -> Self {
        // One byte more shows the end without more room.
        let room = size.min(MAX_ROOM) as usize + 1;
        Lines::with_room(input, room.max(CHUNK), true)
    }

    fn with_room(input: R, room: usize, keeps: bool) -> Self {
        Lines {
            input,
            buffer: vec![0; room],
            filled: 0,
            start: 0,
            keeps,
        }
    }

    /// Keeps nothing from now on.
    pub fn forget(&mut self) {
        self.keeps = false;
    }

    /// The text that was kept; nothing of one that was forgotten.
    pub fn into_text(mut self) -> Vec<u8> {
        self.buffer
            .truncate(if self.keeps { self.filled } else { 0 });
        self.buffer
    }

    /// The next line without its end; `Some(None)` is one that is too long, `None`
    /// says that there is no more.
    pub fn next(&mut self) -> io::Result<Option<Option<&[u8]>>> {
        let mut searched = self.start;
        let mut whole = true;
        let (end, after) = loop {
            if let Some(end) = memchr(b'\n', &self.buffer[searched..self.filled]) {
                break (searched + end, searched + end + 1);
            }
            if self.filled - self.start > MAX_LINE {
                whole = false;
                self.filled = self.start;
            }
            let length = self.filled - self.start;
            if self.fill()? == 0 {
                if length == 0 && whole {
                    return Ok(None);
                }
                break (self.filled, self.filled);
            }
            searched = self.start + length;
        };
        let start = std::mem::replace(&mut self.start, after);
        let line = &self.buffer[start..end];
        Ok(Some((whole && line.len() <= MAX_LINE).then_some(line)))
    }

    /// Reads more of the line that begins at `start`; returns how many bytes, 0
    /// where there are no more.
    fn fill(&mut self) -> io::Result<usize> {
        if !self.keeps {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.filled == self.buffer.len() {
            let more = (self.filled / 2).max(CHUNK);
            self.buffer.resize(self.filled + more, 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(count) => {
                    self.filled += count;
                    return Ok(count);
                }
            }
        }
    }
}

/// The lines of a text, their ends left out.
pub fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives a few bytes at a time, as a pipe may.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    fn all(lines: &mut Lines<impl Read>) -> Vec<Option<Vec<u8>>> {
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push(line.map(<[u8]>::to_vec));
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn lines_are_whole_however_they_come(text in "([a-z]{0,9}\n){0,9}[a-z]{0,3}", drop in 1..20_usize, size in 0..99_u64) {
            let expected: Vec<_> = text.lines().map(|line| Some(line.as_bytes().to_vec())).collect();
            let drops = || Drops(text.as_bytes(), drop);
            prop_assert_eq!(all(&mut Lines::new(drops())), expected.clone());
            let mut kept = Lines::kept(drops(), size);
            prop_assert_eq!(all(&mut kept), expected.clone());
            let kept = kept.into_text();
            prop_assert_eq!(&kept, text.as_bytes());
            let again: Vec<_> = lines_of(&kept).map(|line| Some(line.to_vec())).collect();
            prop_assert_eq!(again.strip_suffix(&[Some(Vec::new())]).unwrap_or(&again), expected);
        }
    }

    #[test]
    fn only_a_line_that_is_too_long_is_left_out() {
        let text = [&[b'x'; MAX_LINE][..], b"\n", &[b'y'; MAX_LINE + 1], b"\nz"].concat();
        for mut lines in [Lines::new(&text[..]), Lines::kept(&text[..], 0)] {
            let lengths: Vec<_> = all(&mut lines)
                .iter()
                .map(|it| it.as_ref().map(Vec::len))
                .collect();
            assert_eq!(lengths, [Some(MAX_LINE), None, Some(1)]);
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let text = vec![b'x'; 40 * CHUNK];
        for mut lines in [Lines::new(&text[..]), Lines::kept(&text[..], 0)] {
            assert_eq!(all(&mut lines), [None]);
            assert!(lines.buffer.len() <= 2 * CHUNK, "{}", lines.buffer.len());
        }
    }

    #[test]
    fn what_is_forgotten_takes_no_memory() {
        let text = b"0123456789abcde\n".repeat(100_000);
        let mut lines = Lines::kept(&text[..], 0);
        lines.next().unwrap();
        lines.forget();
        assert_eq!(all(&mut lines).len(), 99_999);
        assert!(lines.buffer.len() <= 2 * CHUNK, "{}", lines.buffer.len());
        assert_eq!(lines.into_text(), b"");
    }

    #[test]
    fn a_size_is_not_believed_without_end() {
        assert!(Lines::kept(&b"-C"[..], u64::MAX).buffer.len() as u64 <= MAX_ROOM + 1);
    }
}
