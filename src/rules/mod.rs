//! Rules: the text that saving writes and restoring reads.
//!
//! [`read`], [`write`](write()) and [`Target::read`](crate::Target::read) are for programs that use the
//! library. The program itself looks names up, too.
//!
//! The room uses the command line, as a rule is one, the table, the names and the model;
//! the doctor, the output and the commands use it.

mod line;
mod lines;
mod numeric;
mod read;
mod write;

#[doc(hidden)]
pub use line::parse_line;
pub use numeric::{BadLine, RulesError, read, write};
#[doc(hidden)]
pub use read::{Text, read_with};
#[doc(hidden)]
pub use write::RulesWriter;
