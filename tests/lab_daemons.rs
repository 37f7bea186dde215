//! Timeouts and sync daemons under -R --replace: converged where the file names them, and only there.

mod support;

use support::{Namespace, Outcome, Tool, ip, table};

fn replace(rules: &str) -> Outcome {
    Tool::Ours.run_with(["-R", "--replace"], rules.as_bytes())
}

/// Converges, and then has nothing to do.
#[track_caller]
fn converges(rules: &str) {
    assert_eq!(replace(rules).ok(), "", "{rules}");
    let again = Tool::Ours.run_with(["-R", "--replace", "--dry-run"], rules.as_bytes());
    assert!(again.status == 0, "{rules}\n{again}");
}

/// A script's empty variable is the default, eth0.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_interface_without_a_name() {
    for line in [
        "--start-daemon master --mcast-interface ''",
        "--start-daemon backup --mcast-interface= --syncid 3",
    ] {
        let [theirs, ours] = Tool::BOTH.map(|tool| {
            let _namespace = Namespace::new();
            ip("link add eth0 type dummy");
            ip("link set eth0 up");
            tool.setup(&[line]);
            daemons()
        });
        assert!(theirs.contains("(mcast=eth0,"), "{theirs}");
        assert_eq!(ours, theirs);
    }
}

fn daemons() -> String {
    Tool::Theirs.line("-L --daemon").ok()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_is_not_named_stays() {
    let _namespace = Namespace::new();
    let timeouts = || Tool::Theirs.line("-L --timeout").ok();
    Tool::Theirs.setup(&[
        "--set 100 200 300",
        "--start-daemon master --mcast-interface lo --syncid 1",
        "-A -f 1",
    ]);
    let before = daemons();
    converges("-A -f 2");
    assert_eq!(timeouts(), "Timeout (tcp tcpfin udp): 100 200 300\n");
    assert_eq!(daemons(), before);
    converges("-A -f 2\n--set 0 0 9");
    assert_eq!(timeouts(), "Timeout (tcp tcpfin udp): 100 200 9\n");
    converges("-A -f 2\n--set 5 0 0\n--set 0 6 0\n");
    assert_eq!(timeouts(), "Timeout (tcp tcpfin udp): 5 6 9\n");
    converges("-A -f 2\n--start-daemon backup --mcast-interface lo");
    assert!(daemons().starts_with(&before), "{}", daemons());
    assert_eq!(daemons().lines().count(), 2);
    converges("-A -f 2\n--stop-daemon backup");
    assert_eq!(daemons(), before);
    // What is started and stopped in the file does not run.
    converges(
        "-A -f 2\n--start-daemon master --mcast-interface lo --syncid 9\n--stop-daemon master",
    );
    assert_eq!(daemons(), "");
    converges("-A -f 2\n--stop-daemon master");
}

/// The kernel bounds what it is told, and fills in what it is not told.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_daemon_is_started_anew_only_where_it_differs() {
    let _namespace = Namespace::new();
    for role in ["master", "backup"] {
        // The loopback takes no IPv6 multicast to be sent.
        let six = if role == "backup" {
            "--mcast-group ff05::7"
        } else {
            ""
        };
        for group in ["", "--mcast-group 239.0.0.7", six] {
            for length in [
                "",
                "--sync-maxlen 1",
                "--sync-maxlen 1000",
                "--sync-maxlen 1024",
                "--sync-maxlen 1400",
                "--sync-maxlen 65507",
            ] {
                converges(&format!(
                    "--start-daemon {role} --mcast-interface lo {group} {length}"
                ));
            }
        }
        converges(&format!(
            "--start-daemon {role} --mcast-interface lo --mcast-group 239.0.0.7 --mcast-port 99 --mcast-ttl 9"
        ));
        assert!(
            daemons().contains("group=239.0.0.7, port=99, ttl=9"),
            "{}",
            daemons()
        );
        // Without these options the daemon has the kernel's.
        converges(&format!("--start-daemon {role} --mcast-interface lo"));
        assert!(
            daemons().contains("group=224.0.0.81, port=8848, ttl=1"),
            "{}",
            daemons()
        );
        converges(&format!(
            "--start-daemon {role} --mcast-interface lo --syncid 200"
        ));
        assert!(daemons().contains("syncid=200"), "{}", daemons());
        converges(&format!("--stop-daemon {role}"));
    }
}

/// The kernel has the one or the other, so the order of steps is not free.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn daemons_and_servers_of_another_family_take_turns() {
    let _namespace = Namespace::new();
    let mixed = "-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r [fd00::1]:80 -i\n";
    let daemon =
        "--start-daemon master --mcast-interface lo\n--start-daemon backup --mcast-interface lo\n";
    let no_daemon = "--stop-daemon master\n--stop-daemon backup\n";
    let plain = "-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.0.2:80\n";
    for _ in 0..2 {
        converges(&format!("{mixed}{no_daemon}"));
        assert_eq!(daemons(), "");
        converges(&format!("{daemon}{plain}"));
        assert_eq!(daemons().lines().count(), 2);
    }
    // A daemon that nobody names stays, and the servers are refused.
    let before = table();
    let outcome = replace(&format!("# a comment\n{mixed}"));
    outcome.fails(255, "stdin:3: while the master sync daemon runs, the kernel takes no server of another family than its service's: nothing was changed");
    assert_eq!(table(), before);
    // Both in one file can't be.
    replace(&format!("{mixed}{daemon}")).fails(
        2,
        "stdin:3: Invalid operation.  Possibly wrong module version, address not unicast, ...",
    );
    // A refusal at the end brings the daemons back.
    let outcome = replace(&format!("{mixed}{no_daemon}-A -f 9 -s nosuch"));
    assert_eq!(outcome.status, 255);
    assert!(
        outcome
            .message()
            .starts_with("stdin:5: Scheduler or persistence engine not found"),
        "{outcome}"
    );
    assert_eq!(table(), before);
}

/// The kernel's own errno says nothing of it.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_daemon_in_the_way_is_named() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&[
        "-A -t 10.0.0.1:80",
        "--start-daemon backup --mcast-interface lo",
    ]);
    let before = table();
    let reason = "while the backup sync daemon runs, the kernel takes no server of another family than its service's";
    let mixed = "-A -f 1\n-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r fd00::1 -i\n";
    for words in [&["-R", "--replace"][..], &["-R", "--replace", "--dry-run"]] {
        let outcome = Tool::Ours.run_with(words, mixed.as_bytes());
        assert_eq!(
            (outcome.status, support::lossy(&outcome.stderr)),
            (
                255,
                format!(
                    "stdin:3: {reason}: nothing was changed\nto stop the daemon, give the rule --stop-daemon backup\n"
                )
            )
        );
        assert_eq!(outcome.text(), "");
    }
    let invalid = "Invalid operation.  Possibly wrong module version, address not unicast, ...";
    let line = "-a -t 10.0.0.1:80 -r fd00::1 -i";
    let single = Tool::Ours.line(line);
    assert_eq!(
        (single.status, support::lossy(&single.stderr)),
        (255, format!("{invalid}\n{reason}\n"))
    );
    let plain = Tool::Ours.run_with(["-R"], line.as_bytes());
    assert_eq!(
        (plain.status, support::lossy(&plain.stderr)),
        (255, format!("stdin:1: {invalid}\n{reason}\n"))
    );
    assert_eq!(table(), before);
    // The rule that is named does it.
    converges(&format!("{mixed}--stop-daemon backup\n"));
    let start = Tool::Ours.line("--start-daemon master --mcast-interface lo");
    assert_eq!(
        support::lossy(&start.stderr),
        format!(
            "{invalid}\na server is of another family than its service's: the kernel runs no sync daemon beside it\n"
        )
    );
}
