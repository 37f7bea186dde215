//! Text in lines, as it is read.

use memchr::memchr;
use std::io::{self, Read};

/// The longest line, in bytes. No rule comes near it; a file of another kind
/// must not fill the memory.
pub const MAX_LINE: usize = 64 * 1024;

/// What is asked of the input at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// The lines of an input, which go through one buffer.
pub struct Lines<R> {
    input: R,
    /// Zeros from `filled` on. They come from the allocator, which takes them from
    /// the kernel: so what is never filled is never touched.
    buffer: Vec<u8>,
    filled: usize,
    /// Where the next line begins.
    start: usize,
}

impl<R: Read> Lines<R> {
    /// Nothing is read yet.
    pub fn new(input: R) -> Self {
        Lines {
            input,
            buffer: vec![0; CHUNK],
            filled: 0,
            start: 0,
        }
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
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
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
        fn lines_are_whole_however_they_come(text in "([a-z]{0,9}\n){0,9}[a-z]{0,3}", drop in 1..20_usize) {
            let expected: Vec<_> = text.lines().map(|line| Some(line.as_bytes().to_vec())).collect();
            let drops = Drops(text.as_bytes(), drop);
            prop_assert_eq!(all(&mut Lines::new(drops)), expected);
        }
    }

    #[test]
    fn only_a_line_that_is_too_long_is_left_out() {
        let text = [&[b'x'; MAX_LINE][..], b"\n", &[b'y'; MAX_LINE + 1], b"\nz"].concat();
        let lengths: Vec<_> = all(&mut Lines::new(&text[..]))
            .iter()
            .map(|it| it.as_ref().map(Vec::len))
            .collect();
        assert_eq!(lengths, [Some(MAX_LINE), None, Some(1)]);
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let text = vec![b'x'; 40 * CHUNK];
        let mut lines = Lines::new(&text[..]);
        assert_eq!(all(&mut lines), [None]);
        assert!(lines.buffer.len() <= 2 * CHUNK, "{}", lines.buffer.len());
    }
}
