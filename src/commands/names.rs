//! Names for what is printed.

use super::complain;
use crate::names::{NameRequests, Names};
use crate::text::counted;
use std::time::Duration;

/// Asks the resolver, for at most so many seconds, and says so where it did not
/// answer in time.
pub fn resolve(requests: &NameRequests, seconds: u32) -> Names {
    let (names, unanswered) = Names::resolve(requests, Duration::from_secs(seconds.into()));
    if unanswered > 0 {
        let missing = counted(unanswered as u64, "name");
        let were = if unanswered == 1 { "was" } else { "were" };
        let time = counted(seconds.into(), "second");
        complain(&format!(
            "{missing} {were} not found within {time}: printed as numbers"
        ));
    }
    names
}
