//! What the service of the boot scripts saves, starts and stops, and what it leaves alone.

mod support;

use support::Tool;
use support::machine::{RULES, on_a_machine};

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn stopping_saves_where_it_shall() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\n");
        let init = |verb: &str| machine.service(verb).status;
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
fn a_save_by_itself_never_empties_the_file() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\nIPVS_SAVE_ON_RESTART=yes\n");
        let run = |verb: &str, status: i32| {
            let outcome = machine.service(verb);
            assert_eq!(outcome.status, status, "{verb}: {outcome}");
            outcome
        };
        run("stop", 0);
        assert_eq!(machine.file(), RULES, "stop without a start");
        run("start", 0);
        run("stop", 0);
        let said = run("stop", 0).text();
        assert!(said.contains("empty") && said.contains(" save"), "{said}");
        assert_eq!(machine.file(), RULES, "a second stop");

        run("start", 0);
        Tool::Ours.setup(&["-C"]);
        run("stop", 0);
        assert_eq!(machine.file(), RULES, "stop after -C");
        run("start", 0);
        Tool::Ours.setup(&["-C"]);
        run("restart", 0);
        assert_eq!(machine.file(), RULES, "restart after -C");
        assert_eq!(machine.table(), RULES);
        run("stop", 0);

        for bad in [
            "-A -t 10.0.0.1:80\nbogus\n",
            "-A -t 10.0.0.1:80 -s nosuch\n",
        ] {
            machine.rules(bad);
            run("start", 1);
            run("stop", 0);
            assert_eq!(machine.file(), bad);
        }

        // Who says so wants it.
        machine.rules(RULES);
        let said = run("save", 0).text();
        assert!(said.contains("is empty"), "{said}");
        assert!(!machine.file().contains("-A"), "{}", machine.file());
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_table_of_others_is_not_saved_by_itself() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\nIPVS_SAVE_ON_RESTART=yes\n");
        let refused = |verb: &str, table: &str, file: &str| {
            let outcome = machine.service(verb);
            assert_eq!(outcome.status, 1, "{verb}: {outcome}");
            let said = support::lossy(&outcome.stderr);
            assert!(said.contains("service save\" writes"), "{said}");
            assert_eq!(machine.table(), table, "{verb}");
            assert_eq!(machine.file(), file, "{verb}");
        };
        Tool::Ours.setup(&["-A -t 10.0.0.9:80 -s sh"]);
        let by_hand = machine.table();
        refused("stop", &by_hand, RULES);
        refused("restart", &by_hand, RULES);
        machine.service("save").ok();
        machine.service("stop").ok();
        assert_eq!(
            (machine.table(), machine.file()),
            (String::new(), by_hand.clone())
        );

        // A file that was mended after it failed.
        machine.rules(RULES);
        machine.service("start").ok();
        for verb in ["restart", "start", "reload"] {
            machine.rules("bogus\n");
            // A restart saves before, which a start does not.
            let failing = if verb == "restart" { "start" } else { verb };
            assert_eq!(machine.service(failing).status, 1, "{verb}");
            let mended = format!("{RULES}-A -t 10.0.0.9:80 -s sh\n");
            machine.rules(&mended);
            refused("stop", RULES, &mended);
            refused("restart", RULES, &mended);
            machine.service("start").ok();
            assert_eq!(machine.table(), mended);
            machine.rules(RULES);
            machine.service("load").ok();
        }
        Tool::Ours.setup(&["-A -t 10.0.0.9:80 -s sh"]);
        let changed = machine.table();
        machine.service("restart").ok();
        assert_eq!(machine.file(), changed, "what was started is saved");
        machine.service("start").ok();
        machine.service("stop").ok();
        assert_eq!((machine.table(), machine.file()), (String::new(), changed));

        // What was started was cleared, and somebody else filled the table.
        machine.rules(RULES);
        machine.service("start").ok();
        machine.service("clear").ok();
        Tool::Ours.setup(&["-A -t 10.0.0.9:80 -s sh"]);
        refused("stop", &by_hand, RULES);
    });
}

/// The kernel gives the number of a namespace that is gone to the next one.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_note_of_a_namespace_that_is_gone_counts_for_no_other() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\n");
        let numbers = machine.sh("set -e
            ip netns add one
            ip -n one link set lo up
            number=$(stat -Lc %i /run/netns/one)
            echo $number
            ip netns exec one /usr/libexec/ipvsadm/service start
            ip netns delete one
            # The number is free again once the kernel has taken the namespace apart.
            for try in $(seq 1000); do
                ip netns add two
                [ $(stat -Lc %i /run/netns/two) != $number ] || break
                ip netns delete two
            done
            stat -Lc %i /run/netns/two
            ipvsadm --netns two -A -t 10.0.0.9:80");
        let numbers = numbers.ok();
        let [one, two] = numbers.lines().collect::<Vec<_>>()[..] else {
            panic!("{numbers}");
        };
        assert_eq!(one, two, "the kernel has changed");
        let outcome = machine.sh("ip netns exec two /usr/libexec/ipvsadm/service stop");
        machine.sh("ip netns delete two").ok();
        assert_eq!(outcome.status, 1, "{outcome}");
        assert_eq!(machine.file(), RULES);
    });
}

/// Another program empties the table between the service's look and its save.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_table_that_is_emptied_before_the_save_is_not_saved() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\n");
        machine.service("start").ok();
        machine
            .sh("set -e
                cd /usr/sbin
                cp -P ipvsadm-save saves
                rm ipvsadm-save
                printf '#!/bin/bash\nipvsadm -C\nexec -a ipvsadm-save /usr/sbin/saves \"$@\"\n' > ipvsadm-save
                chmod +x ipvsadm-save")
            .ok();
        let outcome = machine.service("stop");
        assert_eq!(outcome.status, 1, "{outcome}");
        assert!(
            outcome.message().contains("the table is empty"),
            "{outcome}"
        );
        assert_eq!(machine.file(), RULES);
    });
}

/// A file that was made with --all keeps its timeouts and its daemon.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn saves_keep_what_the_file_had() {
    on_a_machine(|machine| {
        // The daemons of the configuration are not the file's.
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\nDAEMON=master\nIFACE=lo\n");
        let all = "--set 100 20 30\n--syncid 3 --mcast-interface lo --start-daemon backup\n";
        for file in [
            format!("{RULES}{all}"),
            format!("{RULES}ipvsadm --set 100 20 30\n"),
        ] {
            machine.rules(&file);
            machine.service("start").ok();
            machine.service("stop").ok();
            let saved = machine.file();
            assert!(saved.starts_with(RULES), "{saved}");
            assert!(saved.contains("--set 100 20 30\n"), "{saved}");
            let has_daemon = file.contains("daemon");
            assert_eq!(
                saved.contains("--start-daemon backup"),
                has_daemon,
                "{saved}"
            );
            assert_eq!(saved.contains("--start-daemon"), has_daemon, "{saved}");
            Tool::Ours.line("--stop-daemon backup --syncid 3");
        }
    });
}

/// systemd puts a stop in the place of a restart whose stop is at work.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn a_stop_that_comes_during_a_restart_is_a_stop() {
    on_a_machine(|machine| {
        machine.service("start").ok();
        machine
            .sh("set -e
                cd /usr/bin
                rm -f systemctl
                printf '#!/bin/sh\n[ -e /mnt/asked ] && type=stop || type=restart\necho 7 ipvsadm.service $type running\n: > /mnt/asked\n' > systemctl
                chmod +x systemctl")
            .ok();
        machine.service("unit-stop ipvsadm.service").ok();
        assert_eq!(machine.table(), "");
        machine.sh("rm /usr/bin/systemctl").ok();
    });
}

/// As a package does over a version that did not note what it brought up.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_another_version_started_is_adopted_once() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\n");
        Tool::Ours.setup(&["-A -t 10.0.0.9:80 -s sh"]);
        let table = machine.table();
        machine.service("adopt").ok();
        machine.service("stop").ok();
        assert_eq!((machine.table(), machine.file()), (String::new(), table));
        Tool::Ours.setup(&["-A -t 10.0.0.7:80 -s sh"]);
        machine.service("adopt").ok();
        assert_eq!(machine.service("stop").status, 1);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn an_empty_file_after_a_crash_loses_nothing() {
    on_a_machine(|machine| {
        // As the package ships it, on a fresh director.
        machine.rules("# Virtual servers: one a line.\n");
        let started = machine.service("start");
        assert_eq!(started.status, 0, "{started}");
        assert!(started.text().contains("no rules in"), "{started}");
        machine.rules(RULES);
        machine.service("restart").ok();
        for empty in ["", "# Nothing.\n"] {
            machine.rules(empty);
            for verb in ["restart", "reload", "start", "load"] {
                let outcome = machine.service(verb);
                assert_eq!(outcome.status, 1, "{verb}: {outcome}");
                let said = support::lossy(&outcome.stderr);
                assert!(said.contains("service save\" writes"), "{said}");
                assert_eq!(machine.table(), RULES, "{verb}");
            }
        }
        machine.service("save").ok();
        assert_eq!(machine.file(), RULES);
    });
}

const LOCK: &str = "/run/ipvsadm/service-$(stat -Lc %i /proc/self/ns/net).lock";

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn verbs_wait_for_one_another() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=true\nSAVE_ON_STOP=true\nIPVS_SAVE_ON_RESTART=yes\n");
        let verbs = "for verb in start stop start stop restart stop; do
            /usr/libexec/ipvsadm/service $verb & all=\"$all $!\"
        done
        for one in $all; do wait $one || exit; done";
        let outcome = machine.sh(verbs);
        assert_eq!(outcome.status, 0, "{outcome}");
        assert_eq!(machine.file(), RULES);
        let table = machine.table();
        assert!(table.is_empty() || table == RULES, "{table}");

        machine
            .sh("sed -i 's/flock -w 60/flock -w 0/' /usr/libexec/ipvsadm/service")
            .ok();
        for verb in [
            "start", "stop", "restart", "reload", "load", "save", "clear",
        ] {
            let outcome = machine.sh(&format!(
                "exec 8>> {LOCK} && flock 8 && /usr/libexec/ipvsadm/service {verb} 8>&-"
            ));
            assert_eq!(outcome.status, 1, "{verb}: {outcome}");
            assert!(outcome.message().contains("another start or stop"));
            assert_eq!(machine.table(), table, "{verb}");
        }
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn notes_are_kept_where_only_root_writes() {
    on_a_machine(|machine| {
        let run = |before: &str| {
            machine.sh(&format!(
                "set -e; {before}
                umask 0; /usr/libexec/ipvsadm/service start"
            ))
        };
        run("umount /run/ipvsadm; rm -rf /run/ipvsadm").ok();
        assert_eq!(machine.sh("stat -c %a:%u /run/ipvsadm").ok(), "755:0\n");
        assert_eq!(machine.sh(&format!("stat -c %a {LOCK}")).ok(), "600\n");
        Tool::Ours.setup(&["-C"]);
        for astray in [
            "chown 65534 /run/ipvsadm",
            "chown 0 /run/ipvsadm; chmod 777 /run/ipvsadm",
            "rm -r /run/ipvsadm; mkdir /mnt/theirs; ln -s /mnt/theirs /run/ipvsadm",
            "rm /run/ipvsadm; touch /run/ipvsadm",
        ] {
            let outcome = run(astray);
            assert_eq!(outcome.status, 1, "{astray}: {outcome}");
            assert!(outcome.message().contains("remove it"), "{outcome}");
            assert_eq!(machine.table(), "", "{astray}");
        }
        let full = "rm /run/ipvsadm; mkdir /run/ipvsadm
            mount -t tmpfs -o nr_inodes=1,mode=755 tmpfs /run/ipvsadm";
        let outcome = run(full);
        assert!(
            outcome.message().contains("going on without a lock"),
            "{outcome}"
        );
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn daemons_that_are_not_named_any_more_go() {
    on_a_machine(|machine| {
        let daemons = |configuration: &str, verb: &str| {
            machine.defaults(&format!("{configuration}\nIFACE=lo\n"));
            let outcome = machine.service(verb);
            assert_eq!(outcome.status, 0, "{configuration}: {outcome}");
            let all = machine.daemons();
            let roles = all.lines().filter_map(|line| line.split(' ').next());
            roles.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(daemons("AUTO=true\nDAEMON=both", "start"), "master backup");
        assert_eq!(daemons("AUTO=true\nDAEMON=backup", "restart"), "backup");
        assert_eq!(daemons("AUTO=false\nDAEMON=master", "start"), "master");
        assert_eq!(daemons("AUTO=false\nDAEMON=none", "restart"), "");
        assert_eq!(daemons("AUTO=true\nDAEMON=both", "start"), "master backup");
        assert_eq!(daemons("AUTO=true\nDAEMON=none", "stop"), "");

        // While a daemon runs the kernel takes no servers of another family.
        assert_eq!(daemons("AUTO=true\nDAEMON=master", "start"), "master");
        let mixed =
            "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r [fd00::1]:80 -i -w 1 --tun-type ipip\n";
        machine.rules(mixed);
        assert_eq!(daemons("AUTO=true\nDAEMON=none", "restart"), "");
        assert_eq!(Tool::Ours.run(["-Sn"]).ok(), mixed);
        machine.rules(RULES);
        assert_eq!(daemons("AUTO=true\nDAEMON=none", "restart"), "");

        // What somebody else started stays.
        Tool::Ours.setup(&["--start-daemon master --mcast-interface lo"]);
        for verb in ["start", "restart", "stop"] {
            assert_eq!(daemons("AUTO=true\nDAEMON=none", verb), "master", "{verb}");
        }
    });
}
