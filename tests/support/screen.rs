//! A pseudo-terminal and what a person would see on it.

use super::Tool;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The program at a terminal of its own.
pub struct AtTerminal {
    pub child: Child,
    keyboard: File,
    screen: Arc<Mutex<Screen>>,
    reader: JoinHandle<()>,
}

/// What a terminal shows.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    columns: usize,
    cells: Vec<Vec<(char, bool)>>,
    row: usize,
    column: usize,
    reverse: bool,
    /// What was there before the pictures.
    saved: Option<Vec<Vec<(char, bool)>>>,
    pub cursor_hidden: bool,
    /// All that was written.
    pub bytes: Vec<u8>,
}

impl AtTerminal {
    /// Starts a line of ours on a terminal of this size.
    pub fn start(line: &str, columns: u16, rows: u16, environment: &[(&str, &str)]) -> AtTerminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master)
            .and_then(|()| unlockpt(&master))
            .expect("a terminal");
        let name = ptsname(&master, Vec::new())
            .expect("its name")
            .into_string()
            .expect("a path");
        let keyboard = File::from(master);
        resize(&keyboard, columns, rows);
        let terminal = || {
            OpenOptions::new()
                .read(true)
                .write(true)
                .open(&name)
                .expect("a terminal")
        };
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(Tool::Ours.path());
        command
            .args(super::words::split(line))
            .env_clear()
            .env("TERM", "xterm");
        command.envs(environment.iter().copied());
        let child = command
            .stdin(terminal())
            .stdout(terminal())
            .stderr(terminal())
            .spawn()
            .expect("setsid");
        drop(command);
        let screen = Arc::new(Mutex::new(Screen::new(columns.into(), rows.into())));
        let (seen, mut output) = (screen.clone(), keyboard.try_clone().expect("a descriptor"));
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 65536];
            // A terminal that nobody has open any more is an error to read.
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                seen.lock().expect("the screen").take(&bytes[..length]);
            }
        });
        AtTerminal {
            child,
            keyboard,
            screen,
            reader,
        }
    }

    /// Waits until the screen is as it must be, and gives it.
    #[track_caller]
    pub fn until(&self, wanted: impl Fn(&Screen) -> bool) -> Screen {
        for _ in 0..1200 {
            let screen = self.screen.lock().expect("the screen").clone();
            if wanted(&screen) {
                return screen;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "never seen:\n{}",
            self.screen.lock().expect("the screen").text()
        );
    }

    /// Gives the terminal another size, which its program is told.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.screen
            .lock()
            .expect("the screen")
            .resize(columns.into(), rows.into());
        resize(&self.keyboard, columns, rows);
    }

    pub fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("typing");
    }

    /// Waits for the end.
    pub fn end(mut self) -> (ExitStatus, Screen) {
        let status = self.child.wait().expect("an end");
        self.reader.join().expect("the reader");
        let screen = self.screen.lock().expect("the screen").clone();
        (status, screen)
    }
}

fn resize(terminal: &File, columns: u16, rows: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).expect("the size of a terminal");
}

impl Screen {
    fn new(columns: usize, rows: usize) -> Screen {
        let mut screen = Screen::default();
        screen.resize(columns, rows);
        screen
    }

    fn resize(&mut self, columns: usize, rows: usize) {
        self.columns = columns;
        self.cells.resize(rows, Vec::new());
        self.cells
            .iter_mut()
            .for_each(|row| row.resize(columns, (' ', false)));
        self.row = self.row.min(rows - 1);
    }

    /// The lines, without the blanks at their ends.
    pub fn lines(&self) -> Vec<String> {
        let line = |row: &Vec<(char, bool)>| row.iter().map(|cell| cell.0).collect::<String>();
        self.cells
            .iter()
            .map(|row| line(row).trim_end().to_owned())
            .collect()
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// The words that are marked, with the line that each is in.
    pub fn marked(&self) -> Vec<(usize, String)> {
        let mut words = Vec::new();
        for (number, row) in self.cells.iter().enumerate() {
            let parts = row.split(|cell| !cell.1).filter(|part| !part.is_empty());
            words.extend(parts.map(|part| (number, part.iter().map(|cell| cell.0).collect())));
        }
        words
    }

    /// Does what a terminal does; whatever it does not know fails the test.
    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let text = String::from_utf8(bytes.to_vec()).expect("ASCII");
        let mut rest = text.as_str();
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            match letter {
                '\r' => self.column = 0,
                '\n' => self.feed(),
                '\x1b' => {
                    let end = rest[1..]
                        .find(char::is_alphabetic)
                        .expect("a whole sequence")
                        + 2;
                    self.obey(&rest[..end]);
                    rest = &rest[end..];
                }
                letter => {
                    assert!(!letter.is_control(), "{letter:?}");
                    if self.column == self.columns {
                        self.column = 0;
                        self.feed();
                    }
                    self.cells[self.row][self.column] = (letter, self.reverse);
                    self.column += 1;
                }
            }
        }
    }

    fn feed(&mut self) {
        if self.row + 1 < self.cells.len() {
            self.row += 1;
        } else {
            self.cells.remove(0);
            self.cells.push(vec![(' ', false); self.columns]);
        }
    }

    fn obey(&mut self, sequence: &str) {
        match sequence {
            "[H" => (self.row, self.column) = (0, 0),
            "[K" => self.cells[self.row][self.column..].fill((' ', false)),
            "[J" => {
                let from = self.column.min(self.columns);
                self.cells[self.row][from..].fill((' ', false));
                self.cells[self.row + 1..]
                    .iter_mut()
                    .for_each(|row| row.fill((' ', false)));
            }
            "[7m" => self.reverse = true,
            "[27m" => self.reverse = false,
            "[?25l" => self.cursor_hidden = true,
            "[?25h" => self.cursor_hidden = false,
            "[?1049h" => {
                self.saved = Some(self.cells.clone());
                self.cells.iter_mut().for_each(|row| row.fill((' ', false)));
            }
            "[?1049l" => self.cells = self.saved.take().expect("what was there before"),
            other => panic!("the sequence {other:?}"),
        }
    }
}
