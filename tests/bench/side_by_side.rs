//! Theirs and ours side by side, in one boot of the lab: tests/bench/run. Arguments are names of groups, all unless told.

mod connections;
mod dns;
mod floor;
mod growth;
mod harness;
mod listing;
mod memory;
mod restore;
mod rules;

use harness::{HEAD, Report};
use std::path::Path;

type Measure = fn(&mut Report);

/// What is measured, by the name that chooses it. A new group is one line here.
const GROUPS: [(&str, Measure); 7] = [
    ("restore", restore::whole),
    ("replace", restore::replace),
    ("single", restore::single_commands),
    ("memory", memory::million_lines),
    ("listing", listing::tables),
    ("rest", listing::connections_starts_and_names),
    ("growth", growth::growth),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // This program is also two of the programs that it runs.
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["send", file, ref read @ ..] => return floor::send(file, read),
        ["peak", ..] => return memory::run(&arguments[1..]),
        _ => {}
    }
    let chosen: Vec<_> = arguments
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let folder =
        std::env::var_os("BENCH_DATA").expect("BENCH_DATA is not set: run tests/bench/run");
    let mut tables = String::new();
    for (name, run) in GROUPS {
        if chosen.is_empty() || chosen.iter().any(|chosen| *chosen == name) {
            let data = Path::new(&folder).join(name).with_extension("tsv");
            let mut report = Report::new(&data);
            run(&mut report);
            tables += &report.table();
        }
    }
    println!("\n{HEAD}{tables}");
}
