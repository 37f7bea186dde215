//! Rules: the text that saving writes and restoring reads, and the table it
//! describes.

mod line;
mod plan;
mod read;
mod table;

pub use line::change;
pub use plan::{Plan, PlannedStep, Step, Target};
pub use read::{BadLine, Rule, read};
pub use table::{Table, TableDestination, TableService};
