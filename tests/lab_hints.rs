//! The second line: what to do about a mistake. The first line stays 1.31's.

mod support;

use support::{Namespace, Tool, lossy};

const TABLE: [&str; 4] = [
    "-A -t 10.0.0.1:80 -s rr",
    "-a -t 10.0.0.1:80 -r 10.0.0.2:80",
    "-A -u 10.0.0.1:53",
    "--start-daemon backup --mcast-interface lo",
];

/// A mistake, and the line that helps.
const MISTAKES: [(&str, &str); 45] = [
    (
        "-A -t 10.0.0.9:80 -s wrrr",
        "the kernel has no scheduler `wrrr'; did you mean `wrr'?",
    ),
    (
        "-A -t 10.0.0.9:80 -s round-robin",
        "the kernel has no scheduler `round-robin'",
    ),
    ("-A -t 10.0.0.1:80", "to change it, use -E, or add --exist"),
    (
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80",
        "to change it, use -e, or add --exist",
    ),
    (
        "-a -t 10.0.0.9:80 -r 10.0.0.2:80",
        "add the service first: ipvsadm -A -t 10.0.0.9:80",
    ),
    (
        "-a -t [fd00::9]:80 -r [fd00::2]:80",
        "add the service first: ipvsadm -A -t '[fd00::9]:80'",
    ),
    ("-D -u 10.0.0.1:80", "there is the service -t 10.0.0.1:80"),
    (
        "-E -t 10.0.0.1:8080 -s rr",
        "there is the service -t 10.0.0.1:80",
    ),
    (
        "-d -t 10.0.0.1:80 -r 10.0.0.2:8080",
        "the service has the server 10.0.0.2:80",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.0.3 -x 5 -y 10",
        "the lower threshold (-y 10) exceeds the upper one (-x 5)",
    ),
    (
        "--start-daemon master",
        "there is no interface `eth0': give one with --mcast-interface",
    ),
    (
        "--start-daemon backup --mcast-interface lo",
        "to start it anew, stop it first, or add --exist",
    ),
    ("--stop-daemon master", "the backup daemon is running"),
    (
        "-R /etc/ipvsadm.rules",
        "to name a file, use --file /etc/ipvsadm.rules",
    ),
    ("-S rules", "to name a file, use --file rules"),
    (
        "-a -t 10.0.0.1:80 10.0.0.2",
        "to name a real server, use -r 10.0.0.2",
    ),
    ("-A -t 10.0.0.9:80 -p 5m", "times are seconds: 300"),
    ("-A -f 0x5", "only decimal numbers are taken: 5"),
    // Only what is legal is suggested.
    ("-A -f 0x0", "a mark is a number from 1 to 4294967295"),
    ("-A -f 5d", "a mark is a number from 1 to 4294967295"),
    (
        "-A -t 10.0.0.9:80 -p 90d",
        "times are seconds, at most 2678400 (31 days)",
    ),
    (
        "-D -t 10.0.0.1:80 -r 10.0.0.2",
        "to delete a server, use -d",
    ),
    ("-A -t 10.0.0.9:80 -r 10.0.0.2", "to add a server, use -a"),
    (
        "-a -t 10.0.0.1:80 -r 10.0.0.4 -w heavy",
        "a weight is a number from 0 to 2147483647",
    ),
    (
        "-A -t 10.0.0.9:80 -p -M 24x",
        "of IPv4 the mask is an address, such as 255.255.255.0",
    ),
    (
        "-A -t web.invalid:80",
        "`web.invalid:80' is neither an address[:port] nor a known host name",
    ),
    (
        "-A -t 10.0.0.9:80 --schedulr rr",
        "did you mean `--scheduler'?",
    ),
    (
        "-A -t 10.0.0.9",
        "give a port (of IPv6 as [address]:port), or -p for a service of all ports",
    ),
    (
        "-A 10.0.0.9:80",
        "to name a service, use -t 10.0.0.9:80 (TCP), -u 10.0.0.9:80 (UDP) or -f MARK",
    ),
    (
        "-Ln 10.0.0.1:80",
        "to name a service, use -t 10.0.0.1:80 (TCP), -u 10.0.0.1:80 (UDP) or -f MARK",
    ),
    ("-a -t 10.0.0.1:80", "name the server: -r ADDR[:PORT]"),
    (
        "-d -r 10.0.0.2",
        "name the service: -t, -u or --sctp-service with ADDR:PORT, or -f MARK",
    ),
    (
        "-d -t 10.0.0.1:80 -r 10.0.0.7:80",
        "the service's only server is 10.0.0.2:80",
    ),
    ("-d -u 10.0.0.1:53 -r 10.0.0.7", "the service has no server"),
    ("-Ln -u 10.0.0.1:80", "there is the service -t 10.0.0.1:80"),
    (
        "-A -t 10.0.0.9:80 -s wr",
        "the kernel has no scheduler `wr'; did you mean `wrr'?",
    ),
    (
        "-A -t 10.0.0.9:80 -s WLC",
        "the kernel has no scheduler `WLC'; did you mean `wlc'?",
    ),
    (
        "-A -t 10.0.0.9:80 -s wrr -b sh-port",
        "sh-port goes with -s sh",
    ),
    (
        "-A -t 10.0.0.9:80 -p abc",
        "times are seconds, at most 2678400 (31 days)",
    ),
    (
        "--set 2678401 0 0",
        "times are seconds, at most 2678400 (31 days)",
    ),
    (
        "--set 5 6",
        "--set TCP TCPFIN UDP: seconds, at most 2678400 (31 days); 0 keeps a timeout",
    ),
    ("-A -f web", "a mark is a number from 1 to 4294967295"),
    (
        "-a -t 10.0.0.1:80 -r 224.0.0.5:80",
        "224.0.0.5 is no single machine's address",
    ),
    ("--start-daemon boss", "a sync daemon is master or backup"),
    (
        "-a -t 10.0.0.1:80 -r 10.0.0.4 --tun-type ipip",
        "they go with -i",
    ),
];

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_mistake_is_answered_with_what_to_do() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&TABLE);
    for (line, expected) in MISTAKES {
        let (ours, theirs) = (Tool::Ours.line(line), Tool::Theirs.line(line));
        assert_eq!(ours.status, theirs.status, "{line}");
        assert_eq!(ours.message(), theirs.message(), "{line}");
        let said = lossy(&ours.stderr);
        assert_eq!(said.lines().nth(1), Some(expected), "{line}\n{said}");
    }
}

/// The port was typed, and is not looked at without -m: "the service has the server …:8080" alone would not help.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_port_that_is_not_looked_at() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&[TABLE[0], "-a -t 10.0.0.1:80 -r 10.0.0.3:8080 -m"]);
    for (method, hint) in [
        (
            "",
            "the service has the server 10.0.0.3:8080; a port is looked at only with -m",
        ),
        ("-m", "the service has the server 10.0.0.3:8080"),
    ] {
        let port = if method == "-m" { 8081 } else { 8080 };
        let line = format!("-e -t 10.0.0.1:80 -r 10.0.0.3:{port} -w 2 {method}");
        let said = lossy(&Tool::Ours.line(&line).stderr);
        assert_eq!(said, format!("No such destination\n{hint}\n"), "{line}");
    }
}

/// What goes with another command is no help.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn no_other_command_is_suggested() {
    let _namespace = Namespace::new();
    let said = lossy(&Tool::Ours.line("-Ln --replce").stderr);
    assert_eq!(said, "--replce: unknown option\n");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_listing_is_no_rules_file() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&TABLE[..2]);
    let listing = Tool::Ours.line("-Ln").ok();
    let said = lossy(&Tool::Ours.run_with(["-R"], listing.as_bytes()).stderr);
    assert_eq!(
        said.lines().next(),
        Some("stdin:1: this is a listing: -S writes rules")
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn who_is_not_root_is_told_to_be() {
    let _namespace = Namespace::new();
    let outcome = support::Outcome::of(Tool::Ours.powerless().arg("-Ln"), b"");
    let said = lossy(&outcome.stderr);
    assert_eq!(outcome.status, 2, "{said}");
    assert_eq!(said.lines().nth(1), Some("run it as root"), "{said}");
    assert!(!said.contains("module"), "{said}");
}
