//! The command line: one option table, two readers, one set of checks.

pub(crate) mod build;
mod check;
pub mod clap;
pub mod command;
mod draft;
mod groups;
pub mod help;
pub mod options;
pub mod parse;
mod program;
pub mod reader;
mod value;
pub mod verbs;

pub use crate::names::{Lookup, SystemLookup};
pub use command::{
    Command, Connections, Invocation, List, Listing, Mode, Network, Restore, Save, UsageError,
};
pub use program::Program;
