//! How the times grow with the table: from a hundred rules to a million, a hundred to a service.

use crate::floor;
use crate::harness::{Report, Times, Tool, cat, fresh, ourselves, reading, run, take, utf8};
use crate::rules::Shape;
use std::path::Path;
use std::time::Duration;

/// What theirs may take for a measure. Where a tenth of the rules took more than a tenth of it, theirs is left out.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is listed, by the words of the command line; 1.31 has no JSON.
const LISTINGS: [(&str, bool); 3] = [("-Ln", true), ("-Sn", true), ("-Ln --json", false)];

pub fn growth(report: &mut Report) {
    // What theirs took last for each measure that it has.
    let mut took = [Duration::ZERO; 3];
    for services in [1, 10, 100, 1000, 10_000] {
        let shape = Shape {
            services,
            servers: 100,
        };
        let runs = if services > 100 { 3 } else { 5 };
        let (rules, dump) = (shape.file(0), floor::difference(shape, 0, 1));
        let [restore, listings @ ..] = &mut took;
        whole(report, shape, &rules, runs, restore);
        fresh();
        run(reading(Tool::Ours.command(&["-R"]), &rules));
        for (number, (words, has_theirs)) in LISTINGS.into_iter().enumerate() {
            let command: Vec<_> = words.split(' ').collect();
            let theirs = listings.get_mut(number).filter(|_| has_theirs);
            measure(report, words, shape, runs, theirs, |which| match which {
                0 => run(Tool::Theirs.command(&command)),
                1 => run(Tool::Ours.command(&command)),
                _ if words == "-Ln" => run(cat("/proc/thread-self/net/ip_vs")),
                _ => run(ourselves(&["send", utf8(&dump)])),
            });
        }
        measure(
            report,
            "--replace",
            shape,
            runs,
            None,
            |which| match which {
                1 => run(reading(Tool::Ours.command(&["-R", "--replace"]), &rules)),
                _ => run(ourselves(&["send", utf8(&dump), utf8(&rules)])),
            },
        );
        for file in [rules, dump] {
            std::fs::remove_file(file).expect("removing a file");
        }
    }
}

fn whole(report: &mut Report, shape: Shape, rules: &Path, runs: usize, theirs: &mut Duration) {
    let messages = floor::file(shape);
    let restore = |which| {
        fresh();
        run(match which {
            0 => reading(Tool::Theirs.command(&["-R"]), rules),
            1 => reading(Tool::Ours.command(&["-R"]), rules),
            _ => ourselves(&["send", utf8(&messages)]),
        })
    };
    measure(report, "restore", shape, runs, Some(theirs), restore);
    std::fs::remove_file(messages).expect("removing a file");
}

/// Takes the times of theirs, as far as it is quick enough, ours and the floor.
fn measure(
    report: &mut Report,
    name: &str,
    shape: Shape,
    runs: usize,
    theirs: Option<&mut Duration>,
    one: impl FnMut(usize) -> Duration,
) {
    let turns = match &theirs {
        Some(took) if **took * 10 < PATIENCE / 10 => runs.min(2),
        Some(took) if **took * 10 < PATIENCE => 1,
        _ => 0,
    };
    let [times, ours, floor] = take([turns, runs, runs], one);
    if let Some(took) = theirs {
        *took = if turns > 0 { times.lowest() } else { PATIENCE };
    }
    let theirs: Option<&Times> = (turns > 0).then_some(&times);
    let against = if name == "-Ln" { "cat" } else { "the floor" };
    let rules = shape.services * shape.servers;
    report.growth(name, rules, theirs, &ours, &[(against, &floor)]);
}
