//! -R in the real kernel: batches do what single commands do, --exist, and the lock.

mod support;

use ipvs::kernel::{Error, Kernel};
use ipvs::names::SystemLookup;
use ipvs::rules::parse_line;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::alone::alone;
use support::locks::wait_until_open;
use support::random::{Random, repeatable, table_of};
use support::{Namespace, Outcome, Tool, table};

fn restore(words: &[&str], rules: &str) -> Outcome {
    Tool::Ours.run_with([&["-R"], words].concat(), rules.as_bytes())
}

fn said(outcome: &Outcome) -> Vec<String> {
    support::lossy(&outcome.stderr)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Mostly good, now and then what the kernel refuses.
fn many_lines(random: &mut Random, count: usize) -> Vec<String> {
    let mut mark = 1;
    let mut port = 0;
    let mut good_or_bad = |random: &mut Random| -> String {
        port += 1;
        match random.below(40) {
            0 => format!("-A -f {mark} -s rr"),
            1 => format!("-a -f {} -r 10.0.0.2:{port}", mark + 100_000),
            2 => format!("-d -f {mark} -r 10.0.0.9:{port}"),
            3 => format!("-D -f {}", mark + 100_000),
            4 => format!("-a -f {mark} -r 224.0.0.1:{port}"),
            5 => format!("-A -f {} -s nosuch", mark + 200_000),
            6 => format!("-e -f {mark} -r 10.0.0.2:{port} -w 7"),
            7 => format!("-E -f {} -s rr", mark + 100_000),
            8..=14 => {
                mark += 1;
                format!("-A -f {mark} -s rr")
            }
            _ => format!("-a -f {mark} -r 10.0.0.2:{port}"),
        }
    };
    std::iter::once("-A -f 1 -s rr".to_owned())
        .chain(std::iter::repeat_with(|| good_or_bad(random)).take(count - 1))
        .collect()
}

/// -E, -e, -d and -D in between, so that order counts.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn failures_are_told_with_their_lines() {
    let _alone = alone();
    let mut lines = many_lines(&mut repeatable(), 5000);
    // Lines that ask for nothing count as well.
    for at in (0..5000).rev().step_by(7) {
        lines.insert(at, "# a comment".to_owned());
        lines.insert(at, String::new());
    }
    let mut wanted = Vec::new();
    {
        let _elsewhere = Namespace::new();
        let mut kernel = Kernel::open().expect("the kernel");
        for (number, line) in (1..).zip(&lines) {
            let line = parse_line(line, &mut SystemLookup::default()).expect("a good line");
            let Some(line) = line else { continue };
            match kernel.apply(&line.change) {
                Ok(()) => {}
                Err(Error::Refused(refusal)) => wanted.push((number, refusal.errno)),
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(wanted.len() > 300, "{}", wanted.len());
    let _namespace = Namespace::new();
    let outcome = restore(&[], &lines.join("\n"));
    assert_eq!(outcome.status, 255);
    let errno = |message: &str| match message {
        "Service already exists" => libc::EEXIST,
        "Scheduler or persistence engine not found" | "No such destination" => libc::ENOENT,
        "Service not defined" | "No such service" => libc::ESRCH,
        _ if message.starts_with("Invalid operation.") => libc::EINVAL,
        _ => panic!("{message}"),
    };
    let told: Vec<(usize, i32)> = said(&outcome)
        .iter()
        .map(|line| {
            let mut parts = line.splitn(3, ':');
            assert_eq!(parts.next(), Some("stdin"));
            let number = parts
                .next()
                .and_then(|word| word.parse().ok())
                .expect("a number");
            (number, errno(parts.next().expect("a message").trim_start()))
        })
        .collect();
    assert_eq!(told, wanted);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_batch_does_what_single_commands_of_theirs_do() {
    let _alone = alone();
    let lines = many_lines(&mut repeatable(), 150);
    let (wanted, single) = {
        let _elsewhere = Namespace::new();
        let mut messages = Vec::new();
        for (number, line) in (1..).zip(&lines) {
            let outcome = Tool::Theirs.line(line);
            if outcome.status != 0 {
                messages.push(format!("stdin:{number}: {}", outcome.message()));
            }
        }
        (messages, table())
    };
    let _namespace = Namespace::new();
    let outcome = restore(&[], &lines.join("\n"));
    assert_eq!(said(&outcome), wanted);
    assert_eq!(table(), single);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn exist_makes_a_restore_repeatable() {
    let _alone = alone();
    let mut random = repeatable();
    for _ in 0..6 {
        let _namespace = Namespace::new();
        let first = table_of(&mut random);
        assert_eq!(restore(&["--exist"], &first).ok(), "");
        let once = table();
        assert_eq!(restore(&["--exist"], &first).ok(), "");
        assert_eq!(restore(&["--exist"], &format!("{first}{first}")).ok(), "");
        assert_eq!(table(), once);
        // Adding what exists edits it: the second file wins where both speak.
        let second = table_of(&mut random);
        assert_eq!(restore(&["--exist"], &second).ok(), "");
        assert_eq!(restore(&["--exist"], &first).ok(), "");
        assert_eq!(restore(&["--exist"], &second).ok(), "");
        let both = table();
        let _fresh = Namespace::new();
        assert_eq!(restore(&["--exist"], &format!("{first}{second}")).ok(), "");
        assert_eq!(table(), both);
    }
}

/// More than are made ready at a time.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn exist_of_very_many_rules() {
    let _alone = alone();
    let _namespace = Namespace::new();
    let servers = |weight| {
        let server = move |n| {
            let [high, low] = [n / 250, n % 250 + 1];
            format!("-a -f 1 -r 10.0.{high}.{low}:80 -w {weight}\n")
        };
        (0..2500).map(server).collect::<String>()
    };
    let (once, again) = (servers(1), servers(2));
    let rules =
        format!("-A -f 1\n\n{once}# again\n{again}-a -f 1 -r 224.0.0.1:80\n-A -f 1 -s rr\n");
    let outcome = restore(&["--exist"], &rules);
    assert_eq!(
        said(&outcome),
        ["stdin:5004: Invalid operation.  Possibly wrong module version, address not unicast, ..."]
    );
    let table = Tool::Theirs.line("-Sn").ok();
    assert!(table.starts_with("-A -f 1 -s rr\n"), "{table}");
    assert_eq!(table.matches(" -w 2\n").count(), 2500);
    assert_eq!(table.lines().count(), 2501);
}

/// What the kernel refuses is foreseen by nothing: each line has the result that it has by itself.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn exist_after_a_refusal() {
    let _alone = alone();
    let _namespace = Namespace::new();
    let rules = "-A -f 1 -s nosuch\n-A -f 1 -s rr\n-a -f 1 -r 224.0.0.1:80\n-a -f 1 -r 10.0.0.2:80\n-a -f 1 -r 10.0.0.2:80 -w 5\n\
                 -D -f 2\n-d -f 1 -r 10.0.0.3:80\n-d -f 3 -r 10.0.0.3:80\n-E -f 4\n-A -f 5\n-D -f 5\n-D -f 5\n-A -f 5 -s sh\n\
                 --stop-daemon master\n--start-daemon master --mcast-interface nosuch0\n--start-daemon master --mcast-interface lo\n\
                 --start-daemon master --mcast-interface lo --syncid 5\n--start-daemon master --mcast-interface lo --syncid 5\n";
    let outcome = restore(&["--exist"], rules);
    assert_eq!(outcome.status, 255);
    assert_eq!(
        said(&outcome),
        [
            "stdin:1: Scheduler or persistence engine not found",
            "stdin:3: Invalid operation.  Possibly wrong module version, address not unicast, ...",
            "stdin:9: No such service",
            "stdin:15: No such device",
        ]
    );
    assert_eq!(
        Tool::Theirs.line("-Sn").ok(),
        "-A -f 1 -s rr\n-a -f 1 -r 10.0.0.2:80 -g -w 5\n-A -f 5 -s sh\n"
    );
    assert!(Tool::Theirs.line("-L --daemon").ok().contains("syncid=5"));
    // On some lines only.
    let rules = "-A -f 1 --exist\n-A -f 5\n-D -f 7 --exist\n-D -f 7\n";
    let outcome = restore(&[], rules);
    assert_eq!(
        said(&outcome),
        [
            "stdin:2: Service already exists",
            "stdin:4: No such service"
        ]
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn exist_on_single_commands() {
    let _alone = alone();
    let _namespace = Namespace::new();
    for line in [
        "-D -f 1 --exist",
        "-d -f 1 -r 10.0.0.2:80 --exist",
        "-A -f 1 -s rr --exist",
        "-A -f 1 -s sh --exist",
        "-d -f 1 -r 10.0.0.2:80 --exist",
        "-a -f 1 -r 10.0.0.2:80 -w 2 --exist",
        "--exist -a -f 1 -r 10.0.0.2:80 -w 3",
        "--stop-daemon backup --exist",
        "--start-daemon backup --mcast-interface lo --syncid 1 --exist",
        "--start-daemon backup --mcast-interface lo --syncid 1 --exist",
        "--start-daemon backup --mcast-interface lo --syncid 2 --sync-maxlen 1000 --exist",
        "--start-daemon backup --mcast-interface lo --syncid 2 --sync-maxlen 1000 --exist",
    ] {
        assert_eq!(Tool::Ours.line(line).ok(), "", "{line}");
    }
    assert_eq!(
        Tool::Theirs.line("-Sn").ok(),
        "-A -f 1 -s sh\n-a -f 1 -r 10.0.0.2:80 -g -w 3\n"
    );
    assert!(
        Tool::Theirs
            .line("-L --daemon")
            .ok()
            .starts_with("backup sync daemon (mcast=lo, syncid=2, maxlen=1024,")
    );
    // Other refusals stay refusals.
    let before = table();
    Tool::Ours
        .line("-a -f 2 -r 10.0.0.2:80 --exist")
        .fails(255, "Service not defined");
    Tool::Ours
        .line("-A -f 1 -s nosuch --exist")
        .fails(255, "Scheduler or persistence engine not found");
    Tool::Ours
        .line("-A -f 1")
        .fails(255, "Service already exists");
    assert_eq!(table(), before);
}

fn lock_file() -> PathBuf {
    let namespace = fs::metadata("/proc/thread-self/ns/net").expect("the namespace");
    format!("/run/ipvsadm/netns-{}.lock", namespace.ino()).into()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_restore_waits_for_another() {
    let _alone = alone();
    let _namespace = Namespace::new();
    // The first restore makes the file, for root alone.
    assert_eq!(restore(&[], "-A -f 1").ok(), "");
    let path = lock_file();
    let metadata = fs::metadata(&path).expect("the lock");
    assert_eq!(
        (metadata.permissions().mode() & 0o777, metadata.len()),
        (0o600, 0)
    );

    let mut file = File::options().write(true).open(&path).expect("the lock");
    file.lock().expect("locking");
    let before = table();
    for (words, seconds, holder) in [
        (&["--wait", "0"][..], 0, "another process"),
        (&["--wait", "1"], 1, "process 5 (-R of a\\x1b[2J test)"),
        (
            &["--replace", "--wait", "0"],
            0,
            "process 5 (-R of a\\x1b[2J test)",
        ),
    ] {
        if holder != "another process" {
            file.set_len(0).expect("an empty file");
            std::io::Seek::rewind(&mut file).expect("its start");
            file.write_all(b"process 5 (-R of a\x1b[2J test)\n")
                .expect("a name");
        }
        let began = Instant::now();
        let outcome = restore(words, "-A -f 2");
        outcome.fails(
            255,
            &format!(
                "another restore is at work: {holder}; waited {seconds} s for it to end (--wait)"
            ),
        );
        assert!(began.elapsed() >= Duration::from_secs(seconds));
    }
    assert_eq!(table(), before);
    // What changes nothing needs no lock, nor do single commands.
    assert_eq!(restore(&["--replace", "--dry-run"], "-A -f 1").status, 0);
    assert_eq!(Tool::Ours.line("-A -f 3").ok(), "");
    // Nor do others' tables.
    {
        let elsewhere = Namespace::new();
        assert_eq!(restore(&["--wait", "0"], "-A -f 1").ok(), "");
        drop(elsewhere);
        _namespace.enter();
    }
    let mut command = Tool::Ours.command(["-R"]);
    let mut waiting = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a restore");
    let mut rules = waiting.stdin.take().expect("its input");
    rules.write_all(b"-A -f 2\n").expect("rules");
    drop(rules);
    wait_until_open(&mut waiting, &path);
    drop(file);
    let waiting = Outcome::wait(waiting);
    assert_eq!(waiting.ok(), "");
    assert_eq!(fs::metadata(&path).expect("the lock").len(), 0);
}
