//! What the next boot makes of the table.

use super::facts::Seen;
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, command};
use super::scene::Scene;
use crate::kernel::Kernel;
use crate::table::{PlanCounts, Target};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The service's rules file beside the table.
#[derive(Debug)]
pub struct Boot {
    path: &'static str,
    counts: PlanCounts,
}

impl Boot {
    /// Compares the table with the file that the service restores at boot; `None` where
    /// it is not to restore any.
    pub fn read(kernel: &mut Kernel) -> Option<Seen<Self>> {
        let path = rules_file()?;
        Some(compare(kernel, path).map_err(|error| format!("{path}: {error:#}")))
    }
}

/// As `packaging/service` has it.
fn rules_file() -> Option<&'static str> {
    let is_debian = Path::new("/usr/share/ipvsadm/default/ipvsadm").exists();
    if Path::new("/etc/sysconfig").is_dir() && !is_debian {
        let link = Path::new("/etc/systemd/system/multi-user.target.wants/ipvsadm.service");
        return link.is_symlink().then_some("/etc/sysconfig/ipvsadm");
    }
    let text = fs::read_to_string("/etc/default/ipvsadm").ok()?;
    let last = text
        .lines()
        .filter_map(|line| line.strip_prefix("AUTO="))
        .next_back()?;
    let wanted = matches!(last.trim().trim_matches(['"', '\'']), "true" | "yes");
    wanted.then_some("/etc/ipvsadm.rules")
}

fn compare(kernel: &mut Kernel, path: &'static str) -> anyhow::Result<Boot> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        text => text?,
    };
    let target = Target::read(io::Cursor::new(text))?;
    let counts = kernel.plan(&target)?.counts();
    Ok(Boot { path, counts })
}

/// Whether the table outlives a boot.
pub fn kept(scene: &Scene, report: &mut Report) {
    let Some(boot) = &scene.boot else {
        return;
    };
    let Some(Boot { path, counts }) = report.look("the rules file", boot) else {
        return;
    };
    let PlanCounts {
        added,
        changed,
        removed,
        ..
    } = counts;
    if added + changed + removed == 0 {
        return;
    }
    report.findings.push(Finding {
        severity: Severity::Warning,
        id: "boot-differs",
        seen: format!(
            "{path} is not the table: it has {added} rules more, {changed} others, {removed} less"
        ),
        meaning: "the next boot makes another table",
        services: Vec::new(),
        remedy: Some(Remedy {
            on: None,
            commands: mend(path, *counts, scene.services.is_empty()),
        }),
    });
}

/// An empty table is made of the file; else the file is made of the table, and the old
/// one is kept: which of the two is right nobody knows here.
fn mend(path: &str, counts: PlanCounts, is_empty: bool) -> Vec<String> {
    if is_empty {
        return vec![command(&["ipvsadm", "-R", "--replace", "--file", path])];
    }
    let save = command(&["ipvsadm", "-Sn", "--file", path]);
    let has_rules = counts.added + counts.changed + counts.unchanged > 0;
    let keep = command(&["cp", "-p", path, &format!("{path}.old")]);
    has_rules
        .then_some(keep)
        .into_iter()
        .chain([save])
        .collect()
}
