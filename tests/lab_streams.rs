//! Standard streams that are closed: the program does what it does with /dev/null in their place, also where there is none.

mod support;

use std::process::Command;
use support::mounts::{mount_empty, with_own_mounts};
use support::{Outcome, Tool};

/// Runs the program by a shell, some of its streams redirected. Its standard input is the rule, unless that is closed.
fn run(options: &str, redirections: &str) -> Outcome {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec \"$0\" {options} {redirections}")]);
    Outcome::of(command.arg(Tool::Ours.path()), b"-A -f 7 -s rr\n")
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn closed_streams() {
    for has_null in [true, false] {
        with_own_mounts(|| {
            if !has_null {
                mount_empty("/dev", "mode=755");
            }
            for streams in [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"] {
                let listed = run("-Sn", streams);
                assert_eq!(listed.status, 0, "{has_null} {streams}: {listed}");
                let refused = run("-D -f 1", streams);
                assert_eq!(refused.status, 255, "{has_null} {streams}: {refused}");
            }
            assert_eq!(run("-R", "<&-").ok(), "");
            assert_eq!(run("-Sn", "2>&-").ok(), "");
            assert_eq!(run("-R", ">&- 2>&-").ok(), "");
            assert_eq!(run("-Sn", "<&-").ok(), "-A -f 7 -s rr\n");
        });
    }
}
