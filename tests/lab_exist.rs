//! --exist beside refusals of the kernel and beside other programs that add and delete all the time.

mod support;

use ipvs::kernel::{Error, Kernel};
use ipvs::model::{Change, Destination, Family, Service, ServiceKey};
use std::sync::atomic::{AtomicBool, Ordering};
use support::alone::alone;
use support::kernel::endpoint;
use support::{Namespace, Tool};

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_add_that_fails_may_be_done_by_the_next_line() {
    let _alone = alone();
    for (rules, told, left) in [
        (
            "-A -f 1 -s nosuch --exist\n-A -f 1 -s rr\n-A -f 1 -s wlc --exist\n",
            "stdin:1: Scheduler or persistence engine not found\n",
            "-A -f 1 -s wlc\n",
        ),
        (
            "-A -f 1 -s nosuch --exist\n-A -f 1 -s rr\n-D -f 1 --exist\n",
            "stdin:1: Scheduler or persistence engine not found\n",
            "",
        ),
        (
            "-A -f 1\n-a -f 1 -r 224.0.0.1:80 --exist\n-a -f 1 -r 10.0.0.1:80\n-a -f 1 -r 10.0.0.1:80 -w 5 --exist\n-d -f 1 -r 224.0.0.1:80 --exist\n",
            "stdin:2: Invalid operation.  Possibly wrong module version, address not unicast, ...\n",
            "-A -f 1 -s wlc\n-a -f 1 -r 10.0.0.1:80 -g -w 5\n",
        ),
    ] {
        let _namespace = Namespace::new();
        let outcome = Tool::Ours.run_with(["-R"], rules.as_bytes());
        assert_eq!(
            (outcome.status, support::lossy(&outcome.stderr).as_str()),
            (255, told),
            "{rules}"
        );
        assert_eq!(Tool::Theirs.line("-Sn").ok(), left, "{rules}");
    }
}

fn mark(mark: u32) -> ServiceKey {
    ServiceKey::Fwmark {
        family: Family::Inet,
        mark,
    }
}

/// Adds and deletes these services and servers until told to stop, whatever others do.
fn meddle(kernel: &mut Kernel, stop: &AtomicBool) {
    let server = Destination::new(endpoint("10.0.0.9", 80));
    while !stop.load(Ordering::Relaxed) {
        for change in [
            Change::AddService(Service::new(mark(1))),
            Change::AddDestination(mark(3), server),
            Change::AddService(Service::new(mark(2))),
            Change::DeleteService(mark(1)),
            Change::DeleteDestination(mark(3), server.endpoint),
            Change::DeleteService(mark(2)),
        ] {
            match kernel.apply(&change) {
                Ok(()) | Err(Error::Refused(_)) => {}
                Err(error) => panic!("{change:?}: {error}"),
            }
        }
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn exist_holds_beside_another_program() {
    let _alone = alone();
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 3 -s rr"]);
    let mut kernel = Kernel::open().expect("the kernel");
    let stop = AtomicBool::new(false);
    let filling: String = (10..200).map(|n| format!("-A -f {n} -s rr\n")).collect();
    let rules = format!(
        "-A -f 1 -s rr\n-A -f 2 -s sh\n-a -f 3 -r 10.0.0.9:80 -w 7\n{filling}-D -f 1\n-A -f 2 -s wlc\n\
         -A -f 1 -s wrr\n-d -f 3 -r 10.0.0.9:80\n-a -f 3 -r 10.0.0.9:80 -w 8\n-D -f 2\n"
    );
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        scope.spawn(|| meddle(&mut kernel, &stop));
        let mut outcomes: Vec<_> = (0..100)
            .map(|_| Tool::Ours.run_with(["-R", "--exist"], rules.as_bytes()))
            .collect();
        for _ in 0..60 {
            for line in [
                "-A -f 1 -s rr --exist",
                "-a -f 3 -r 10.0.0.9:80 -w 5 --exist",
                "-D -f 1 --exist",
                "-d -f 3 -r 10.0.0.9:80 --exist",
            ] {
                outcomes.push(Tool::Ours.line(line));
            }
        }
        stop.store(true, Ordering::Relaxed);
        outcomes
    });
    let failed: Vec<_> = outcomes.iter().filter(|it| it.status != 0).collect();
    assert!(
        failed.is_empty(),
        "{} failed, first {}",
        failed.len(),
        failed[0]
    );
}
