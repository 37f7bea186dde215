//! Plain listings take servers from the kernel's own text, /proc/net/ip_vs: they are the same with it, without it, and with a text
//! that lies.

mod support;

use std::process::Command;
use support::alone::alone;
use support::peer::{self, Entry};
use support::places::{Named, unique};
use support::{Namespace, Outcome, Tool, ip, kernel_text, theirs_restores, words};

/// Every protocol, family, forwarding method and kind of service.
const RULES: [&str; 32] = [
    "-A -t 10.0.0.1:80 -s rr",
    "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 0",
    "-a -t 10.0.0.1:80 -r 10.0.0.3:8080 -m -w 2147483647",
    "-a -t 10.0.0.1:80 -r 10.0.0.4:80 -g -w 1 -x 9 -y 5",
    "-a -t 10.0.0.1:80 -r 10.0.0.5:80 -i -w 5",
    "-a -t 10.0.0.1:80 -r 10.0.0.6:80 -i -w 6 --tun-type gue --tun-port 6080",
    "-a -t 10.0.0.1:80 -r 127.0.0.1:80 -g -w 7",
    "-A -t 10.0.0.1:443 -s sh -b sh-fallback,sh-port",
    "-A -u 10.0.0.1:80 -s wlc -o",
    "-a -u 10.0.0.1:80 -r 10.0.0.2:53 -m -w 70000",
    "-A -u 10.0.0.7:5060 -s wlc -p 60 --pe sip -o",
    "-a -u 10.0.0.7:5060 -r 10.0.0.2:5060 -m",
    "-A -t 10.0.0.1:0 -s rr -p 300 -M 255.255.0.0",
    "-a -t 10.0.0.1:0 -r 10.0.0.2:0 -g",
    "-A --sctp-service 10.0.0.1:80 -s mh -b mh-port",
    "-a --sctp-service 10.0.0.1:80 -r 10.0.0.2:99 -m",
    "-A -t [fd00::1]:80 -s wrr",
    "-a -t [fd00::1]:80 -r [fd00::2]:80 -m",
    "-a -t [fd00::1]:80 -r [::1]:80 -g",
    "-A -u [2001:db8:1111:2222:3333:4444:5555:6666]:65535 -s wrr -p 30 -M 64",
    "-a -u [2001:db8:1111:2222:3333:4444:5555:6666]:65535 -r [2001:db8::7777]:65535 -m",
    "-A -t [::1.2.3.4]:80 -s wrr",
    "-a -t [::1.2.3.4]:80 -r [fd00::1.2.3.4]:80 -m",
    "-A --sctp-service [fd00::1]:80",
    "-A -f 1 -s wlc",
    "-a -f 1 -r 10.0.0.2:0 -g",
    "-A -f 1 -6 -s wlc",
    "-a -f 1 -6 -r [fd00::2]:0 -g",
    "-A -f 2 -s wlc -p 3",
    "-a -f 2 -r 10.0.0.2:80 -g",
    "-A -f 3 -6 -s rr",
    "-A -t 10.0.0.9:80 -s rr",
];

/// Servers of another family than the service's: where there is one, the kernel starts no sync daemon.
const MIXED: [&str; 2] = [
    "-a -t 10.0.0.1:80 -r [fd00::8]:80 -i -w 8",
    "-a -t [fd00::1]:80 -r 10.0.0.8:80 -i",
];

/// IP_VS_CONN_F_INACTIVE.
const INACTIVE: u32 = 0x100;

const TEXT: &str = "/proc/thread-self/net/ip_vs";

fn rich() -> Namespace {
    let namespace = Namespace::new();
    ip("-6 route add fd00::/16 dev lo");
    ip("-6 route add 2001:db8::/32 dev lo");
    theirs_restores(&RULES);
    peer::listen();
    let server = ["10.0.0.1:80", "10.0.0.2:80"];
    let tcp = |client| Entry::tcp(client, server[0], server[1]);
    let inactive = Entry {
        flags: INACTIVE,
        ..tcp("10.1.1.1:3")
    };
    peer::report(&[tcp("10.1.1.1:1"), tcp("10.1.1.1:2"), inactive], 3);
    Tool::Theirs.setup(&["--stop-daemon backup"]);
    theirs_restores(&MIXED);
    namespace
}

/// Runs ours where /proc holds nothing but the text, or not even that.
fn ours(line: &str, text: Option<&str>) -> Outcome {
    let script = "mount -t tmpfs none /proc && mkdir -p ${0%/*}
        [ \"$1\" = none ] || cat > \"$0\"
        shift && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, TEXT]);
    command.arg(if text.is_some() { "some" } else { "none" });
    command.arg(Tool::Ours.path()).args(words::split(line));
    Outcome::of(&mut command, text.unwrap_or_default().as_bytes())
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_plain_listing_is_the_same_by_text_and_by_netlink() {
    let (_alone, _namespace) = (alone(), rich());
    let text = kernel_text();
    for line in ["-Ln", "-Ln --nosort", "-Ln --exact"] {
        let listing = Tool::Ours.line(line).ok();
        assert!(listing.lines().count() > RULES.len(), "{listing}");
        assert_eq!(ours(line, Some(&text)).ok(), listing, "{line}");
        assert_eq!(ours(line, None).ok(), listing, "{line}");
    }
    // With names, all rows are read before the first is written; the names that are not found in time are told.
    let named = Tool::Ours.line("-L --resolve-timeout 0").text();
    for text in [Some(text.as_str()), None] {
        assert_eq!(ours("-L --resolve-timeout 0", text).text(), named);
    }
    let nosort = Tool::Ours.line("-Ln --nosort").ok();
    assert_eq!(nosort, Tool::Theirs.line("-Ln --nosort").ok());
    let connections = "  -> 10.0.0.2:80                  Masq    0      2          1         \n";
    assert!(nosort.contains(connections), "{nosort}");
}

/// Of many services the text is left before its end, and netlink is asked for the others.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_long_listing_is_the_same_by_text_and_by_netlink() {
    let (_alone, _namespace) = (alone(), Namespace::new());
    let mut rules = String::new();
    // A service with its servers is longer than half of what the kernel hands out at a time.
    for service in 0..3500 {
        let service = format!("-t 10.1.{}.{}:80", service / 250, service % 250);
        rules += &format!("-A {service}\n");
        for server in 0..45 {
            rules += &format!("-a {service} -r 10.2.0.{server}:80 -m -w {server}\n");
        }
    }
    Outcome::of(Command::new(Tool::Ours.path()).arg("-R"), rules.as_bytes()).ok();
    let listing = Tool::Ours.line("-Ln").ok();
    assert_eq!(listing.lines().count(), 3 + 3500 * 46);
    assert!(ours("-Ln", None).ok() == listing);
}

/// What the text says is shown: netlink is not asked again. Firewall marks, whose family it lacks, are not looked up in it.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_plain_listing_takes_servers_from_the_text() {
    let (_alone, _namespace) = (alone(), rich());
    let listing = Tool::Ours.line("-Ln").ok();
    let doctored = kernel_text()
        .replace("Masq    70000 ", "Masq    70001 ")
        .replace(
            "0A000002:0050      Route   1 ",
            "0A000002:0050      Route   5 ",
        );
    let shown = ours("-Ln", Some(&doctored)).ok();
    assert_eq!(shown, listing.replace("70000 ", "70001 "));
    for line in [
        "-Sn",
        "-Ln --stats",
        "-Ln --tun-info",
        "-Lj",
        "-Ln -u 10.0.0.1:80",
    ] {
        let listing = Tool::Ours.line(line).ok();
        assert_eq!(ours(line, Some(&doctored)).ok(), listing, "{line}");
    }
}

/// A text that is damaged, as none of the kernel's is, or was read while the table changed: netlink is asked.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_plain_listing_does_without_a_text_in_doubt() {
    let (_alone, _namespace) = (alone(), rich());
    let (listing, text) = (Tool::Ours.line("-Ln").ok(), kernel_text());
    let service = "TCP  0A000001:0050 rr  \n";
    let server = "  -> 0A000003:1F90      Masq    2147483647 0          0         \n";
    assert!(text.contains(service) && text.contains(server), "{text}");
    let another = text.replacen("70000", "70001", 1);
    for damaged in [
        String::new(),
        // Another file, by its title, its heading and its end, with other weights.
        another.replacen("IP Virtual", "IP virtual", 1),
        another.replacen("InActConn", "Inactive", 1),
        another.trim_end_matches('\n').to_owned(),
        // A service skipped, one twice, one that has gone.
        text.replacen(service, "TCP  0A000001:0051 rr  \n", 1),
        text.replacen("InActConn\n", &format!("InActConn\n{service}"), 1),
        format!("{text}TCP  0A0000FF:0050 rr  \n{server}"),
        // A server twice, one that makes no sense.
        text.replacen(server, &server.repeat(2), 1),
        text.replacen(server, &server.replace("Masq", "Bypass"), 1),
        text.replacen(server, &server.replace("2147483647", "99999999999"), 1),
        text.replacen(server, "  -> \n", 1),
        text.replacen(server, "  -> 0A000003\u{ff}\n", 1),
    ] {
        assert!(ours("-Ln", Some(&damaged)).ok() == listing, "{damaged}");
    }
}

/// The text of the namespace that is listed, though services at home have the same names.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_plain_listing_of_another_namespace_takes_its_text() {
    let _alone = alone();
    let rules = |weight: u32| {
        [
            "-A -t 10.0.0.1:80 -s rr".to_owned(),
            format!("-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w {weight}"),
        ]
    };
    let _there = Namespace::new();
    theirs_restores(&rules(1));
    let (named, listing) = (
        Named::of_this(unique("text")),
        Tool::Theirs.line("-Ln").ok(),
    );
    let _home = Namespace::new();
    theirs_restores(&rules(2));
    let line = format!("-Ln --netns {}", named.0);
    assert_eq!(Tool::Ours.line(&line).ok(), listing);
}

/// Where two namespaces have services, the kernel leaves some out of the text of each: netlink is asked for those.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_plain_listing_is_whole_beside_another_namespace() {
    let _alone = alone();
    // Places all over the kernel's hash table, so that the services of both lie between each other.
    let rules: Vec<_> = (1..=200)
        .map(|i| format!("10.9.{i}.{i}:{}", i * 37))
        .flat_map(|service| {
            [
                format!("-A -t {service}"),
                format!("-a -t {service} -r 10.0.0.2:80 -m"),
            ]
        })
        .collect();
    let _there = Namespace::new();
    theirs_restores(&rules);
    let _here = Namespace::new();
    theirs_restores(&rules);
    let listing = Tool::Ours.line("-Ln").ok();
    assert_eq!(listing.lines().count(), 3 + rules.len());
    assert_eq!(listing, ours("-Ln", None).ok());
}
