//! The recipes of docs/recipes: each script runs with our `ipvsadm` and, where
//! the original can do it too, with the original. The demo is no recipe, and is run here as well.
//!
//! A script needs root and a kernel with IPVS: the lab's. Each script makes a
//! space of its own, so they may run at the same time.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{PoisonError, RwLock};
use support::{Tool, need_lab};

/// Most recipes share the machine; one that measures time has it alone.
static MACHINE: RwLock<()> = RwLock::new(());

/// Runs a recipe's script. `program` is what it shall take for `ipvsadm`;
/// without one, that is the `ipvsadm` of the path.
fn run(name: &str, program: Option<PathBuf>) {
    need_lab();
    let script = format!("{}/docs/recipes/{name}.sh", env!("CARGO_MANIFEST_DIR"));
    // A page shows what the tools say in English.
    let output = Command::new(&script)
        .args(program)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{script}: {}\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    // A script that ended early, for whatever reason, has not said this.
    let last = said.lines().last().unwrap_or_default();
    assert!(
        last.starts_with(&format!("{name}: ")),
        "{script} ended with: {last}"
    );
    println!("{last}");
}

fn ours(name: &str) {
    let _shared = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    run(name, None);
}

fn theirs(name: &str) {
    let _shared = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    run(name, Some(Tool::Theirs.path().into()));
}

macro_rules! recipes {
    ($($name:ident: $script:literal;)*) => {$(
        mod $name {
            #[test]
            #[ignore = "needs a kernel with IPVS: tests/run"]
            fn works() {
                super::ours($script);
            }

            #[test]
            #[ignore = "needs a kernel with IPVS: tests/run"]
            fn works_with_the_original() {
                super::theirs($script);
            }
        }
    )*};
}

recipes! {
    nat: "nat";
    direct_routing: "direct-routing";
    tunnel: "tunnel";
    full_nat: "full-nat";
    fwmark: "fwmark";
    persistence: "persistence";
    ipv6: "ipv6";
    sync: "sync";
    maintenance: "maintenance";
}

/// The original has no `--replace`. This one measures how fast directors follow.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn etcd_works() {
    let _alone = MACHINE.write().unwrap_or_else(PoisonError::into_inner);
    run("etcd", None);
}

/// It fails by itself where a request does, or the table is not what it must be. Its machines have the names that others have, too: it gets
/// a space of its own.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn the_demo_works() {
    need_lab();
    let _shared = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let output = Command::new("unshare")
        .args(["--net", "--mount", "--pid", "--fork", "--kill-child"])
        .args(["--mount-proc", "sh", "-c"])
        .arg("mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && exec \"$0\"")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/lab/demo-inside"
        ))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    // A script that ended early has not said this.
    assert!(said.trim_end().ends_with("and none failed."), "{said}");
}

/// The original has no `--metrics`.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn prometheus_works() {
    ours("prometheus");
}

/// Nor `--check`.
#[test]
#[ignore = "needs a kernel with IPVS: tests/run"]
fn icinga_works() {
    ours("icinga");
}

/// The index names every page, every page has a script and says what a reboot takes away, and every script has a test.
#[test]
fn nothing_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes");
    let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let here = include_str!("lab_recipes.rs");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "README" || name == "lib" {
            continue;
        }
        let [page, script] = ["md", "sh"].map(|kind| folder.join(format!("{name}.{kind}")));
        assert!(page.exists(), "{page:?} is missing");
        assert!(script.exists(), "{script:?} is missing");
        assert!(
            index.contains(&format!("({name}.md)")),
            "not in the index: {name}"
        );
        assert!(here.contains(&format!("\"{name}\"")), "not tested: {name}");
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(
            text.contains("(README.md#after-a-reboot)"),
            "does not say what a reboot takes away: {name}"
        );
    }
}
