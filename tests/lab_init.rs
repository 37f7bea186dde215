//! Boot scripts in the lab: Debian's own init script and ours drive our program to the same tables, and old scripts run as they are.

mod support;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::fs;
use std::path::Path;
use std::process::Command;
use support::{Namespace, Outcome, Tool};

const RULES: &str = "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1\n";

/// A machine of its own: network, and /etc and /usr of which nobody else sees what is written. Our program is installed.
struct Machine {
    _network: Namespace,
}

impl Machine {
    fn new() -> Machine {
        unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace of one's own");
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
            .expect("keeping mounts to oneself");
        let machine = Machine {
            _network: Namespace::new(),
        };
        let project = env!("CARGO_MANIFEST_DIR");
        let ours = Tool::Ours.path();
        machine
            .sh(&format!(
                "set -e
                mount -t tmpfs tmpfs /mnt
                for folder in etc usr; do
                    mkdir /mnt/$folder /mnt/$folder.work
                    mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder,workdir=/mnt/$folder.work /$folder
                done
                # The machine may have an ipvsadm, or be a director; what is written must not go through a link of its.
                rm -rf /etc/default/ipvsadm /etc/ipvsadm.rules /etc/sysconfig /usr/libexec/ipvsadm /usr/share/ipvsadm /usr/sbin/ipvsadm*
                mkdir -p /usr/libexec/ipvsadm /usr/share/ipvsadm/default /etc/default
                cp '{project}/packaging/service' /usr/libexec/ipvsadm/service
                cp '{project}/packaging/debian/ipvsadm.init' /etc/init.d/ours
                cp '{project}/packaging/debian/ipvsadm.default' /usr/share/ipvsadm/default/ipvsadm
                for name in ipvsadm ipvsadm-save ipvsadm-restore; do ln -sfn '{}' /usr/sbin/$name; done",
                ours.to_string_lossy()
            ))
            .ok();
        machine.defaults("AUTO=true\nDAEMON=none\nIFACE=lo\n");
        machine.rules(RULES);
        machine
    }

    fn sh(&self, script: &str) -> Outcome {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Outcome::of(&mut command, b"")
    }

    fn defaults(&self, text: &str) {
        fs::write("/etc/default/ipvsadm", text).expect("writing the defaults");
    }

    fn rules(&self, text: &str) {
        fs::write("/etc/ipvsadm.rules", text).expect("writing the rules");
    }

    fn table(&self) -> String {
        Tool::Theirs.run(["-Sn"]).ok()
    }

    fn daemons(&self) -> String {
        Tool::Theirs.run(["-L", "--daemon"]).ok()
    }
}

/// Runs a test on a machine of its own, in a thread of its own.
fn on_a_machine(test: impl FnOnce(&Machine) + Send) {
    std::thread::scope(|scope| {
        if let Err(panic) = scope.spawn(|| test(&Machine::new())).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// What both init scripts do, with what each left in the table.
fn boot_and_shut_down(machine: &Machine, init: &str) {
    let run = |verb: &str| {
        let outcome = machine.sh(&format!("{init} {verb}"));
        assert_eq!(outcome.status, 0, "{init} {verb}: {outcome}");
        outcome
    };
    run("start");
    assert_eq!(machine.table(), RULES, "{init} start");
    Tool::Ours.setup(&["-a -t 10.0.0.1:80 -r 10.0.0.3:80 -m"]);
    let three = machine.table();
    assert!(run("status").text().contains("10.0.0.3"), "{init} status");
    assert!(run("rate").text().contains("CPS"), "{init} rate");
    run("save");
    let saved = fs::read_to_string("/etc/ipvsadm.rules").expect("the saved rules");
    assert!(saved.ends_with(&three), "{init} save: {saved}");

    machine.rules(&format!("# two\n{RULES}"));
    run("reload");
    assert_eq!(machine.table(), RULES, "{init} reload");
    machine.rules(&three);
    run("force-reload");
    assert_eq!(machine.table(), three, "{init} force-reload");
    machine.rules(RULES);
    run("restart");
    assert_eq!(machine.table(), RULES, "{init} restart");
    Tool::Ours.setup(&["-C"]);
    run("load");
    assert_eq!(machine.table(), RULES, "{init} load");
    run("stop");
    assert_eq!(machine.table(), "", "{init} stop");

    machine.defaults("AUTO=true\nDAEMON=both\nIFACE=lo\nSYNCID=7\n");
    run("start");
    let daemons = machine.daemons();
    assert!(
        daemons.contains("master sync daemon (mcast=lo, syncid=7")
            && daemons.contains("backup sync daemon (mcast=lo, syncid=7"),
        "{init} start: {daemons}"
    );
    run("restart");
    assert_eq!(machine.daemons(), daemons, "{init} restart");
    run("stop");
    assert_eq!(
        (machine.daemons(), machine.table()),
        (String::new(), String::new())
    );

    machine.defaults("AUTO=false\nDAEMON=none\n");
    run("start");
    assert_eq!(machine.table(), "", "{init} start, switched off");
    Tool::Ours.setup(&["-A -t 10.0.0.9:80"]);
    for verb in ["stop", "reload", "restart"] {
        run(verb);
        assert_eq!(
            machine.table(),
            "-A -t 10.0.0.9:80 -s wlc\n",
            "{init} {verb}, switched off"
        );
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn debians_init_script_drives_ours() {
    on_a_machine(|machine| {
        let theirs = Tool::Theirs.path();
        // Unpacked beside it, or installed.
        let init = Path::new(&theirs)
            .ancestors()
            .map(|folder| folder.join("etc/init.d/ipvsadm"))
            .find(|script| script.exists())
            .expect("the original's init script");
        fs::copy(init, "/etc/init.d/theirs").expect("copying it");
        boot_and_shut_down(machine, "/etc/init.d/theirs");
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn our_init_script_leaves_the_same_tables() {
    on_a_machine(|machine| boot_and_shut_down(machine, "/etc/init.d/ours"));
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn our_init_script_says_what_failed() {
    on_a_machine(|machine| {
        let status = |words: &str| machine.sh(&format!("/etc/init.d/ours {words}")).status;
        assert_eq!(status(""), 2);
        assert_eq!(status("bogus"), 2);
        assert_eq!(status("status"), 3, "nothing is balanced");
        assert_eq!(status("try-restart"), 0);
        assert_eq!(machine.table(), "", "there was nothing to restart");
        assert_eq!(status("start"), 0);
        assert_eq!(status("status"), 0);

        machine.rules("-A -t 10.0.0.1:80\nbogus\n");
        for verb in ["start", "reload", "restart", "try-restart", "load"] {
            assert_eq!(status(verb), 1, "{verb} of a bad file");
            assert_eq!(machine.table(), RULES, "{verb} of a bad file");
        }
        fs::remove_file("/etc/ipvsadm.rules").expect("removing the rules");
        assert_eq!(status("start"), 6);
        assert_eq!(machine.table(), RULES);
        assert_eq!(status("save"), 0);
        assert_eq!(
            fs::read_to_string("/etc/ipvsadm.rules").ok().as_deref(),
            Some(RULES)
        );
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn stopping_saves_where_it_shall() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\n");
        let init = |verb: &str| machine.sh(&format!("/etc/init.d/ours {verb}")).status;
        assert_eq!(init("start"), 0);
        Tool::Ours.setup(&["-a -t 10.0.0.1:80 -r 10.0.0.3:80 -m"]);
        let table = machine.table();
        assert_eq!(init("stop"), 0);
        assert_eq!(machine.table(), "");
        assert_eq!(init("start"), 0);
        assert_eq!(machine.table(), table);

        // A rules file that can't be written: what can't be saved is not thrown away.
        machine
            .sh("rm /etc/ipvsadm.rules && mkdir /etc/ipvsadm.rules")
            .ok();
        assert_eq!(init("stop"), 1);
        assert_eq!(machine.table(), table);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_configuration_that_cannot_be_read_is_told() {
    on_a_machine(|machine| {
        let status = |verb: &str| {
            let outcome = machine.sh(&format!("/usr/libexec/ipvsadm/service {verb}"));
            (outcome.status, support::lossy(&outcome.stderr))
        };
        let refused = |text: &str, verbs: &[&str]| {
            machine.defaults(text);
            assert_eq!(status("wanted").0, 255, "{text}");
            for verb in verbs {
                let (status, error) = status(verb);
                assert_eq!(status, 6, "{verb} with {text}: {error}");
                assert!(error.contains("ipvsadm: /etc/default/ipvsadm: "), "{error}");
            }
            assert_eq!(machine.table(), RULES, "{text}");
        };
        assert_eq!(status("start").0, 0);
        machine.rules("");
        for text in [
            "AUTO=\"true\nDAEMON=none\n",
            "AUTO=true\n. /no/such/file\n",
            "AUTO=true\ntrap - EXIT\nexit 0\n",
            "set -n\nAUTO=true\n",
            "AUTO = true\n",
        ] {
            refused(
                text,
                &["start", "stop", "restart", "reload", "load", "save"],
            );
        }
        refused("AUTO=maybe\n", &["start", "stop", "restart", "reload"]);

        // What says nothing about whether it is wanted.
        for text in [
            "SAVE_ON_STOP=maybe",
            "IPVS_SAVE_ON_RESTART=2",
            "DAEMON=Master",
        ] {
            machine.defaults(&format!("AUTO=true\n{text}\n"));
            assert_eq!(status("wanted").0, 0, "{text}");
            for verb in ["start", "stop", "restart", "reload"] {
                assert_eq!(status(verb).0, 6, "{verb} with {text}");
            }
            assert_eq!(machine.table(), RULES, "{text}");
            machine.defaults(&format!("AUTO=false\n{text}\n"));
            assert_eq!(status("start").0, 0, "{text}, switched off");
        }
        for unreadable in ["mkdir", "ln -s /no/such/file"] {
            machine
                .sh(&format!(
                    "rm /etc/default/ipvsadm && {unreadable} /etc/default/ipvsadm"
                ))
                .ok();
            assert_eq!(status("wanted").0, 255, "{unreadable}");
            assert_eq!(status("start").0, 6, "{unreadable}");
            machine
                .sh("rm -d /etc/default/ipvsadm; touch /etc/default/ipvsadm")
                .ok();
        }
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_configuration_says_yes_in_many_ways() {
    on_a_machine(|machine| {
        let wanted = |value: &str| {
            machine.defaults(&format!("AUTO={value}"));
            machine.sh("/usr/libexec/ipvsadm/service wanted").status
        };
        for value in ["yes", "Y", "TRUE", "t", "On", "1", "\"true\"\r\n\r"] {
            assert_eq!(wanted(value), 0, "{value:?}");
        }
        for value in ["no", "N", "False", "f", "OFF", "0", "", "\"\"", "no\r\n"] {
            assert_eq!(wanted(value), 1, "{value:?}");
        }
        // What it does to its shell stays there: functions, its end, what it prints.
        machine.defaults(
            "\u{feff}AUTO=true SAVE_ON_STOP=yes\nsave() { :; }\necho AUTO=no\ncd /nowhere\nreturn",
        );
        let service = |verb| machine.sh(&format!("/usr/libexec/ipvsadm/service {verb}"));
        assert_eq!(service("start").status, 0);
        Tool::Ours.setup(&["-e -t 10.0.0.1:80 -r 10.0.0.2:80 -w 5"]);
        assert_eq!(service("stop").status, 0);
        let saved = fs::read_to_string("/etc/ipvsadm.rules").expect("the saved rules");
        assert_eq!(saved, RULES.replace("-w 1", "-w 5"));
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn red_hats_files_are_read_where_they_are() {
    on_a_machine(|machine| {
        // As the RPM leaves them.
        machine
            .sh("rm -r /usr/share/ipvsadm && mkdir -p /etc/sysconfig")
            .ok();
        let config = "/etc/sysconfig/ipvsadm-config";
        fs::write(config, "IPVS_SAVE_ON_STOP=\"yes\"\n").expect("the configuration");
        fs::write("/etc/sysconfig/ipvsadm", RULES).expect("the rules");
        machine.sh("/usr/libexec/ipvsadm/service start").ok();
        assert_eq!(machine.table(), RULES);
        Tool::Ours.setup(&["-e -t 10.0.0.1:80 -r 10.0.0.2:80 -w 5"]);
        machine.sh("/usr/libexec/ipvsadm/service stop").ok();
        let saved = fs::read_to_string("/etc/sysconfig/ipvsadm").expect("the saved rules");
        assert_eq!(saved, RULES.replace("-w 1", "-w 5"));

        // Without it, an enabled service is wanted as before.
        fs::remove_file(config).expect("removing the configuration");
        machine
            .sh("set -e; for verb in wanted start; do /usr/libexec/ipvsadm/service $verb; done")
            .ok();
        assert_eq!(machine.table(), saved);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_folder_of_red_hats_name_does_not_move_debians_files() {
    on_a_machine(|machine| {
        machine
            .sh("mkdir -p /etc/sysconfig && echo AUTO=false > /etc/sysconfig/ipvsadm-config")
            .ok();
        machine.sh("/usr/libexec/ipvsadm/service start").ok();
        assert_eq!(machine.table(), RULES);
    });
}

/// Scripts of the kind that administrators have written for twenty years.
const OLD_SCRIPTS: [(&str, &[&str]); 2] = [
    (
        "#!/bin/sh
vip=10.0.0.1
rip1=10.0.0.2
rip2=10.0.0.3
ipvsadm -C
ipvsadm -At $vip:80 -s rr
ipvsadm -at $vip:80 -r $rip1:80 -g
ipvsadm -at $vip:80 -r $rip2:80 -g -w 2
ipvsadm -A -t $vip:443 -s wlc -p
ipvsadm -a -t $vip:443 -r $rip1 -m
ipvsadm -ln
",
        &[""],
    ),
    (
        "#!/bin/bash
# chkconfig: - 90 10
VIP=10.0.0.1
RIP=(10.0.0.2 10.0.0.3)
IPVSADM=/sbin/ipvsadm
case \"$1\" in
start)
    $IPVSADM -C
    $IPVSADM --set 30 5 60
    $IPVSADM -A -t $VIP:80 -s wrr -p 60
    for rip in ${RIP[@]}; do $IPVSADM -a -t $VIP:80 -r $rip:80 -g -w 1; done
    touch /run/old-lvs
    ;;
stop)
    $IPVSADM -C
    $IPVSADM -Z
    rm -f /run/old-lvs
    ;;
status)
    if [ ! -e /run/old-lvs ]; then echo 'ipvsadm stopped...'; exit 3
    else echo 'ipvsadm OK'; $IPVSADM -L -n | grep -c -- '->'; fi
    ;;
*) echo \"Usage: $0 {start|stop|status}\"; exit 1 ;;
esac
",
        &["status", "start", "status", "start", "stop", "status", "x"],
    ),
];

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn old_scripts_run_as_they_are() {
    let results: Vec<_> = Tool::BOTH
        .into_iter()
        .map(|tool| {
            let mut results = Vec::new();
            on_a_machine(|machine| {
                let path = tool.path();
                machine
                    .sh(&format!(
                        "ln -sfn '{}' /usr/sbin/ipvsadm",
                        path.to_string_lossy()
                    ))
                    .ok();
                for (number, (script, verbs)) in OLD_SCRIPTS.iter().enumerate() {
                    let file = format!("/etc/init.d/old{number}");
                    fs::write(&file, script).expect("writing the script");
                    machine.sh(&format!("chmod +x {file}")).ok();
                    for verb in *verbs {
                        let outcome = machine.sh(&format!("{file} {verb}"));
                        results.push((file.clone(), *verb, outcome, support::table()));
                    }
                }
            });
            results
        })
        .collect();
    assert_eq!(results[0], results[1]);
}
