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
    for words in [&["-R", "--dry-run"][..], &["-R", "--replace", "--dry-run"]] {
        fresh();
        let stdin = File::open(&rules).expect("the rules").into();
        let name = format!("memory of {} of 1,000,000 lines", words.join(" "));
        row(report, name, None, peak(Tool::Ours, words, stdin));
    }
    std::fs::remove_file(rules).expect("removing a file");
}

/// Of a listing of the connections that are there.
pub fn connections(report: &mut Report, name: &str) {
    let [theirs, ours] =
        [Tool::Theirs, Tool::Ours].map(|tool| peak(tool, &["-Lnc"], Stdio::null()));
    row(report, format!("memory of {name}"), Some(theirs), ours);
}

fn row(report: &mut Report, name: String, theirs: Option<u64>, ours: u64) {
    let megabytes = |peak: u64| format!("{:.1} MB", peak as f64 / 1000.0);
    report.row([
        name,
        theirs.map(megabytes).unwrap_or_default(),
        megabytes(ours),
        String::new(),
        String::new(),
    ]);
}

/// The most memory that the program has, in units of 1,000 bytes. Less than this program itself has, two megabytes, does not show.
fn peak(tool: Tool, words: &[&str], stdin: Stdio) -> u64 {
    let path = tool.path();
    let program = path.to_str().expect("a name in UTF-8");
    let mut command = ourselves(&[&["peak", program], words].concat());
    command.stdin(stdin).stdout(Stdio::piped());
    let output = command.output().expect("running this program");
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .expect("a number")
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
