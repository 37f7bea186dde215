//! Changing the table.

use crate::floor;
use crate::harness::{Report, Tool, fresh, ourselves, reading, run, take, utf8};
use crate::rules::{SHAPES, Shape};
use std::time::Duration;

/// A whole restore of each table, against the floor.
pub fn whole(report: &mut Report) {
    for shape in SHAPES {
        let (rules, messages) = (shape.file(0), floor::file(shape));
        // Theirs takes long.
        let [theirs, ours, floor] = take([2, 5, 5], |which| {
            fresh();
            run(match which {
                0 => reading(Tool::Theirs.command(&["-R"]), &rules),
                1 => reading(Tool::Ours.command(&["-R"]), &rules),
                _ => ourselves(&["send", utf8(&messages)]),
            })
        });
        let name = format!("restore of {} rules", shape.name());
        report.times(&name, Some(&theirs), &ours, &[("the floor", &floor)]);
    }
}

/// A table of 10,000 rules of which 1% changed, and one that is the same.
pub fn replace(report: &mut Report) {
    let shape = SHAPES[0];
    let base = shape.file(0);
    for (changed, name) in [
        (100, "--replace, 1% of 10,000 changed"),
        (0, "--replace, nothing changed"),
    ] {
        let rules = shape.file(changed);
        let [once, twice] = [1, 2].map(|dumps| floor::difference(shape, changed, dumps));
        let [ours, floor, of_two, whole] = take([9; 4], |which| {
            fresh();
            if which < 3 {
                run(reading(Tool::Ours.command(&["-R"]), &base));
            }
            run(match which {
                0 => reading(Tool::Ours.command(&["-R", "--replace"]), &rules),
                1 => ourselves(&["send", utf8(&once), utf8(&rules)]),
                2 => ourselves(&["send", utf8(&twice), utf8(&rules)]),
                _ => reading(Tool::Ours.command(&["-R"]), &rules),
            })
        });
        let others = [
            ("its floor", &floor),
            ("the same with both dumps", &of_two),
            ("a whole restore", &whole),
        ];
        report.times(name, None, &ours, &others);
    }
}

/// As a script does that adds servers one by one.
pub fn single_commands(report: &mut Report) {
    let servers = (0..200).map(|number| format!("10.2.0.{number}:80"));
    let servers: Vec<_> = servers.collect();
    let service = Shape {
        services: 1,
        servers: 0,
    }
    .file(0);
    let [theirs, ours] = take([5, 5], |which| {
        fresh();
        run(reading(Tool::Ours.command(&["-R"]), &service));
        let tool = [Tool::Theirs, Tool::Ours][which];
        let add =
            |server: &String| run(tool.command(&["-a", "-t", "10.1.0.0:80", "-r", server, "-m"]));
        servers.iter().map(add).sum::<Duration>()
    });
    report.times("200 single -a commands", Some(&theirs), &ours, &[]);
}
