//! --check: the line and the statuses of monitoring plugins.

mod support;

use serde_json::Value;
use support::folder::Folder;
use support::traffic::{tcp_exchange, tcp_server};
use support::{Namespace, Outcome, Tool, ip, theirs_restores};

/// Runs a check, which has one line on standard output and nothing else.
#[track_caller]
fn check(arguments: &str, status: i32) -> String {
    said(&Tool::Ours.line(&format!("--check {arguments}")), status)
}

#[track_caller]
fn said(outcome: &Outcome, status: i32) -> String {
    let text = outcome.text();
    assert!(
        outcome.status == status && outcome.stderr.is_empty(),
        "{outcome}"
    );
    assert!(text.ends_with('\n') && text.lines().count() == 1, "{text}");
    text.trim_end().to_owned()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn servers_of_weight_0_do_not_count() {
    let _namespace = Namespace::new();
    assert_eq!(
        check("", 2),
        "IPVS CRITICAL: there is no virtual service | services=0;;;0 servers=0;;;0 connections=0;;;0"
    );
    theirs_restores(&[
        "-A -t 10.0.0.1:80",
        "-a -t 10.0.0.1:80 -r 10.0.0.2",
        "-a -t 10.0.0.1:80 -r 10.0.0.3 -w 0",
        "-A -f 7 -6",
        "-a -f 7 -6 -r fd00::8 -w 5",
        "-a -f 7 -6 -r fd00::9 -w 5",
    ]);
    assert_eq!(
        check("", 0),
        "IPVS OK: 2 services, 3 servers, 0 connections | services=2;;;0 servers=3;;;0 connections=0;;;0"
    );
    let of_one = "--min-servers 2 -t 10.0.0.1:80";
    assert_eq!(
        check(of_one, 2),
        "IPVS CRITICAL: -t 10.0.0.1:80 has 1 server, at least 2 wanted | services=1;;;0 servers=1;;2:;0 connections=0;;;0"
    );
    assert_eq!(
        check("--min-servers 2,1 -t 10.0.0.1:80", 1),
        "IPVS WARNING: -t 10.0.0.1:80 has 1 server, at least 2 wanted | services=1;;;0 servers=1;2:;1:;0 connections=0;;;0"
    );
    assert_eq!(
        check("-f 7 -6 --min-servers 2", 0),
        "IPVS OK: 1 service, 2 servers, 0 connections | services=1;;;0 servers=2;;2:;0 connections=0;;;0"
    );
    // Of several services the worst counts, and comes first.
    assert_eq!(
        check("--min-servers 3,2", 2),
        "IPVS CRITICAL: -t 10.0.0.1:80 has 1 server, at least 2 wanted; -f 7 -6 has 2 servers, at least 3 wanted | services=2;;;0 servers=3;;;0 connections=0;;;0"
    );
    assert_eq!(
        check("-t 10.0.0.9:80", 2),
        "IPVS CRITICAL: there is no service -t 10.0.0.9:80"
    );
    check("--min-servers 0 -t 10.0.0.1:80", 0);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn connections_are_those_that_are_open() {
    let _namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    theirs_restores(&[
        "-A -t 10.9.9.9:80 -s rr",
        "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m",
    ]);
    tcp_server("10.9.9.9:8080");
    let mut open: Vec<_> = (0..3).map(|_| tcp_exchange("10.9.9.9:80", 10)).collect();
    let line = "-t 10.9.9.9:80 --max-connections 1,2";
    assert_eq!(
        check(line, 2),
        "IPVS CRITICAL: -t 10.9.9.9:80 has 3 connections, at most 2 wanted | services=1;;;0 servers=1;;1:;0 connections=3;1;2;0"
    );
    for (left, status) in [(2, 1), (1, 0)] {
        open.truncate(left);
        let state = || Tool::Ours.line(&format!("--check {line}")).status;
        assert!(
            (0..500).any(|_| state() == status),
            "{left} open: {}",
            state()
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_rules_file_is_the_measure() {
    let _namespace = Namespace::new();
    let folder = Folder::new("check");
    let path = folder.path("rules");
    let rules = "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1\n";
    std::fs::write(&path, rules).expect("the rules");
    let check = |status| check(&format!("--file {path}"), status);
    Tool::Ours.line(&format!("-R --file {path}")).ok();
    assert_eq!(check(0), "IPVS OK: 0 differences | differences=0;;0;0");
    Tool::Ours
        .line("-e -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 0")
        .ok();
    assert_eq!(
        check(2),
        format!(
            "IPVS CRITICAL: 1 difference from {path}: changed: -e -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 0 \
             (in the file: -e -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1) | differences=1;;0;0"
        )
    );
    Tool::Ours.line("-C").ok();
    for last in 1..=4 {
        Tool::Ours.line(&format!("-A -t 10.0.1.{last}:80")).ok();
    }
    assert_eq!(
        check(2),
        format!(
            "IPVS CRITICAL: 6 differences from {path}: \
             missing: -A -t 10.0.0.1:80 -s rr; missing: -a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1; \
             not in the file: -A -t 10.0.1.1:80 -s wlc; not in the file: -A -t 10.0.1.2:80 -s wlc; \
             not in the file: -A -t 10.0.1.3:80 -s wlc; and 1 more | differences=6;;0;0"
        )
    );
    // Nothing was changed by looking.
    assert_eq!(Tool::Ours.line("-S -n").ok().lines().count(), 4);
    let from_a_pipe = Tool::Ours.run_with(["--check", "--file", "-"], b"-A -t 10.0.1.1:80\n");
    assert!(said(&from_a_pipe, 2).contains("3 differences from standard input: "));
}

/// What can't be found out is unknown, on standard output, whatever the reason.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_cannot_be_found_out() {
    let with_value = said(&Tool::Ours.line("--check=1"), 3);
    assert!(with_value.starts_with("IPVS UNKNOWN: "), "{with_value}");
    let _namespace = Namespace::new();
    let folder = Folder::new("check-bad");
    let path = folder.path("a|b");
    std::fs::write(&path, "-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\nbogus\n").expect("the rules");
    for (arguments, reason) in [
        ("--bogus", "--bogus: unknown option".to_owned()),
        ("-t nosuch", "illegal virtual server address[:port] specified; `nosuch' is neither an address[:port] nor a known host name".to_owned()),
        ("--min-servers x", "illegal min-servers specified; a limit is N or WARNING,N".to_owned()),
        ("--min-servers 1,", "illegal min-servers specified; a limit is N or WARNING,N".to_owned()),
        ("-w 1", "Illegal 'weight' option with the 'check' command".to_owned()),
        ("--file x -t 10.0.0.1:80", "The option 'service-address' conflicts with the 'file' option in the 'check' command".to_owned()),
        ("--file x --max-connections 1", "The option 'max-connections' conflicts with the 'file' option in the 'check' command".to_owned()),
        ("--netns nosuch", "no such network namespace: `nosuch'".to_owned()),
        ("--file /nosuch", "cannot read /nosuch: No such file or directory".to_owned()),
        (&format!("--file '{path}'"), format!("{}:2: Service already exists", path.replace('|', "/"))),
    ] {
        assert_eq!(check(arguments, 3), format!("IPVS UNKNOWN: {reason}"), "{arguments}");
    }
    // Whoever may check need not be allowed to read the file.
    std::fs::write(&path, "root:$y$secret\n").expect("another file");
    let reason = "this is no rule; ipvsadm -R --dry-run says why";
    assert_eq!(
        check(&format!("--file '{path}'"), 3),
        format!("IPVS UNKNOWN: {}:1: {reason}", path.replace('|', "/"))
    );
    for rules in ["", "# as the package ships it\n"] {
        std::fs::write(&path, rules).expect("an empty file");
        assert_eq!(
            check(&format!("--file '{path}'"), 3),
            format!("IPVS UNKNOWN: {} is empty", path.replace('|', "/"))
        );
    }
    std::fs::write(&path, "-C\n").expect("what an empty table is saved as");
    check(&format!("--file '{path}'"), 0);
    let mut powerless = Tool::Ours.powerless();
    let denied = Outcome::of(powerless.arg("--check"), b"");
    assert_eq!(
        said(&denied, 3),
        "IPVS UNKNOWN: Can't initialize ipvs: Permission denied (you must be root); run it as root"
    );
    for line in ["--check -j --netns nosuch", "--check --netns nosuch -jf 7"] {
        let json = Tool::Ours.line(line);
        let json: Value = serde_json::from_str(&said(&json, 3)).expect("JSON");
        assert_eq!(
            (&json["state"], &json["status"]),
            (&Value::from("unknown"), &Value::from(3))
        );
    }
}
