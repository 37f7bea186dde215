//! Many connections: -L -c lists and counts them all, and their number costs nothing but time.

mod support;

use std::io::Read;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use support::columns::{self, count, counted, listed_connections, same_connections};
use support::peer::{self, Entry};
use support::{Namespace, Tool};

/// The kernel's hash table is one for all namespaces: where another test fills it, its file shows connections twice.
static ALONE: Mutex<()> = Mutex::new(());

/// So many clients of ten services of three servers each.
fn crowd(clients: usize) -> (Namespace, Vec<Entry>) {
    let namespace = Namespace::new();
    peer::listen();
    let entry = |index: usize| {
        let client = format!(
            "10.{}.{}.{}:{}",
            1 + index / 40_000,
            index / 200 % 200,
            index % 200,
            1_024 + index
        );
        Entry::tcp(
            &client,
            &format!("192.0.2.{}:80", index % 10),
            &format!("198.51.100.{}:80", index % 3),
        )
    };
    (namespace, (0..clients).map(entry).collect())
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn twenty_thousand() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (_namespace, entries) = crowd(20_000);
    peer::report(&entries, entries.len());
    let theirs = listed_connections(&Tool::Theirs.line("-Lnc").ok());
    assert_eq!(theirs.len(), entries.len());
    let ours = Tool::Ours.line("-Lnc").ok();
    same_connections(listed_connections(&ours), theirs.clone(), 120);
    let counts = count(&theirs);
    assert_eq!((counts.len(), counts.values().sum()), (30, 20_000));
    assert_eq!(counted(&Tool::Ours.line("-Lnc --count").ok()), counts);
    let document = Tool::Ours.line("-L -c --count -j").ok();
    let document = serde_json::from_str(&document).expect("a document");
    assert_eq!(columns::counts(&document), counts);
}

/// The most memory that a listing has held, in KiB. It waits for its reader, so what is asked last is near its end.
fn most_memory(args: &[&str]) -> u64 {
    let mut child = Tool::Ours
        .command(args)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a start");
    let mut output = child.stdout.take().expect("a pipe");
    let status = format!("/proc/{}/status", child.id());
    let (mut most, mut piece) = (0, [0; 32 * 1024]);
    while output.read(&mut piece).expect("reading a pipe") > 0 {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        });
        most = peak.unwrap_or(most);
    }
    assert!(child.wait().expect("an end").success() && most > 0);
    most
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn memory_does_not_grow() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (_namespace, entries) = crowd(50_000);
    // Two pipes full, at least: fewer are written before anyone looks.
    peer::report(&entries[..4_000], 4_000);
    let few = ["-Lnc", "-Lcj"].map(|line| most_memory(&[line]));
    peer::report(&entries, entries.len());
    let many = ["-Lnc", "-Lcj"].map(|line| most_memory(&[line]));
    for (few, many) in few.into_iter().zip(many) {
        assert!(many < 8 * 1024 && many < few + 512, "{few} and {many} KiB");
    }
}
