//! Random sequences of commands, the same with theirs and ours: every step ends alike, and so does the table.
//!
//! IPVSADM_SEED repeats a run, IPVSADM_ROUNDS makes it longer. Few addresses and ports, so that commands meet.

mod support;

use support::cases::Result as Step;
use support::random::{Random, number_in, repeatable};
use support::{Namespace, Tool, table, words};

const SERVICES: [&str; 10] = [
    "-t 10.0.0.1:80",
    "-t 10.0.0.1:81",
    "-u 10.0.0.1:80",
    "--sctp-service 10.0.0.2:80",
    "-f 1",
    "-f 1 -6",
    "-f 2147483647",
    "-t [fd00::1]:80",
    "-u [fd00::1]:53",
    "-t 127.0.0.1:80",
];
const SERVERS: [&str; 8] = [
    "-r 10.0.0.3",
    "-r 10.0.0.3:80",
    "-r 10.0.0.3:8080",
    "-r 127.0.0.1:80",
    "-r fd00::3",
    "-r [fd00::3]:80",
    "-r [fd00::3]:8080",
    "-r 10.0.0.4",
];
const SERVICE_OPTIONS: [&str; 16] = [
    "-s rr",
    "-s wrr",
    "-s sh",
    "-s mh",
    "-s nq",
    "-s sh -b sh-port",
    "-s mh -b mh-fallback,mh-port",
    "-b flag-1",
    "-s rr -b flag-2,flag-3",
    "-p",
    "-p 5",
    "-p 2678400",
    "-p 60 -M 255.255.255.0",
    "-p 60 -M 64",
    "-o",
    "--pe sip -p",
];
const SERVER_OPTIONS: [&str; 16] = [
    "-g",
    "-m",
    "-i",
    "-i --tun-type gre",
    "-i --tun-type gre --tun-csum",
    "-i --tun-type gue --tun-port 6080",
    "-i --tun-type gue --tun-port 6081 --tun-remcsum",
    "-w 0",
    "-w 5",
    "-w 2147483647",
    "-x 9",
    "-x 9 -y 5",
    "-m -w 7",
    "-m -w 9 -x 3",
    "-i -w 8",
    "",
];
const LISTINGS: [&str; 12] = [
    "-L",
    "-Ln",
    "-Ln --stats",
    "-Ln --rate",
    "-Ln --thresholds",
    "-Ln --persistent-conn",
    "-Ln --tun-info",
    "-Ln --stats --exact",
    "-Sn",
    "-S",
    "-L --timeout",
    "-Lnc",
];
/// What makes a line wrong, or differently right.
const ODD: [&str; 24] = [
    "-w x",
    "-w -1",
    "-x 9",
    "-y 12",
    "-p 0",
    "-p x",
    "-s nosuch",
    "-b nosuch",
    "-b sh-port",
    "-M 300",
    "-M 255.0.0.255",
    "-o",
    "-n",
    "-c",
    "--stats",
    "-i",
    "-m",
    "--tun-csum",
    "--tun-type gue",
    "-t 10.0.0.1:80",
    "-r 10.0.0.9:x",
    "--bogus",
    "stray",
    "-A",
];

fn line(random: &mut Random) -> String {
    let service = random.of(&SERVICES);
    let server = random.of(&SERVERS);
    let mut line = match random.below(20) {
        0..=4 => format!("-A {service} {}", random.of(&SERVICE_OPTIONS)),
        5 => format!("-E {service} {}", random.of(&SERVICE_OPTIONS)),
        6 => format!("-D {service}"),
        7..=11 => format!("-a {service} {server} {}", random.of(&SERVER_OPTIONS)),
        12 | 13 => format!("-e {service} {server} {}", random.of(&SERVER_OPTIONS)),
        14 => format!("-d {service} {server}"),
        15 => random
            .of(&[
                "-Z",
                "--set 1 2 3",
                "--set 0 7 0",
                "-C",
                "--set 900 120 300",
            ])
            .to_string(),
        16 => format!("-Z {service}"),
        17 => format!("-Ln {service}"),
        _ => random.of(&LISTINGS).to_string(),
    };
    if random.one_in(6) {
        line = format!("{line} {}", random.of(&ODD));
    }
    if random.one_in(12) {
        line = format!("{line} {}", random.of(&ODD));
    }
    line
}

/// Thresholds are in what ours saves and not in what theirs saves: row 5 of docs/compatibility.md.
fn without_thresholds(text: &str) -> String {
    let without = |line: &str| {
        line.split(" -x ")
            .next()
            .and_then(|line| line.split(" -y ").next())
            .unwrap_or_default()
            .to_string()
            + "\n"
    };
    text.lines().map(without).collect()
}

fn step(tool: Tool, namespace: &Namespace, line: &str, last: bool) -> Step {
    namespace.enter();
    let mut outcome = tool.run(words::split(line));
    if line.starts_with("-S") {
        outcome.stdout = without_thresholds(&outcome.text()).into_bytes();
    }
    Step {
        outcome,
        table: if last { table() } else { Vec::new() },
    }
}

fn rounds() -> u64 {
    let rounds = number_in("IPVSADM_ROUNDS", 8);
    println!("IPVSADM_ROUNDS={rounds}");
    rounds
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn sequences() {
    let mut random = repeatable();
    for round in 0..rounds() {
        let namespaces = Tool::BOTH.map(|_| Namespace::new());
        let mut before = String::new();
        let steps = 24;
        for number in 1..=steps {
            let line = line(&mut random);
            let [theirs, ours] = [0, 1].map(|index| {
                step(
                    Tool::BOTH[index],
                    &namespaces[index],
                    &line,
                    number == steps,
                )
            });
            if let Some(differences) = theirs.differences(&ours) {
                panic!("round {round}, after\n{before}this differs: {line}\n{differences}");
            }
            before += &(line + "\n");
        }
    }
}

/// What is saved comes back: by ours, of any table that can be made.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn saved_tables_come_back() {
    let mut random = repeatable();
    for _ in 0..rounds() {
        let _namespace = Namespace::new();
        let changes = std::iter::repeat_with(|| line(&mut random))
            .filter(|line| line.starts_with("-A") || line.starts_with("-a"));
        // One line at a time would take long, and theirs leaves at the first bad one.
        let rules = changes
            .take(120)
            .map(|line| line + "\n")
            .collect::<String>();
        let good = good_lines(&rules);
        Tool::Ours.run_with(["-R"], good.as_bytes());
        let wanted = table();
        let saved = Tool::Ours.line("-Sn").ok();
        Tool::Ours.setup(&["-C"]);
        assert_eq!(
            Tool::Ours.run_with(["-R"], saved.as_bytes()).ok(),
            "",
            "{saved}"
        );
        assert_eq!(table(), wanted, "{saved}");
        assert!(
            saved.lines().count() > 10,
            "a table too small to show anything: {saved}"
        );
    }
}

/// Without the lines that a first reading by ours reports as bad.
fn good_lines(rules: &str) -> String {
    let mut good = rules.to_owned();
    // Only the first ten bad lines are shown.
    loop {
        let told = Tool::Ours.run_with(["-R"], good.as_bytes());
        if told.status != 2 {
            return good;
        }
        let stderr = String::from_utf8_lossy(&told.stderr).into_owned();
        let bad: Vec<usize> = stderr
            .lines()
            .filter_map(|line| line.strip_prefix("stdin:")?.split(':').next()?.parse().ok())
            .collect();
        assert!(!bad.is_empty(), "{told}");
        let lines = good.lines().enumerate();
        let rest = lines.filter(|(index, _)| !bad.contains(&(index + 1)));
        good = rest.map(|(_, line)| format!("{line}\n")).collect();
    }
}
