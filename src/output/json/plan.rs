//! The plan of a convergence.

use super::{VERSION, write_document};
use crate::table::{Plan, PlannedStep, Step};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct PlanDocument {
    version: u32,
    steps: Vec<JsonStep>,
    added: usize,
    changed: usize,
    removed: usize,
    unchanged: usize,
}

#[derive(Serialize)]
struct JsonStep {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<String>,
}

/// Writes the document of a plan.
///
/// # Errors
/// What the writer reports.
pub fn write_json_plan(out: &mut (impl Write + ?Sized), plan: &Plan) -> io::Result<()> {
    let counts = plan.counts();
    let document = PlanDocument {
        version: VERSION,
        steps: plan.steps().map(step).collect(),
        added: counts.added,
        changed: counts.changed,
        removed: counts.removed,
        unchanged: plan.unchanged,
    };
    write_document(out, &document)
}

fn step(planned: &PlannedStep) -> JsonStep {
    let (action, old, new) = match &planned.step {
        Step::Add(new) => ("add", None, Some(new.to_string())),
        Step::Edit(edit) => (
            "change",
            Some(edit.old.to_string()),
            Some(edit.new.to_string()),
        ),
        Step::Remove(old) => ("remove", Some(old.to_string()), None),
    };
    JsonStep {
        action,
        line: (planned.line > 0).then_some(planned.line),
        old,
        new,
    }
}
