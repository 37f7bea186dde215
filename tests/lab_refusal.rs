//! -R --replace when it cannot go through: what the kernel refuses is undone, what was killed is taken up again.

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};
use support::alone::alone;
use support::random::{repeatable, table_of};
use support::{Namespace, Outcome, Tool, ip, table};

const UNDONE: &str = "the table is as it was: what had been done was undone";

fn replace(rules: &str) -> Outcome {
    Tool::Ours.run_with(["-R", "--replace"], rules.as_bytes())
}

/// Asserts a refusal at a line, and only there, after which the table is as it was.
#[track_caller]
fn refused(rules: &str, line: usize, before: &[String]) {
    let outcome = replace(rules);
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let lines: Vec<_> = said.lines().collect();
    assert!(
        outcome.status == 255
            && lines.len() == 2
            && lines[0].starts_with(&format!("stdin:{line}: "))
            && lines[1] == UNDONE,
        "line {line} of\n{rules}\n{outcome}"
    );
    assert_eq!(table(), before, "line {line} of\n{rules}");
}

/// The same line, such that only the kernel knows what is wrong with it: a scheduler that it lacks, a server at a broadcast address.
fn spoiled(line: &str) -> Option<String> {
    let words: Vec<_> = line.split(' ').collect();
    let service = words
        .iter()
        .skip(1)
        .take_while(|word| !matches!(**word, "-s" | "-p" | "-b" | "--pe" | "-r"));
    let service = service.copied().collect::<Vec<_>>().join(" ");
    match words[0] {
        "-A" => Some(format!("-A {service} -s nosuch")),
        "-a" if service.contains("::") || service.ends_with("-6") => {
            Some(format!("-a {service} -r [fe80::77]:80"))
        }
        "-a" => Some(format!("-a {service} -r 10.50.0.255:80")),
        _ => None,
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_refusal_at_any_step_undoes_all() {
    let _alone = alone();
    let mut random = repeatable();
    for _ in 0..3 {
        let [before, after] = [table_of(&mut random), table_of(&mut random)];
        let _namespace = Namespace::new();
        ip("link add dummy0 type dummy");
        ip("address add 10.50.0.1/24 broadcast + dev dummy0");
        ip("link set dummy0 up");
        assert_eq!(Tool::Theirs.run_with(["-R"], before.as_bytes()).ok(), "");
        let wanted = table();
        let lines: Vec<_> = after.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if let Some(spoiled) = spoiled(line) {
                let mut rules = lines.clone();
                rules[index] = &spoiled;
                refused(&rules.join("\n"), index + 1, &wanted);
            }
        }
        let daemon = format!("{after}--start-daemon master --mcast-interface nosuch0\n");
        // Servers of another family exclude a daemon before the kernel is asked.
        if Tool::Ours
            .run_with(["-R", "--dry-run"], daemon.as_bytes())
            .status
            == 0
        {
            refused(&daemon, lines.len() + 1, &wanted);
        }
        assert_eq!(replace(&after).ok(), "");
    }
}

/// More steps than one batch takes, and the last one is refused.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_late_refusal_undoes_many_batches() {
    let _alone = alone();
    let _namespace = Namespace::new();
    let service = |port: usize, options: &str| {
        format!(
            "-A -t 10.0.0.1:{port} {options}\n-a -t 10.0.0.1:{port} -r 10.0.0.2:{port} -m\n-a -t 10.0.0.1:{port} -r 10.0.0.3:{port} -m\n"
        )
    };
    let before: String = (1..200).map(|port| service(2 * port, "-s rr")).collect();
    let mut after: String = (1..300).map(|port| service(port, "-s wrr")).collect();
    assert_eq!(Tool::Theirs.run_with(["-R"], before.as_bytes()).ok(), "");
    let wanted = table();
    after += "-A -f 1 -s nosuch\n";
    after += &(1..300)
        .map(|n| format!("-a -f 1 -r 10.0.0.4:{n}\n"))
        .collect::<String>();
    refused(&after, 3 * 299 + 1, &wanted);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_daemon_that_cannot_start_anew_runs_as_before() {
    let _alone = alone();
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["--start-daemon backup --mcast-interface lo --syncid 7"]);
    let wanted = table();
    refused(
        "--start-daemon backup --mcast-interface nosuch0 --syncid 7",
        1,
        &wanted,
    );
    // The same on the command line.
    let outcome = Tool::Ours.line("--start-daemon backup --mcast-interface nosuch0 --exist");
    outcome.fails(255, "No such device");
    assert_eq!(table(), wanted);
    let rules = b"--start-daemon backup --mcast-interface nosuch0\n-A -f 1\n";
    Tool::Ours
        .run_with(["-R", "--exist"], rules)
        .fails(255, "stdin:1: No such device");
    Tool::Theirs.setup(&["-D -f 1"]);
    assert_eq!(table(), wanted);
}

fn many(seed: usize, count: usize) -> String {
    let line = |n: usize| {
        let (address, weight) = (n / 250, 1 + (n * seed) % 3);
        let service = format!("-t 10.{seed}.{address}.{}:80", 1 + n % 250);
        format!(
            "-A {service} -s rr\n-a {service} -r 10.9.0.1 -w {weight}\n-a {service} -r 10.9.0.{} -m\n",
            2 + seed
        )
    };
    let shared = |n: usize| {
        format!(
            "-A -u 10.0.0.{}:{} -s {}\n",
            1 + n % 250,
            1 + n / 250,
            ["rr", "sh"][(n * seed) % 2]
        )
    };
    (0..count).map(line).chain((0..count).map(shared)).collect()
}

/// The services and servers as theirs saves them, sorted.
fn saved() -> Vec<String> {
    let mut lines: Vec<_> = Tool::Theirs
        .line("-Sn")
        .ok()
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

fn saved_after(rules: &str) -> Vec<String> {
    let _elsewhere = Namespace::new();
    assert_eq!(replace(rules).ok(), "");
    saved()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_killed_restore_is_taken_up_again() {
    let _alone = alone();
    let mut random = repeatable();
    let rules = [many(1, 400), many(2, 400)];
    let wanted = [saved_after(&rules[0]), saved_after(&rules[1])];
    let _namespace = Namespace::new();
    let folder = std::env::temp_dir();
    let paths = [1, 2].map(|n| folder.join(format!("ipvsadm-killed-{}.{n}", std::process::id())));
    for (path, text) in paths.iter().zip(&rules) {
        std::fs::write(path, text).expect("writing a file");
    }
    let began = Instant::now();
    assert_eq!(replace(&rules[0]).ok(), "");
    let longest = usize::try_from(began.elapsed().as_micros()).expect("a short time");
    let (mut killed, mut half_way) = (0, 0);
    for round in 0..16 {
        let which = round % 2;
        let mut command = Tool::Ours.command(["-R", "--replace", "--file"]);
        let mut child = command
            .arg(&paths[1 - which])
            .stderr(Stdio::null())
            .spawn()
            .expect("running ipvsadm");
        std::thread::sleep(Duration::from_micros(random.below(longest) as u64));
        child.kill().expect("killing");
        killed += usize::from(!child.wait().expect("waiting").success());
        let now = saved();
        half_way += usize::from(!wanted.contains(&now));
        // On to where it was going, or back.
        let goal = if random.below(2) == 0 {
            which
        } else {
            1 - which
        };
        assert_eq!(replace(&rules[goal]).ok(), "");
        assert!(saved() == wanted[goal], "another table");
        assert_eq!(replace(&rules[1 - which]).ok(), "");
        assert!(saved() == wanted[1 - which], "another table");
    }
    println!("{killed} killed, {half_way} half way");
    assert_ne!(killed, 0);
    for path in paths {
        std::fs::remove_file(path).expect("removing a file");
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_killed_plain_restore_is_completed() {
    let _alone = alone();
    let mut random = repeatable();
    let rules = many(3, 400);
    let wanted = saved_after(&rules);
    for _ in 0..5 {
        let _namespace = Namespace::new();
        let mut command = Tool::Ours.command(["-R"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("running ipvsadm");
        let mut pipe = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut pipe, rules.as_bytes()).expect("feeding it");
        drop(pipe);
        std::thread::sleep(Duration::from_micros(random.below(60_000) as u64));
        child.kill().expect("killing");
        child.wait().expect("waiting");
        assert_eq!(replace(&rules).ok(), "");
        assert!(saved() == wanted, "another table");
    }
}

/// Both with and without --replace: the table of the one or of the other, never a mixture.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn two_restores_at_once_do_not_mix() {
    let _alone = alone();
    let rules = [many(1, 150), many(2, 150)];
    let wanted = [saved_after(&rules[0]), saved_after(&rules[1])];
    for words in [&["-R", "--replace"][..], &["-R"]] {
        let clear = if words.len() == 1 { "-C\n" } else { "" };
        let _namespace = Namespace::new();
        for round in 0..6 {
            let outcomes = std::thread::scope(|scope| {
                let run = |rules: &String| {
                    let rules = format!("{clear}{rules}");
                    scope.spawn(move || Tool::Ours.run_with(words, rules.as_bytes()))
                };
                let started = rules.each_ref().map(run);
                started.map(|thread| thread.join().expect("no panic"))
            });
            for outcome in outcomes {
                assert_eq!(outcome.ok(), "");
            }
            assert!(wanted.contains(&saved()), "{words:?}, round {round}");
        }
    }
}
