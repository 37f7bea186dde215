//! Output that nobody takes: a pager that waits for a key, a stopped terminal, a reader that has gone.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use support::drain::{SERVER, WEB, director, saved};
use support::traffic::tcp_exchange;
use support::{Namespace, Outcome, Tool, theirs_restores};

/// A pipe that takes nothing more until somebody reads.
fn full_pipe() -> (PipeReader, PipeWriter) {
    const SIZE: usize = 65536;
    let (reader, mut writer) = pipe().expect("a pipe");
    writer.write_all(&[b'x'; SIZE]).expect("filling it");
    (reader, writer)
}

fn start(line: &str, stdout: PipeWriter) -> Child {
    Tool::Ours
        .command(support::words::split(line))
        .stdin(Stdio::null())
        .stderr(stdout.try_clone().expect("the pipe"))
        .stdout(stdout)
        .spawn()
        .expect("the program")
}

/// Waits until it is so, at most a minute.
#[track_caller]
fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never is so");
        thread::sleep(Duration::from_millis(20));
    }
}

#[track_caller]
fn end(child: &mut Child) -> ExitStatus {
    let mut status = None;
    until(|| {
        status = child.try_wait().expect("its end");
        status.is_some()
    });
    status.expect("its end")
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_drain_that_nobody_reads_ends_by_a_signal() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        director(&WEB, || {
            let _open = tcp_exchange("10.9.9.9:80", 10);
            let (_reader, writer) = full_pipe();
            let mut drain = start(&format!("--drain -r {SERVER}"), writer);
            until(|| saved().contains("-w 0"));
            // The first stops the drain, which then wants to say how to go on: that waits for the reader, too.
            until(|| {
                if drain.try_wait().expect("its end").is_none() {
                    kill(Pid::from_raw(drain.id() as i32), signal).expect("a signal");
                    return false;
                }
                true
            });
            assert_eq!(end(&mut drain).signal(), Some(signal as i32));
        });
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_drain_that_nobody_reads_takes_its_server_out() {
    director(&WEB, || {
        let (mut reader, writer) = full_pipe();
        let mut drain = start(&format!("--drain -r {SERVER}"), writer);
        until(|| !saved().contains(SERVER));
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("what it says");
        assert!(text.trim_start_matches('x').ends_with("  deleted\n"));
        assert!(end(&mut drain).success());
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_drain_whose_errors_nobody_reads_ends_in_time() {
    director(&WEB, || {
        let _open = tcp_exchange("10.9.9.9:80", 10);
        let (_reader, writer) = full_pipe();
        let line = format!("--drain -r {SERVER} --wait 1 --force --force");
        let mut command = Tool::Ours.command(support::words::split(&line));
        let mut drain = command
            .stdout(Stdio::null())
            .stderr(writer)
            .spawn()
            .expect("the program");
        assert!(end(&mut drain).success());
        assert!(!saved().contains(SERVER), "{}", saved());
    });
}

/// A save of which nobody knows whether it arrived is no success.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_save_whose_reader_has_gone() {
    let _namespace = Namespace::new();
    theirs_restores(&["-A -f 7 -s rr"]);
    let run = |tool: Tool, line: &str| {
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let mut command = tool.command(support::words::split(line));
        command.stdout(writer).stderr(Stdio::piped());
        Outcome::wait(command.spawn().expect("the program"))
    };
    for line in ["-S", "-Sn"] {
        for tool in [Tool::Theirs, Tool::Ours] {
            let outcome = run(tool, line);
            assert_eq!(
                (outcome.status, outcome.message().as_str()),
                (141, ""),
                "{outcome}"
            );
        }
    }
    let metrics = run(Tool::Ours, "-L --metrics");
    assert_eq!(metrics.status, 141, "{metrics}");
    // A pager that has been left has shown enough.
    let listed = run(Tool::Ours, "-Ln");
    assert_eq!(
        (listed.status, listed.message().as_str()),
        (0, ""),
        "{listed}"
    );
}

/// A terminal that nobody reads any more takes a part of a picture, and the rest waits.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_terminal_that_nobody_reads_holds_no_signal_back() {
    let _namespace = Namespace::new();
    let rules: Vec<_> = (1..=60)
        .map(|mark| format!("-A -f {mark} -s rr\n-a -f {mark} -r 10.0.1.{mark} -m"))
        .collect();
    theirs_restores(&rules);
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master)
        .and_then(|()| unlockpt(&master))
        .expect("a terminal");
    let name = ptsname(&master, Vec::new()).expect("its name");
    let size = Winsize {
        ws_row: 200,
        ws_col: 100,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&master, size).expect("the size of a terminal");
    let slave = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().expect("a path"))
        .expect("a terminal");
    let mut command = Tool::Ours.command(["-Ln", "--watch=1"]);
    let mut watch = command
        .env("TERM", "linux")
        .stdin(slave.try_clone().expect("a terminal"))
        .stdout(slave)
        .spawn()
        .expect("ours");
    // A signal while it draws ends it, whether or not the terminal takes the rest.
    let ours = Pid::from_raw(watch.id() as i32);
    until(|| {
        if has_drawn(&master) {
            kill(ours, Signal::SIGTERM).expect("a signal");
        }
        watch.try_wait().expect("its end").is_some()
    });
    assert!(has_drawn(&master));
}

/// Whether there is something to read, which is not read.
fn has_drawn(terminal: &OwnedFd) -> bool {
    let mut terminal = [PollFd::new(terminal, PollFlags::IN)];
    poll(&mut terminal, Some(&Timespec::default())).expect("a look") > 0
}
