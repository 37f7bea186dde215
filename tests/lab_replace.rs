//! -R --replace in the real kernel: random tables become one another, what stays is not touched, and a refusal undoes all.

mod support;

use ipvs::kernel::Kernel;
use ipvs::model::{ServiceKey, Stats};
use std::collections::BTreeMap;
use std::net::{TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use support::random::{Random, repeatable, table_of};
use support::traffic::{tcp_exchange, tcp_server};
use support::{Namespace, Tool, ip, table};

fn replace(rules: &str) -> support::Outcome {
    Tool::Ours.run_with(["-R", "--replace"], rules.as_bytes())
}

/// The plan of a dry run, without its last line.
fn plan(rules: &str) -> (i32, Vec<String>, String) {
    let outcome = Tool::Ours.run_with(["-R", "--replace", "--dry-run"], rules.as_bytes());
    assert!(outcome.stderr.is_empty(), "{outcome}");
    let mut lines: Vec<_> = outcome.text().lines().map(str::to_owned).collect();
    let counts = lines.pop().expect("a line with the counts");
    (outcome.status, lines, counts)
}

/// The table that theirs makes of the rules, in a namespace of its own.
fn made_by_theirs(rules: &str) -> Vec<String> {
    let _elsewhere = Namespace::new();
    assert_eq!(Tool::Theirs.run_with(["-R"], rules.as_bytes()).ok(), "");
    table()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_table_becomes_any_other() {
    let mut random = repeatable();
    for round in 0..25 {
        let [before, after] = [table_of(&mut random), table_of(&mut random)];
        let told = format!("round {round}\nbefore:\n{before}\nafter:\n{after}");
        // Timeouts that are not named stay.
        let timeouts: String = before
            .lines()
            .filter(|line| line.starts_with("--set"))
            .collect();
        let wanted = made_by_theirs(&format!("{timeouts}\n{after}"));
        let _namespace = Namespace::new();
        assert_eq!(Tool::Theirs.run_with(["-R"], before.as_bytes()).ok(), "");
        let (status, steps, _) = plan(&after);
        let equal = table() == wanted;
        assert_eq!((status == 0, steps.is_empty()), (equal, equal), "{told}");
        assert_eq!(replace(&after).ok(), "", "{told}");
        assert_eq!(table(), wanted, "{told}");
        assert_eq!(plan(&after).0, 0, "{told}");
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_plan_tells_what_differs() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&[
        "-A -t 10.0.0.1:80 -s rr",
        "-a -t 10.0.0.1:80 -r 10.0.0.2 -w 1",
        "-a -t 10.0.0.1:80 -r 10.0.0.3",
        "-A -t 10.0.0.9:80 -s rr",
        "-a -t 10.0.0.9:80 -r 10.0.0.2",
        "-A -f 1",
        "--set 900 120 300",
    ]);
    let rules = "-A -f 1 -s sh -p 5\n-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2 -w 5\n-a -t 10.0.0.1:80 -r 10.0.0.4 -m\n--set 0 0 9\n--start-daemon master --mcast-interface lo\n";
    let before = table();
    let (status, steps, counts) = plan(rules);
    assert_eq!(status, 3);
    assert_eq!(
        steps,
        [
            "~ -e -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1 → -g -w 5",
            "+ -a -t 10.0.0.1:80 -r 10.0.0.4:80 -m -w 1",
            "~ -E -f 1 -s wlc → -s sh -p 5",
            "~ --set 900 120 300 → 900 120 9",
            "+ --start-daemon master --mcast-interface lo --syncid 0",
            "- -a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 1",
            "- -a -t 10.0.0.9:80 -r 10.0.0.2:80 -g -w 1",
            "- -A -t 10.0.0.9:80 -s rr",
        ]
    );
    assert_eq!(counts, "2 added, 3 changed, 3 removed, 1 unchanged");
    assert_eq!(table(), before);
    assert_eq!(replace(rules).ok(), "");
    let again = plan(rules);
    assert_eq!((again.0, again.1.len()), (0, 0));
    assert_eq!(again.2, "0 added, 0 changed, 0 removed, 6 unchanged");
}

/// `script` gives the program a terminal.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_plan_is_coloured_on_a_terminal() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 1", "-A -f 2"]);
    let on_terminal = |variable: &str| {
        let line = format!(
            "{variable} {} -R --replace --dry-run --file /dev/stdin 3<&0 <<< $'-A -f 3\\n-A -f 2 -s rr'",
            Tool::Ours.path().display()
        );
        let mut command = std::process::Command::new("script");
        command
            .args(["-qec", &line, "/dev/null"])
            // The user's own NO_COLOR must not decide.
            .env_clear()
            .env("SHELL", "/bin/bash");
        let outcome = support::Outcome::of(&mut command, b"");
        assert_eq!(outcome.status, 3, "{outcome}");
        outcome.text().replace("\r\n", "\n")
    };
    let plain = "~ -E -f 2 -s wlc → -s rr\n+ -A -f 3 -s wlc\n- -A -f 1 -s wlc\n1 added, 1 changed, 1 removed, 0 unchanged\n";
    assert_eq!(
        on_terminal(""),
        "\u{1b}[33m~ -E -f 2 -s wlc → -s rr\u{1b}[0m\n\u{1b}[32m+ -A -f 3 -s wlc\u{1b}[0m\n\u{1b}[31m- -A -f 1 -s wlc\u{1b}[0m\n1 added, 1 changed, 1 removed, 0 unchanged\n"
    );
    assert_eq!(on_terminal("NO_COLOR=1"), plain);
    assert_ne!(on_terminal("NO_COLOR="), plain);
}

/// Of each service and of each server.
fn counters(kernel: &mut Kernel) -> BTreeMap<String, Stats> {
    let still = |mut stats: Stats| {
        stats.connection_rate = 0;
        stats.in_packet_rate = 0;
        stats.out_packet_rate = 0;
        stats.in_byte_rate = 0;
        stats.out_byte_rate = 0;
        stats
    };
    let mut all = BTreeMap::new();
    for status in kernel.services().expect("the services") {
        let key: ServiceKey = status.service.key;
        all.insert(key.to_string(), still(status.stats));
        for server in kernel.destinations(&key).expect("the servers") {
            let name = format!("{key} {}", server.destination.endpoint);
            all.insert(name, still(server.stats));
        }
    }
    all
}

/// How often the kernel adds up its counters, and a little.
const ADDED_UP: Duration = Duration::from_millis(2500);

/// The counters once they show so many connections and stand still.
fn settled_counters(kernel: &mut Kernel, connections: u64) -> BTreeMap<String, Stats> {
    let end = Instant::now() + Duration::from_secs(30);
    let (mut last, mut since) = (BTreeMap::new(), Instant::now());
    loop {
        let all = counters(kernel);
        let seen = |servers: usize| -> u64 {
            let chosen = all
                .iter()
                .filter(|(name, _)| name.matches(' ').count() == 1 + servers);
            chosen.map(|(_, stats)| stats.connections).sum()
        };
        let complete = (seen(0), seen(1)) == (connections, connections);
        if all != last {
            (last, since) = (all, Instant::now());
        } else if complete && since.elapsed() > ADDED_UP {
            return last;
        }
        assert!(
            Instant::now() < end,
            "the counters of {connections} connections: {last:#?}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The rules of two tables: weights differ here and there; services and servers come and go.
fn two_tables(random: &mut Random) -> [String; 2] {
    let mut rules = [String::new(), String::new()];
    for port in PORTS {
        let service = format!("{} 10.9.0.1:{port}", random.of(&["-u", "-t"]));
        let line = format!(
            "-A {service} {}\n",
            random.of(&["-s rr", "-s wrr", "-s rr -p 60"])
        );
        let kept = random.below(4);
        if kept != 1 {
            rules[0] += &line;
        }
        if kept != 2 {
            rules[1] += &line;
        }
        for server in SERVERS {
            let side = random.below(5);
            let weights = [1, 1 + random.below(2)];
            for (which, weight) in weights.into_iter().enumerate() {
                let there = match which {
                    0 => kept != 1 && (side != 1 || server == SERVERS[0]),
                    _ => kept != 2 && (side != 2 || server == SERVERS[0]),
                };
                if there {
                    let port = port + server;
                    rules[which] += &format!("-a {service} -r 10.9.0.1:{port} -m -w {weight}\n");
                }
            }
        }
    }
    rules
}

/// The services' ports, and what is added for each of their servers'.
const PORTS: std::ops::Range<u16> = 1000..1030;
const SERVERS: [u16; 3] = [1000, 2000, 3000];

/// Four connections to the service; TCP's stay open.
fn connect(service: &ServiceKey) -> Vec<TcpStream> {
    let address = format!("10.9.0.1:{}", service.port());
    if service.to_string().starts_with("-t") {
        return (0..4).map(|_| tcp_exchange(&address, 100)).collect();
    }
    for _ in 0..4 {
        let socket = UdpSocket::bind("10.9.0.1:0").expect("a socket");
        socket.send_to(b"hello", &address).expect("sending");
    }
    Vec::new()
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_stays_keeps_its_counters_and_connections() {
    let mut random = repeatable();
    for round in 0..3 {
        let _namespace = Namespace::new();
        ip("address add 10.9.0.1/32 dev lo");
        for port in PORTS {
            // Of UDP's servers none listens.
            for server in SERVERS {
                tcp_server(&format!("10.9.0.1:{}", port + server));
            }
        }
        let [before, after] = two_tables(&mut random);
        assert_eq!(replace(&before).ok(), "");
        let mut kernel = Kernel::open().expect("the kernel");
        let services = kernel.services().expect("the services");
        let open: Vec<_> = services
            .iter()
            .map(|status| connect(&status.service.key))
            .collect();
        let sent = 4 * services.len() as u64;
        let old = settled_counters(&mut kernel, sent);
        let connections = || {
            std::fs::read_to_string("/proc/thread-self/net/ip_vs_conn").expect("the connections")
        };
        let connections_before = connections();
        assert_eq!(replace(&after).ok(), "");
        let new = counters(&mut kernel);
        let shared: Vec<_> = new.keys().filter(|name| old.contains_key(*name)).collect();
        assert!(shared.len() > 10, "too little stayed: {shared:?}");
        for name in shared {
            assert_eq!(old[name], new[name], "round {round}: {name}");
        }
        // Connections to what stays are there still.
        let mine = |text: &str, keys: &BTreeMap<String, Stats>| -> Vec<String> {
            let row = |line: &str| {
                let columns: Vec<_> = line.split_whitespace().collect();
                let number = |text: &str| u32::from_str_radix(text, 16).ok();
                let port = number(columns.get(4)?)?;
                let [a, b, c, d] = number(columns.get(5)?)?.to_be_bytes();
                let server = number(columns.get(6)?)?;
                let option = if columns[0] == "TCP" { "-t" } else { "-u" };
                let name = format!("{option} 10.9.0.1:{port} {a}.{b}.{c}.{d}:{server}");
                (keys.contains_key(&name)).then(|| columns[..7].join(" "))
            };
            let mut rows: Vec<_> = text.lines().filter_map(row).collect();
            rows.sort();
            rows
        };
        let both: BTreeMap<_, _> = new
            .iter()
            .filter(|(name, _)| old.contains_key(*name))
            .map(|(a, b)| (a.clone(), *b))
            .collect();
        let stayed = mine(&connections_before, &both);
        assert!(stayed.len() > 10, "{connections_before}");
        assert_eq!(mine(&connections(), &both), stayed);
        for protocol in ["TCP", "UDP"] {
            let some = stayed.iter().any(|row| row.starts_with(protocol));
            assert!(some, "no {protocol}: {stayed:#?}");
        }
        assert_eq!(Tool::Theirs.line("-Sn").ok(), {
            let _elsewhere = Namespace::new();
            assert_eq!(Tool::Theirs.run_with(["-R"], after.as_bytes()).ok(), "");
            Tool::Theirs.line("-Sn").ok()
        });
        drop(open);
    }
}
