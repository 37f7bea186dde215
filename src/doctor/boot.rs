//! What the next boot makes of the table.

use super::facts::Seen;
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, command};
use super::scene::Scene;
use crate::kernel::Kernel;
use crate::model::Change;
use crate::table::{PlanCounts, Target};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The service's rules file beside the table.
#[derive(Debug)]
pub struct Boot {
    path: &'static str,
    counts: PlanCounts,
    /// Whether the file has timeouts or sync daemons, too.
    has_settings: bool,
}

impl Boot {
    /// Compares the table with the file that the service restores at boot; `None` where
    /// it is not to restore any.
    pub fn read(kernel: &mut Kernel) -> Option<Seen<Self>> {
        let path = match rules_file() {
            Ok(path) => path?,
            Err(why) => return Some(Err(why)),
        };
        Some(compare(kernel, path).map_err(|error| format!("{path}: {error:#}")))
    }
}

/// The file that `packaging/service` restores, with the configuration that it reads.
fn rules_file() -> Seen<Option<&'static str>> {
    const CONFIGURATION: &str = "/etc/default/ipvsadm";
    let is_debian = Path::new("/usr/share/ipvsadm/default/ipvsadm").exists();
    if Path::new("/etc/sysconfig").is_dir() && !is_debian {
        let link = Path::new("/etc/systemd/system/multi-user.target.wants/ipvsadm.service");
        return Ok(link.is_symlink().then_some("/etc/sysconfig/ipvsadm"));
    }
    let text = match fs::read_to_string(CONFIGURATION) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{CONFIGURATION}: {error}")),
    };
    match is_automatic(&text) {
        Some(true) => Ok(Some("/etc/ipvsadm.rules")),
        Some(false) => Ok(None),
        None => Err(format!("{CONFIGURATION}: AUTO was not understood")),
    }
}

/// Whether the configuration, which is shell, wants a restore at boot by a plain AUTO=VALUE;
/// `None` where it sets AUTO in another way.
fn is_automatic(text: &str) -> Option<bool> {
    let of_auto = |line: &&str| line.contains("AUTO=") && !line.trim_start().starts_with('#');
    let Some(line) = text.lines().rfind(of_auto) else {
        return Some(false);
    };
    let mut words = line.strip_prefix("AUTO=")?.split_whitespace();
    let value = words.next().unwrap_or_default().trim_matches(['"', '\'']);
    if words.next().is_some_and(|rest| !rest.starts_with('#')) {
        return None;
    }
    match value.to_ascii_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
        "" | "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn compare(kernel: &mut Kernel, path: &'static str) -> anyhow::Result<Boot> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        text => text?,
    };
    let target = Target::read(io::Cursor::new(text))?;
    let counts = kernel.plan(&target)?.counts();
    let mut changes = target.table().changes();
    Ok(Boot {
        path,
        counts,
        has_settings: changes
            .any(|change| matches!(change, Change::SetTimeouts(_) | Change::StartDaemon(_))),
    })
}

/// Whether the table outlives a boot.
pub fn kept(scene: &Scene, report: &mut Report) {
    let Some(boot) = &scene.boot else {
        return;
    };
    let Some(boot) = report.look("the rules file", boot) else {
        return;
    };
    let path = boot.path;
    let PlanCounts {
        added,
        changed,
        removed,
        ..
    } = boot.counts;
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
        remedy: Some(Remedy::in_order(mend(boot, scene.services.is_empty()))),
    });
}

/// The commands that make the table and the file the same. The file fills an empty table. Any
/// other table is saved to the file, and the old file is kept, as it may be the right one.
fn mend(boot: &Boot, is_empty: bool) -> Vec<String> {
    let Boot { path, counts, .. } = boot;
    if is_empty {
        return vec![command(&["ipvsadm", "-R", "--replace", "--file", path])];
    }
    let mut commands = Vec::new();
    let mut save = vec!["ipvsadm", "-Sn"];
    let has_rules = counts.added + counts.changed + counts.unchanged > 0;
    if has_rules || boot.has_settings {
        let old = format!("{path}.old");
        commands.push(command(&["cp", "-p", "--backup=numbered", path, &old]));
    }
    if boot.has_settings {
        save.push("--all");
    }
    save.extend(["--file", path]);
    commands.push(command(&save));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_service_for_yes_and_no() {
        for (text, wanted) in [
            ("", Some(false)),
            ("# AUTO=true\n", Some(false)),
            ("AUTO=\n", Some(false)),
            ("AUTO=\"true\"\n", Some(true)),
            ("AUTO=false\nAUTO='Yes' # as of May\r\n", Some(true)),
            ("AUTO=1\nDAEMON=none\n", Some(true)),
            ("AUTO=off\n", Some(false)),
            ("AUTO=$(hostname)\n", None),
            ("AUTO=true false\n", None),
            ("if true; then\n  AUTO=true\nfi\n", None),
        ] {
            assert_eq!(is_automatic(text), wanted, "{text:?}");
        }
    }
}
