//! Help works on every machine, with IPVS or without. Runs outside the lab. What the rest says without IPVS: lab_module.rs.

use std::process::Command;

/// What it prints, all being well.
fn printed(line: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ipvsadm"))
        .args(line.split(' '))
        .output()
        .expect("running ipvsadm");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{line}: {output:?}"
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn help_and_version_work() {
    for word in ["-h", "--help", "-v", "--version"] {
        let text = printed(word);
        assert!(
            text.starts_with("ipvsadm v")
                && text.lines().next().is_some_and(|line| line.ends_with(')')),
            "{word}: {text}"
        );
    }
}

/// 1.31 calls this an invalid option.
#[test]
fn a_command_has_help_of_its_own() {
    for (line, usage, option, other) in [
        ("-A -h", "-A SERVICE ", "--sched-flags", "--weight"),
        (
            "-a --help",
            "-a SERVICE -r SERVER ",
            "--weight",
            "--sched-flags",
        ),
        ("-Lh", "-L [SERVICE] ", "--rate", "--replace"),
        ("-L -t nonsense -h", "-L [SERVICE] ", "--rate", "--replace"),
        (
            "--start-daemon master -h",
            "--start-daemon master|backup ",
            "--syncid",
            "--rate",
        ),
        // Where a word is wanted, too.
        (
            "--start-daemon -h",
            "--start-daemon master|backup ",
            "--syncid",
            "--rate",
        ),
        (
            "--stop-daemon --help",
            "--stop-daemon master|backup ",
            "--syncid",
            "--rate",
        ),
        ("-R -h", "-R ", "--replace", "--weight"),
        ("-C -h", "-C", "--netns", "--weight"),
    ] {
        let text = printed(line);
        assert!(
            text.starts_with(&format!("Usage: ipvsadm {usage}")),
            "{line}: {text}"
        );
        assert!(
            text.contains(option) && !text.contains(other),
            "{line}: {text}"
        );
        assert!(text.contains("\nExample:\n  ipvsadm -"), "{line}: {text}");
    }
}
