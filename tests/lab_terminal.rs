//! What the program says to a person at a terminal, and to nobody else.

mod support;

use std::process::{Command, Stdio};
use support::{Namespace, Tool, lossy};

/// Runs a command line of ours whose three streams are a terminal; nothing is typed. Returns what is on the screen.
fn on_a_terminal(line: &str) -> String {
    let line = format!("{} {line}", Tool::Ours.path().display());
    let output = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .stdin(Stdio::null())
        .output()
        .expect("script");
    let screen = lossy(&output.stdout).replace('\r', "");
    assert!(output.status.success(), "{line}: {screen}");
    screen
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_netmask_that_is_no_network_s_is_noted() {
    for (mask, note) in [
        (
            "24",
            "note: the netmask is 0.0.0.24, which is no network's; one is written as in -M 255.255.255.0\n",
        ),
        (
            "255.255.255",
            "note: the netmask is 255.255.0.255, which is no network's; one is written as in -M 255.255.255.0\n",
        ),
        ("255.255.255.0", ""),
    ] {
        let line = format!("-A -t 10.0.0.1:80 -p -M {mask}");
        let [at_a_terminal, in_a_script] = [true, false].map(|terminal| {
            let _namespace = Namespace::new();
            match terminal {
                true => on_a_terminal(&line),
                false => lossy(&Tool::Ours.line(&line).stderr),
            }
        });
        assert_eq!(at_a_terminal, note, "{line}");
        assert_eq!(in_a_script, "", "{line}");
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_forwarding_method_that_changes_unasked_is_noted() {
    let _namespace = Namespace::new();
    let server = "-t 10.0.0.1:80 -r 10.0.0.2:80";
    Tool::Ours.line("-A -t 10.0.0.1:80").ok();
    for (method, was) in [("-m", "masquerading"), ("-i", "tunnelling")] {
        Tool::Ours.line(&format!("-a {server} {method}")).ok();
        assert_eq!(
            on_a_terminal(&format!("-e {server} {method} -w 2")),
            "",
            "{method} is given"
        );
        assert_eq!(
            on_a_terminal(&format!("-e {server} -w 3")),
            format!(
                "note: forwarding changes from {was} to direct routing, as none of -g, -i and -m is given; to keep it, give {method}\n"
            )
        );
        assert_eq!(on_a_terminal(&format!("-e {server} -w 4")), "", "no change");
        Tool::Ours.line(&format!("-e {server} {method}")).ok();
        let adds = on_a_terminal(&format!("-a {server} --exist -w 3"));
        assert!(adds.contains(&format!("changes from {was}")), "{adds}");
        Tool::Ours.line(&format!("-e {server} {method}")).ok();
        assert_eq!(
            on_a_terminal(&format!("-e {server} -g")),
            "",
            "it is asked for"
        );
        Tool::Ours.line(&format!("-d {server}")).ok();
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_restore_from_the_terminal_says_so() {
    let _namespace = Namespace::new();
    let note = "reading rules from the terminal; Ctrl-D ends them, Ctrl-C cancels\n";
    for line in ["-R", "-R --dry-run"] {
        let screen = on_a_terminal(line);
        assert!(screen.contains(note), "{line}: {screen}");
    }
    let said = Tool::Ours.run_with(["-R"], b"-A -f 1\n");
    assert_eq!(lossy(&said.stderr), "");
}
