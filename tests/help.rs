//! Help works on every machine, with IPVS or without. Runs outside the lab. What the rest says without IPVS: lab_module.rs.

use std::process::Command;

#[test]
fn help_and_version_work() {
    for word in ["-h", "--help", "-v", "--version"] {
        let output = Command::new(env!("CARGO_BIN_EXE_ipvsadm"))
            .arg(word)
            .output()
            .expect("running ipvsadm");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{word}: {output:?}"
        );
        assert!(
            text.starts_with("ipvsadm v")
                && text.lines().next().is_some_and(|line| line.ends_with(')')),
            "{word}: {text}"
        );
    }
}
