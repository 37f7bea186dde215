//! Showing the table.

use crate::connections;
use crate::dns;
use crate::harness::{Report, Tool, fresh, reading, run, take};
use crate::rules::{SHAPES, write};
use std::process::{Command, Stdio};
use std::time::Duration;

fn cat(file: &str) -> Command {
    let mut command = Command::new("/bin/cat");
    command.arg(file).stdout(Stdio::null());
    command
}

/// -Ln and -Sn of each table, against the kernel's own listing, which holds less.
pub fn tables(report: &mut Report) {
    for shape in SHAPES {
        let rules = shape.file(0);
        for words in ["-Ln", "-Sn"] {
            fresh();
            run(reading(Tool::Ours.command(&["-R"]), &rules));
            let [theirs, ours, kernel] = take([3, 5, 5], |which| match which {
                0 => run(Tool::Theirs.command(&[words])),
                1 => run(Tool::Ours.command(&[words])),
                _ => run(cat("/proc/thread-self/net/ip_vs")),
            });
            let name = format!("{words} of {}", shape.name());
            report.times(&name, Some(&theirs), &ours, Some(("cat", kernel.lowest())));
        }
    }
}

pub fn connections_starts_and_names(report: &mut Report) {
    fresh();
    connections::fill(50_000);
    let [theirs, ours, kernel] = take([3, 5, 5], |which| match which {
        0 => run(Tool::Theirs.command(&["-Lnc"])),
        1 => run(Tool::Ours.command(&["-Lnc"])),
        _ => run(cat("/proc/thread-self/net/ip_vs_conn")),
    });
    report.times(
        "-Lnc of 50,000 connections",
        Some(&theirs),
        &ours,
        Some(("cat", kernel.lowest())),
    );

    fresh();
    let [theirs, ours, nothing] = take([5, 5, 5], |which| {
        let one = |_| {
            run(match which {
                0 => Tool::Theirs.command(&["-Ln"]),
                1 => Tool::Ours.command(&["-Ln"]),
                _ => Command::new("/bin/true"),
            })
        };
        (0..20).map(one).sum::<Duration>()
    });
    report.times(
        "20 starts, -Ln of an empty table",
        Some(&theirs),
        &ours,
        Some(("true", nothing.lowest())),
    );

    fresh();
    let line = |n: u32| format!("-A -t 10.3.0.{n}:80\n-a -t 10.3.0.{n}:80 -r 10.4.0.{n}:80 -m\n");
    let rules = write("names", (1..=100).map(line).collect::<String>().as_bytes());
    run(reading(Tool::Ours.command(&["-R"]), &rules));
    dns::serve_after(Duration::from_millis(100));
    let [theirs, ours] = take([1, 5], |which| {
        run([Tool::Theirs, Tool::Ours][which].command(&["-L"]))
    });
    report.times(
        "-L of 200 names that take 100 ms each",
        Some(&theirs),
        &ours,
        None,
    );
}
