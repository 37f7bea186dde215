//! The command line: one option table, two readers, one set of checks.
//!
//! Its files in order, each of which uses only those before it: `verbs`, `sort_key`, `error`,
//! `command`, `values`, `hint`, `parsed`, `row`, `legality`, `build`, `options` (the
//! table), `reader`, `clap`, `parse`, `program`, `help`, `unfinished`. The room uses the model
//! and the names; the rules, the doctor, the output and the commands use it.

mod build;
pub mod clap;
pub mod command;
mod error;
pub mod help;
mod hint;
mod legality;
pub mod options;
pub mod parse;
mod parsed;
mod program;
pub mod reader;
pub mod row;
mod sort_key;
mod unfinished;
mod values;
pub mod verbs;

pub use command::{
    Check, Colour, Command, Connections, Doctor, Drain, Force, Invocation, Limit, List, Listing,
    Measure, Metrics, MetricsFormat, Mode, Network, Program, Restore, Save, ServerChoice, SortBy,
    TableFormat, Undrain, Watch,
};
pub use error::UsageError;
pub use program::arguments;
pub use sort_key::{SORT_KEYS, SortKey};
pub use unfinished::Unfinished;
