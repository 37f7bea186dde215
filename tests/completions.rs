//! What the shells offer at a Tab where no table is needed: tests/lab_completions.rs has the rest. Runs outside the lab. tests/run
//! installs the shells; a plain `cargo test` ignores what needs one that a machine may lack.

#[path = "support/shells.rs"]
mod shells;

use ipvs::cli::options::by_long;
use shells::{HOSTILE, Shells};
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ipvsadm");

fn shells(name: &str) -> Shells {
    Shells::new(name, PROGRAM.into())
}

/// Lines and what stands at their end, whatever the shell.
const OFFERS: [(&str, &str); 26] = [
    ("ipvsadm -A -t 10.0.0.9:80 -s w", "wrr wlc"),
    ("ipvsadm -a -t x --tun-type g", "gue gre"),
    ("ipvsadm -A -t x --pe ", "sip"),
    ("ipvsadm --start-daemon ", "master backup"),
    ("ipvsadm --drain -r x --k", "--keep"),
    ("ipvsadm --undrain -r x --k", ""),
    ("ipvsadm --add-se", "--add-service --add-server"),
    ("ipvsadm -at x --masq", "--masquerading"),
    ("ipvsadm -ln --stat", "--stats"),
    ("ipvsadm -ln --stats --stat", ""),
    ("ipvsadm -A --weig", ""),
    ("ipvsadm -at x -g --masq", ""),
    ("ipvsadm --bogus --", ""),
    // A bundle that grows.
    ("ipvsadm -d", "-dt -du -df -d6 -dr"),
    ("ipvsadm -S", "-Sn"),
    ("ipvsadm -A -t x -sw", "-swrr -swlc"),
    // A list: flags that are there are not offered again, nor those of other schedulers.
    ("ipvsadm -A -t x -b sh-", "sh-fallback sh-port"),
    ("ipvsadm -A -t x -b sh-port,sh", "sh-port,sh-fallback"),
    ("ipvsadm -A -t x -s sh -b ", "sh-fallback sh-port"),
    ("ipvsadm -A -t x -s mh -b ", "mh-fallback mh-port"),
    ("ipvsadm -A -t x -s rr -b ", "flag-1 flag-2 flag-3"),
    (
        "ipvsadm -Ln --sort-by in",
        "inactive inpkts inbytes inpps inbps",
    ),
    ("ipvsadm-save --a", "--all"),
    ("/sbin/ipvsadm-restore --dry", "--dry-run"),
    ("ipvsadm-restore --rep", ""),
    ("ipvsadm-save --netns x --f", "--file"),
];

#[test]
fn bash_completes_what_there_is() {
    let shells = shells("bash");
    for (line, wanted) in OFFERS {
        assert_eq!(shells.bash(line).join(" "), wanted, "{line}");
    }
    // What stands before the equals sign is not replaced.
    let scheduler = shells.bash("ipvsadm -At 10.0.0.9:80 --scheduler=s");
    assert_eq!(scheduler, ["sh", "sed"]);
}

/// Behind an option stands its help as it is, and behind a value nothing.
#[test]
#[ignore = "needs fish: tests/run"]
fn fish_shows_what_an_option_is() {
    let shells = shells("fish-texts");
    let help = |long: &str| by_long(long).expect("an option").help;
    let options = [
        ("ipvsadm -a -t x --wei", "weight"),
        ("ipvsadm -A --sched-", "sched-flags"),
        ("ipvsadm -L --netn", "netns"),
    ];
    assert!(options.iter().any(|(_, long)| help(long).contains('\'')));
    for (line, long) in options {
        let shown = format!("--{long}\t{}", help(long));
        assert_eq!(shells.fish_lines(line), [shown], "{line}");
    }
    assert_eq!(shells.fish_lines("ipvsadm -A -t x -s wl"), ["wlc"]);
}

#[test]
#[ignore = "needs fish: tests/run"]
fn fish_completes_what_there_is() {
    let shells = shells("fish");
    for (line, wanted) in OFFERS {
        let mut wanted: Vec<&str> = wanted.split_whitespace().collect();
        wanted.sort_unstable();
        assert_eq!(shells.fish(line), wanted, "{line}");
    }
    let scheduler = shells.fish("ipvsadm -At 10.0.0.9:80 --scheduler=s");
    assert_eq!(scheduler, ["--scheduler=sed", "--scheduler=sh"]);
}

#[test]
#[ignore = "needs zsh: tests/run"]
fn zsh_completes_what_there_is() {
    let shells = shells("zsh");
    for (line, wanted) in OFFERS {
        assert_eq!(shells.zsh(line).join(" "), wanted, "{line}");
    }
    let scheduler = shells.zsh("ipvsadm -At 10.0.0.9:80 --scheduler=s");
    assert_eq!(scheduler, ["--scheduler=sh", "--scheduler=sed"]);
    let colours = shells.zsh("ipvsadm -L --color=a");
    assert_eq!(colours, ["--color=auto", "--color=always"]);
}

/// Files, as the shell must be given them.
#[test]
fn bash_executes_no_name() {
    let shells = shells("bash-names");
    for name in HOSTILE {
        shells.file(name);
    }
    let hostile = r"\$\(id\>1\) \* \<\(id\>4\) \`id\>2\` a\;id\>3 \$\{X:=y\}";
    let mut wanted: Vec<&str> = hostile.split(' ').collect();
    wanted.sort_unstable();
    let mut offers = shells.bash("ipvsadm -R --file ");
    offers.sort_unstable();
    assert_eq!(offers, wanted);
    for (line, wanted) in [
        (r"ipvsadm -R --file \$\(", r"\$\(id\>1\)"),
        (r"ipvsadm -R --file $(id>1", r"\$\(id\>1\)"),
        (r"ipvsadm -R --file=a", r"a\;id\>3"),
        (r"ipvsadm -L --netns $(id>5) -t ", ""),
        (r"ipvsadm -R --file $(id>6)/", ""),
        (r"ipvsadm -R --file ~/comp", "~/completions/"),
    ] {
        assert_eq!(shells.bash(line).join(" "), wanted, "{line}");
    }
}

#[test]
#[ignore = "needs fish and zsh: tests/run"]
fn fish_and_zsh_take_names_as_they_are() {
    let shells = shells("names");
    for name in HOSTILE {
        shells.file(name);
    }
    shells.file("two\nlines");
    let mut wanted = HOSTILE.to_vec();
    wanted.sort_unstable();
    assert_eq!(shells.fish("ipvsadm -R --file "), wanted);
    wanted.extend(["two", "lines"]);
    wanted.sort_unstable();
    let mut offers = shells.zsh("ipvsadm -R --file ");
    offers.sort_unstable();
    assert_eq!(offers, wanted);
}

/// The variable may stand in an environment for another program's sake.
#[test]
fn a_command_stays_a_command() {
    let run = |shell: &str, words: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(words).env_clear().env("COMPLETE", shell);
        let output = command.output().expect("the program");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let version = run("", &["-v"]);
    assert!(version.1.starts_with("ipvsadm v"));
    assert_eq!(run("bash", &["-v"]), version);
    let (status, registration) = run("bash", &[]);
    assert_eq!(status, Some(0));
    assert!(registration.contains("complete -F _ipvsadm"));
    // Without the variable, a Tab's words are no command.
    assert_eq!(
        run("", &["--", "ipvsadm", "-C"]),
        (Some(255), String::new())
    );
}
