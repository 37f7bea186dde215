//! What the shells offer at a Tab of what the system has: the table, its namespaces, interfaces. Each shell asks the program itself.

mod support;

use std::process::Command;
use support::mounts::{bind, mount_empty, with_own_mounts};
use support::shells::{HOSTILE, Shells};
use support::{Namespace, Outcome, POWERLESS, Tool, theirs_restores};

const TABLE: [&str; 9] = [
    "-A -t 10.0.0.1:80 -s rr",
    "-a -t 10.0.0.1:80 -r 10.0.0.3:80 -g",
    "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g",
    "-A -u 10.0.0.1:53 -s rr",
    "-A -t [2001:db8::1]:80 -s rr",
    "-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -m",
    "-A -f 7 -s rr",
    "-A -f 7 -6 -s rr",
    "-a -f 7 -6 -r [2001:db8::3]:0 -g",
];

/// Lines and what stands at their end, sorted, in a namespace with that table.
const OFFERS: [(&str, &str); 12] = [
    ("ipvsadm -D -t ", "10.0.0.1:80 [2001:db8::1]:80"),
    ("ipvsadm -Dt ", "10.0.0.1:80 [2001:db8::1]:80"),
    ("ipvsadm -D -t 10", "10.0.0.1:80"),
    ("ipvsadm -Du ", "10.0.0.1:53"),
    ("ipvsadm -D --sctp-service ", ""),
    ("ipvsadm -Df ", "7"),
    ("ipvsadm -d -t 10.0.0.1:80 -r ", "10.0.0.2:80 10.0.0.3:80"),
    ("ipvsadm -d -f 7 -6 -r ", "[2001:db8::3]:0"),
    ("ipvsadm --drain -r 1", "10.0.0.2:80 10.0.0.3:80"),
    (
        "ipvsadm --undrain -t 10.0.0.1:80 -r ",
        "10.0.0.2:80 10.0.0.3:80",
    ),
    // It has none.
    ("ipvsadm --drain -u 10.0.0.1:53 -r ", ""),
    // A service may get the server of another.
    (
        "ipvsadm -a -t 10.0.0.1:80 -r ",
        "10.0.0.2:80 10.0.0.3:80 [2001:db8::2]:80 [2001:db8::3]:0",
    ),
];

type Ask = fn(&Shells, &str) -> Vec<String>;

const ASK: [(&str, Ask); 3] = [
    ("bash", Shells::bash),
    ("zsh", Shells::zsh),
    ("fish", Shells::fish),
];

#[track_caller]
fn offers(shells: &Shells, (shell, ask): (&str, Ask), line: &str, wanted: &str) {
    let mut offers = ask(shells, line);
    offers.sort_unstable();
    assert_eq!(offers.join(" "), wanted, "{shell}: {line}");
}

fn shells(name: &str) -> Shells {
    Shells::new(name, Tool::Ours.path())
}

#[test]
#[ignore = "needs a kernel with IPVS, zsh and fish: tests/run"]
fn they_offer_what_the_table_has() {
    let _namespace = Namespace::new();
    let shells = shells("table");
    for ask in ASK {
        for (line, _) in OFFERS {
            offers(&shells, ask, line, "");
        }
    }
    theirs_restores(&TABLE);
    let before = support::table();
    for ask in ASK {
        for (line, wanted) in OFFERS {
            offers(&shells, ask, line, wanted);
        }
    }
    // What stands before the last colon is not replaced.
    for (line, wanted) in [
        ("ipvsadm -D -t 10.0.0.1:", "80"),
        ("ipvsadm -D -t [2001:db8::", "1]:80"),
        ("ipvsadm -d -t 10.0.0.1:80 -r 10.0.0.2:8", "80"),
    ] {
        assert_eq!(shells.bash(line).join(" "), wanted, "{line}");
    }
    assert_eq!(support::table(), before);
}

#[test]
#[ignore = "needs a kernel with IPVS, zsh and fish: tests/run"]
fn they_offer_nothing_to_others_than_root() {
    let _namespace = Namespace::new();
    theirs_restores(&TABLE);
    let mut shells = shells("nobody");
    shells.before = &POWERLESS;
    for ask in ASK {
        for (line, _) in OFFERS {
            offers(&shells, ask, line, "");
        }
        offers(&shells, ask, "ipvsadm -A -t x -s w", "wlc wrr");
    }
}

/// Files and namespaces of such names, below a /run/netns of one's own.
fn with_names(names: &[&str], test: impl FnOnce() + Send) {
    with_own_mounts(|| {
        std::fs::create_dir_all("/run/netns").expect("making a folder");
        mount_empty("/run/netns", "size=1m");
        for name in names {
            std::fs::write(format!("/run/netns/{name}"), "").expect("a namespace's file");
        }
        test();
    });
}

/// As bash must be given the names.
const QUOTED: &str = r"\$\(id\>1\) \$\{X:=y\} \* \<\(id\>4\) \`id\>2\` a\;id\>3";

#[test]
#[ignore = "needs a kernel with IPVS, zsh and fish: tests/run"]
fn names_of_namespaces_are_not_executed() {
    let shells = shells("namespaces");
    with_names(&[], || {
        for ask in ASK {
            offers(&shells, ask, "ipvsadm -L --netns ", "");
        }
    });
    let others = ["with blank", "two\nlines", "blue:1", "blue:2"];
    with_names(&[&HOSTILE[..], &others[..]].concat(), || {
        let mut wanted: Vec<&str> = QUOTED.split(' ').collect();
        wanted.extend([r"with\ blank", r"$'two\nlines'", "blue:1", "blue:2"]);
        wanted.sort_unstable();
        for program in ["ipvsadm -L", "ipvsadm-save", "ipvsadm-restore"] {
            let mut offers = shells.bash(&format!("{program} --netns "));
            offers.sort_unstable();
            assert_eq!(offers, wanted, "{program}");
        }
        for (line, wanted) in [
            (r"ipvsadm -L --netns wi", r"with\ blank"),
            (r"ipvsadm -L --netns with\ ", r"with\ blank"),
            (r"ipvsadm -L --netns with\ b", r"with\ blank"),
            (r"ipvsadm -L --netns=with\ b", r"with\ blank"),
            (r"ipvsadm -L --netns blue:", "1 2"),
            (r"ipvsadm -L --netns \$\(", r"\$\(id\>1\)"),
            (r"ipvsadm -L --netns $(id>1", r"\$\(id\>1\)"),
        ] {
            assert_eq!(shells.bash(line).join(" "), wanted, "{line}");
        }

        let mut wanted = HOSTILE.to_vec();
        wanted.extend(["with blank", "blue:1", "blue:2"]);
        wanted.sort_unstable();
        assert_eq!(shells.fish("ipvsadm -L --netns "), wanted);
        assert_eq!(shells.fish(r"ipvsadm -L --netns with\ b"), ["with blank"]);
        // One line of this harness each.
        wanted.extend(["two", "lines"]);
        wanted.sort_unstable();
        let mut offers = shells.zsh("ipvsadm -L --netns ");
        offers.sort_unstable();
        assert_eq!(offers, wanted);
        assert_eq!(shells.zsh(r"ipvsadm -L --netns with\ b"), ["with blank"]);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS, zsh and fish: tests/run"]
fn names_of_interfaces_are_not_executed() {
    let _namespace = Namespace::new();
    let shells = shells("interfaces");
    // The kernel takes no colon.
    let names = HOSTILE.iter().filter(|name| !name.contains(':'));
    let plain: Vec<&str> = names.copied().collect();
    let quoted = QUOTED.split(' ').filter(|name| !name.contains(':'));
    let quoted: Vec<&str> = quoted.collect();
    for (number, name) in plain.iter().enumerate() {
        let mut add = Command::new("ip");
        add.args(["link", "add", "name", name, "type", "veth"]);
        add.args(["peer", "name", &format!("peer{number}")]);
        assert_eq!(Outcome::of(&mut add, b"").ok(), "");
    }
    let line = "ipvsadm --start-daemon master --mcast-interface ";
    for ((shell, ask), names) in ASK.into_iter().zip([&quoted, &plain, &plain]) {
        let offers = ask(&shells, line);
        for name in names.iter().copied().chain(["lo", "peer0"]) {
            assert!(offers.iter().any(|offer| offer == name), "{shell}: {name}");
        }
    }
}

#[test]
#[ignore = "needs a kernel with IPVS, zsh and fish: tests/run"]
fn they_ask_the_namespace_of_the_line() {
    let shells = shells("netns");
    with_names(&["with blank"], || {
        theirs_restores(&["-A -t 10.8.0.1:80", "-a -t 10.8.0.1:80 -r 10.8.0.2:80"]);
        bind("/proc/thread-self/ns/net", "/run/netns/with blank");
        let _home = Namespace::new();
        theirs_restores(&TABLE);
        for ask in ASK {
            for (line, wanted) in [
                (r"ipvsadm -D --netns with\ blank -t ", "10.8.0.1:80"),
                (
                    r"ipvsadm --netns=with\ blank -d -t 10.8.0.1:80 -r ",
                    "10.8.0.2:80",
                ),
                ("ipvsadm -D --netns nowhere -t ", ""),
                (r"ipvsadm -D --netns \$\(id\>5\) -t ", ""),
            ] {
                offers(&shells, ask, line, wanted);
            }
        }
    });
}

/// A variable that a shell has left behind must not make a save or a restore do nothing.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn only_ipvsadm_itself_answers_shells() {
    let _namespace = Namespace::new();
    theirs_restores(&["-A -f 7 -s rr"]);
    let run = |name: &str, rules: &[u8]| {
        let mut command = Command::new("bash");
        command.args(["-c", &format!("exec -a {name} \"$0\"")]);
        Outcome::of(
            command.arg(Tool::Ours.path()).env("COMPLETE", "bash"),
            rules,
        )
        .ok()
    };
    assert_eq!(run("ipvsadm-save", b""), "-A -f 7 -s rr\n");
    assert_eq!(run("ipvsadm-restore", b"-A -f 8 -s rr\n"), "");
    assert_eq!(run("ipvsadm-save", b""), "-A -f 8 -s rr\n");
}
