//! What the end-to-end tests share: both programs, network namespaces, and the kernel's table as the original reads it.
#![allow(dead_code)] // every test file uses a part of it

pub mod alone;
pub mod cases;
pub mod columns;
pub mod dns;
pub mod drain;
pub mod exposition;
pub mod files;
pub mod folder;
pub mod kernel;
pub mod locks;
pub mod machine;
pub mod mounts;
pub mod peer;
pub mod places;
pub mod proof;
pub mod random;
pub mod schema;
pub mod screen;
pub mod shells;
pub mod traffic;
pub mod wire;
pub mod words;

use netlink_sys::{Socket, SocketAddr};
use nix::sched::{CloneFlags, setns, unshare};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

/// What runs the command behind it as somebody who is not root and has none of root's privileges.
pub const POWERLESS: [&str; 6] = [
    "setpriv",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
];

/// The original, or the program under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Theirs,
    Ours,
}

impl Tool {
    pub const BOTH: [Tool; 2] = [Tool::Theirs, Tool::Ours];

    pub fn path(self) -> OsString {
        need_lab();
        match self {
            Tool::Theirs => std::env::var_os("IPVSADM_THEIRS")
                .expect("the lab found no original ipvsadm to compare with"),
            Tool::Ours => {
                std::env::var_os("IPVSADM").unwrap_or_else(|| env!("CARGO_BIN_EXE_ipvsadm").into())
            }
        }
    }

    /// The program with a small, fixed environment. Both run under one name, since messages quote it.
    pub fn command<I: IntoIterator<Item: AsRef<OsStr>>>(self, args: I) -> Command {
        let mut command = Command::new(self.path());
        command
            .arg0("ipvsadm")
            .args(args)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C");
        command
    }

    /// The program as somebody without root's privileges.
    pub fn powerless(self) -> Command {
        let mut command = Command::new(POWERLESS[0]);
        command.args(&POWERLESS[1..]).arg(self.path());
        command
    }

    pub fn run<I: IntoIterator<Item: AsRef<OsStr>>>(self, args: I) -> Outcome {
        Outcome::of(&mut self.command(args), b"")
    }

    pub fn run_with<I: IntoIterator<Item: AsRef<OsStr>>>(self, args: I, stdin: &[u8]) -> Outcome {
        Outcome::of(&mut self.command(args), stdin)
    }

    /// Runs one line of shell-like words.
    pub fn line(self, line: &str) -> Outcome {
        self.run(words::split(line))
    }

    /// Runs lines one after another; each has to succeed.
    pub fn setup(self, lines: &[&str]) {
        for line in lines {
            let outcome = self.line(line);
            assert!(
                outcome.status == 0 && outcome.stderr.is_empty(),
                "setup by {self:?}: {line}\n{outcome}"
            );
        }
    }
}

/// What a command left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// As a shell shows it: 128 and the signal where one ended it.
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Outcome {
    pub fn of(command: &mut Command, stdin: &[u8]) -> Outcome {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if stdin.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        });
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let feeder = child.stdin.take().map(|mut pipe| {
            let bytes = stdin.to_vec();
            // A program that stops reading at a bad line closes the pipe: no error of the test.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)))
        });
        let outcome = Outcome::wait(child);
        if let Some(feeder) = feeder {
            feeder.join().expect("feeding a child");
        }
        outcome
    }

    /// Waits for a child's end.
    pub fn wait(child: Child) -> Outcome {
        let output = child.wait_with_output().expect("waiting for a child");
        let signal = output.status.signal().unwrap_or(0);
        Outcome {
            status: output.status.code().unwrap_or(128 + signal),
            stdout: output.stdout,
            stderr: output.stderr,
        }
    }

    /// The first line of standard error: what parity is about. A hint may follow it.
    pub fn message(&self) -> String {
        lossy(
            self.stderr
                .split(|byte| *byte == b'\n')
                .next()
                .unwrap_or_default(),
        )
    }

    pub fn text(&self) -> String {
        lossy(&self.stdout)
    }

    /// Asserts success without a word on standard error, and gives the output.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.status == 0 && self.stderr.is_empty(), "{self}");
        self.text()
    }

    /// Asserts a failure with this status and first line, and nothing on standard output.
    #[track_caller]
    pub fn fails(self, status: i32, message: &str) {
        assert!(
            self.status == status && self.message() == message && self.stdout.is_empty(),
            "wanted {status}, {message:?}; got {self}"
        );
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(
            f,
            "status {}\nstdout:\n{}\nstderr:\n{}",
            self.status,
            self.text(),
            lossy(&self.stderr)
        )
    }
}

pub fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A network namespace. Threads and processes started after `enter` are in it; it is gone with the last of them.
pub struct Namespace(File);

impl Namespace {
    /// Makes one with the loopback up and enters it.
    pub fn new() -> Namespace {
        need_lab();
        unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace of one's own");
        loopback_up().expect("setting the loopback up");
        Namespace(File::open("/proc/thread-self/ns/net").expect("the namespace of this thread"))
    }

    pub fn enter(&self) {
        setns(&self.0, CloneFlags::CLONE_NEWNET).expect("entering a namespace");
    }
}

/// `ip link set lo up`, without the process: in the lab a start costs more than anything else.
fn loopback_up() -> std::io::Result<()> {
    let mut message = [0u8; 32];
    let mut put = |at: usize, bytes: &[u8]| message[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &32u32.to_ne_bytes());
    put(4, &16u16.to_ne_bytes()); // RTM_NEWLINK
    put(6, &5u16.to_ne_bytes()); // NLM_F_REQUEST, NLM_F_ACK
    put(20, &1u32.to_ne_bytes()); // the loopback is the first interface
    put(24, &1u32.to_ne_bytes()); // IFF_UP
    put(28, &1u32.to_ne_bytes()); // the flags that change
    let socket = Socket::new(netlink_sys::protocols::NETLINK_ROUTE)?;
    socket.send_to(&message, &SocketAddr::new(0, 0), 0)?;
    let (answer, _) = socket.recv_from_full()?;
    match answer[16..20] {
        [0, 0, 0, 0] => Ok(()),
        _ => Err(std::io::Error::other("refused")),
    }
}

/// Runs `ip` with shell-like words; it has to succeed.
#[track_caller]
pub fn ip(line: &str) {
    let outcome = Outcome::of(Command::new("ip").args(words::split(line)), b"");
    assert!(outcome.status == 0, "ip {line}: {outcome}");
}

/// Adds to the table by theirs, in one process: in the lab a start costs more than the work.
#[track_caller]
pub fn theirs_restores(rules: &[impl AsRef<str>]) {
    let text: String = rules
        .iter()
        .map(|rule| format!("{}\n", rule.as_ref()))
        .collect();
    assert_eq!(Tool::Theirs.run_with(["-R"], text.as_bytes()).ok(), "");
}

/// Rules that make theirs show the whole state of a namespace: one process, where a start costs more than the reading.
pub const SHOW: &str = "-S -n\n-L -n --thresholds\n-L --timeout\n-L --daemon\n";

/// The kernel's own plain listing of the present namespace, in one go.
///
/// Whoever reads it in pieces loses services while other namespaces have some: the kernel counts their services where it stops, and
/// its own only where it goes on. A piece is a page; what does not fit is refused here.
#[track_caller]
pub fn kernel_text() -> String {
    let mut file = File::open("/proc/thread-self/net/ip_vs").expect("the kernel's listing");
    let mut text = vec![0; 1 << 16];
    let end = file.read(&mut text).expect("the kernel's listing");
    assert_eq!(
        file.read(&mut text[end..]).ok(),
        Some(0),
        "more than a page"
    );
    text.truncate(end);
    String::from_utf8(text).expect("ASCII")
}

/// The kernel's table, timeouts and daemons of the present namespace as the original reads them.
///
/// The kernel counts the services of all namespaces when it resumes a dump, so while another test changes its own the
/// original may leave out a service or print it twice: it is asked until two answers agree.
pub fn table() -> Vec<String> {
    let read = || rows(&Tool::Theirs.run_with(["-R"], SHOW.as_bytes()).ok());
    let mut last = read();
    for _ in 0..20 {
        let next = read();
        if next == last {
            return next;
        }
        last = next;
    }
    panic!("the table does not come to rest")
}

/// What SHOW printed: sorted, with every server behind its service, so that only what is in it counts.
pub fn rows(listing: &str) -> Vec<String> {
    let mut service = "";
    let mut rows = Vec::new();
    for line in listing.lines() {
        if line.starts_with("  ->") {
            rows.push(format!("{service} {line}"));
        } else {
            service = line;
            rows.push(line.to_string());
        }
    }
    rows.sort();
    rows
}

/// Where two texts part, for people.
pub fn difference(what: &str, wanted: &[u8], ours: &[u8]) -> Option<String> {
    if wanted == ours {
        return None;
    }
    let (mut left, mut right) = (
        wanted.split(|byte| *byte == b'\n'),
        ours.split(|byte| *byte == b'\n'),
    );
    for number in 1.. {
        let (a, b) = (left.next(), right.next());
        if a != b {
            let show = |line: Option<&[u8]>| {
                line.map_or("(no such line)".to_string(), |line| {
                    format!("{:?}", OsStr::from_bytes(line))
                })
            };
            return Some(format!(
                "    {what}, line {number}\n      wanted {}\n      ours   {}\n",
                show(a),
                show(b)
            ));
        }
    }
    None
}

/// Fails outside the lab, where the tests are ignored: who asks for them all the same, on a director perhaps, must not have its table
/// changed, nor be told that a test passed.
pub fn need_lab() {
    assert!(
        std::env::var_os("LAB_INSIDE").is_some(),
        "this test runs in the lab alone: tests/run, or tests/lab/run tests/lab/suite PROGRAM"
    );
}
