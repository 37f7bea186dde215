//! Signals in the middle of a restore: --replace takes back what was done, -R stops and says how far it came.

mod support;

use ipvs::kernel::Kernel;
use ipvs::model::{Family, ServiceKey};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use support::random::repeatable;
use support::{Namespace, Tool};

/// Services that are there before, and those of the rules: none are the same.
const SERVICES: usize = 10_000;

fn services(first: usize) -> String {
    (first..first + SERVICES)
        .map(|mark| format!("-A -f {mark} -s rr\n"))
        .collect()
}

/// The marks of the kernel's services.
fn marks() -> Vec<usize> {
    let services = Kernel::open().and_then(|mut kernel| kernel.services());
    let mark = |key| match key {
        ServiceKey::Fwmark { mark, .. } => mark as usize,
        other => panic!("{other}"),
    };
    let keys = services.expect("the services").into_iter();
    let mut marks: Vec<_> = keys.map(|status| mark(status.service.key)).collect();
    marks.sort_unstable();
    marks
}

/// A file of rules, removed when it is dropped.
struct Rules(PathBuf);

impl Rules {
    fn new(text: &str) -> Self {
        let name = format!("ipvsadm-signals-{:?}", std::thread::current().id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).expect("the rules");
        Rules(path)
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        fs::remove_file(&self.0).expect("removing the rules");
    }
}

/// Starts a restore of the rules that lets this test have the processor first. `before` is for the shell.
fn start(before: &str, words: &str, rules: &Rules) -> Child {
    let (ours, file) = (Tool::Ours.path(), rules.0.display());
    let line = format!(
        "{before} exec nice -n 19 '{}' {words} --file '{file}'",
        ours.display()
    );
    Command::new("/bin/bash")
        .args(["-c", &line])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a restore")
}

/// Sends the signals once the service of a mark is there, or is gone; returns how the program ended.
fn interrupt(mut child: Child, mark: usize, there: bool, signals: &[Signal]) -> Output {
    let mut kernel = Kernel::open().expect("the kernel");
    let key = ServiceKey::Fwmark {
        family: Family::Inet,
        mark: mark as u32,
    };
    let mut is_there = || kernel.service(&key).is_ok();
    while is_there() != there {
        if child.try_wait().expect("the child").is_some() {
            return child.wait_with_output().expect("its end");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    for signal in signals {
        kill(Pid::from_raw(child.id() as i32), *signal).expect("a signal");
    }
    child.wait_with_output().expect("its end")
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_signal_takes_a_replace_back() {
    let mut random = repeatable();
    let (old, new) = (1..SERVICES + 1, 100_001..100_001 + SERVICES);
    let (first, rules) = (services(old.start), Rules::new(&services(new.start)));
    let _namespace = Namespace::new();
    assert_eq!(Tool::Ours.run_with(["-R"], first.as_bytes()).ok(), "");
    let (mut stopped, mut rebuilt) = (0, 0);
    for round in 0..30 {
        let signal = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP][round % 3];
        // In the midst of adding, or of removing.
        let there = round % 2 == 0;
        let mark = if there { new.start } else { old.start } + random.below(SERVICES / 2);
        // One that comes again while taking back changes nothing.
        let signals = vec![signal; 1 + random.below(3)];
        let output = interrupt(start("", "-R --replace", &rules), mark, there, &signals);
        let said = support::lossy(&output.stderr);
        match output.status.signal() {
            Some(ended_by) => {
                stopped += 1;
                rebuilt += said.matches(" services start anew").count();
                assert_eq!(ended_by, signal as i32, "{said}");
                assert!(marks().into_iter().eq(old.clone()), "round {round}: {said}");
                assert!(
                    said.starts_with(&format!(
                        "stopped by {}\nthe table is as it was: what had been done was undone",
                        signal.as_str()
                    )),
                    "{said}"
                );
            }
            None => {
                assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
                assert!(marks().into_iter().eq(new.clone()), "round {round}");
                let back = Tool::Ours.run_with(["-R", "--replace"], first.as_bytes());
                assert_eq!(back.ok(), "");
            }
        }
    }
    assert!(stopped > 20, "only {stopped} were stopped");
    assert!(rebuilt > 5, "only {rebuilt} while removing");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_signal_stops_a_restore_that_says_how_far_it_came() {
    let rules = Rules::new(&services(1));
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let _namespace = Namespace::new();
        let output = interrupt(start("", "-R", &rules), 1, true, &[signal]);
        assert_eq!(output.status.signal(), Some(signal as i32));
        let made = marks().len();
        assert!(0 < made && made < SERVICES, "{made}");
        assert_eq!(
            support::lossy(&output.stderr),
            format!(
                "stopped by {}: {made} of {SERVICES} changes were made\n",
                signal.as_str()
            )
        );
    }
}

/// As `nohup` has it.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_ignored_signal_stops_nothing() {
    let rules = Rules::new(&services(1));
    let _namespace = Namespace::new();
    let child = start("trap '' HUP;", "-R", &rules);
    let output = interrupt(child, 1, true, &[Signal::SIGHUP]);
    assert_eq!(
        (
            output.status.code(),
            support::lossy(&output.stderr).as_str()
        ),
        (Some(0), "")
    );
    assert_eq!(marks().len(), SERVICES);
}
