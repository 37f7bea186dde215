//! Tests that cannot bear others beside them.

use std::sync::{Mutex, MutexGuard, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

/// Until it is dropped, no other test of this file runs that asks for the same.
///
/// The kernel hands out a table of many services in pieces, and goes on by counting the services of all namespaces: when those of another
/// one come and go meanwhile, theirs prints rows twice or not at all. So it is with connections, for both programs.
pub fn alone() -> MutexGuard<'static, ()> {
    // A failed test leaves nothing behind that matters.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
