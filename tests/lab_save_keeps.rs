//! What a save keeps of the file: access lists, extended attributes, other names, owners; and what a full disk leaves.

mod support;

use rustix::fs::{XattrFlags, getxattr, listxattr, setxattr};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};
use support::folder::Folder;
use support::locks::wait_until_open;
use support::mounts::{mount_empty, with_own_mounts};
use support::{Namespace, Outcome, Tool, table};

const ACCESS: &str = "system.posix_acl_access";
const DEFAULT: &str = "system.posix_acl_default";
const OLD: &str = "# the last good one\n";

fn save(path: &str) -> Outcome {
    Tool::Ours.run(["-S", "-n", "--file", path])
}

/// An access list: read and write for the owner and for one user, nothing for the group, with a mask.
fn access_list(user: u32) -> Vec<u8> {
    let mut list = 2u32.to_le_bytes().to_vec();
    let anybody = u32::MAX;
    for (tag, rights, id) in [
        (0x01u16, 6u16, anybody),
        (0x02, 6, user),
        (0x04, 0, anybody),
        (0x10, 6, anybody),
        (0x20, 0, anybody),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(rights.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    list
}

fn attribute(path: &str, name: &str) -> Option<Vec<u8>> {
    let mut value = [0; 1000];
    let length = getxattr(path, name, &mut value[..]).ok()?;
    Some(value[..length].to_vec())
}

fn set_attribute(path: &str, name: &str, value: &[u8]) {
    setxattr(path, name, value, XattrFlags::empty()).expect("an attribute");
}

/// A file system that has access lists and attributes of every kind.
fn with_tmpfs(name: &str, test: impl FnOnce(&Folder) + Send) {
    with_own_mounts(|| {
        Tool::Theirs.setup(&["-A -f 1"]);
        let folder = Folder::new(name);
        mount_empty(&folder.0, "size=256k,mode=755");
        test(&folder);
        nix::mount::umount(&folder.0).expect("unmounting");
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn access_lists_and_attributes_stay() {
    with_tmpfs("access", |folder| {
        let path = folder.path("rules");
        fs::write(&path, OLD).expect("a file");
        chown(&path, Some(12), Some(34)).expect("an owner");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
        set_attribute(&path, ACCESS, &access_list(55));
        set_attribute(&path, "trusted.note", b"kept");
        let before = fs::metadata(&path).expect("the file");
        for _ in 0..2 {
            assert_eq!(save(&path).ok(), "");
            let now = fs::metadata(&path).expect("the file");
            assert_eq!((now.uid(), now.gid(), now.mode()), (12, 34, before.mode()));
            assert_eq!(attribute(&path, ACCESS), Some(access_list(55)));
            assert_eq!(attribute(&path, "trusted.note"), Some(b"kept".to_vec()));
        }
        assert_ne!(fs::metadata(&path).expect("the file").ino(), before.ino());
    });
}

/// What a folder hands down to new files is not for one that is there.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_folders_default_list_opens_no_file() {
    with_tmpfs("default", |folder| {
        let path = folder.path("rules");
        fs::write(&path, OLD).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o660)).expect("a mode");
        set_attribute(&folder.path("."), DEFAULT, &access_list(55));
        assert_eq!(save(&path).ok(), "");
        assert_eq!(attribute(&path, ACCESS), None);
        let mut names = [0; 1000];
        assert_eq!(listxattr(&*path, &mut names[..]).expect("a list"), 0);
        // A new file has it, as any other.
        assert_eq!(save(&folder.path("new")).ok(), "");
        assert!(attribute(&folder.path("new"), ACCESS).is_some());
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn other_names_of_the_file_stay() {
    with_tmpfs("names", |folder| {
        let (path, other) = (folder.path("rules"), folder.path("other"));
        // Longer, then shorter, then empty.
        fs::write(&path, "# a comment\n".repeat(100)).expect("a file");
        fs::hard_link(&path, &other).expect("a name");
        for line in ["-A -f 2", "-D -f 2"] {
            Tool::Theirs.setup(&[line]);
            assert_eq!(save(&path).ok(), "");
            let text = Tool::Theirs.line("-Sn").ok();
            assert_eq!(fs::read_to_string(&other).expect("the file"), text);
            let file = fs::metadata(&path).expect("the file");
            assert_eq!(file.nlink(), 2);
        }
        assert_eq!(folder.names(), ["other", "rules"]);
    });
}

/// As the service's unit has it: root, without the privilege to give files away.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn owners_stay_without_the_privilege_to_give_files_away() {
    with_tmpfs("owners", |folder| {
        let path = folder.path("rules");
        fs::write(&path, OLD).expect("a file");
        chown(&path, Some(0), Some(4)).expect("an owner");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-all,+net_admin", "--inh-caps=-all"]);
        command.arg(Tool::Ours.path());
        command.args(["-Sn", "--file", &path]);
        for _ in 0..2 {
            assert_eq!(Outcome::of(&mut command, b"").ok(), "");
            let file = fs::metadata(&path).expect("the file");
            assert_eq!(
                (file.uid(), file.gid(), file.mode() & 0o7777),
                (0, 4, 0o640)
            );
            assert_eq!(
                fs::read_to_string(&path).expect("the file"),
                "-A -f 1 -s wlc\n"
            );
        }
        assert_eq!(folder.names(), ["rules"]);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_full_disk_leaves_a_file_that_is_written_in_place() {
    with_tmpfs("full", |folder| {
        let rules: String = (2..3000).map(|n| format!("-A -f {n} -s rr\n")).collect();
        assert_eq!(Tool::Ours.run_with(["-R"], rules.as_bytes()).ok(), "");
        let path = folder.path("rules");
        fs::write(&path, OLD).expect("a file");
        fs::hard_link(&path, folder.path("other")).expect("a name");
        fs::write(folder.path("big"), vec![0; 240_000]).expect("a file");
        let outcome = save(&path);
        assert!(
            String::from_utf8_lossy(&outcome.stderr).ends_with("\nthe file is as it was\n"),
            "{outcome}"
        );
        outcome.fails(1, &format!("cannot write {path}: No space left on device"));
        assert_eq!(fs::read_to_string(&path).expect("the file"), OLD);
        assert_eq!(folder.names(), ["big", "other", "rules"]);
    });
}

/// The mark that a file has while it is written in place.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_file_that_is_not_whole_is_refused() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 1"]);
    let before = table();
    for rest in [
        "-A -f 2\n",
        "A -f 2\n",
        " a comment\n-A -f 2\n",
        "",
        "\n",
        "\n-A -f 2\n",
    ] {
        let rules = format!("!{rest}");
        for words in [&["-R"][..], &["-R", "--replace"], &["-R", "--exist"]] {
            let outcome = Tool::Ours.run_with(words, rules.as_bytes());
            assert_eq!(outcome.status, 2, "{rules:?} {words:?}: {outcome}");
        }
    }
    assert_eq!(table(), before);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn two_saves_in_place_wait_for_each_other() {
    with_tmpfs("wait", |folder| {
        let path = folder.path("rules");
        fs::write(&path, OLD).expect("a file");
        fs::hard_link(&path, folder.path("other")).expect("a name");
        let held = File::open(&path).expect("the file");
        held.lock().expect("the lock");
        let mut saving = Tool::Ours
            .command(["-S", "-n", "--file", &path])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a save");
        wait_until_open(&mut saving, Path::new(&path));
        assert_eq!(fs::read_to_string(&path).expect("the file"), OLD);
        drop(held);
        let outcome = Outcome::wait(saving);
        assert_eq!(outcome.ok(), "");
        assert_eq!(
            fs::read_to_string(&path).expect("the file"),
            "-A -f 1 -s wlc\n"
        );
    });
}
