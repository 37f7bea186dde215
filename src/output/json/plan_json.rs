//! The plan of a convergence.

use super::{VERSION, write_document};
use crate::table::{Plan, PlannedStep, StepKind};
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
        unchanged: counts.unchanged,
    };
    write_document(out, &document)
}

fn step(step: &PlannedStep) -> JsonStep {
    JsonStep {
        action: match step.kind() {
            StepKind::Add => "add",
            StepKind::Edit => "change",
            StepKind::Remove => "remove",
        },
        line: step.line(),
        old: step.before(),
        new: step.after(),
    }
}
