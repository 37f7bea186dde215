//! What the doctor found, as JSON.

use super::{VERSION, write_document};
use crate::doctor::{Finding, Report, Runner};
use crate::output::doctor_report::NAMED;
use serde::Serialize;
use std::io::{self, Write};
use std::net::IpAddr;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<JsonFinding<'a>>,
    not_looked_at: Vec<JsonUnseen<'a>>,
    ok: &'a [&'static str],
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    severity: &'static str,
    id: &'static str,
    seen: &'a str,
    meaning: &'a str,
    services: Vec<String>,
    service_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_on: Option<IpAddr>,
}

#[derive(Serialize)]
struct JsonUnseen<'a> {
    what: &'a str,
    why: &'a str,
}

/// Writes the whole report: hints and what is as it should be, too.
///
/// # Errors
/// What the writer reports.
pub fn write_json_report(
    out: &mut (impl Write + ?Sized),
    report: &Report,
    runner: &Runner,
) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        findings: report.findings.iter().map(|it| json(it, runner)).collect(),
        not_looked_at: report
            .unseen
            .iter()
            .map(|it| JsonUnseen {
                what: it.what,
                why: &it.why,
            })
            .collect(),
        ok: &report.fine,
    };
    write_document(out, &document)
}

fn json<'a>(finding: &'a Finding, runner: &Runner) -> JsonFinding<'a> {
    let named = finding.services.iter().take(NAMED);
    JsonFinding {
        severity: finding.severity.as_str(),
        id: finding.id,
        seen: &finding.seen,
        meaning: finding.meaning,
        services: named.map(ToString::to_string).collect(),
        service_count: finding.services.len(),
        run: finding.remedy.as_ref().map(|it| runner.line(it)),
        run_on: finding.remedy.as_ref().and_then(|it| it.on),
    }
}
