//! Showing the table.

use crate::connections;
use crate::dns;
use crate::harness::{Report, Times, Tool, cat, fresh, reading, run, take};
use crate::memory;
use crate::rules::{SHAPES, write};
use std::process::Command;
use std::time::Duration;

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
            report.times(&name, Some(&theirs), &ours, &[("cat", &kernel)]);
        }
    }
}

/// Twenty starts of each program; they take turns one by one, and their sums are compared.
fn starts(report: &mut Report) {
    fresh();
    let programs = || {
        [
            Tool::Theirs.command(&["-Ln"]),
            Tool::Ours.command(&["-Ln"]),
            Command::new("/bin/true"),
        ]
    };
    let mut sums = [(); 3].map(|()| Times::default());
    for _ in 0..5 {
        let mut turn = [Duration::ZERO; 3];
        for _ in 0..20 {
            for (sum, command) in turn.iter_mut().zip(programs()) {
                *sum += run(command);
            }
        }
        sums.iter_mut()
            .zip(turn)
            .for_each(|(sums, sum)| sums.add(sum));
    }
    let [theirs, ours, nothing] = sums;
    let name = "20 starts, -Ln of an empty table";
    report.times(name, Some(&theirs), &ours, &[("true", &nothing)]);
    let [theirs, ours] = [theirs, ours].map(|times| times.beyond(&nothing));
    // Where `true` maps libraries and that is slow, ours takes less than it.
    if ours.lowest() > Duration::ZERO {
        let name = "the same, with what true took taken off";
        report.times(name, Some(&theirs), &ours, &[("theirs", &theirs)]);
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
    let name = "-Lnc of 50,000 connections";
    report.times(name, Some(&theirs), &ours, &[("cat", &kernel)]);
    memory::connections(report, name);
    starts(report);

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
        &[],
    );
}
