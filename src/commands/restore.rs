//! `-R`: rules from standard input to the kernel.

use super::{Failure, complain, refusal};
use crate::ExitStatus;
use crate::cli::SystemLookup;
use crate::netlink::Kernel;
use crate::rules::{self, Rule};
use std::io;

/// Reads all rules, then applies them.
///
/// Where a line is bad nothing is applied. Where the kernel refuses a line the
/// rest goes on.
pub fn run(kernel: &mut Kernel) -> Result<ExitStatus, Failure> {
    let source = "stdin";
    let mut bad = false;
    let rules = rules::read(io::stdin().lock(), &mut SystemLookup::default(), |line| {
        bad = true;
        complain(&format!("{source}:{}: {}", line.line, line.error.message));
    })
    .map_err(|error| Failure::Input("standard input".to_owned(), error))?;
    if bad {
        complain("nothing was applied");
        return Ok(ExitStatus::Usage);
    }
    apply(kernel, &rules, source)
}

fn apply(kernel: &mut Kernel, rules: &[Rule], source: &str) -> Result<ExitStatus, Failure> {
    let mut status = ExitStatus::Success;
    let changes = rules.iter().map(|rule| &rule.change);
    kernel
        .apply_all(changes, |index, refused| {
            status = ExitStatus::Refused;
            let line = rules.get(index).map_or(0, |rule| rule.line);
            complain(&format!("{source}:{line}: {}", refusal::message(&refused)));
        })
        .map_err(Failure::Change)?;
    Ok(status)
}
