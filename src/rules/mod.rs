//! Rules: the text that saving writes and restoring reads, and the table it
//! describes.

mod destinations;
mod line;
mod lines;
mod plan;
mod read;
mod table;

pub use destinations::{Destinations, TableDestination};
pub use line::{Line, parse_line};
pub use plan::{Edit, Move, Plan, PlanCounts, PlannedStep, Step, Target};
pub use read::{Text, read};
pub use table::{Table, TableService};
