//! The table in memory and the kernel take and refuse the same changes for the same reasons.

mod support;

use ipvs::kernel::{Error, Kernel};
use ipvs::model::{Change, SyncRole};
use ipvs::names::SystemLookup;
use ipvs::rules::parse_line;
use ipvs::table::{Plan, Target};
use support::Namespace;
use support::alone::alone;
use support::random::{Random, repeatable};

/// Few names, so that changes meet.
fn line(random: &mut Random) -> String {
    let service = random.of(&[
        "-t 10.0.0.1:80",
        "-u 10.0.0.1:80",
        "-f 1",
        "-f 1 -6",
        "-t [fd00::1]:80",
    ]);
    let server = random.of(&[
        "10.0.0.3:80",
        "10.0.0.3:8080",
        "10.0.0.4:80",
        "127.0.0.1:80",
        "0.0.0.0:80",
        "0.1.2.3:80",
        "224.0.0.1:80",
        "239.255.255.255:80",
        "255.255.255.255:80",
        "[fd00::3]:80",
        "[fd00::3]:8080",
        "[::1]:80",
        "[::]:80",
        "[ff02::1]:80",
    ]);
    let server_options = random.of(&[
        "",
        "-m",
        "-i",
        "-i --tun-type gre",
        "-w 0",
        "-x 5",
        "-x 5 -y 5",
        "-x 5 -y 6",
        "-y 1",
    ]);
    let role = random.of(&["master", "backup"]);
    match random.below(20) {
        0..=3 => format!(
            "-A {service} {}",
            random.of(&["", "-s rr", "-p 5", "-p --pe sip", "-b flag-1"])
        ),
        4 => format!("-E {service} {}", random.of(&["", "-s sh", "-p 7"])),
        5 => format!("-D {service}"),
        6..=10 => format!("-a {service} -r {server} {server_options}"),
        11 | 12 => format!("-e {service} -r {server} {server_options}"),
        13 | 14 => format!("-d {service} -r {server}"),
        15 => random
            .of(&["-Z", "-C", "--set 1 2 3", "--set 0 9 0"])
            .to_owned(),
        16 => format!("-Z {service}"),
        17 => format!(
            "--start-daemon {role} --mcast-interface lo --syncid {}",
            random.below(3)
        ),
        _ => format!("--stop-daemon {role}"),
    }
}

fn change(random: &mut Random) -> (String, Change) {
    loop {
        let line = line(random);
        // Only what the reader refuses is no change.
        if let Ok(Some(parsed)) = parse_line(&line, &mut SystemLookup::default()) {
            return (line, parsed.change);
        }
    }
}

#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_table_in_memory_is_the_kernels() {
    let _alone = alone();
    let mut random = repeatable();
    for _ in 0..40 {
        let _namespace = Namespace::new();
        let mut kernel = Kernel::open().expect("the kernel");
        let mut table = kernel.table().expect("the table");
        let mut history = String::new();
        for step in 0..400 {
            let (line, change) = change(&mut random);
            history += &format!("{line}\n");
            let in_memory = table.apply(&change);
            let in_kernel = kernel.apply(&change).map_err(|error| match error {
                Error::Refused(refusal) => refusal,
                other => panic!("{other}"),
            });
            assert_eq!(
                in_memory, in_kernel,
                "step {step}, {line}, after\n{history}"
            );
            if step % 40 == 39 {
                let mut target = Target::from(table.clone());
                for role in SyncRole::BOTH {
                    if table.daemon(role).is_none() {
                        target
                            .apply(&Change::StopDaemon(role, 0))
                            .expect("a target");
                    }
                }
                let plan = kernel.plan(&target).expect("a plan");
                let by_table = Plan::new(&kernel.table().expect("the table"), &target);
                assert!(by_table.is_empty(), "{by_table:?} after\n{history}");
                assert!(plan.is_empty(), "{plan:?} after\n{history}");
            }
        }
    }
}
