//! The command line: one option table, two readers, one set of checks.
//!
//! Its files in order, each of which uses only those before it: `verbs`, `sort_key`,
//! `value_kind`, `usage_error`, `command`, `values`, `usage_hint`, `parsed`, `row`, `legality`,
//! `build_command`, `options` (the table), `reader`, `clap`, `parse`, `program`, `help`, `unfinished`. The room uses the model
//! and the names; the rules, the doctor, the output and the commands use it.

mod build_command;
pub mod clap;
pub mod command;
pub mod help;
mod legality;
pub mod options;
pub mod parse;
mod parsed;
mod program;
pub mod reader;
pub mod row;
mod sort_key;
mod unfinished;
mod usage_error;
mod usage_hint;
mod value_kind;
mod values;
pub mod verbs;

pub use command::{
    Check, Colour, Command, Connections, Doctor, Drain, Force, Invocation, Limit, List, Listing,
    Measure, Metrics, MetricsFormat, Mode, Network, Program, Restore, Save, ServerChoice, SortBy,
    TableFormat, Undrain, Watch,
};
pub use program::arguments;
pub use sort_key::{SORT_KEYS, SortKey};
pub use unfinished::Unfinished;
pub use usage_error::UsageError;
