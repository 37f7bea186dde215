//! Line by line, in batches.

use super::{BadLines, complain_of, lock, read, source};
use crate::ExitStatus;
use crate::cli::Restore;
use crate::commands::place::Place;
use crate::commands::{Failure, exist, progress, refusal, table};
use crate::model::Change;
use crate::netlink::{Error, Kernel};
use crate::rules::Table;

/// A rule to be sent.
#[derive(Clone, Copy)]
struct Rule {
    number: u32,
    change: Change,
    exist: bool,
}

/// Reads all rules, then applies them. Where a line is bad nothing is applied;
/// where the kernel refuses a line the rest goes on.
pub fn run(mut kernel: Kernel, place: &Place, restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut rules = Vec::new();
    let mut bad = BadLines::new(restore);
    read(restore, |number, line| match line {
        Ok(line) => {
            let exist = line.exist || restore.mode.exist;
            rules.push(Rule {
                number,
                change: line.change,
                exist,
            });
        }
        Err(error) => bad.report(number, &error.message),
    })?;
    if let Some(status) = bad.status() {
        return Ok(status);
    }
    let _lock = lock(place, restore)?;
    if rules.iter().any(|rule| rule.exist) {
        let known = table::snapshot(&mut kernel)?;
        rules = settle(rules, known);
    }
    send(&mut kernel, &rules, source(restore))
}

/// Makes of each rule with `--exist` the change that fits the table as the rules
/// before it leave it: an edit for an add of what is there, nothing for a delete
/// of what is not.
fn settle(rules: Vec<Rule>, mut known: Table) -> Vec<Rule> {
    let mut settled = Vec::with_capacity(rules.len());
    for rule in rules {
        let changes = if rule.exist {
            exist::fitting(&rule.change, &known)
        } else {
            vec![rule.change]
        };
        for change in changes {
            // What the table refuses, the kernel will refuse, and say so.
            let _ = known.apply(&change);
            settled.push(Rule { change, ..rule });
        }
    }
    settled
}

fn send(kernel: &mut Kernel, rules: &[Rule], source: &str) -> Result<ExitStatus, Failure> {
    let mut status = ExitStatus::Success;
    let number = |index: usize| rules.get(index).map_or(0, |rule| rule.number);
    let bar = progress::Bar::new(rules.len());
    let changes = rules
        .iter()
        .inspect(|_| bar.advance())
        .map(|rule| &rule.change);
    let sent = kernel.apply_all(changes, |index, refused| {
        status = ExitStatus::Refused;
        complain_of(source, number(index), &refusal::message(&refused));
    });
    bar.finish();
    sent.map_err(|error| match error {
        Error::Unknown {
            first,
            last,
            source: cause,
        } => {
            let (first, last) = (number(first), number(last));
            let lost = format!("{source}:{first}: the answers up to line {last} were lost");
            Failure::new(
                ExitStatus::Refused,
                anyhow::Error::from(cause).context(lost),
            )
            .with_help("nothing after that line was applied: look at the table before you go on")
        }
        other => Failure::change(other),
    })?;
    Ok(status)
}
