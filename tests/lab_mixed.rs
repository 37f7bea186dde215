//! Four programs at one table at once: one replaces it, one restores into it, one changes single things, one saves and lists. It takes
//! a few seconds, and five minutes with `tests/run --long`.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::{Namespace, Outcome, Tool};

/// So many services of so many servers.
fn rules(services: usize, servers: usize, weight: usize) -> String {
    let mut text = String::new();
    for service in 0..services {
        let key = format!("-t 10.0.0.{service}:80");
        text += &format!("-A {key} -s wlc\n");
        for server in 1..=servers {
            text += &format!("-a {key} -r 10.1.0.{server}:80 -m -w {weight}\n");
        }
    }
    text
}

/// What was asked for was done, or it was refused with a word.
#[track_caller]
fn check(what: &str, outcome: &Outcome, refusable: bool) {
    let said = support::lossy(&outcome.stderr);
    assert!(!said.contains("panicked"), "{what}: {outcome}");
    match outcome.status {
        0 => assert_eq!(said, "", "{what}: {outcome}"),
        255 if refusable => assert_ne!(said, "", "{what}: {outcome}"),
        _ => panic!("{what}: {outcome}"),
    }
}

/// Replaces the table; every third time a signal comes in between.
fn replace(turn: usize) {
    let text = rules(20 + turn % 3 * 20, 10, 1 + turn % 5);
    let path = format!("/tmp/lab-mixed-{turn}.rules");
    fs::write(&path, text).expect("writing rules");
    let child = Tool::Ours
        .command(["-R", "--replace", "--file", &path])
        .stderr(Stdio::piped())
        .spawn()
        .expect("a start");
    let interrupted = turn.is_multiple_of(3);
    if interrupted {
        // It may be through already.
        let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM);
    }
    let output = child.wait_with_output().expect("an end");
    let said = support::lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    match output.status.code() {
        Some(0) => assert_eq!(said, ""),
        // A busy machine may keep the lock longer than a restore waits for it.
        Some(255) => assert!(
            said.contains("undone") || said.contains("another restore is at work"),
            "{said}"
        ),
        // Ended by the signal, before anything was done or with a word.
        None => assert!(interrupted, "{said}"),
        other => panic!("{other:?}: {said}"),
    }
    fs::remove_file(path).expect("removing rules");
}

/// Saves, and what was saved can be restored.
fn save_and_list(turn: usize) {
    let path = format!("/tmp/lab-mixed-save-{turn}");
    check("save", &Tool::Ours.run(["-Sn", "--file", &path]), false);
    let outcome = Tool::Ours.run(["-R", "--dry-run", "--file", &path]);
    assert_eq!(outcome.status, 0, "{outcome}");
    fs::remove_file(&path).expect("removing a save");
    let listing = Tool::Ours.run(["-Ln"]);
    check("list", &listing, false);
}

fn change(turn: usize) {
    let (service, server) = (turn % 60, 1 + turn % 12);
    let of = format!("-t 10.0.0.{service}:80");
    for line in [
        format!("-A {of} -s rr --exist"),
        format!("-a {of} -r 10.1.0.{server}:80 -m -w 7 --exist"),
        format!("-d {of} -r 10.1.0.{server}:80 --exist"),
        format!("-D {of} --exist"),
    ] {
        // The service may go before its server comes.
        check(&line, &Tool::Ours.line(&line), line.starts_with("-a"));
    }
}

fn restore(turn: usize) {
    let text = rules(1 + turn % 30, 5, 3);
    let outcome = Tool::Ours.run_with(["-R", "--exist"], text.as_bytes());
    check("restore", &outcome, true);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn four_programs_at_one_table() {
    let seconds = std::env::var("LAB_LONG").map_or(5, |text| text.parse().expect("seconds"));
    let _namespace = Namespace::new();
    let end = Instant::now() + Duration::from_secs(seconds);
    let failed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for work in [replace, save_and_list, change, restore] {
            let failed = &failed;
            scope.spawn(move || {
                let until_the_end = std::panic::AssertUnwindSafe(|| {
                    let mut turns = 0..;
                    while Instant::now() < end && !failed.load(Ordering::Relaxed) {
                        work(turns.next().unwrap_or_default());
                    }
                });
                if let Err(panic) = std::panic::catch_unwind(until_the_end) {
                    failed.store(true, Ordering::Relaxed);
                    std::panic::resume_unwind(panic);
                }
            });
        }
    });
    // Whatever they left, the next replace makes it what it should be.
    let text = rules(3, 4, 2);
    let outcome = Tool::Ours.run_with(["-R", "--replace"], text.as_bytes());
    check("the last replace", &outcome, false);
    assert_eq!(Tool::Theirs.run(["-Sn"]).ok(), text);
}
