//! The folder and the files of the locks: what a stranger left there, and where there can be none.

mod support;

use nix::mount::umount;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::Command;
use support::mounts::{make_read_only, mount_empty, with_own_mounts};
use support::{Outcome, Tool, table};

const FOLDER: &str = "/run/ipvsadm";
const STRANGER: u32 = 1234;

fn lock_path() -> String {
    let namespace = fs::metadata("/proc/thread-self/ns/net").expect("the namespace");
    format!("{FOLDER}/netns-{}.lock", namespace.ino())
}

fn mode(path: &str) -> u32 {
    fs::symlink_metadata(path).expect("a file").mode() & 0o7777
}

fn restore(rules: &str) -> Outcome {
    Tool::Ours.run_with(["-R"], rules.as_bytes())
}

/// Runs `test` with an empty /run.
fn with_empty_run(test: impl FnOnce() + Send) {
    with_own_mounts(|| {
        mount_empty("/run", "mode=755");
        test();
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_umask_has_no_say_in_the_modes() {
    for umask in ["0", "0077", "0777"] {
        with_empty_run(|| {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("umask {umask}; exec \"$0\" -R")]);
            command.arg(Tool::Ours.path());
            assert_eq!(Outcome::of(&mut command, b"-A -f 1\n").ok(), "");
            assert_eq!((mode(FOLDER), mode(&lock_path())), (0o755, 0o600));
        });
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn modes_that_let_others_in_are_put_right() {
    with_empty_run(|| {
        assert_eq!(restore("-A -f 1\n").ok(), "");
        for path in [FOLDER, &lock_path()] {
            fs::set_permissions(path, Permissions::from_mode(0o777)).expect("a mode");
        }
        assert_eq!(restore("-A -f 2\n").ok(), "");
        assert_eq!((mode(FOLDER), mode(&lock_path())), (0o755, 0o600));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_a_stranger_left_is_not_touched() {
    let lock = "LOCK";
    fn folder(path: &str) {
        fs::create_dir(path).expect("a folder");
    }
    type Plant = dyn Fn(&str) + Sync;
    let cases: [(&str, &str, &Plant); 6] = [
        (FOLDER, "it belongs to the user 1234", &|path| {
            folder(path);
            chown(path, Some(STRANGER), None).expect("an owner");
        }),
        (FOLDER, "it is a symbolic link", &|path| {
            folder("/run/elsewhere");
            symlink("elsewhere", path).expect("a link");
        }),
        (lock, "it belongs to the user 1234", &|path| {
            fs::write(path, "theirs\n").expect("a file");
            chown(path, Some(STRANGER), None).expect("an owner");
        }),
        (lock, "it is a symbolic link", &|path| {
            symlink("/run/precious", path).expect("a link");
        }),
        (lock, "it is no plain file of one name", &|path| {
            fs::hard_link("/run/precious", path).expect("a name");
        }),
        (lock, "it is no plain file of one name", &|path| {
            let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
            assert!(made.success());
        }),
    ];
    for (path, reason, plant) in cases {
        with_empty_run(|| {
            fs::write("/run/precious", "a file of root's\n").expect("a file");
            let path = if path == lock {
                folder(FOLDER);
                lock_path()
            } else {
                path.to_owned()
            };
            plant(&path);
            let before = table();
            for words in [&["-R"][..], &["-R", "--replace"]] {
                Tool::Ours.run_with(words, b"-A -f 1\n").fails(
                    255,
                    &format!("cannot lock {path}: {reason}; remove {path}, or give it to root"),
                );
            }
            assert_eq!(table(), before);
            assert_eq!(
                fs::read_to_string("/run/precious").expect("the file"),
                "a file of root's\n"
            );
        });
    }
}

/// 1.31 knows no lock, so none is needed to do what it does.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_restore_goes_on_where_there_can_be_no_lock() {
    type Spoil = dyn Fn() + Sync;
    let cases: [(&str, &str, &Spoil); 4] = [
        (FOLDER, "No space left on device", &|| {
            umount("/run").expect("unmounting");
            mount_empty("/run", "nr_inodes=1");
        }),
        (FOLDER, "Read-only file system", &|| make_read_only("/run")),
        (FOLDER, "Not a directory", &|| {
            fs::write(FOLDER, "").expect("a file");
        }),
        (
            "/proc/thread-self/ns/net",
            "No such file or directory",
            &|| mount_empty("/proc", "mode=755"),
        ),
    ];
    for (path, reason, spoil) in cases {
        with_empty_run(|| {
            spoil();
            for words in [&["-R"][..], &["-R", "--replace"]] {
                let outcome = Tool::Ours.run_with(words, b"-A -f 1\n");
                assert_eq!(
                    (outcome.status, outcome.message()),
                    (0, format!("cannot lock {path}: {reason}; going on without")),
                    "{words:?}: {outcome}"
                );
                assert_eq!(Tool::Ours.line("-Sn").text(), "-A -f 1 -s wlc\n");
                Tool::Ours.line("-D -f 1");
            }
        });
    }
}
