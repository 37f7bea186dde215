//! Rules without a service against a table that has some: nothing is changed, unless -C says so.

mod support;

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Namespace, Outcome, Tool, table};

/// A file with this content, removed when it is dropped.
struct Rules(PathBuf);

impl Rules {
    fn new(text: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("ipvsadm-empty-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).expect("the rules");
        Rules(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a name in UTF-8")
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        fs::remove_file(&self.0).expect("removing the rules");
    }
}

/// A shell's line: `ipvsadm` and `restore` are the programs.
fn shell(line: &str) -> Outcome {
    let ours = Tool::Ours.path();
    let functions = format!(
        "ipvsadm() {{ '{0}' \"$@\"; }}; restore() {{ (exec -a ipvsadm-restore '{0}' \"$@\"); }}; ",
        ours.display()
    );
    let mut command = Command::new("/bin/bash");
    Outcome::of(command.args(["-c", &format!("{functions}{line}")]), b"")
}

/// Asserts that the rules are refused, by a dry run as well, and change nothing.
#[track_caller]
fn refused(line: &str, first: &str) {
    let before = table();
    for line in [line.to_owned(), line.replace("--wait 5", "--dry-run")] {
        let outcome = shell(&line);
        let said = support::lossy(&outcome.stderr);
        assert_eq!(
            (outcome.status, said.as_str()),
            (
                2,
                format!("{first}: nothing was changed\nto empty the table, give the rule -C\n")
                    .as_str()
            ),
            "{line}"
        );
    }
    assert_eq!(table(), before, "{line}");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn rules_without_a_rule_take_nothing_away() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2"]);
    let before = table();
    for text in ["", "\n", " \n\t\n", "# rules\n\n# for ipvsadm -R\n"] {
        let rules = Rules::new(text);
        let path = rules.path();
        let file = format!("{path} is empty");
        refused(
            &format!("ipvsadm -R --replace --wait 5 --file {path}"),
            &file,
        );
        refused(&format!("restore --wait 5 --file {path}"), &file);
        refused(
            &format!("ipvsadm -R --replace --wait 5 < {path}"),
            "stdin is empty",
        );
        refused(&format!("restore --wait 5 < {path}"), "stdin is empty");
        refused(&format!("restore --wait 5 -n < {path}"), "stdin is empty");
    }
    refused("false | restore --wait 5", "stdin is empty");
    refused("restore --wait 5 --file /dev/null", "/dev/null is empty");
    refused(
        "mkfifo /tmp/empty.$$; : > /tmp/empty.$$ & restore --wait 5 < /tmp/empty.$$; s=$?; rm /tmp/empty.$$; exit $s",
        "stdin is empty",
    );
    let of_substitution = shell("ipvsadm -R --replace --file <(false)");
    assert_eq!(of_substitution.status, 2, "{of_substitution}");
    assert!(
        of_substitution
            .message()
            .ends_with(" is empty: nothing was changed"),
        "{of_substitution}"
    );
    assert_eq!(table(), before);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn rules_that_name_no_service_take_none_away() {
    let _namespace = Namespace::new();
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
    for text in [
        "--set 100 100 100\n",
        "--start-daemon master --mcast-interface lo\n",
        "-A -f 1\n-D -f 1\n",
        "-D -f 1 --exist\n",
    ] {
        let rules = Rules::new(text);
        let path = rules.path();
        refused(
            &format!("restore --wait 5 --file {path}"),
            &format!("{path} has no services"),
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_rule_clears_on_purpose() {
    let _namespace = Namespace::new();
    for text in ["-C\n", "# all\n-C # gone\n--set 100 100 100\n"] {
        Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
        let rules = Rules::new(text);
        let planned = shell(&format!("restore --dry-run --file {}", rules.path()));
        assert_eq!(planned.status, 3, "{planned}");
        assert_eq!(shell(&format!("restore --file {}", rules.path())).ok(), "");
        assert_eq!(Tool::Theirs.line("-Sn").ok(), "");
    }
}

/// A director boots with the file that the packages ship: comments alone.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_empty_table_takes_empty_rules() {
    let _namespace = Namespace::new();
    for text in ["", "# nothing yet\n", "--set 100 100 100\n"] {
        let rules = Rules::new(text);
        assert_eq!(shell(&format!("restore --file {}", rules.path())).ok(), "");
        assert_eq!(shell(&format!("restore < {}", rules.path())).ok(), "");
        assert_eq!(
            shell(&format!("ipvsadm -R --file {}", rules.path())).ok(),
            ""
        );
    }
    // -R alone adds what is there: nothing.
    Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
    let before = table();
    assert_eq!(Tool::Ours.run_with(["-R"], b"\n").ok(), "");
    assert_eq!(table(), before);
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn every_save_can_be_restored() {
    let _namespace = Namespace::new();
    let file = Rules::new("");
    for words in ["", "--all"] {
        assert_eq!(Tool::Ours.line("-C").ok(), "");
        assert_eq!(
            Tool::Ours
                .line(&format!("-S {words} --file {}", file.path()))
                .ok(),
            ""
        );
        let saved = fs::read_to_string(&file.0).expect("the save");
        assert!(saved.starts_with("-C\n"), "{saved}");
        assert_eq!(saved.contains("--set"), words == "--all");
        Tool::Theirs.setup(&["-A -t 10.0.0.1:80"]);
        let restored = Tool::Ours
            .command(["--file", file.path()])
            .arg0("ipvsadm-restore")
            .status();
        assert!(restored.expect("a restore").success());
        assert_eq!(Tool::Theirs.line("-Sn").ok(), "");
    }
    // Standard output is the original's.
    assert_eq!(Tool::Ours.line("-S").ok(), "");
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_save_of_an_empty_table_can_be_refused() {
    let _namespace = Namespace::new();
    let rules = Rules::new("-A -t 10.0.0.1:80\n");
    let save = format!("ipvsadm -Sn --all --not-empty --file {}", rules.path());
    let outcome = shell(&save);
    let said = support::lossy(&outcome.stderr);
    assert_eq!(
        (outcome.status, said.as_str()),
        (1, "the table is empty: nothing was saved\n")
    );
    assert_eq!(
        fs::read_to_string(rules.path()).expect("the rules"),
        "-A -t 10.0.0.1:80\n"
    );
    let shown = shell("ipvsadm -Sn --all --not-empty --file /dev/stdout");
    assert_eq!((shown.status, shown.stdout.as_slice()), (1, &b""[..]));

    Tool::Ours.setup(&["-A -f 7 -s rr"]);
    shell(&save).ok();
    assert!(
        fs::read_to_string(rules.path())
            .expect("the rules")
            .contains("-A -f 7 -s rr\n")
    );
}
