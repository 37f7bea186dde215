//! The plan of a convergence, for people.

use super::rules::change_text;
use crate::model::Change;
use crate::table::{Plan, PlanCounts, Step};
use std::io::{self, Write};

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// Writes a line a step, `+` added, `~` changed (old → new), `-` removed, and
/// last a line that counts them.
///
/// # Errors
/// What the writer reports.
pub fn write_plan(out: &mut (impl Write + ?Sized), plan: &Plan, colour: bool) -> io::Result<()> {
    for planned in plan.steps() {
        let (sign, hue, text) = match &planned.step {
            Step::Add(change) => ('+', GREEN, change_text(change)),
            Step::Edit(edit) => ('~', YELLOW, difference(&edit.old, &edit.new)),
            Step::Remove(change) => ('-', RED, change_text(change)),
        };
        if colour {
            writeln!(out, "{hue}{sign} {text}{PLAIN}")?;
        } else {
            writeln!(out, "{sign} {text}")?;
        }
    }
    let PlanCounts {
        added,
        changed,
        removed,
    } = plan.counts();
    let unchanged = plan.unchanged;
    writeln!(
        out,
        "{added} added, {changed} changed, {removed} removed, {unchanged} unchanged"
    )
}

/// `-e -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1 → -g -w 5`
fn difference(old: &Change, new: &Change) -> String {
    let subject = subject(new);
    let settings = |change| {
        let text = change_text(change);
        text.strip_prefix(&subject)
            .map_or(text.clone(), |rest| rest.trim_start().to_owned())
    };
    format!("{subject} {} → {}", settings(old), settings(new))
}

/// What a change is about, as its text begins.
fn subject(change: &Change) -> String {
    match change {
        Change::EditService(service) => format!("-E {}", service.key),
        Change::EditDestination(key, destination) => {
            format!("-e {key} -r {}", destination.endpoint)
        }
        Change::StartDaemon(daemon) => format!("--start-daemon {}", daemon.role.as_str()),
        Change::SetTimeouts(_) => "--set".to_owned(),
        other => change_text(other),
    }
}
