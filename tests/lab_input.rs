//! Whatever it is given, ours ends with a clear message and a status of its own: no panic, no half-written table without a word.

mod support;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Stdio};
use support::{Namespace, Outcome, Tool, table};

/// Runs ours and asserts that it ended by itself, with one of its own statuses and no sign of a panic.
#[track_caller]
fn sane(outcome: Outcome) -> Outcome {
    let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let known = [0, 1, 2, 255].contains(&outcome.status);
    assert!(
        known && !stderr.contains("panicked") && !stderr.contains("RUST_BACKTRACE"),
        "status {}, {:.500}",
        outcome.status,
        stderr
    );
    assert!(
        outcome.status == 0 || !stderr.trim().is_empty(),
        "status {} without a word",
        outcome.status
    );
    outcome
}

/// Theirs ends by it.
const SIGPIPE: i32 = 13;

fn shell(script: &str) -> Outcome {
    Outcome::of(
        Command::new("sh")
            .args(["-c", script])
            .env("ipvsadm", Tool::Ours.path()),
        b"",
    )
}

/// Words to build command lines of: odd bytes, and options that want a value where none or a wrong one is.
fn odd_words() -> Vec<OsString> {
    let bytes: [&[u8]; 22] = [
        b"",
        b"-",
        b"--",
        b"---",
        b"-=",
        b"--=",
        b"=",
        b"\xff\xfe",
        b"-\xff",
        b"--\xff",
        b"-t\xff",
        b"-t",
        b"--tcp-service=\xf0\x28",
        b"\t",
        b"\n",
        b"-\n",
        b"-L\n",
        "-ß".as_bytes(),
        "--größe=1".as_bytes(),
        b"%s%n",
        b"\x1b[31m",
        b"-p\xff",
    ];
    bytes
        .iter()
        .map(|bytes| OsString::from_vec(bytes.to_vec()))
        .collect()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn any_words() {
    let _namespace = Namespace::new();
    let empty = table();
    for word in odd_words() {
        for command in ["", "-L", "-A", "-a"] {
            let words = [OsString::from(command), word.clone()];
            sane(
                Tool::Ours.run(
                    words
                        .iter()
                        .filter(|word| !word.is_empty() || command == "-L"),
                ),
            );
        }
        sane(Tool::Ours.run([&OsString::from("-A"), &OsString::from("-t"), &word]));
    }
    assert_eq!(table(), empty);
}

/// As long as the system lets a word be.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn long_words() {
    let _namespace = Namespace::new();
    let empty = table();
    for unit in ["a", "1", "1.", "[:", "::", ",", "-", "\u{1f600}"] {
        let word = unit.repeat(100_000 / unit.len());
        let options = ["-t", "-f", "-r", "-w", "-s", "-b", "-M", "-p"]
            .map(|option| vec!["-A", option, &word]);
        for line in options.into_iter().chain([
            vec![word.as_str()],
            vec!["-L", &word],
            vec!["-L", "-c", "--", &word],
        ]) {
            let outcome = sane(Tool::Ours.run(&line));
            assert_ne!(outcome.status, 0, "{:?} {unit}", line[0]);
        }
    }
    let many = vec!["-n"; 20_000];
    sane(Tool::Ours.run(["-L"].iter().chain(&many)));
    assert_eq!(table(), empty);
}

/// Rules that are none: told as such, and the good lines among them are not applied.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn any_rules() {
    let good = b"-A -t 10.0.0.1:80\n".to_vec();
    let every_byte = (0..=255).collect::<Vec<u8>>();
    let mut seed = 1u32;
    let noise = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    });
    let inputs = [
        ("every byte", every_byte),
        ("noise", noise.take(100_000).collect()),
        ("a NUL", b"-A -t 10.0.0.2:80\0\n".to_vec()),
        ("NULs", vec![0; 100_000]),
        ("not UTF-8", b"-A -t 10.0.0.2:80 -s \xff\xfe\n".to_vec()),
        ("10 MB on one line", vec![b'a'; 10_000_000]),
        ("10 MB of words", b"-A ".repeat(3_333_333)),
        (
            "a long address",
            [b"-A -t ", b"1".repeat(1_000_000).as_slice(), b"\n"].concat(),
        ),
        ("a bad line", b"-A -t 10.0.0.2:x\n".to_vec()),
    ];
    let _namespace = Namespace::new();
    let empty = table();
    for (what, bad) in inputs {
        for input in [
            [good.clone(), bad.clone()].concat(),
            [bad, b"\n".to_vec(), good.clone()].concat(),
        ] {
            let outcome = sane(Tool::Ours.run_with(["-R"], &input));
            assert!(
                outcome.status == 2 && outcome.message().starts_with("stdin:"),
                "{what}: {:.300}",
                outcome.message()
            );
            assert!(
                outcome.stderr.len() < 200_000 || what == "noise",
                "{what}: {} bytes of messages",
                outcome.stderr.len()
            );
            assert_eq!(table(), empty, "{what}");
        }
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn very_many_bad_rules() {
    let _namespace = Namespace::new();
    let outcome = sane(Tool::Ours.run_with(["-R"], "-A -t x\n".repeat(20_000).as_bytes()));
    assert_eq!(outcome.status, 2);
    let told = outcome
        .stderr
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"stdin:"))
        .count();
    assert_eq!(told, 10);
    assert!(String::from_utf8_lossy(&outcome.stderr).ends_with(
        "\n20000 bad lines in stdin, the first 10 of which are shown: nothing was applied\n"
    ));
}

/// Very many that the kernel refuses, more than fit its answers' buffer: each is told, and what it takes is done.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn very_many_refused_rules() {
    let _namespace = Namespace::new();
    let rules = "-A -t 10.0.0.1:80\n".repeat(5_000) + "-A -t 10.0.0.2:80\n";
    let outcome = sane(Tool::Ours.run_with(["-R"], rules.as_bytes()));
    assert_eq!(outcome.status, 255);
    let told = (2..=5_000)
        .map(|line| format!("stdin:{line}: Service already exists\n"))
        .collect::<String>();
    assert!(
        outcome.stderr == told.as_bytes(),
        "{:.300}",
        String::from_utf8_lossy(&outcome.stderr)
    );
    assert!(
        Tool::Theirs
            .line("-Sn")
            .ok()
            .ends_with("-A -t 10.0.0.2:80 -s wlc\n")
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_output_without_room() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
    for words in [
        "-L",
        "-Ln",
        "-S",
        "-Sn",
        "-h",
        "-v",
        "-Lnc",
        "-L --timeout",
        "-L --stats",
    ] {
        let outcome = sane(shell(&format!("exec $ipvsadm {words} > /dev/full")));
        assert_eq!(outcome.status, 1, "{words}");
    }
    for words in ["--bogus", "-L --bogus", "-D -t 10.0.0.9:9"] {
        let outcome = shell(&format!("exec $ipvsadm {words} 2> /dev/full"));
        assert!(
            outcome.status == 255 && outcome.stdout.is_empty(),
            "{words}: {outcome}"
        );
    }
}

/// A reader that has seen enough ends it without a word, as a program in C ends.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_reader_that_leaves() {
    let _namespace = Namespace::new();
    let rules = (0..2_000)
        .map(|port| format!("-A -t 10.0.0.1:{}\n", port + 1))
        .collect::<String>();
    assert_eq!(Tool::Theirs.run_with(["-R"], rules.as_bytes()).ok(), "");
    for words in ["-Ln", "-Sn", "-Ln --stats"] {
        let mut child = Tool::Ours
            .command(words.split(' '))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a child");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("its end");
        let ended = output.status.code().unwrap_or(128 + SIGPIPE);
        let quiet = output.stderr.is_empty() && [0, 1, 128 + SIGPIPE].contains(&ended);
        assert!(quiet, "{words}: {output:?}");
        let status = Outcome::of(
            Command::new("sh")
                .args(["-c", &format!("$ipvsadm {words} | head -1")])
                .env("ipvsadm", Tool::Ours.path()),
            b"",
        );
        assert!(
            status.stderr.is_empty() && status.text().lines().count() == 1,
            "{words}: {status}"
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn closed_descriptors() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
    let wanted = table();
    for redirection in [">&-", "<&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"] {
        for words in ["-Ln", "-Sn", "-h", "--bogus", "-D -t 10.0.0.9:9"] {
            let outcome = shell(&format!("exec $ipvsadm {words} {redirection}"));
            assert!(
                [0, 1, 2, 255].contains(&outcome.status),
                "{words} {redirection}: {outcome}"
            );
            assert!(
                !String::from_utf8_lossy(&outcome.stderr).contains("panicked"),
                "{words} {redirection}: {outcome}"
            );
        }
        // Without the three, a socket gets one of their numbers: it must not be taken for input or output.
        let restored = shell(&format!("exec $ipvsadm -R {redirection} < /dev/null"));
        assert!(
            [0, 1, 2].contains(&restored.status),
            "{redirection}: {restored}"
        );
        assert_eq!(table(), wanted, "{redirection}");
    }
    let added = shell("exec $ipvsadm -A -t 10.0.0.2:80 <&- >&- 2>&-");
    assert_eq!(added.status, 0, "{added}");
    assert_ne!(table(), wanted);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_input_that_can_not_be_read() {
    let _namespace = Namespace::new();
    let outcome = sane(shell("exec $ipvsadm -R < /"));
    assert_ne!(outcome.status, 0);
    assert!(outcome.message().contains("Is a directory"), "{outcome}");
}
