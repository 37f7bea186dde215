//! The doctor: every recipe's set-up is healthy, and the command of every finding mends what it names. The proofs are
//! scripts, `tests/doctor/*.sh`; each makes a space of its own, so they may run at the same time.

mod support;

use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;
use support::machine::on_a_machine;
use support::proof::proves;
use support::schema::documented;
use support::traffic::udp_server;
use support::{Namespace, Outcome, Tool, ip, lossy};

macro_rules! proofs {
    ($($name:ident: $script:literal;)*) => {$(
        #[test]
        #[ignore = "needs a kernel with IPVS: tests/run"]
        fn $name() {
            proves($script);
        }
    )*};
}

proofs! {
    healthy: "healthy";
    nat: "nat";
    nat_server: "nat-server";
    defenses: "defenses";
    answers: "answers";
    direct_routing: "direct-routing";
    real_server: "real-server";
    own_address: "own-address";
    tunnel: "tunnel";
    tunnel_mtu: "tunnel-mtu";
    full_nat: "full-nat";
    firewall: "firewall";
    firewall_output: "firewall-output";
    persistence: "persistence";
    ipv6: "ipv6";
    rp_filter: "rp-filter";
    sync: "sync";
    failover: "failover";
    hints: "hints";
}

/// Every proof is run, and named on the page.
#[test]
fn nothing_is_left_out() {
    let here = concat!(
        include_str!("lab_doctor.rs"),
        include_str!("lab_doctor_kernel.rs")
    );
    let page = include_str!("../docs/doctor.md");
    let folder = format!("{}/tests/doctor", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.trim_end_matches(".sh");
        if name == "lib" {
            continue;
        }
        assert!(here.contains(&format!("\"{name}\"")), "not run: {file}");
        assert!(
            name == "healthy" || page.contains(&file),
            "not on the page: {file}"
        );
    }
}

fn doctor(words: &str) -> Outcome {
    Tool::Ours.line(&format!("--doctor {words}"))
}

#[track_caller]
fn is_silent() {
    assert_eq!(doctor("").ok(), "");
}

/// The one finding, and its command, which is run as it is printed.
#[track_caller]
fn mend(status: i32, id: &str) {
    let found = doctor("");
    let text = found.text();
    assert!(
        found.status == status && text.lines().count() == 1,
        "{found}"
    );
    assert!(text.starts_with(id), "{found}");
    let (_, command) = text.trim_end().rsplit_once("; run: ").expect("a command");
    let path = std::env::var("PATH").expect("a path");
    let mended = Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .output()
        .unwrap();
    assert!(mended.status.success(), "{command}: {mended:?}");
}

/// A UDP client that always asks from one port, and whose server is taken out.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn udp() {
    let _namespace = Namespace::new();
    ip("address add 10.9.9.9/32 dev lo");
    udp_server("10.9.9.9:5353");
    udp_server("10.9.9.9:5354");
    Tool::Ours.setup(&[
        "-A -u 10.9.9.9:53 -s rr",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5353 -m",
        "-a -u 10.9.9.9:53 -r 10.9.9.9:5354 -m",
    ]);
    let client = UdpSocket::bind("10.9.9.9:5000").unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let asks = || {
        // A packet that is dropped on its own machine is refused.
        client.send_to(b"?", "10.9.9.9:53").is_ok() && client.recv_from(&mut [0; 10]).is_ok()
    };
    assert!((0..10).any(|_| asks()));
    is_silent();
    let listing = Tool::Ours.line("-Lnc").ok();
    let port = if listing.contains(":5353") {
        5353
    } else {
        5354
    };
    Tool::Ours.setup(&[&format!("-d -u 10.9.9.9:53 -r 10.9.9.9:{port}")]);
    assert!(!asks(), "answered without a server");
    mend(1, "warning lost-connections: ");
    assert!((0..10).any(|_| asks()), "still no answer");
    is_silent();
}

/// The table that the next boot makes.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_next_boot() {
    on_a_machine(|machine| {
        for address in ["10.0.0.1", "10.0.0.2", "10.0.0.3"] {
            ip(&format!("address add {address}/32 dev lo"));
        }
        assert_eq!(machine.service("start").status, 0);
        is_silent();
        Tool::Ours.setup(&["-a -t 10.0.0.1:80 -r 10.0.0.3:80 -m"]);
        let table = machine.table();
        machine.defaults("AUTO=false\nDAEMON=none\n");
        is_silent();
        machine.defaults("AUTO=true\nDAEMON=none\n");
        let before = machine.file();
        mend(1, "warning boot-differs: ");
        is_silent();
        assert_eq!(
            std::fs::read_to_string("/etc/ipvsadm.rules.old").unwrap(),
            before
        );
        // Once more: no old file is lost, nor what the file has besides the rules.
        let second = format!("--set 600 60 200\n{}", machine.file());
        std::fs::write("/etc/ipvsadm.rules", &second).unwrap();
        mend(1, "warning boot-differs: ");
        is_silent();
        assert!(machine.file().contains("--set 900 120 300"));
        let old = |name: &str| std::fs::read_to_string(name).unwrap();
        assert_eq!(old("/etc/ipvsadm.rules.old"), second);
        assert_eq!(old("/etc/ipvsadm.rules.old.~1~"), before);
        // The file is never made of an empty table.
        Tool::Ours.setup(&["-C"]);
        mend(1, "warning boot-differs: ");
        assert_eq!(machine.table(), table);
        is_silent();
        Tool::Ours.setup(&["-C"]);
        assert_eq!(machine.service("restart").status, 0);
        assert_eq!(machine.table(), table);
        is_silent();
    });
}

/// What the machine hides is told, and is no finding.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn without_settings() {
    on_a_machine(|machine| {
        ip("address add 10.0.0.1/32 dev lo");
        ip("link add plug type veth peer name socket");
        ip("link set plug up");
        ip("address add 10.0.0.9/24 dev plug");
        machine.defaults("AUTO=false\n");
        Tool::Ours.setup(&["-A -t 10.0.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2 -m"]);
        assert_eq!(machine.sh("sysctl -w net.ipv4.ip_forward=1").status, 0);
        is_silent();
        machine
            .sh("mount -o bind,ro /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys")
            .ok();
        is_silent();
        machine
            .sh("umount /proc/sys && mount -t tmpfs tmpfs /proc/sys")
            .ok();
        let found = doctor("");
        assert_eq!(found.status, 0, "{found}");
        let text = found.text();
        assert!(
            text.contains("not looked at: forwarding: /proc/sys/net/ipv4/ip_forward: No such file"),
            "{found}"
        );
        assert!(
            text.lines().all(|line| line.starts_with("not looked at: ")),
            "{found}"
        );
        machine.sh("umount /proc/sys").ok();
        is_silent();
    });
}

/// Another namespace: the command begins with what enters it.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn in_another_namespace() {
    on_a_machine(|machine| {
        machine.defaults("AUTO=false\n");
        machine
            .sh("ip netns add away && ip -n away link set lo up && ip -n away address add 10.0.0.2/32 dev lo")
            .ok();
        Tool::Ours.setup(&[
            "-A -t 10.0.0.1:80 --netns away",
            "-a -t 10.0.0.1:80 -r 10.0.0.2 -m --netns away",
        ]);
        for name in ["away", "/run/netns/away"] {
            let found = doctor(&format!("--netns {name}"));
            let text = found.text();
            assert!(
                found.status == 2 && text.starts_with("error vip-not-local: "),
                "{found}"
            );
            let (_, command) = text.trim_end().rsplit_once("; run: ").expect("a command");
            machine.sh(command);
            assert_eq!(doctor(&format!("--netns {name}")).ok(), "", "{command}");
            machine
                .sh("ip -n away address delete 10.0.0.1/32 dev lo")
                .ok();
        }
        // Here is no table.
        is_silent();
    });
}

/// Who may not ask for the table is told so; on a real server there is little that needs a privilege.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn without_privileges() {
    let _namespace = Namespace::new();
    ip("address add 10.0.0.1/32 dev lo");
    let outcome = Outcome::of(Tool::Ours.powerless().arg("--doctor"), b"");
    assert_eq!(outcome.status, 2, "{outcome}");
    assert!(
        lossy(&outcome.stderr).ends_with("run it as root\n"),
        "{outcome}"
    );
    let mut server = Tool::Ours.powerless();
    server.args(["--doctor", "--real-server", "10.0.0.1"]);
    assert_eq!(Outcome::of(&mut server, b"").ok(), "");
}

/// Five thousand services, each with an address of its own that is missing: findings for each, and soon.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn many_services() {
    let _namespace = Namespace::new();
    let address = |number: u32| format!("10.{}.{}.1", number / 200, number % 200);
    let rules: String = (0..5000)
        .map(|number| {
            let vip = address(number);
            format!("-A -t {vip}:80 -s rr\n-a -t {vip}:80 -r 127.0.0.1:8080 -m\n")
        })
        .collect();
    assert_eq!(Tool::Ours.run_with(["-R"], rules.as_bytes()).ok(), "");
    let found = doctor("");
    assert_eq!(found.status, 2);
    let text = found.text();
    assert_eq!(text.lines().count(), 5000);
    assert!(
        text.lines()
            .all(|line| line.starts_with("error vip-not-local: "))
    );
    // The network as a whole is local.
    ip("route add local 10.0.0.0/8 dev lo");
    is_silent();
    let one = doctor("-t 10.0.0.1:80 --json").ok();
    let schema = &documented()["doctor"];
    schema.check(&serde_json::from_str(&one).unwrap(), &mut BTreeSet::new());
    doctor("-t 10.0.0.1:81").fails(2, "No such service");
}
