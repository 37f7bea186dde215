//! How drains are asked for: what is wrong, what is only printed, a whole host, JSON, a terminal, a network namespace.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use support::drain::{
    Drain, SERVER, WEB, director, drain, saved, switch, undrain, undrain_everywhere,
};
use support::places::{Named, unique};
use support::schema::documented;
use support::traffic::tcp_exchange;
use support::{Tool, lossy};

const LINE: &str = "-t 10.9.9.9:80 -r 10.9.9.9:8080";

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn bad_uses() {
    let missing = "You need to supply the 'real-server' option for the 'drain' command";
    let clash = "The option 'keep' conflicts with the 'force' option in the 'drain' command";
    let waitless = "The 'force' option says what follows the wait: it needs 'wait'";
    director(&WEB, || {
        let before = saved();
        for (line, status, message) in [
            ("-t 10.9.9.9:80", 2, missing),
            ("", 2, missing),
            ("-r 10.9.9.9:8081", 255, "No such destination"),
            (
                "-t 10.9.9.9:80 -r 10.9.9.9:8081",
                255,
                "No such destination",
            ),
            // A server without a port has the service's, as with -d.
            ("-t 10.9.9.9:80 -r 10.9.9.9", 255, "No such destination"),
            ("-t 10.9.9.9:81 -r 10.9.9.9", 255, "Service not defined"),
            ("-r 10.9.9.9 --keep --force --wait 5", 2, clash),
            ("-r 10.9.9.9 --force", 2, waitless),
            (
                "-r 10.9.9.9 --wait x",
                2,
                "invalid wait value `x' specified",
            ),
            (
                "-r 10.9.9.9 -w 5",
                2,
                "Illegal 'weight' option with the 'drain' command",
            ),
            (
                "-r 10.9.9.9 --keep --keep",
                2,
                "multiple 'keep' options specified",
            ),
            ("-r 10.9.9.9 word", 2, "unexpected argument word"),
            ("-r 10.9.9.9 --undrain", 2, "invalid option `--undrain'"),
        ] {
            drain(line).fails(status, message);
            assert_eq!(saved(), before, "{line}");
        }
        let rules = Tool::Ours.run_with(["-R"], format!("--drain {LINE}\n").as_bytes());
        rules.fails(
            2,
            "stdin:1: a rules file holds changes, and this line drains",
        );
        let powerless = support::Outcome::of(
            Tool::Ours.powerless().args(["--drain", "-r", "10.9.9.9"]),
            b"",
        );
        assert_eq!(powerless.status, 2, "{powerless}");
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn weightless_or_drained_already() {
    director(&WEB, || {
        Tool::Ours.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 0"]);
        let before = saved();
        let outcome = drain(&format!("{LINE} --keep"));
        assert_eq!(outcome.status, 0, "{outcome}");
        let said = "10.9.9.9:8080 of -t 10.9.9.9:80 had weight 0 already\n";
        assert_eq!(lossy(&outcome.stderr), said);
        let outcome = undrain(LINE);
        assert_eq!(outcome.status, 0, "{outcome}");
        let said = "10.9.9.9:8080 of -t 10.9.9.9:80 had weight 0 before it was drained: give it another one with -w\n";
        assert_eq!(lossy(&outcome.stderr), said);
        assert_eq!(saved(), before);
        // What was drained and stayed is drained again, what was deleted is not there.
        Tool::Ours.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 6"]);
        for line in ["--keep", "--keep", ""] {
            let outcome = drain(&format!("{LINE} {line}"));
            assert!(
                outcome.status == 0 && outcome.stderr.is_empty(),
                "{outcome}"
            );
        }
        for line in [LINE, "-r 10.9.9.9"] {
            let outcome = drain(line);
            outcome.clone().fails(255, "No such destination");
            let hint = "it was drained before: --undrain adds it back\n";
            assert!(lossy(&outcome.stderr).ends_with(hint), "{outcome}");
        }
        assert_eq!(undrain(LINE).ok(), "");
        assert!(saved().contains("-w 6"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_dry_run_changes_nothing() {
    director(&WEB, || {
        let before = saved();
        let edit = "-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 0 -x 1000 -y 10\n";
        let delete = "-d -t 10.9.9.9:80 -r 10.9.9.9:8080\n";
        assert_eq!(
            drain("-r 10.9.9.9 --dry-run").ok(),
            format!("{edit}{delete}")
        );
        assert_eq!(drain("-r 10.9.9.9 --dry-run --keep").ok(), edit);
        let document: Value =
            serde_json::from_str(&drain("-r 10.9.9.9 --dry-run -j").ok()).expect("JSON");
        assert_eq!(document["event"], "planned");
        assert_eq!(saved(), before);
        assert!(!std::fs::exists("/run/ipvsadm").expect("an answer"));
        // What is so already is no change.
        Tool::Ours.setup(&["-e -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 0"]);
        assert_eq!(drain("-r 10.9.9.9 --dry-run").ok(), delete);
    });
}

/// Many services, some with other servers, some with connections.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_host_of_400_services() {
    const SERVICES: u16 = 400;
    let mut rules = Vec::new();
    for port in 2000..2000 + SERVICES {
        rules.push(format!("-A -t 10.9.9.9:{port} -s wrr"));
        rules.push(format!(
            "-a -t 10.9.9.9:{port} -r 10.9.9.9:8080 -m -w {port}"
        ));
        rules.push(format!(
            "-a -t 10.9.9.9:{port} -r 10.9.9.10:8081 -m -w 0 -x 9"
        ));
    }
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    director(&rules, || {
        let before = saved();
        let open: Vec<_> = (0..5)
            .map(|number| tcp_exchange(&format!("10.9.9.9:{}", 2000 + number * 70), 10))
            .collect();
        let mut drain = Drain::start("-r 10.9.9.9");
        for number in 0..5 {
            let port = 2000 + number * 70;
            drain.shows(&format!("of -t 10.9.9.9:{port}  active 1"));
        }
        drop(open);
        let outcome = drain.end();
        assert!(
            outcome.status == 0 && outcome.stderr.is_empty(),
            "{outcome}"
        );
        assert_eq!(
            outcome.text().matches("  deleted\n").count(),
            usize::from(SERVICES)
        );
        assert!(!saved().contains("-r 10.9.9.9:"));
        assert_eq!(
            saved().matches("-r 10.9.9.10:8081 -m -w 0 -x 9").count(),
            usize::from(SERVICES)
        );
        undrain_everywhere("10.9.9.9", SERVICES.into());
        assert_eq!(saved(), before);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn json() {
    director(&WEB, || {
        let schema = &documented()["drain"];
        let mut seen = BTreeSet::new();
        let mut events = |text: String| -> Vec<String> {
            let documents = text
                .lines()
                .map(|line| serde_json::from_str(line).expect("JSON"));
            let event = |document: Value| {
                schema.check(&document, &mut seen);
                document["event"].as_str().expect("a word").to_owned()
            };
            documents.map(event).collect()
        };
        let open = tcp_exchange("10.9.9.9:80", 10);
        let outcome = drain(&format!("{LINE} --json --wait 1"));
        assert_eq!(
            (outcome.status, events(outcome.text())),
            (3, vec!["waiting".into(), "left".into()])
        );
        let mut running = Drain::start(&format!("{LINE} --json"));
        running.shows("\"active_connections\":1,\"inactive_connections\":0,");
        drop(open);
        let all = events(running.end().text());
        assert!(
            all.starts_with(&["waiting".into()]) && all.ends_with(&["deleted".into()]),
            "{all:?}"
        );
        undrain(LINE).ok();
        assert_eq!(
            events(drain(&format!("{LINE} --json --keep")).text()),
            ["kept"]
        );
        assert_eq!(seen, schema.paths());
    });
}

/// What a drain writes to a terminal.
fn on_a_terminal(line: &str) -> String {
    let line = format!("{} --drain {line} --wait 2", Tool::Ours.path().display());
    let output = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env("SHELL", "/bin/bash")
        .stdin(Stdio::null())
        .output()
        .expect("script");
    assert_eq!(output.status.code(), Some(3));
    lossy(&output.stdout)
}

/// On a terminal the line is written over.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_terminal() {
    director(&WEB, || {
        let _open = tcp_exchange("10.9.9.9:80", 10);
        let text = on_a_terminal(LINE);
        let row = "10.9.9.9:8080  active 1  inactive 0  persistent 0  last ends in 1";
        assert!(text.starts_with(&format!("\x1b[?7l{row}")), "{text:?}");
        assert!(
            text.contains("at most\r\n\x1b[?7h\x1b[1A\x1b[J\x1b[?7l10"),
            "{text:?}"
        );
        assert!(
            text.contains("\x1b[1A\x1b[J10.9.9.9:8080  active 1"),
            "{text:?}"
        );
        assert!(text.contains("the wait of 2 s is over"), "{text:?}");
    });
}

/// More lines than fit on a screen are summed up.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn many_servers_on_a_terminal() {
    const SERVICES: usize = 12;
    let rules: Vec<String> = (2000..2000 + SERVICES)
        .map(|port| {
            let service = format!("-t 10.9.9.9:{port}");
            format!("-A {service} -s rr\n-a {service} -r 10.9.9.9:8080 -m")
        })
        .collect();
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    director(&rules, || {
        let open =
            (2000..2000 + SERVICES).map(|port| tcp_exchange(&format!("10.9.9.9:{port}"), 10));
        let _open: Vec<_> = open.collect();
        let text = on_a_terminal("-r 10.9.9.9");
        let sum = "\x1b[?7l12 servers  active 12  inactive 0  persistent 0  last ends in 1";
        assert!(text.starts_with(sum), "{text:?}");
        let left = "the wait of 2 s is over: 12 connections left, of the clients 10.9.9.9 (12)";
        assert!(text.contains(left), "{text:?}");
    });
}

/// Its table, its connections and its switches are those of the namespace; so is what is kept.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn another_network_namespace() {
    director(
        &[
            "-A -t 10.9.9.9:80 -s rr -p 300",
            "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5",
        ],
        || {
            std::fs::create_dir("/run/netns").expect("a folder");
            let before = saved();
            drop(tcp_exchange("10.9.9.9:80", 10));
            switch("expire_quiescent_template", "1");
            let place = Named::of_this(unique("drain"));
            let here = support::Namespace::new();
            let line = format!("{LINE} --netns {}", place.0);
            let outcome = drain(&line);
            assert!(
                outcome.status == 0 && outcome.text() == format!("{SERVER}  deleted\n"),
                "{outcome}"
            );
            assert!(
                lossy(&outcome.stderr).contains("expire_quiescent_template is 1"),
                "{outcome}"
            );
            undrain(LINE).fails(255, "Service not defined");
            assert_eq!(undrain(&line).ok(), "");
            assert_eq!(
                Tool::Ours.line(&format!("-Sn --netns {}", place.0)).ok(),
                before
            );
            drop(here);
        },
    );
}

/// The drain goes on to its end where nobody can be told of it.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn output_that_is_lost() {
    director(&WEB, || {
        let before = saved();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let full = std::fs::File::create("/dev/full").expect("a full device");
        for (stdout, status) in [(Stdio::from(full), 1), (Stdio::from(writer), 0)] {
            let mut command = Tool::Ours.command(support::words::split(&format!("--drain {LINE}")));
            let output = command.stdout(stdout).stderr(Stdio::piped()).output();
            let output = output.expect("an end");
            let said = lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(status), "{said}");
            assert_eq!(
                said.contains("No space left on device"),
                status == 1,
                "{said}"
            );
            assert!(!saved().contains("-a"));
            undrain(LINE).ok();
            assert_eq!(saved(), before);
        }
    });
}
