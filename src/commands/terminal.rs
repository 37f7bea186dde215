//! What standard output is: a terminal shows more than a pipe or a file.

use crate::cli::Colour;
use std::env;
use std::io::{self, IsTerminal};

/// Whether standard output is a terminal.
pub fn attached() -> bool {
    io::stdout().is_terminal()
}

/// Whether standard output gets colours: as `--color` says, else on a terminal,
/// unless NO_COLOR or the terminal's kind says no.
pub fn colours(wanted: Colour) -> bool {
    let no_color = || env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = || env::var_os("TERM").is_some_and(|kind| kind == "dumb");
    match wanted {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => attached() && !no_color() && !dumb(),
    }
}
