//! A machine on which our program is installed as the service of the boot scripts.

use super::{Namespace, Outcome, Tool};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::fs;
use std::process::Command;

pub const RULES: &str = "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1\n";

/// A machine of its own: network, and /etc, /usr and /run/ipvsadm of which nobody else sees what is written. Our program is installed.
pub struct Machine {
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
                # The locks and notes of other tests are not this machine's.
                mount -t tmpfs -o mode=755 tmpfs /run
                for folder in etc usr; do
                    mkdir /mnt/$folder /mnt/$folder.work
                    mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder,workdir=/mnt/$folder.work /$folder
                done
                mkdir -p /run/ipvsadm && mount -t tmpfs -o mode=755 tmpfs /run/ipvsadm
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

    pub fn sh(&self, script: &str) -> Outcome {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Outcome::of(&mut command, b"")
    }

    /// A verb of the service.
    pub fn service(&self, verb: &str) -> Outcome {
        self.sh(&format!("/usr/libexec/ipvsadm/service {verb}"))
    }

    /// The rules file.
    pub fn file(&self) -> String {
        fs::read_to_string("/etc/ipvsadm.rules").expect("the rules file")
    }

    pub fn defaults(&self, text: &str) {
        fs::write("/etc/default/ipvsadm", text).expect("writing the defaults");
    }

    pub fn rules(&self, text: &str) {
        fs::write("/etc/ipvsadm.rules", text).expect("writing the rules");
    }

    pub fn table(&self) -> String {
        Tool::Theirs.run(["-Sn"]).ok()
    }

    pub fn daemons(&self) -> String {
        Tool::Theirs.run(["-L", "--daemon"]).ok()
    }
}

/// Runs a test on a machine of its own, in a thread of its own.
pub fn on_a_machine(test: impl FnOnce(&Machine) + Send) {
    std::thread::scope(|scope| {
        if let Err(panic) = scope.spawn(|| test(&Machine::new())).join() {
            std::panic::resume_unwind(panic);
        }
    });
}
