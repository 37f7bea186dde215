//! Drains that are at work while a test goes on.

use super::locks::wait_until_open;
use super::mounts::{mount_empty, with_own_mounts};
use super::traffic::{tcp_server, udp_server};
use super::{Outcome, Tool, ip, lossy, theirs_restores, words};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

/// Where the tests' servers listen.
pub const SERVER: &str = "10.9.9.9:8080";
/// A web service with one server.
pub const WEB: [&str; 2] = [
    "-A -t 10.9.9.9:80 -s rr",
    "-a -t 10.9.9.9:80 -r 10.9.9.9:8080 -m -w 5 -x 1000 -y 10",
];

/// A director that is its own client and its own servers, and has nothing of other tests in /run.
pub fn director(rules: &[&str], test: impl FnOnce() + Send) {
    with_own_mounts(|| {
        mount_empty("/run", "mode=755");
        ip("address add 10.9.9.9/32 dev lo");
        ip("address add fd00::9/128 dev lo nodad");
        theirs_restores(rules);
        for address in [SERVER, "10.9.9.9:8081", "[fd00::9]:8080"] {
            tcp_server(address);
        }
        udp_server("10.9.9.9:5353");
        test();
    });
}

pub fn saved() -> String {
    Tool::Ours.line("-Sn").ok()
}

/// Sets one of the kernel's switches in the present namespace.
pub fn switch(name: &str, value: &str) {
    std::fs::write(format!("/proc/sys/net/ipv4/vs/{name}"), value).expect("a switch");
}

/// A file of the present namespace in /run/ipvsadm.
pub fn run_file(ending: &str) -> PathBuf {
    let inode = std::fs::metadata("/proc/thread-self/ns/net").expect("a namespace");
    format!("/run/ipvsadm/netns-{}.{ending}", inode.ino()).into()
}

/// Holds the lock of the restores, as one does that is at work, until it is dropped.
pub fn hold_lock() -> File {
    std::fs::create_dir_all("/run/ipvsadm").expect("the folder");
    let file = File::create(run_file("lock")).expect("the lock's file");
    file.lock().expect("the lock");
    file
}

/// Runs `ipvsadm --drain` to its end.
pub fn drain(line: &str) -> Outcome {
    Tool::Ours.line(&format!("--drain {line}"))
}

pub fn undrain(line: &str) -> Outcome {
    Tool::Ours.line(&format!("--undrain {line}"))
}

/// Undrains a server in all services: it is added back in so many, and each is told.
#[track_caller]
pub fn undrain_everywhere(server: &str, added: usize) {
    let outcome = undrain(&format!("-r {server}"));
    let said = lossy(&outcome.stderr);
    assert!(
        outcome.status == 0 && outcome.stdout.is_empty(),
        "{outcome}"
    );
    assert_eq!(said.lines().count(), added, "{outcome}");
    assert!(
        said.lines().all(|line| line.starts_with("added back: ")),
        "{outcome}"
    );
}

/// A drain at work. One that never ends fails its test, as it gives up after a minute.
pub struct Drain {
    child: Child,
    stdout: BufReader<ChildStdout>,
    seen: String,
}

impl Drain {
    pub fn start(line: &str) -> Drain {
        let line = match line.contains("--wait") {
            true => format!("--drain {line}"),
            false => format!("--drain {line} --wait 60"),
        };
        let mut child = Tool::Ours
            .command(words::split(&line))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a drain");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        Drain {
            child,
            stdout,
            seen: String::new(),
        }
    }

    /// Waits until it has written this, or has ended.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        let mut line = String::new();
        while self.stdout.read_line(&mut line).expect("its output") > 0 {
            self.seen += &line;
            if line.contains(text) {
                return;
            }
            line.clear();
        }
        panic!("it never shows {text:?}:\n{}", self.seen);
    }

    /// Waits until it tries to get the lock, which a test holds.
    #[track_caller]
    pub fn waits_for_lock(&mut self) {
        wait_until_open(&mut self.child, &run_file("lock"));
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).expect("a signal");
    }

    /// Waits for its end. All that it wrote is in the outcome.
    pub fn end(mut self) -> Outcome {
        self.stdout
            .read_to_string(&mut self.seen)
            .expect("its output");
        let outcome = Outcome::wait(self.child);
        Outcome {
            stdout: self.seen.into_bytes(),
            ..outcome
        }
    }
}

/// Another program has set the weight to 5: the drain has stopped and says so.
#[track_caller]
pub fn assert_weight_is_back(outcome: &Outcome) {
    assert_eq!(outcome.status, 255, "{outcome}");
    assert!(
        lossy(&outcome.stderr).contains("has weight 5 again"),
        "{outcome}"
    );
}

/// Asserts that the server was taken out: the last line says so, and the table has it no more.
#[track_caller]
pub fn assert_deleted(outcome: &Outcome, server: &str) {
    let text = outcome.text();
    let last = text.lines().last().unwrap_or_default();
    assert!(
        outcome.status == 0 && last.starts_with(server) && last.ends_with("  deleted"),
        "{outcome}"
    );
    assert!(!saved().contains(&format!("-r {server} ")), "{}", saved());
}
