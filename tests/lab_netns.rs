//! --netns: every command works in another network namespace, which a name, a path or a process says, and nothing happens here.

mod support;

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use support::peer::{self, Entry};
use support::places::{Named, Sleeper, unique};
use support::{Namespace, Outcome, Tool, table, theirs_restores};

fn ours(netns: &str, line: &str) -> Outcome {
    Tool::Ours.line(&format!("{line} --netns {netns}"))
}

const RULES: &str = "-A -t 10.0.0.7:80 -s rr\n-a -t 10.0.0.7:80 -r 10.0.0.8:80 -g -w 1\n";

/// The same commands at home by theirs and from elsewhere by ours leave the same table.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn every_command() {
    let lines = [
        "-A -t 10.0.0.1:80 -s rr",
        "-A -u 10.0.0.1:53 -p 60",
        "-A -f 7 -6",
        "-a -t 10.0.0.1:80 -r 10.0.0.2 -m",
        "-a -t 10.0.0.1:80 -r 10.0.0.3 -i",
        "-a -u 10.0.0.1:53 -r 10.0.0.3",
        "-E -t 10.0.0.1:80 -s wrr",
        "-e -t 10.0.0.1:80 -r 10.0.0.2 -m -w 9",
        "-d -t 10.0.0.1:80 -r 10.0.0.3",
        "-D -u 10.0.0.1:53",
        "-Z",
        "--set 901 121 301",
        "--start-daemon backup --mcast-interface lo --syncid 3",
        "--start-daemon master --mcast-interface lo --syncid 3",
        "--stop-daemon backup",
    ];
    let wanted = {
        let _namespace = Namespace::new();
        theirs_restores(&lines);
        table()
    };
    let there = Namespace::new();
    let named = Named::of_this(unique("all"));
    let here = Namespace::new();
    theirs_restores(&["-A -t 192.0.2.1:80"]);
    let home = table();
    for line in lines {
        assert_eq!(ours(&named.0, line).ok(), "", "{line}");
    }
    let listings = [
        "-Ln",
        "-Sn",
        "-L --timeout",
        "-L --daemon",
        "-Lnc",
        "-Ln -t 10.0.0.1:80 --stats",
    ];
    let from_here = listings.map(|line| ours(&named.0, line).ok());
    let document = ours(&named.0, "-Lj").ok();
    assert_eq!(table(), home);
    there.enter();
    assert_eq!(table(), wanted);
    assert_eq!(from_here, listings.map(|line| Tool::Theirs.line(line).ok()));
    assert_eq!(document, Tool::Ours.line("-Lj").ok());

    here.enter();
    for (words, table_there) in [("-R", 4), ("-R --replace", 2), ("-C", 0)] {
        let args = support::words::split(&format!("{words} --netns {}", named.0));
        let rules = if words == "-C" { "" } else { RULES };
        assert_eq!(
            Tool::Ours.run_with(args, rules.as_bytes()).ok(),
            "",
            "{words}"
        );
        assert_eq!(
            ours(&named.0, "-Sn").ok().lines().count(),
            table_there + usize::from(words == "-R"),
            "{words}"
        );
    }
    assert_eq!(table(), home);
}

/// Tables of several pieces, which are asked for more than once: never at home.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn long_tables() {
    let rules = |address: &str| {
        let services = (1..=300).map(|port| format!("-A -t {address}:{port} -s rr"));
        let servers =
            (1..=300).map(|port| format!("-a -t {address}:1 -r {address}:{port} -m -w 1"));
        services.chain(servers).collect::<Vec<_>>()
    };
    let _there = Namespace::new();
    let named = Named::of_this(unique("long"));
    theirs_restores(&rules("10.0.0.1"));
    let saved = Tool::Theirs.line("-Sn").ok();
    let _here = Namespace::new();
    theirs_restores(&rules("192.0.2.1"));
    assert_eq!(ours(&named.0, "-Sn").ok(), saved);
    assert_eq!(ours(&named.0, "-Ln").ok().matches("10.0.0.1:").count(), 600);
    let document = ours(&named.0, "-L -j").ok();
    assert!(document.matches("10.0.0.1\"").count() == 600 && !document.contains("192.0.2.1"));
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn names_paths_and_processes() {
    let _first = Namespace::new();
    theirs_restores(&["-A -t 10.0.0.1:80"]);
    let (first, sleeper) = (Named::of_this(unique("first")), Sleeper::new());
    let _second = Namespace::new();
    theirs_restores(&["-A -t 10.0.0.2:80"]);
    // A number that is a process, too: the name wins.
    let second = Named::of_this(sleeper.id());
    let _here = Namespace::new();
    let first_rule = "-A -t 10.0.0.1:80 -s wlc\n";
    let ways = [
        first.0.clone(),
        format!("/run/netns/{}", first.0),
        format!("/proc/{}/ns/net", sleeper.id()),
    ];
    for way in ways {
        assert_eq!(ours(&way, "-Sn").ok(), first_rule, "{way}");
    }
    assert_eq!(ours(&second.0, "-Sn").ok(), "-A -t 10.0.0.2:80 -s wlc\n");
    drop(second);
    assert_eq!(ours(&sleeper.id(), "-Sn").ok(), first_rule);
    assert_eq!(ours("/proc/self/ns/net", "-Sn").ok(), "");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn no_namespace() {
    let _namespace = Namespace::new();
    let folder = std::env::temp_dir().join(unique("files"));
    std::fs::create_dir(&folder).expect("a folder");
    let pipe = folder.join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let pipe = pipe.to_str().expect("a path");
    for missing in [
        "nosuch",
        "999999999",
        "/run/netns/nosuch",
        "nosuch/nosuch",
        "/etc/passwd/x",
    ] {
        ours(missing, "-Ln").fails(2, &format!("no such network namespace: `{missing}'"));
    }
    for other in [
        "/etc/passwd",
        "/",
        ".",
        "..",
        "/proc/self/ns/mnt",
        "/dev/null",
        pipe,
    ] {
        ours(other, "-Ln").fails(2, &format!("`{other}' is no network namespace"));
    }
    ours("''", "-Ln").fails(2, "illegal network namespace `' specified");
    // Nothing is done elsewhere instead.
    ours("nosuch", "-A -t 10.0.0.1:80").fails(2, "no such network namespace: `nosuch'");
    assert_eq!(Tool::Theirs.line("-Sn").ok(), "");
    std::fs::remove_dir_all(&folder).expect("removing a folder");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn not_permitted() {
    let _there = Namespace::new();
    let (named, sleeper) = (Named::of_this(unique("denied")), Sleeper::new());
    let _here = Namespace::new();
    let denied = |netns: &str, line: &str| {
        let mut command = Tool::Ours.powerless();
        command
            .args(support::words::split(line))
            .args(["--netns", netns]);
        Outcome::of(&mut command, b"")
    };
    for line in ["-Ln", "-Lnc", "-A -t 10.0.0.1:80", "-Sn"] {
        let outcome = denied(&named.0, line);
        let message = format!(
            "cannot enter the network namespace `{}': Operation not permitted",
            named.0
        );
        outcome.clone().fails(2, &message);
        assert!(
            outcome
                .to_string()
                .contains("\nyou must be root in the user namespace that owns it\n"),
            "{outcome}"
        );
    }
    let path = format!("/proc/{}/ns/net", sleeper.id());
    denied(&sleeper.id(), "-Ln").fails(
        2,
        &format!("cannot open the network namespace {path}: Permission denied"),
    );
}

/// A restore takes the lock of the namespace that it changes, and no other.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_lock_is_that_of_the_place() {
    let _there = Namespace::new();
    let named = Named::of_this(unique("lock"));
    let inode = std::fs::metadata("/proc/thread-self/ns/net")
        .expect("this namespace")
        .ino();
    let _here = Namespace::new();
    std::fs::create_dir_all("/run/ipvsadm").expect("the folder of locks");
    let lock = File::create(format!("/run/ipvsadm/netns-{inode}.lock")).expect("a lock's file");
    lock.lock().expect("the lock");
    let restore =
        |options: &str| Tool::Ours.run_with(support::words::split(options), RULES.as_bytes());
    for options in ["-R", "-R --replace"] {
        let held = restore(&format!("{options} --wait 0 --netns {}", named.0));
        assert!(
            held.status == 255 && held.message().starts_with("another restore is at work"),
            "{held}"
        );
        assert_eq!(restore("-R --replace --wait 0").ok(), "");
    }
    assert_eq!(ours(&named.0, "-Sn").ok(), "");
    // Not by closing it: a child of another test that just starts may have it open.
    lock.unlock().expect("an unlock");
    assert_eq!(
        restore(&format!("-R --wait 0 --netns {}", named.0)).ok(),
        ""
    );
    assert_eq!(ours(&named.0, "-Sn").ok(), RULES);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn connections_there() {
    let there = Namespace::new();
    let named = Named::of_this(unique("conns"));
    peer::listen();
    peer::report(
        &[Entry::tcp("10.1.1.1:1001", "10.0.0.1:80", "10.0.0.2:80")],
        1,
    );
    let here = Namespace::new();
    for (line, lines) in [
        ("-Lnc", 3),
        ("-Lc", 3),
        ("-Lnc --count", 3),
        ("-Lcj", 3),
        ("-Lnc -t 10.0.0.9:80", 2),
    ] {
        assert_eq!(ours(&named.0, line).ok().lines().count(), lines, "{line}");
    }
    assert_eq!(Tool::Ours.line("-Lnc").ok().lines().count(), 2);
    there.enter();
    assert_eq!(Tool::Ours.line("-Lnc").ok().lines().count(), 3);
    here.enter();
}
