//! Ours does what theirs does: the same command lines on both, with the differences of docs/compatibility.md spelled out.

mod support;

use std::os::unix::process::CommandExt;
use support::cases::check;
use support::{Namespace, Outcome, Tool};

macro_rules! tables {
    ($($name:ident)*) => {
        $(#[test]
        #[ignore = "needs a kernel with IPVS: tests/run"]
        fn $name() {
            let file = concat!(stringify!($name), ".txt");
            check(file, include_str!(concat!("cases/", stringify!($name), ".txt")));
        })*
    };
}

tables! { grammar services servers listing daemons restore }

/// Which option goes with which command, and what is said where it does not.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn every_command_with_every_option() {
    let options = [
        "-t 10.0.0.1:80",
        "-6",
        "-s rr",
        "-p",
        "-M 255.255.255.0",
        "--pe sip",
        "-b flag-1",
        "-o",
        "-r 10.0.0.3",
        "-g",
        "-w 5",
        "-x 5",
        "-y 5",
        "--tun-type gre",
        "--tun-port 5",
        "--tun-csum",
        "--tun-nocsum",
        "--tun-remcsum",
        "-c",
        "-n",
        "-X",
        "--timeout",
        "--daemon",
        "--stats",
        "--rate",
        "--thresholds",
        "--persistent-conn",
        "--tun-info",
        "--sort",
        "--nosort",
        "--syncid 3",
        "--sync-maxlen 500",
        "--mcast-interface lo",
        "--mcast-group 224.0.0.9",
        "--mcast-port 5",
        "--mcast-ttl 5",
    ];
    let commands = [
        "-A -t 10.0.0.9:80",
        "-E -t 10.0.0.1:80",
        "-D -t 10.0.0.1:80",
        "-C",
        "-a -t 10.0.0.1:80 -r 10.0.0.9",
        "-e -t 10.0.0.1:80 -r 10.0.0.2",
        "-d -t 10.0.0.1:80 -r 10.0.0.2",
        "-L",
        "-Z",
        "-R",
        "-S",
        "--set 1 2 3",
        "--start-daemon master",
        "--stop-daemon backup",
    ];
    let lines = commands
        .iter()
        .flat_map(|command| options.map(|option| format!("{command} {option}\n")))
        .collect::<String>();
    let setup = "@setup -A -t 10.0.0.1:80\n@setup -a -t 10.0.0.1:80 -r 10.0.0.2\n";
    check("matrix", &(setup.to_string() + &lines));
}

/// The hint names the program as it was called.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_name_it_was_called_by() {
    for called in ["/sbin/ipvsadm", "./x", "-", " "] {
        let [theirs, ours] = Tool::BOTH.map(|tool| {
            let outcome = Outcome::of(tool.command(["foo"]).arg0(called), b"");
            (outcome.message(), outcome.status)
        });
        assert!(theirs.0.contains(called), "{}", theirs.0);
        assert_eq!(ours, theirs);
    }
}

/// In the kernel's order, which differs between namespaces: so both look at the same one.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn unsorted_listing() {
    let _namespace = Namespace::new();
    let services = (1..40).map(|last| format!("-A -t 10.0.0.{last}:80\n-a -t 10.0.0.{last}:80 -r 10.0.1.{last}\n-a -t 10.0.0.{last}:80 -r 10.0.0.9\n"));
    assert_eq!(
        Tool::Theirs
            .run_with(["-R"], services.collect::<String>().as_bytes())
            .ok(),
        ""
    );
    let unsorted = Tool::Theirs.line("-L -n --nosort").ok();
    assert_eq!(unsorted, Tool::Ours.line("-L -n --nosort").ok());
    assert_ne!(unsorted, Tool::Ours.line("-L -n").ok());
}
