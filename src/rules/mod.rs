//! Rules: the text that saving writes and restoring reads, and the table it
//! describes.

mod line;
mod read;
mod table;

pub use line::change;
pub use read::{BadLine, Rule, read};
pub use table::{Table, TableService};
