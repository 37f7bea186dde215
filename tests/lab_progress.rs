//! The progress bar of a restore that takes long: on a terminal, and nowhere else.

mod support;

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{Namespace, Tool};

/// More messages than a terminal and a pipe hold, and lines enough after them.
const LINES: usize = 8000;
/// The bar is drawn anew every 1,024 lines.
const LAST: usize = LINES / 1024 * 1024;

/// Runs a restore that takes longer than a second on any machine: nobody reads what it says for so long, and it has more to say than
/// goes unread. `stderr` is what a shell makes of its standard error, which is a terminal unless that says otherwise.
fn said_on_a_terminal(stderr: &str) -> String {
    let _namespace = Namespace::new();
    let name = format!("ipvsadm-long-{:?}", std::thread::current().id());
    let rules = std::env::temp_dir().join(name);
    let lines = (1..=LINES).map(|n| format!("-a -f {n} -r 10.0.0.1:80\n"));
    std::fs::write(&rules, lines.collect::<String>()).expect("the rules");
    let ours = Tool::Ours.path();
    let line = format!(
        "set -o pipefail; {} -R --file '{}' {stderr}",
        ours.display(),
        rules.display()
    );
    let mut script = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env("SHELL", "/bin/bash")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script");
    let mut terminal = script.stdout.take().expect("what it says");
    let mut said = vec![0];
    terminal.read_exact(&mut said).expect("a first message");
    std::thread::sleep(Duration::from_millis(1100));
    terminal.read_to_end(&mut said).expect("the rest");
    assert_eq!(script.wait().expect("its end").code(), Some(255));
    std::fs::remove_file(&rules).expect("the rules");
    support::lossy(&said)
}

fn messages(text: &str) -> usize {
    text.matches("Service not defined").count()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_long_restore_shows_a_bar_on_a_terminal() {
    let said = said_on_a_terminal("");
    assert_eq!(messages(&said), LINES);
    assert!(said.contains("\r[####"), "no bar in {} bytes", said.len());
    assert!(said.contains(&format!("] {LAST}/{LINES}")), "{said}");
    assert!(
        said.ends_with("\r\u{1b}[K"),
        "the bar stays: {:?}",
        said.get(said.len() - 100..)
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn no_bar_goes_into_a_file_or_a_pipe() {
    let said = said_on_a_terminal("2>&1 | cat");
    assert_eq!(messages(&said), LINES);
    assert!(!said.contains("\r["), "a bar");
}
