//! Names for what is printed.

use super::complain;
use crate::names::{NameRequests, Names};
use std::time::Duration;

/// Asks the resolver, for at most so many seconds, and says so where it did not
/// answer in time.
pub fn resolve(requests: &NameRequests, seconds: u32) -> Names {
    let (names, unanswered) = Names::resolve(requests, Duration::from_secs(seconds.into()));
    if unanswered > 0 {
        let (names, are) = match unanswered {
            1 => ("name", "was"),
            _ => ("names", "were"),
        };
        let unit = if seconds == 1 { "second" } else { "seconds" };
        complain(&format!(
            "{unanswered} {names} {are} not found within {seconds} {unit}: printed as numbers"
        ));
    }
    names
}
