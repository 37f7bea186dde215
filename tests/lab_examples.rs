//! The examples of docs/examples/ do what they say.

mod support;

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use support::folder::Folder;
use support::{Namespace, Outcome, Tool};

/// An example's program, which cargo builds beside the tests'.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("this program's path");
    let folder = test.parent().and_then(|deps| deps.parent());
    let path: PathBuf = folder
        .expect("the build's folder")
        .join("examples")
        .join(name);
    Command::new(path)
}

/// Killed when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_exporter_prints_services_and_servers() {
    let _namespace = Namespace::new();
    Tool::Ours.setup(&[
        "-A -t 192.0.2.1:80",
        "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 7",
        "-A -f 5 -6",
    ]);
    let text = Outcome::of(&mut example("exporter"), b"").ok();
    for line in [
        "# TYPE ipvs_service_connections_total counter",
        "ipvs_service_connections_total{service=\"tcp 192.0.2.1:80\"} 0",
        "ipvs_service_in_bytes_total{service=\"mark 5 ipv6\"} 0",
        "# TYPE ipvs_server_weight gauge",
        "ipvs_server_weight{service=\"tcp 192.0.2.1:80\",server=\"10.0.0.2:80\"} 7",
    ] {
        assert!(text.lines().any(|it| it == line), "no {line} in\n{text}");
    }
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names: Vec<_> = names.filter_map(|line| line.split(' ').next()).collect();
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!((names.len(), unique.len()), (13, 13), "{text}");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_health_checker_takes_a_silent_server_out_and_back_in() {
    let _namespace = Namespace::new();
    let [one, other] = [8001, 8002].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let listen = |address: SocketAddr| TcpListener::bind(address).expect("a listener");
    let _steady = listen(one);
    Tool::Ours.setup(&[
        "-A -t 192.0.2.1:80",
        &format!("-a -t 192.0.2.1:80 -r {one} -m -w 3"),
        &format!("-a -t 192.0.2.1:80 -r {other} -m -w 5"),
    ]);
    let weights = || {
        let text = Tool::Ours.line("-Sn").ok();
        let of = |server: SocketAddr| {
            let line = text
                .lines()
                .find(|line| line.contains(&format!("-r {server} ")));
            let weight = line.and_then(|line| line.split(' ').next_back());
            weight.expect("a weight").to_owned()
        };
        [of(one), of(other)]
    };
    let mut command = example("health_checker");
    command.args(["-t", "192.0.2.1:80"]).stdout(Stdio::piped());
    let mut running = Running(command.spawn().expect("the example"));
    let output = running.0.stdout.take().expect("its output");
    let mut lines = BufReader::new(output).lines();
    let mut next = || lines.next().expect("a line").expect("text");

    assert_eq!(next(), format!("{other} does not answer: weight 0"));
    assert_eq!(weights(), ["3", "0"]);
    let _back = listen(other);
    assert_eq!(next(), format!("{other} answers again: weight 5"));
    assert_eq!(weights(), ["3", "5"]);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_reconciler_converges_when_told_to() {
    let _namespace = Namespace::new();
    let folder = Folder::new("reconciler");
    let file = folder.path("rules");
    let rules = "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 5\n";
    std::fs::write(&file, rules).expect("a rules file");
    Tool::Ours.setup(&[
        "-A -t 192.0.2.1:80 -s rr",
        "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1",
        "-A -f 9",
    ]);
    let before = Tool::Ours.line("-Sn").ok();
    let plan = "~ -e -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1 → -m -w 5\n\
                - -A -f 9 -s wlc\n\
                0 added, 1 changed, 1 removed, 1 unchanged\n";
    let run = |words: &[&str]| Outcome::of(example("reconciler").arg(&file).args(words), b"");
    assert_eq!(run(&[]).ok(), plan);
    assert_eq!(Tool::Ours.line("-Sn").ok(), before);
    assert_eq!(run(&["--apply"]).ok(), plan);
    assert_eq!(Tool::Ours.line("-Sn").ok(), rules);
    let nothing = "0 added, 0 changed, 0 removed, 2 unchanged\n";
    assert_eq!(run(&["--apply"]).ok(), nothing);

    let refused = format!("{rules}-A -f 9 -s nosuch\n-D -f 8\n");
    std::fs::write(&file, refused).expect("a rules file");
    run(&["--apply"]).fails(
        1,
        "line 4: the kernel refused to delete a service: No such process (os error 3)",
    );
    std::fs::write(&file, format!("{rules}-A -f 9 -s nosuch\n")).expect("a rules file");
    let outcome = run(&["--apply"]);
    assert_eq!(outcome.status, 1, "{outcome}");
    assert_eq!(
        outcome.message(),
        "-A -f 9 -s nosuch: the kernel refused to add a service: No such file or directory (os error 2); \
         what had been done was undone"
    );
    assert_eq!(Tool::Ours.line("-Sn").ok(), rules);
}
