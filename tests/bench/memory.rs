//! What a million lines take of the memory.

use crate::harness::{Report, Tool, fresh, ourselves};
use crate::rules::Shape;
use nix::sys::resource::{UsageWho, getrusage};
use std::fs::File;
use std::process::{Command, Stdio};

pub fn million_lines(report: &mut Report) {
    let rules = Shape {
        services: 1000,
        servers: 999,
    }
    .file(0);
    let path = Tool::Ours.path();
    let ours = path.to_str().expect("a name in UTF-8");
    for words in [&["-R", "--dry-run"][..], &["-R", "--replace", "--dry-run"]] {
        fresh();
        let mut command = ourselves(&[&["peak", ours], words].concat());
        command
            .stdin(File::open(&rules).expect("the rules"))
            .stdout(Stdio::piped());
        let output = command.output().expect("running this program");
        let peak: u64 = String::from_utf8_lossy(&output.stdout)
            .trim()
            .parse()
            .expect("a number");
        report.row([
            format!("memory of {} of 1,000,000 lines", words.join(" ")),
            String::new(),
            format!("{} MB", peak / 1000),
            String::new(),
            String::new(),
        ]);
    }
    std::fs::remove_file(rules).expect("removing a file");
}

/// Runs a program and prints the most memory that it had, in units of 1,000 bytes.
pub fn run(words: &[String]) {
    let (program, arguments) = words.split_first().expect("a program");
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .expect("running it");
    assert!(matches!(status.code(), Some(0 | 3)), "{words:?}: {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the usage");
    println!("{}", usage.max_rss() * 1024 / 1000);
}
