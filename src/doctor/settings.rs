//! Settings of IPVS that keep packets or figures back.

use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, sysctl};
use super::scene::Scene;

/// Whether IPVS drops packets to defend itself.
pub fn defenses(scene: &Scene, report: &mut Report) {
    const SETTING: &str = "net/ipv4/vs/drop_packet";
    if scene.services.is_empty() {
        return;
    }
    let setting = scene.machine.settings.number(SETTING);
    // 1 waits for memory to run short, 2 says that it does, 3 is always.
    let Some(mode @ 2..) = report.look("drop_packet", &setting) else {
        return;
    };
    report.findings.push(Finding {
        severity: Severity::Warning,
        id: "drop-packet",
        seen: format!("net.ipv4.vs.drop_packet is {mode}"),
        meaning: match mode {
            2 => "memory is short, and new connections are dropped",
            _ => "a share of new connections is always dropped",
        },
        services: Vec::new(),
        remedy: Remedy::here(sysctl(SETTING, "0")),
    });
}

/// Whether rates are estimated.
pub fn estimation(scene: &Scene, report: &mut Report) {
    const SETTING: &str = "net/ipv4/vs/run_estimation";
    let setting = scene.machine.settings.number(SETTING);
    // Kernels before 5.17 have no such setting, and estimate.
    if scene.services.is_empty() || setting != Ok(0) {
        return;
    }
    report.findings.push(Finding {
        severity: Severity::Hint,
        id: "no-estimation",
        seen: "net.ipv4.vs.run_estimation is 0".to_owned(),
        meaning: "rates stand still",
        services: Vec::new(),
        remedy: Remedy::here(sysctl(SETTING, "1")),
    });
}
