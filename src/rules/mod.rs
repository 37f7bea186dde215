//! Rules: the text that saving writes and restoring reads.

mod line;
mod lines;
mod read;
mod write;

pub use line::{Line, parse_line};
pub use read::{Text, read};
pub use write::RulesWriter;
