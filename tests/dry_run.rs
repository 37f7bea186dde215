//! Rules files checked without a kernel and without root: -R --dry-run, and --dry-run of single commands. Runs outside the lab.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs the program without the privilege and, in a user namespace or not, without IPVS: it must not ask for either.
fn run(words: &[&str], stdin: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ipvsadm"))
        .args(words)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("running ipvsadm");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(stdin.as_bytes()).expect("writing to a pipe");
    drop(pipe);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("waiting for a child");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        status.code().expect("no signal"),
        text(stdout),
        text(stderr),
    )
}

fn check(rules: &str) -> (i32, String, String) {
    run(&["-R", "--dry-run"], rules)
}

#[test]
fn rules_are_printed_as_they_would_be_sent() {
    let (status, printed, said) = check(
        "# web\nipvsadm -At 10.1:80 -p\n  -a -r 10.0.0.2:8080 -m -t 10.0.0.1:80 # first\n\
         -a -t 10.0.0.1:80 -r 10.0.0.3:9 -w +5\n--set 1 2 3\n-A -6 -f 7 -b sh-port -s sh\n\
         -a -f 7 -6 -r fd00::2 -i --tun-type gre\n-C\n-Z\n--start-daemon backup\n--stop-daemon master",
    );
    assert_eq!((status, said.as_str()), (0, ""));
    let wanted = "-A -t 10.0.0.1:80 -s wlc -p 360\n-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 1\n\
                  -a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 5\n--set 1 2 3\n-A -f 7 -6 -s sh -b sh-port\n\
                  -a -f 7 -6 -r [fd00::2]:0 -i -w 1 --tun-type gre --tun-nocsum\n-C\n-Z\n\
                  --start-daemon backup --mcast-interface eth0 --syncid 0\n--stop-daemon master --syncid 0\n";
    assert_eq!(printed, wanted);
    // What is printed is the same rules.
    assert_eq!(check(wanted), (0, wanted.to_owned(), String::new()));
}

#[test]
fn an_empty_file_changes_nothing() {
    for rules in ["", "\n\n", "# nothing\n"] {
        assert_eq!(check(rules), (0, String::new(), String::new()));
    }
}

#[test]
fn every_error_is_told_with_its_line() {
    let (status, printed, said) = check(
        "-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.2:80 -r 10.0.0.3\n\n\
         -a -t 10.0.0.1:80 -r 10.0.0.3\n-A -t nonsense\n-a -t 10.0.0.1:80 -r 10.0.0.3 -w 2\n-Ln\n\
         -e -t 10.0.0.1:80 -r 10.0.0.4\n-d -t 10.0.0.1:80 -r 10.0.0.4\n-D -t 10.0.0.9:80\n-E -t 10.0.0.9:80\n",
    );
    assert_eq!((status, printed.as_str()), (2, ""));
    assert_eq!(
        said,
        "stdin:2: Service already exists: line 1\nstdin:3: Service not defined\n\
         stdin:6: illegal virtual server address[:port] specified\nstdin:7: Destination already exists: line 5\n\
         stdin:8: a rules file holds changes, and this line lists\nstdin:9: No such destination\n\
         stdin:10: No such destination\nstdin:11: No such service\nstdin:12: No such service\n\
         9 bad lines in stdin: nothing was applied\n"
    );
    let (status, printed, said) = check(
        "-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 224.0.0.1\n-a -t 10.0.0.1:80 -r 10.0.0.8 -y 5\n-Z -t 10.0.0.9:80\n\
         --start-daemon master\n--start-daemon master\n-A -t 10.0.0.1:80 --dry-run\n",
    );
    assert_eq!((status, printed.as_str()), (2, ""));
    assert_eq!(
        said,
        "stdin:2: Invalid operation.  Possibly wrong module version, address not unicast, ...\n\
         stdin:3: Numerical result out of range\nstdin:4: No such service\n\
         stdin:6: Daemon has already run: line 5\nstdin:7: --dry-run goes with -R, for all lines\n\
         5 bad lines in stdin: nothing was applied\n"
    );
}

/// Megabytes of complaints help nobody.
#[test]
fn of_many_bad_lines_the_first_ten_are_shown() {
    for (count, shown, others) in [
        (10, 10, ""),
        (11, 10, ", the first 10 of which are shown"),
        (100_000, 10, ", the first 10 of which are shown"),
    ] {
        let (status, printed, said) = check(&"-A -t nonsense\n".repeat(count));
        assert_eq!((status, printed.as_str()), (2, ""));
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), shown + 1, "{said}");
        assert_eq!(
            lines.last(),
            Some(&&*format!(
                "{count} bad lines in stdin{others}: nothing was applied"
            ))
        );
    }
}

#[test]
fn one_bad_line_is_one() {
    let (status, _, said) = check("-C\n-A");
    assert_eq!(status, 2);
    assert_eq!(
        said,
        "stdin:2: You need to supply the 'service-address' option for the 'add-service' command\n\
         1 bad line in stdin: nothing was applied\n"
    );
}

#[test]
fn a_dash_is_standard_input() {
    let words = ["-R", "--dry-run", "--file", "-"];
    assert_eq!(run(&words, "-C\n-A"), check("-C\n-A"));
    assert_eq!(run(&words, "-C\n"), check("-C\n"));
}

#[test]
fn errors_name_the_file() {
    let path = std::env::temp_dir().join(format!("ipvsadm-dry-run.{}", std::process::id()));
    let name = path.to_str().expect("a name in UTF-8");
    std::fs::write(&path, "-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n").expect("writing a file");
    let wrong = run(&["-R", "--dry-run", "--file", name], "");
    std::fs::write(&path, "-A -t 10.0.0.1:80\n").expect("writing a file");
    let right = run(&["-R", "--dry-run", "--file", name], "");
    std::fs::remove_file(&path).expect("removing a file");
    let missing = run(&["-R", "--dry-run", "--file", name], "");
    let folder = run(&["-R", "--dry-run", "--file", "/"], "");
    assert_eq!(
        wrong,
        (
            2,
            String::new(),
            format!(
                "{name}:2: Service already exists: line 1\n1 bad line in {name}: nothing was applied\n"
            )
        )
    );
    assert_eq!(
        right,
        (0, "-A -t 10.0.0.1:80 -s wlc\n".to_owned(), String::new())
    );
    assert_eq!(missing.0, 2);
    assert!(
        missing
            .2
            .starts_with(&format!("cannot read {name}: No such file or directory")),
        "{missing:?}"
    );
    assert_eq!(folder.0, 2);
    assert!(
        folder.2.starts_with("cannot read /: Is a directory"),
        "{folder:?}"
    );
}

#[test]
fn exist_makes_a_file_repeatable() {
    let rules = "-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.0.2\n";
    let twice = format!("{rules}{rules}-D -t 10.0.0.9:80\n-d -t 10.0.0.9:80 -r 10.0.0.2\n");
    assert_eq!(check(&twice).0, 2);
    let (status, printed, said) = run(&["-R", "--dry-run", "--exist"], &twice);
    assert_eq!((status, said.as_str()), (0, ""));
    assert_eq!(
        printed,
        "-A -t 10.0.0.1:80 -s wlc\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1\n\
         -E -t 10.0.0.1:80 -s wlc\n-e -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1\n"
    );
    // On a line it is that line's.
    let (status, _, said) =
        check("-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80 --exist\n-A -t 10.0.0.1:80\n");
    assert_eq!(status, 2);
    assert!(
        said.starts_with("stdin:3: Service already exists: line 2\n"),
        "{said}"
    );
}

#[test]
fn a_single_command_is_printed() {
    for (words, wanted) in [
        ("-A -t 10.0.0.1:80 --dry-run", "-A -t 10.0.0.1:80 -s wlc\n"),
        (
            "--dry-run -a -t 10.0.0.1:80 -r 10.0.0.2 -i",
            "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -i -w 1 --tun-type ipip\n",
        ),
        ("-C --dry-run", "-C\n"),
        ("--set 1 0 3 --dry-run", "--set 1 0 3\n"),
        ("-D -f 5 --dry-run", "-D -f 5\n"),
    ] {
        let words: Vec<_> = words.split(' ').collect();
        assert_eq!(
            run(&words, ""),
            (0, wanted.to_owned(), String::new()),
            "{words:?}"
        );
    }
    let bad = run(&["-A", "-t", "10.0.0.1", "--dry-run"], "");
    assert_eq!((bad.0, bad.1.as_str()), (2, ""), "{bad:?}");
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let rules: String = (1..=30_000).map(|n| format!("-A -f {n}\n")).collect();
    let path = std::env::temp_dir().join(format!("ipvsadm-dry-pipe.{}", std::process::id()));
    std::fs::write(&path, rules).expect("writing a file");
    let line = "\"$0\" -R --dry-run --file \"$1\" | head -n 1; echo ${PIPESTATUS[0]}; \"$0\" -R --dry-run --file \"$1\" >/dev/full; echo $?";
    let output = Command::new("bash")
        .args(["-c", line, env!("CARGO_BIN_EXE_ipvsadm")])
        // With a language that is not installed, bash would complain of it.
        .env_clear()
        .arg(&path)
        .output()
        .expect("running bash");
    std::fs::remove_file(&path).expect("removing a file");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "-A -f 1 -s wlc\n0\n1\n"
    );
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .starts_with("cannot write to standard output: No space left on device"),
        "{output:?}"
    );
}
