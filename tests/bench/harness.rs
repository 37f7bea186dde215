//! Runs programs in fresh network namespaces, takes their times, and makes the table.

use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::sched::{CloneFlags, unshare};
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The programs that are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Theirs,
    Ours,
}

impl Tool {
    pub fn path(self) -> OsString {
        let variable = match self {
            Tool::Theirs => "IPVSADM_THEIRS",
            Tool::Ours => "IPVSADM",
        };
        std::env::var_os(variable)
            .unwrap_or_else(|| panic!("{variable} is not set: run tests/bench/run"))
    }

    pub fn command(self, words: &[&str]) -> Command {
        let mut command = Command::new(self.path());
        command.args(words);
        plain(&mut command);
        command
    }
}

/// This program, as another one.
pub fn ourselves(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(words);
    plain(&mut command);
    command
}

/// Nothing to read, nowhere to write, a small environment.
fn plain(command: &mut Command) {
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::null());
}

pub fn cat(file: &str) -> Command {
    let mut command = Command::new("/bin/cat");
    command.arg(file).stdout(Stdio::null());
    command
}

pub fn utf8(path: &Path) -> &str {
    path.to_str().expect("a name in UTF-8")
}

pub fn reading(mut command: Command, rules: &Path) -> Command {
    command.stdin(File::open(rules).expect("the rules"));
    command
}

/// Enters a network namespace of its own, with the loopback up. The last one is taken apart meanwhile, and must not be measured.
pub fn fresh() {
    unshare(CloneFlags::CLONE_NEWNET)
        .expect("a network namespace of one's own: run tests/bench/run");
    let mut message = [0u8; 32];
    for (at, value) in [(0, 32u8), (4, 16), (6, 5), (20, 1), (24, 1), (28, 1)] {
        // RTM_NEWLINK, acknowledged: interface 1 gets IFF_UP.
        message[at] = value;
    }
    let socket = Socket::new(NETLINK_ROUTE).expect("a socket");
    socket
        .send_to(&message, &SocketAddr::new(0, 0), 0)
        .expect("a request");
    socket.recv_from_full().expect("an answer");
    let busy = busy_time();
    for _ in 0..600 {
        let before = busy_time();
        std::thread::sleep(Duration::from_millis(500));
        if busy_time() - before < 10 {
            return;
        }
    }
    panic!(
        "the kernel does not come to rest: busy for {} hundredths of a second",
        busy_time() - busy
    );
}

/// For how many hundredths of a second the processors were busy since the kernel began.
fn busy_time() -> u64 {
    let text = std::fs::read_to_string("/proc/stat").expect("the times of the processors");
    let line = text.lines().next().expect("a first line");
    let mut times = line
        .split_whitespace()
        .skip(1)
        .map(|time| time.parse::<u64>().expect("a number"));
    let busy = times.by_ref().take(3).sum::<u64>();
    // Idle and waiting for a disk; then interrupts of both kinds.
    busy + times.skip(2).take(2).sum::<u64>()
}

/// Runs a command to its end; it has to succeed.
pub fn run(mut command: Command) -> Duration {
    let began = Instant::now();
    let status = command
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let took = began.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    took
}

/// So many runs of each program, taken in turn, so that a busy moment of the machine meets all of them.
pub fn take<const N: usize>(
    counts: [usize; N],
    mut one: impl FnMut(usize) -> Duration,
) -> [Times; N] {
    let mut times = [(); N].map(|()| Times::default());
    for turn in 0..counts.into_iter().max().unwrap_or(0) {
        for which in (0..N).filter(|which| turn < counts[*which]) {
            times[which].0.push(one(which));
        }
    }
    times
}

/// The times of one program.
#[derive(Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Each with what another program took in the same turn taken off.
    pub fn beyond(&self, other: &Times) -> Times {
        let pairs = self.0.iter().zip(&other.0);
        Times(pairs.map(|(a, b)| a.saturating_sub(*b)).collect())
    }

    pub fn lowest(&self) -> Duration {
        self.0.iter().min().copied().unwrap_or_default()
    }

    fn median(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

/// What stands over the rows.
pub const HEAD: &str = "\
| measure | theirs | ours | theirs ÷ ours | ours against |
| --- | --: | --: | --: | --- |
";

/// The rows of the table.
pub struct Report {
    rows: Vec<[String; 5]>,
    /// What the charts are made of: measure, rules, program and the lowest of its times in seconds, with tabulators between.
    data: File,
}

impl Report {
    /// Writes the charts' data to a file, as it comes.
    pub fn new(data: &Path) -> Self {
        let data = File::create(data).expect("a file for the figures");
        let rows = Vec::new();
        Report { rows, data }
    }

    /// Rows of times of the same measure, for so many rules.
    pub fn growth(
        &mut self,
        measure: &str,
        rules: u32,
        theirs: Option<&Times>,
        ours: &Times,
        others: &[(&str, &Times)],
    ) {
        self.note(measure, rules, theirs, ours, others);
        self.time_row(&format!("{measure}, {rules} rules"), theirs, ours, others);
    }

    /// A row of times; `others` are what ours is held against, beside theirs.
    pub fn times(
        &mut self,
        name: &str,
        theirs: Option<&Times>,
        ours: &Times,
        others: &[(&str, &Times)],
    ) {
        self.note(name, 0, theirs, ours, others);
        self.time_row(name, theirs, ours, others);
    }

    fn note(
        &mut self,
        measure: &str,
        rules: u32,
        theirs: Option<&Times>,
        ours: &Times,
        others: &[(&str, &Times)],
    ) {
        let theirs = theirs.map(|times| ("1.31", times));
        let all = theirs.into_iter().chain([("ours", ours)]);
        for (program, times) in all.chain(others.iter().copied()) {
            let seconds = times.lowest().as_secs_f64();
            writeln!(self.data, "{measure}\t{rules}\t{program}\t{seconds}")
                .expect("writing a figure");
        }
    }

    fn time_row(
        &mut self,
        name: &str,
        theirs: Option<&Times>,
        ours: &Times,
        others: &[(&str, &Times)],
    ) {
        let text = |times: &Times| {
            let [lowest, median] = [times.lowest(), times.median()].map(milliseconds);
            match times.0.len() {
                5 => format!("{lowest} / {median}"),
                count => format!("{lowest} / {median} ({count} runs)"),
            }
        };
        let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64().max(1e-9);
        self.row([
            name.to_owned(),
            theirs.map(text).unwrap_or_default(),
            text(ours),
            theirs
                .map(|theirs| format!("{:.1} ×", ratio(theirs.lowest(), ours.lowest())))
                .unwrap_or_default(),
            others
                .iter()
                .map(|(what, times)| {
                    let times = times.lowest();
                    let ratio = ratio(ours.lowest(), times);
                    format!("{ratio:.2} × {what} ({})", milliseconds(times))
                })
                .collect::<Vec<_>>()
                .join(", "),
        ]);
    }

    /// A row of anything.
    pub fn row(&mut self, cells: [String; 5]) {
        println!("{}", cells.join(" | "));
        self.rows.push(cells);
    }

    /// As rows in Markdown.
    pub fn table(&self) -> String {
        let rows = self.rows.iter();
        rows.map(|cells| format!("| {} |\n", cells.join(" | ")))
            .collect()
    }
}

/// With three digits that count.
fn milliseconds(time: Duration) -> String {
    let value = time.as_secs_f64() * 1000.0;
    match value {
        1000.0.. => format!("{:.2} s", value / 1000.0),
        100.0.. => format!("{value:.0} ms"),
        10.0.. => format!("{value:.1} ms"),
        _ => format!("{value:.2} ms"),
    }
}
