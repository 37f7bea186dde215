//! Where theirs is wrong and ours is not: the first fifteen rows of docs/compatibility.md. Every test shows both.
//!
//! Row 4, counters that wrap at 32 bits, needs more traffic than a test can make: the unit tests of the decoder cover it.

mod support;

use support::dns::{self, Server};
use support::files::with_files;
use support::{Namespace, Outcome, Tool, table, wire};

/// The addresses of a listing's rows that begin so, in order.
fn addresses<'a>(listing: &'a str, start: &str) -> Vec<&'a str> {
    listing
        .lines()
        .filter_map(|line| line.strip_prefix(start)?.split_whitespace().next())
        .collect()
}

/// A user who may not ask the kernel stands for a kernel that can't answer; lab_module.rs has the other half.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_1_help_needs_no_ipvs() {
    let _namespace = Namespace::new();
    let as_nobody = |tool: Tool, option: &str| Outcome::of(tool.powerless().arg(option), b"");
    for option in ["-h", "-v", "--help", "--version"] {
        assert_eq!(as_nobody(Tool::Theirs, option).status, 2, "{option}");
        let text = as_nobody(Tool::Ours, option).ok();
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("ipvsadm v") && first.contains(" (") && first.ends_with(')'),
            "{option}: {first}"
        );
        assert_eq!(
            text.lines().count() > 1,
            option.contains('h'),
            "{option}: {text}"
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_2_order_is_ascending() {
    let sets = [
        ["127.0.0.1", "192.168.0.1", "10.0.0.1"],
        ["192.168.0.1", "10.0.0.1", "127.0.0.1"],
        ["1.0.0.1", "200.0.0.1", "100.0.0.1"],
    ];
    let mut theirs_wrong = 0;
    for mut set in sets {
        let _namespace = Namespace::new();
        for address in set {
            Tool::Theirs.setup(&[
                &format!("-A -t {address}:0 -p"),
                &format!("-a -t {}:0 -r {address}:8 -m", set[0]),
            ]);
        }
        set.sort_by_key(|address| address.parse::<std::net::Ipv4Addr>().expect("an address"));
        let (services, servers) = (
            set.map(|address| format!("{address}:0")),
            set.map(|address| format!("{address}:8")),
        );
        let theirs = Tool::Theirs.line("-Ln").ok();
        theirs_wrong += usize::from(
            addresses(&theirs, "TCP  ") != services || addresses(&theirs, "  -> ")[1..] != servers,
        );
        for line in ["-Ln", "-Ln --stats", "-Ln --thresholds"] {
            let ours = Tool::Ours.line(line).ok();
            assert_eq!(addresses(&ours, "TCP  "), services, "{line}");
            assert_eq!(addresses(&ours, "  -> ")[1..], servers, "{line}");
        }
        assert_eq!(addresses(&Tool::Ours.line("-Sn").ok(), "-A -t "), services);
    }
    assert_ne!(theirs_wrong, 0);
}

/// IPv4 and IPv6 are not one range of numbers: IPv4 comes first, and theirs lets the first 32 bits decide.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_2_families_are_kept_apart() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80", "-A -t [::1]:80", "-A -t [fd00::1]:80"]);
    for server in ["fd00::2", "10.0.0.2", "::1", "127.0.0.1", "1:2::3"] {
        Tool::Theirs.setup(&[&format!("-a -t 10.0.0.1:80 -r {server} -i")]);
    }
    let servers = [
        "10.0.0.2:80",
        "127.0.0.1:80",
        "[::1]:80",
        "[1:2::3]:80",
        "[fd00::2]:80",
    ];
    assert_ne!(
        addresses(&Tool::Theirs.line("-Ln").ok(), "  -> ")[1..],
        servers
    );
    let ours = Tool::Ours.line("-Ln").ok();
    assert_eq!(addresses(&ours, "  -> ")[1..], servers);
    assert_eq!(
        addresses(&ours, "TCP  "),
        ["10.0.0.1:80", "[::1]:80", "[fd00::1]:80"]
    );
    assert_eq!(
        addresses(&Tool::Ours.line("-Sn").ok(), "-a -t 10.0.0.1:80 -r "),
        servers
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_3_large_marks() {
    let _namespace = Namespace::new();
    Tool::Ours.setup(&[
        "-A -f 4294967295",
        "-A -f 2147483648 -6",
        "-a -f 4294967295 -r 10.0.0.2",
        "-A -f 5",
    ]);
    let wanted = table();
    assert!(addresses(&Tool::Theirs.line("-Ln").ok(), "FWM  ").contains(&"-1"));
    assert_eq!(
        addresses(&Tool::Ours.line("-Ln").ok(), "FWM  "),
        ["5", "2147483648", "4294967295"]
    );
    let theirs = Tool::Theirs.line("-Sn").ok();
    let ours = Tool::Ours.line("-Sn").ok();
    assert_ne!(Tool::Theirs.run_with(["-R"], theirs.as_bytes()).status, 0);
    for tool in Tool::BOTH {
        tool.setup(&["-C"]);
        assert_eq!(tool.run_with(["-R"], ours.as_bytes()).ok(), "");
        assert_eq!(table(), wanted);
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_5_thresholds_are_saved() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&[
        "-A -t 10.0.0.1:80",
        "-a -t 10.0.0.1:80 -r 10.0.0.2 -x 100 -y 50",
        "-a -t 10.0.0.1:80 -r 10.0.0.3 -x 7 -m",
        "-a -t 10.0.0.1:80 -r 10.0.0.4 -i --tun-type gue --tun-port 6080 -x 2147483647 -y 2147483647",
        "-a -t 10.0.0.1:80 -r 10.0.0.5",
    ]);
    let wanted = table();
    assert!(!Tool::Theirs.line("-Sn").ok().contains(" -x "));
    let saved = Tool::Ours.line("-Sn").ok();
    assert!(
        saved.contains("-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1 -x 100 -y 50\n"),
        "{saved}"
    );
    assert!(
        saved.contains("-a -t 10.0.0.1:80 -r 10.0.0.5:80 -g -w 1\n"),
        "{saved}"
    );
    for tool in Tool::BOTH {
        tool.setup(&["-C"]);
        assert_eq!(tool.run_with(["-R"], saved.as_bytes()).ok(), "");
        assert_eq!(table(), wanted);
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_6_long_names_are_saved_whole() {
    let name = format!("{}.{}.example.test", "a".repeat(50), "b".repeat(50));
    with_files(
        &[("/etc/hosts", &format!("10.0.0.1 {name}\n")), dns::FILES[1]],
        || {
            Tool::Theirs.setup(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.1:81 -m"]);
            let saved =
                format!("-A -t {name}:http -s wlc\n-a -t {name}:http -r {name}:81 -m -w 1\n");
            assert_ne!(Tool::Theirs.line("-S").ok(), saved);
            assert_eq!(Tool::Ours.line("-S").ok(), saved);
        },
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_7_restore_tells_every_line() {
    let bad =
        "-A -t 10.0.0.1:80\n# a comment\n-A -t x:y\n\n-A -t 10.0.0.2:80 -w 5\n-A -t 10.0.0.3:80\n";
    let _namespace = Namespace::new();
    let empty = table();
    let ours = Tool::Ours.run_with(["-R"], bad.as_bytes());
    ours.clone().fails(
        2,
        "stdin:3: illegal virtual server address[:port] specified",
    );
    assert!(
        String::from_utf8_lossy(&ours.stderr)
            .contains("\nstdin:5: Illegal 'weight' option with the 'add-service' command\n"),
        "{ours}"
    );
    assert_eq!(table(), empty);
    assert_eq!(Tool::Theirs.run_with(["-R"], bad.as_bytes()).status, 255);
    assert_ne!(table(), empty);

    let refused = "-A -t 10.0.0.7:80\n-D -t 10.0.0.9:80\n-A -t 10.0.0.7:80\n-A -t 10.0.0.8:80\n";
    let _namespace = Namespace::new();
    let ours = Tool::Ours.run_with(["-R"], refused.as_bytes());
    assert_eq!(ours.status, 255, "{ours}");
    assert_eq!(
        String::from_utf8_lossy(&ours.stderr),
        "stdin:2: No such service\nstdin:3: Service already exists\n"
    );
    assert_eq!(
        addresses(&Tool::Theirs.line("-Ln").ok(), "TCP  "),
        ["10.0.0.7:80", "10.0.0.8:80"]
    );
    Tool::Theirs.setup(&["-C"]);
    assert_eq!(Tool::Theirs.run_with(["-R"], refused.as_bytes()).status, 0);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_8_order_of_options_is_free() {
    let parts = ["-a", "-t 10.0.0.1:80", "-r 10.0.0.2", "-m"];
    let mut tables = Tool::BOTH.map(|_| Vec::new());
    for turn in 0..parts.len() {
        for (tool, tables) in Tool::BOTH.into_iter().zip(&mut tables) {
            let _namespace = Namespace::new();
            Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
            let line = [&parts[turn..], &parts[..turn]].concat().join(" ");
            let outcome = tool.line(&line);
            assert!(
                tool == Tool::Theirs || outcome.status == 0,
                "{line}: {outcome}"
            );
            tables.push(table());
        }
    }
    let [theirs, ours] = tables.map(|mut tables| {
        tables.dedup();
        tables.len()
    });
    assert!(theirs > 1);
    assert_eq!(ours, 1);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_9_every_form_of_ipv6() {
    with_files(
        &[
            (
                "/etc/hosts",
                "fd00::1 six\n10.0.0.1 four\n10.0.0.2 both\nfd00::2 both\n",
            ),
            dns::FILES[1],
        ],
        || {
            for line in ["-A -t [fd00::7] -p", "-A -t six:80", "-A -t six:http -s rr"] {
                Tool::Theirs
                    .line(line)
                    .fails(2, "illegal virtual server address[:port] specified");
            }
            Tool::Ours.setup(&[
                "-A -t [fd00::7] -p",
                "-A -t six:80",
                "-a -t six:80 -r [fd00::8] -m",
                "-a -t [six]:http -r [both]:81 -m",
                "-A -t four:80",
                "-A -t both:80",
            ]);
            let saved = Tool::Theirs.line("-Sn").ok();
            assert_eq!(
                addresses(&saved, "-A -t "),
                ["10.0.0.1:80", "10.0.0.2:80", "[fd00::1]:80", "[fd00::7]:0"]
            );
            assert_eq!(
                addresses(&saved, "-a -t [fd00::1]:80 -r "),
                ["[fd00::2]:81", "[fd00::8]:80"]
            );
            Tool::Ours
                .line("-A -t [four]:81")
                .fails(2, "illegal virtual server address[:port] specified");
            // Listings and saves put a name in brackets where its address is IPv6.
            let wanted = table();
            let named = Tool::Theirs.line("-S").ok();
            assert!(
                named.contains("-a -t [six]:http -r [both]:81 -m"),
                "{named}"
            );
            assert_eq!(Tool::Ours.line("-S").ok(), named);
            assert_ne!(Tool::Theirs.run_with(["-R"], named.as_bytes()).status, 0);
            Tool::Ours.setup(&["-C"]);
            assert_eq!(Tool::Ours.run_with(["-R"], named.as_bytes()).ok(), "");
            assert_eq!(table(), wanted);
        },
    );
}

/// A server's row is never missing below its service, however fast others delete services.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_10_listing_while_services_go() {
    let all = 1..=250;
    let add = all
        .clone()
        .map(|last| format!("-A -t 10.0.0.{last}:80\n-a -t 10.0.0.{last}:80 -r 10.0.1.{last}\n"))
        .collect::<String>();
    let delete = all
        .rev()
        .map(|last| format!("-D -t 10.0.0.{last}:80\n"))
        .collect::<String>();
    let mut lonely = Tool::BOTH.map(|_| 0);
    for _ in 0..4 {
        for (tool, lonely) in Tool::BOTH.into_iter().zip(&mut lonely) {
            let _namespace = Namespace::new();
            assert_eq!(Tool::Theirs.run_with(["-R"], add.as_bytes()).ok(), "");
            let listings = std::thread::scope(|scope| {
                let deleter = scope.spawn(|| Tool::Theirs.run_with(["-R"], delete.as_bytes()).ok());
                let mut listings = Vec::new();
                while !deleter.is_finished() {
                    listings.push(tool.line("-Ln").ok());
                }
                listings
            });
            // Theirs may print one twice when services come and go in other namespaces, too.
            for listing in listings.iter().filter(|_| tool == Tool::Ours) {
                // Sorted, so a service that is printed twice stands beside itself.
                let services = addresses(listing, "TCP  ");
                assert!(
                    services.windows(2).all(|pair| pair[0] != pair[1]),
                    "{listing}"
                );
            }
            let rows = listings.iter().map(|listing| {
                (
                    addresses(listing, "TCP  ").len(),
                    addresses(listing, "  -> ").len() - 1,
                )
            });
            *lonely += rows
                .map(|(services, servers)| services - servers)
                .sum::<usize>();
        }
    }
    assert_eq!(
        lonely[1], 0,
        "services without servers, of theirs and ours: {lonely:?}"
    );
    assert_ne!(lonely[0], 0, "theirs was lucky");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_11_names_are_shown_harmless() {
    with_files(
        &[
            (
                "/etc/hosts",
                "10.0.0.1 evil\u{1b}[31mname\n10.0.0.2 bell\u{7}\n",
            ),
            dns::FILES[1],
        ],
        || {
            Tool::Theirs.setup(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2:81 -m"]);
            let control = |text: &str| {
                text.chars()
                    .any(|character| character.is_control() && character != '\n')
            };
            for line in ["-L", "-L --stats", "-L -t 10.0.0.1:80", "-S"] {
                assert!(control(&Tool::Theirs.line(line).ok()), "{line}");
                let ours = Tool::Ours.line(line).ok();
                assert!(
                    !control(&ours) && ours.contains("evil") && ours.contains("31mname"),
                    "{line}: {ours}"
                );
            }
        },
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_12_an_address_is_asked_for_once() {
    with_files(&dns::FILES, || {
        let rules = (1..=5)
            .map(|port| format!("-A -t 10.0.0.1:{port}\n-a -t 10.0.0.1:{port} -r 10.0.0.2\n"))
            .collect::<String>();
        assert_eq!(Tool::Theirs.run_with(["-R"], rules.as_bytes()).ok(), "");
        let server = Server::start(1);
        let questions = |tool: Tool| {
            let before = server.asked().values().sum::<usize>();
            let listing = tool.line("-L").ok();
            assert!(listing.contains("h-10-0-0-1.test:5 "), "{listing}");
            server.asked().values().sum::<usize>() - before
        };
        assert_eq!(questions(Tool::Theirs), 10);
        assert_eq!(questions(Tool::Ours), 2);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_12_addresses_are_asked_for_together() {
    with_files(&dns::FILES, || {
        Tool::Theirs.setup(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2"]);
        let _server = Server::start(2);
        assert!(
            !Tool::Theirs
                .line("-L")
                .ok()
                .contains("h-10-0-0-1.test:http")
        );
        let ours = Tool::Ours.line("-L").ok();
        assert!(
            ours.contains("h-10-0-0-1.test:http") && ours.contains("h-10-0-0-2.test:http"),
            "{ours}"
        );
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_13_flags_outside_the_table() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
    wire::add_tunnel_with_flags(3);
    let theirs = ["-Ln --tun-info", "-Sn"].map(|line| Tool::Theirs.line(line));
    let ours = ["-Ln --tun-info", "-Sn"].map(|line| Tool::Ours.line(line).ok());
    assert!(
        ours[0].contains("  -> 10.0.0.2:80                  Tunnel  gue:6080:"),
        "{}",
        ours[0]
    );
    assert!(
        ours[1].contains("-a -t 10.0.0.1:80 -r 10.0.0.2:80 -i -w 1 --tun-type gue --tun-port 6080"),
        "{}",
        ours[1]
    );
    let sane = |outcome: &Outcome, ours: &String| outcome.status == 0 && outcome.text() == *ours;
    assert!(
        !(sane(&theirs[0], &ours[0]) && sane(&theirs[1], &ours[1])),
        "{}\n{}",
        theirs[0],
        theirs[1]
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_13_scheduler_flags_outside_the_table() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&[
        "-A -t 10.0.0.1:80 -s sh -b flag-3",
        "-A -t 10.0.0.2:80 -s mh -b mh-port,flag-3",
    ]);
    let wanted = table();
    let theirs = Tool::Theirs.line("-Ln").ok();
    assert!(theirs.contains("TCP  10.0.0.1:80 sh ()"), "{theirs}");
    let ours = Tool::Ours.line("-Ln").ok();
    assert!(ours.contains("TCP  10.0.0.1:80 sh (flag-3)"), "{ours}");
    assert!(ours.contains("10.0.0.2:80 mh (mh-port,flag-3)"), "{ours}");
    let saved = Tool::Ours.line("-Sn").ok();
    for tool in Tool::BOTH {
        tool.setup(&["-C"]);
        assert_eq!(tool.run_with(["-R"], saved.as_bytes()).ok(), "");
        assert_eq!(table(), wanted);
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_14_output_that_is_lost() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
    for option in ["-Sn", "-Ln", "-h", "-v", "-Lnc", "--list --timeout"] {
        let full = |tool: Tool| {
            Outcome::of(
                std::process::Command::new("sh")
                    .args(["-c", "exec \"$0\" $1 >/dev/full"])
                    .arg(tool.path())
                    .arg(option),
                b"",
            )
        };
        assert_eq!(full(Tool::Theirs).status, 0, "{option}");
        let ours = full(Tool::Ours);
        assert!(
            ours.status == 1 && ours.message().contains("No space left on device"),
            "{option}: {ours}"
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn row_15_a_list_of_commas() {
    let _namespace = Namespace::new();
    for line in ["-A -t 10.0.0.1:80 -b ,,,", "-E -t 10.0.0.1:80 -b , -s sh"] {
        assert_eq!(Tool::Theirs.line(line).status, 139, "{line}");
        assert_eq!(Tool::Ours.line(line).ok(), "", "{line}");
    }
    assert_eq!(Tool::Theirs.line("-Sn").ok(), "-A -t 10.0.0.1:80 -s sh\n");
}
