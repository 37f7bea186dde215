//! What the doctor found: a line a finding.

use crate::doctor::{Finding, Report, Runner, Severity};
use crate::text::escape;
use std::io::{self, Write};

/// How many services a finding names.
pub(super) const NAMED: usize = 5;

/// Writes the findings, what was not looked at and, where `verbose`, hints and what is
/// as it should be.
///
/// # Errors
/// What the writer reports.
pub fn write_report(
    out: &mut (impl Write + ?Sized),
    report: &Report,
    runner: &Runner,
    verbose: bool,
) -> io::Result<()> {
    for finding in &report.findings {
        if verbose || finding.severity > Severity::Hint {
            writeln!(out, "{}", escape(&line(finding, runner)))?;
        }
    }
    for unseen in &report.unseen {
        let line = format!("not looked at: {}: {}", unseen.what, unseen.why);
        writeln!(out, "{}", escape(&line))?;
    }
    if verbose {
        for fine in &report.fine {
            writeln!(out, "ok: {fine}")?;
        }
    }
    Ok(())
}

fn line(finding: &Finding, runner: &Runner) -> String {
    let Finding {
        severity,
        id,
        seen,
        meaning,
        services,
        remedy,
    } = finding;
    let mut line = format!("{} {id}: {seen}: {meaning}", severity.as_str());
    if !services.is_empty() {
        let named: Vec<String> = services
            .iter()
            .take(NAMED)
            .map(ToString::to_string)
            .collect();
        line += &format!("; for {}", named.join(", "));
        if services.len() > NAMED {
            line += &format!(" and {} more", services.len() - NAMED);
        }
    }
    if let Some(remedy) = remedy {
        let on = remedy
            .on
            .map_or(String::new(), |server| format!(" on {server}"));
        line += &format!("; run{on}: {}", runner.line(remedy));
    }
    line
}
