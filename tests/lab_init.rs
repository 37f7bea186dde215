//! Boot scripts in the lab: Debian's own init script and ours drive our program to the same tables, and old scripts run as they are.

mod support;

use std::fs;
use std::path::Path;
use support::Tool;
use support::machine::{Machine, RULES, on_a_machine};

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

    // AUTO is about the table alone.
    machine.defaults("AUTO=false\nDAEMON=both\nIFACE=lo\nSYNCID=7\n");
    for verb in ["start", "restart"] {
        run(verb);
        assert_eq!(machine.daemons(), daemons, "{init} {verb}, switched off");
        assert_eq!(machine.table(), "", "{init} {verb}, switched off");
    }
    run("stop");
    assert_eq!(machine.daemons(), "", "{init} stop, switched off");

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
