//! The proofs of the doctor's findings.

use std::process::Command;

/// Runs a script of `tests/doctor/`, which has to come to its end.
pub fn proves(name: &str) {
    super::need_lab();
    let script = format!("{}/tests/doctor/{name}.sh", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(&script)
        .env("LC_ALL", "C")
        .output()
        .expect("a script");
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    // A script that ended early, for whatever reason, has not said this.
    assert!(
        output.status.success() && last.starts_with(&format!("{name}: works")),
        "{script}: {}\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}
