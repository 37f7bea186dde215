//! Names of hosts and ports, both ways: those that arguments are given as, and those
//! that listings show.
//!
//! It uses the model and the system's resolver. The command line, the rules and
//! the output use it.

mod lookup;
mod printed;
mod resolve;
mod system;

pub use lookup::{Lookup, SystemLookup};
pub use printed::{Lookups, Names};

#[cfg(test)]
pub(crate) use printed::tests::example;
