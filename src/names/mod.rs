//! Names of hosts and ports, both ways: those that arguments are given as, and those
//! that listings show.
//!
//! It uses the model and the system's resolver. The command line, the rules and
//! the output use it.

mod lookup;
mod printed;
mod resolve;
mod system;

pub use lookup::{Lookup, NoNames, SystemLookup};
pub use printed::{NameRequests, Names};

/// Says that this program is linked with a static C library, which must not load
/// other sources of names than files and DNS: `getent` is asked for those.
pub fn c_library_is_static() {
    system::STATIC_C_LIBRARY.get_or_init(|| ());
}

#[cfg(test)]
pub(crate) use printed::tests::example;
