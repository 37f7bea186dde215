//! What the service of the boot scripts makes of its configuration.

mod support;

use std::fs;
use support::Tool;
use support::machine::{RULES, on_a_machine};

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
            // The daemons are wanted without the table, too.
            let switched_off = if text.contains("DAEMON") { 6 } else { 0 };
            machine.defaults(&format!("AUTO=false\n{text}\n"));
            assert_eq!(status("start").0, switched_off, "{text}, switched off");
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

/// What would run for ever is bounded, so that the test ends.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn what_a_configuration_leaves_behind_does_not_hang_the_service() {
    on_a_machine(|machine| {
        for left in [
            "sleep 1000 &",
            "while :; do sleep 100; done &",
            "(sleep 1000 & sleep 1000) > /dev/null 2>&1 &",
            "trap 'sleep 1000' EXIT",
            "trap 'echo AUTO=false' 0",
            "read line",
            "echo told",
        ] {
            machine.defaults(&format!("AUTO=true\n{left}\n"));
            for verb in ["wanted", "start", "stop"] {
                let bounded = format!("timeout 300 /usr/libexec/ipvsadm/service {verb}");
                let outcome = machine.sh(&bounded);
                assert_eq!(outcome.status, 0, "{verb} with {left}: {outcome}");
            }
        }
        let status = |text: &str| {
            machine.defaults(text);
            machine
                .sh("timeout 300 /usr/libexec/ipvsadm/service start")
                .status
        };
        assert_eq!(status("AUTO=true\nsleep 1000 &\nexit 0\n"), 6);
        assert_eq!(status("AUTO=true\necho said\nfalse\n"), 0);
        // What does not end is not waited for.
        machine
            .sh("sed -i 's/timeout -k 5 30/timeout -k 1 1/' /usr/libexec/ipvsadm/service")
            .ok();
        assert_eq!(status("AUTO=true\nsleep 1000\n"), 6);
        assert_eq!(status("AUTO=true\ntrap 'sleep 1000' EXIT\nexit 0\n"), 6);
    });
}
