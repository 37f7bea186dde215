//! The progress bar of a restore that takes long: on a terminal, and nowhere else.

mod support;

use std::process::{Command, Stdio};
use support::{Namespace, Tool};

/// Many batches.
const LINES: usize = 40_000;

/// Runs a restore that takes longer than a second on any machine: once its first rule is made it is stopped for so long. `stderr` is
/// what a shell makes of its standard error, which is a terminal unless that says otherwise.
fn said_on_a_terminal(stderr: &str) -> String {
    let _namespace = Namespace::new();
    let name = format!("ipvsadm-long-{:?}", std::thread::current().id());
    let rules = std::env::temp_dir().join(name);
    let refused = (2..=LINES).map(|n| format!("-a -f {n} -r 10.0.0.1:80\n"));
    let lines = std::iter::once("-A -f 1\n".to_owned()).chain(refused);
    std::fs::write(&rules, lines.collect::<String>()).expect("the rules");
    let line = format!(
        "set -o pipefail; {{ {} -R --file '{}' & restore=$!; rows=(); \
         until (( ${{#rows[@]}} > 3 )); do mapfile -t rows < /proc/net/ip_vs; done; \
         kill -STOP $restore; sleep 1.1; kill -CONT $restore; wait $restore; }} {stderr}",
        Tool::Ours.path().display(),
        rules.display()
    );
    let output = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env("SHELL", "/bin/bash")
        .stdin(Stdio::null())
        .output()
        .expect("script");
    assert_eq!(output.status.code(), Some(255));
    std::fs::remove_file(&rules).expect("the rules");
    support::lossy(&output.stdout)
}

fn messages(text: &str) -> usize {
    text.matches("Service not defined").count()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_long_restore_shows_a_bar_on_a_terminal() {
    let said = said_on_a_terminal("");
    assert_eq!(messages(&said), LINES - 1);
    assert!(said.contains("\r[####"), "no bar in {} bytes", said.len());
    assert!(said.contains(&format!("] {LINES}/{LINES}")), "{said}");
    let (bars, messages) = said.split_once("\r\u{1b}[K").expect("the bar goes");
    assert!(
        bars.contains("\r[") && !messages.contains("\r["),
        "the bar stays"
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn no_bar_goes_into_a_file_or_a_pipe() {
    let said = said_on_a_terminal("2>&1 | cat");
    assert_eq!(messages(&said), LINES - 1);
    assert!(!said.contains("\r["), "a bar");
}
