//! The doctor: every recipe's set-up is healthy, and the command of every finding mends what it names. The proofs are
//! scripts, `tests/doctor/*.sh`; each makes a space of its own, so they may run at the same time.

mod support;

use std::process::Command;
use support::need_lab;

fn proves(name: &str) {
    need_lab();
    let script = format!("{}/tests/doctor/{name}.sh", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(&script).env("LC_ALL", "C").output().unwrap();
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

macro_rules! proofs {
    ($($name:ident: $script:literal;)*) => {$(
        #[test]
        #[ignore = "needs a kernel with IPVS: tests/run"]
        fn $name() {
            proves($script);
        }
    )*};
}

proofs! {
    healthy: "healthy";
    nat: "nat";
    direct_routing: "direct-routing";
}
