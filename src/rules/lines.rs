//! Text in lines, as it is read.

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
            if let Some(end) = end_of_line(&self.buffer[searched..self.filled]) {
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

fn end_of_line(text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| *byte == b'\n')
}
