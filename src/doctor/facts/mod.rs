//! What the machine says, as plain data. Every reading is of the network namespace of
//! the thread, and changes nothing.

mod firewall;
mod listeners;
mod machine;
mod movers;
mod rtnetlink;
mod sysctls;

#[cfg(test)]
pub use firewall::rulesets;
pub use firewall::{Firewall, Hook, Outcome, Packet, Ruleset};
pub use listeners::Listeners;
pub use machine::{Address, Claim, Link, Machine, Way, full_length};
pub use sysctls::{Settings, has_ipvs};

use crate::text::without_error_number;
use std::io;

/// A fact, or why it could not be looked at.
pub type Seen<T> = Result<T, String>;

/// Why something could not be looked at.
fn failed(what: &str, error: io::Error) -> String {
    format!("{what}: {}", without_error_number(&error.to_string()))
}
