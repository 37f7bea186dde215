//! Rules in files: --file of -R and -S, -S --all, and what is no rules file.

mod support;

use nix::mount::{MsFlags, mount, umount};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use support::files::with_files;
use support::folder::Folder;
use support::mounts::bind;
use support::random::{repeatable, table_of};
use support::{Namespace, Outcome, Tool, table};

fn save(path: &str) -> Outcome {
    Tool::Ours.run(["-S", "-n", "--file", path])
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::symlink_metadata(path)
        .expect("a file")
        .permissions()
        .mode()
        & 0o7777
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_saved_file_is_replaced_whole() {
    let _namespace = Namespace::new();
    let folder = Folder::new("save");
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2"]);
    let text = Tool::Theirs.line("-Sn").ok();
    let path = folder.path("rules");
    assert_eq!(save("-").ok(), text);
    assert_eq!(save(&path).ok(), "");
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    assert_eq!(mode(&path), 0o644);

    // Its mode and its owner stay, whatever they are, and so does a link to it.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4606)).expect("a mode");
    std::os::unix::fs::chown(&path, Some(12), Some(34)).expect("an owner");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o606)).expect("a mode");
    let link = folder.path("link");
    symlink("rules", &link).expect("a link");
    Tool::Theirs.setup(&["-A -f 1"]);
    let inode = fs::metadata(&path).expect("the file").ino();
    assert_eq!(save(&link).ok(), "");
    let now = fs::metadata(&path).expect("the file");
    assert_eq!(
        (now.permissions().mode() & 0o7777, now.uid(), now.gid()),
        (0o606, 12, 34)
    );
    assert_ne!(now.ino(), inode);
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(
        fs::read_to_string(&path).expect("the file"),
        Tool::Theirs.line("-Sn").ok()
    );

    // A link to nothing makes the file it names.
    fs::remove_file(&path).expect("removing a file");
    assert_eq!(save(&link).ok(), "");
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(folder.names(), ["link", "rules"]);
    // In the folder where one is.
    let mut command = Tool::Ours.command(["-Sn", "--file", "here"]);
    command.current_dir(&folder.0);
    assert_eq!(Outcome::of(&mut command, b"").ok(), "");
    assert_eq!(folder.names(), ["here", "link", "rules"]);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_failed_save_leaves_the_file() {
    let _namespace = Namespace::new();
    let rules: String = (1..3000).map(|n| format!("-A -f {n} -s rr\n")).collect();
    assert_eq!(Tool::Ours.run_with(["-R"], rules.as_bytes()).ok(), "");
    let folder = Folder::new("full");
    mount(
        Some("tmpfs"),
        &folder.0,
        Some("tmpfs"),
        MsFlags::empty(),
        Some("size=32k"),
    )
    .expect("a small disk");
    let path = folder.path("rules");
    fs::write(&path, "# the last good one\n").expect("writing a file");
    let outcome = save(&path);
    outcome
        .clone()
        .fails(1, &format!("cannot write {path}: No space left on device"));
    assert!(
        String::from_utf8_lossy(&outcome.stderr).ends_with("\nthe file is as it was\n"),
        "{outcome}"
    );
    assert_eq!(
        fs::read_to_string(&path).expect("the file"),
        "# the last good one\n"
    );
    assert_eq!(folder.names(), ["rules"]);
    umount(&folder.0).expect("unmounting");

    fs::create_dir(folder.path("folder")).expect("a folder");
    for (name, reason) in [
        (folder.path("folder"), "is a directory"),
        (folder.path("nowhere/rules"), "No such file or directory"),
        ("/proc/rules".to_owned(), "No such file or directory"),
        (folder.path("x/../.."), "not a file's name"),
    ] {
        save(&name).fails(1, &format!("cannot write {name}: {reason}"));
    }
    symlink("loop", folder.path("loop")).expect("a link");
    let name = folder.path("loop");
    save(&name).fails(
        1,
        &format!("cannot write {name}: Too many levels of symbolic links"),
    );
    save("").fails(2, "illegal file path `' specified");
    assert_eq!(folder.names(), ["folder", "loop"]);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_file_that_cannot_be_read_changes_nothing() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 1"]);
    let before = table();
    let folder = Folder::new("unreadable");
    for (name, reason) in [
        (folder.path(""), "Is a directory"),
        (folder.path("nowhere"), "No such file or directory"),
        ("/proc/self/mem".to_owned(), "Input/output error"),
    ] {
        for mode in [&["--replace"][..], &[], &["--dry-run"], &["--exist"]] {
            let words = [&["-R", "--file", &name], mode].concat();
            Tool::Ours
                .run(words)
                .fails(2, &format!("cannot read {name}: {reason}"));
        }
    }
    assert_eq!(table(), before);
}

/// Text of other kinds, through a file and through a pipe.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_is_no_rules_file_changes_nothing() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -f 1", "-a -f 1 -r 10.0.0.2"]);
    let before = table();
    let folder = Folder::new("bad");
    let path = folder.path("rules");
    let long = format!("-A -f 2\n-A -f 3 -s {}\n", "x".repeat(100_000)).into_bytes();
    let binary = fs::read(Tool::Ours.path()).expect("a program");
    let program = binary[..200_000].to_vec();
    let mut noise = repeatable();
    let noise: Vec<u8> = (0..50_000).map(|_| noise.below(256) as u8).collect();
    let escape = b"-A -f 2\n\x1b[2J\n".to_vec();
    for (text, line) in [
        (b"-A -f 2\n\xff\n".to_vec(), 2),
        (b"-A -f 2\0\n-A -f 3\n".to_vec(), 1),
        (b"-A -f 2\n-Z\n".to_vec(), 2),
        (b"-A -f 2\n-A -f 2\n".to_vec(), 2),
        (b"-A -f 2\n-R\n".to_vec(), 2),
        (b"-A -f 2\n-A -f 3 --replace\n".to_vec(), 2),
        (b"-A -f 2\n-A -f 3 --dry-run\n".to_vec(), 2),
        (b"-A -t \xc3\xa4\xc3\xb6:80\n".to_vec(), 1),
        (long, 2),
        (escape, 2),
        (program, 1),
        (noise, 1),
    ] {
        fs::write(&path, &text).expect("writing a file");
        let replace = ["-R", "--replace"];
        for (outcome, name) in [
            (Tool::Ours.run_with(replace, &text), "stdin"),
            (
                Tool::Ours.run_with(["-R", "--replace", "--dry-run"], &text),
                "stdin",
            ),
            (
                Tool::Ours.run([&replace[..], &["--file", &path]].concat()),
                path.as_str(),
            ),
        ] {
            let message = outcome.message();
            assert!(
                outcome.status == 2
                    && outcome.stdout.is_empty()
                    && message.starts_with(&format!("{name}:{line}: ")),
                "{:?}: {}, {message}",
                String::from_utf8_lossy(&text[..20]),
                outcome.status
            );
            let control = |byte: &u8| (*byte < b' ' || *byte == 127) && *byte != b'\n';
            assert!(!outcome.stderr.iter().any(control), "{message}");
        }
        assert_eq!(table(), before);
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn all_is_restored_by_both() {
    let mut random = repeatable();
    for round in 0..8 {
        let mut rules = table_of(&mut random);
        // The kernel runs no daemon beside servers of another family.
        let daemons = "--start-daemon master --mcast-interface lo --syncid 3 --sync-maxlen 1000\n\
                       --start-daemon backup --mcast-interface lo --syncid 4 --sync-maxlen 1000 --mcast-group ff05::7 --mcast-port 9999 --mcast-ttl 7\n";
        let with_daemons = format!("{rules}{daemons}");
        if Tool::Ours
            .run_with(["-R", "--dry-run"], with_daemons.as_bytes())
            .status
            == 0
        {
            rules = with_daemons;
        }
        let (saved, wanted) = {
            let _namespace = Namespace::new();
            assert_eq!(Tool::Ours.run_with(["-R"], rules.as_bytes()).ok(), "");
            let saved = Tool::Ours.line("-S -n --all").ok();
            assert!(saved.starts_with(&Tool::Ours.line("-Sn").ok()), "{saved}");
            (saved, table())
        };
        for (tool, words) in [
            (Tool::Ours, &["-R"][..]),
            (Tool::Ours, &["-R", "--replace"]),
            (Tool::Ours, &["-R", "--exist"]),
            (Tool::Theirs, &["-R"]),
        ] {
            let _namespace = Namespace::new();
            assert_eq!(tool.run_with(words, saved.as_bytes()).ok(), "", "{saved}");
            assert_eq!(
                table(),
                wanted,
                "round {round}: {tool:?} {words:?}\n{saved}"
            );
            assert_eq!(
                Tool::Ours
                    .run_with(["-R", "--replace", "--dry-run"], saved.as_bytes())
                    .status,
                0
            );
            assert_eq!(Tool::Ours.line("-S -n --all").ok(), saved);
        }
    }
}

/// What was read of it may be half old and half new. A name holds the reading up: the hosts file, in which it is not, is a pipe.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_file_that_is_written_while_it_is_read() {
    with_files(&[("/etc/nsswitch.conf", "hosts: files\n")], || {
        let folder = Folder::new("changing");
        let path = folder.path("rules");
        let rules: String = (1..10_000)
            .map(|mark| format!("-A -f {mark} -s rr\n"))
            .collect();
        for line in ["-R --file", "-R --replace --file", "--check --file"] {
            // Each has its own: whoever still waits at another disturbs nothing.
            let hosts = folder.path(&format!("hosts{line}"));
            let made = Command::new("mkfifo").arg(&hosts).status();
            assert!(made.expect("mkfifo").success());
            bind(&hosts, "/etc/hosts");
            fs::write(&path, format!("-A -t slow:80\n{rules}")).expect("the rules");
            let mut command = Tool::Ours.command(line.split(' ').chain([path.as_str()]));
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let child = command.spawn().expect("the program");
            // It opens when the program looks for the name.
            let looked = OpenOptions::new().write(true).open(&hosts);
            fs::write(&path, &rules).expect("the rules");
            drop(looked);
            std::thread::spawn(move || while fs::write(&hosts, "").is_ok() {});
            let outcome = Outcome::wait(child);
            let said = support::lossy(&[outcome.stdout, outcome.stderr].concat());
            let reason = format!("cannot read {path}: it was changed while it was read\n");
            let status = if line.starts_with("--check") { 3 } else { 2 };
            assert!(
                outcome.status == status && said.ends_with(&reason),
                "{line}: {said}"
            );
            assert_eq!(Tool::Theirs.line("-Sn").ok(), "", "{line}");
        }
    });
}
