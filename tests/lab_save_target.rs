//! What the path of -S --file leads to: links and files of strangers, devices, pipes, descriptors, mounts.

mod support;

use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::Path;
use std::process::Command;
use support::folder::Folder;
use support::mounts::{bind, make_read_only, mount_empty, with_own_mounts};
use support::{Namespace, Outcome, Tool};

const STRANGER: u32 = 1234;
const RULES: &str = "-A -f 1 -s wlc\n";

fn save(path: &str) -> Outcome {
    Tool::Ours.run(["-S", "-n", "--file", path])
}

/// Runs a line of sh, in which $0 is the program.
fn shell(line: &str) -> Outcome {
    let mut command = Command::new("bash");
    command.args(["-c", line]).arg(Tool::Ours.path());
    Outcome::of(&mut command, b"")
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).expect("the file")
}

fn set_mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// The lab's kernel has the switches of these rules off, but for that of links.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn strangers_lead_nobody_astray() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 1"]);
    let folder = Folder::new("sticky");
    let precious = Folder::new("precious");
    fs::write(precious.path("file"), "precious\n").expect("a file");
    let path = folder.path("rules");
    let link = || {
        symlink(precious.path("file"), &path).expect("a link");
        lchown(&path, Some(STRANGER), None).expect("an owner");
    };
    for mode in [0o1777, 0o1770] {
        set_mode(&folder.0, mode);
        link();
        save(&path).fails(
            1,
            &format!(
                "cannot write {path}: a link of the user {STRANGER} in a folder that others may write: name the file itself"
            ),
        );
        // Nor a link to such a link.
        let first = precious.path("link");
        symlink(&path, &first).expect("a link");
        assert_eq!(save(&first).status, 1);
        fs::remove_file(first).expect("removing a link");
        fs::remove_file(&path).expect("removing a link");

        let plant: [&dyn Fn(); 2] = [&|| fs::write(&path, "theirs\n").expect("a file"), &|| {
            drop(Command::new("mkfifo").arg(&path).status())
        }];
        for plant in plant {
            plant();
            chown(&path, Some(STRANGER), None).expect("an owner");
            set_mode(&path, 0o666);
            save(&path).fails(
                1,
                &format!(
                    "cannot write {path}: a file of the user {STRANGER} in a folder that others may write: remove it, or save to another folder"
                ),
            );
            fs::remove_file(&path).expect("removing a file");
        }
    }
    assert_eq!(precious.names(), ["file"]);
    assert_eq!(read(precious.path("file")), "precious\n");

    // Root's own links are followed there, and a folder's owner is no stranger in it.
    symlink("own", &path).expect("a link");
    assert_eq!(save(&path).ok(), "");
    assert_eq!(read(folder.path("own")), RULES);
    fs::remove_file(&path).expect("removing a link");
    link();
    chown(&folder.0, Some(STRANGER), None).expect("an owner");
    assert_eq!(save(&path).ok(), "");
    assert_eq!(read(precious.path("file")), RULES);
    // So are links elsewhere: nobody but the owner of such a folder can make one.
    fs::write(precious.path("file"), "precious\n").expect("a file");
    set_mode(&folder.0, 0o755);
    chown(&folder.0, Some(0), None).expect("an owner");
    assert_eq!(save(&path).ok(), "");
    assert_eq!(read(precious.path("file")), RULES);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn devices_pipes_and_descriptors_are_written_as_the_shell_would() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 1"]);
    for path in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        assert_eq!(save(path).ok(), RULES);
    }
    assert_eq!(save("/dev/null").ok(), "");
    save("/dev/full").fails(1, "cannot write /dev/full: No space left on device");
    let outcome = shell("exec \"$0\" -Sn --file /dev/stderr");
    assert_eq!((outcome.status, outcome.stderr), (0, RULES.into()));

    // Beside others who write to the same file.
    let folder = Folder::new("descriptors");
    let path = folder.path("rules");
    let line = format!("{{ echo '# a'; \"$0\" -Sn --file /dev/stdout; echo '# z'; }} > {path}");
    assert_eq!(shell(&line).ok(), "");
    assert_eq!(read(&path), format!("# a\n{RULES}# z\n"));
    for line in [
        format!("\"$0\" -Sn --file /dev/fd/9 9> {path}"),
        format!("\"$0\" -Sn --file /proc/self/fd/9 9<> {path}"),
    ] {
        assert_eq!(shell(&line).ok(), "");
        assert_eq!(read(&path), RULES, "{line}");
    }
    shell(&format!("\"$0\" -Sn --file /dev/fd/9 9> >(cat > {path})")).ok();

    let fifo = folder.path("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo")
            .success()
    );
    let text = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut text = String::new();
            let mut file = File::open(&fifo).expect("the pipe");
            file.read_to_string(&mut text).expect("the rules");
            text
        });
        assert_eq!(save(&fifo).ok(), "");
        reader.join().expect("no panic")
    });
    assert_eq!(text, RULES);
    assert_eq!(folder.names(), ["fifo", "rules"]);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn names_and_paths_that_lead_to_no_file_are_told() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 1"]);
    let folder = Folder::new("names");
    let longest = folder.path(&"n".repeat(255));
    for _ in 0..2 {
        assert_eq!(save(&longest).ok(), "");
        assert_eq!(read(&longest), RULES);
    }
    fs::remove_file(longest).expect("removing a file");
    let too_long = folder.path(&"n".repeat(256));
    let socket = folder.path("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    for (path, reason) in [
        (too_long, "File name too long"),
        (socket, "a disk or a socket"),
        (folder.path("rules/"), "not a file's name"),
        (folder.path("."), "not a file's name"),
    ] {
        save(&path).fails(1, &format!("cannot write {path}: {reason}"));
    }
    assert_eq!(folder.names(), ["socket"]);
}

/// A container has its rules file as a mount of one file, often in a folder that it can't write.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_mounted_file_is_written_in_place() {
    with_own_mounts(|| {
        Tool::Theirs.setup(&["-A -f 1"]);
        let folder = Folder::new("mounts");
        let (source, target) = (folder.path("source"), folder.path("etc/rules"));
        fs::create_dir(folder.path("etc")).expect("a folder");
        mount_empty(folder.path("etc"), "mode=755");
        for path in [&source, &target] {
            fs::write(path, "# a last good one, longer than the rules\n").expect("a file");
        }
        bind(&source, &target);
        assert_eq!(save(&target).ok(), "");
        assert_eq!(read(&source), RULES);

        Tool::Theirs.setup(&["-A -f 2"]);
        nix::mount::umount(target.as_str()).expect("unmounting");
        make_read_only(folder.path("etc"));
        bind(&source, &target);
        let inode = fs::metadata(&source).expect("the file").ino();
        assert_eq!(save(&target).ok(), "");
        assert_eq!(read(&source), format!("{RULES}-A -f 2 -s wlc\n"));
        assert_eq!(fs::metadata(&source).expect("the file").ino(), inode);

        make_read_only(&target);
        save(&target).fails(1, &format!("cannot write {target}: Read-only file system"));
    });
}
