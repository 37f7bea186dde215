//! What the packages bring along, checked with the tools that check such things. Runs outside the lab. tests/run installs the tools; a
//! plain `cargo test` ignores what needs one that a machine may lack.

#[allow(dead_code)] // its main
#[path = "../packaging/generate.rs"]
mod generate;

use ipvs::cli::Program;
use ipvs::cli::options::TABLE;
use ipvs::cli::row::Row;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAN_PAGES: [&str; 3] = ["ipvsadm.8", "ipvsadm-save.8", "ipvsadm-restore.8"];

/// A folder that is gone with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("ipvsadm-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("making a folder");
        Folder(path)
    }

    /// With the man pages and the completions in it.
    fn generated(name: &str) -> Folder {
        let folder = Folder::new(name);
        generate::write(&folder.0).expect("generating");
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A tool without the user's environment, which may hold options for it, and without the user's files.
fn tool(name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C.UTF-8");
    command
}

/// Runs a tool that must have nothing to say, on either output.
#[track_caller]
fn silent(command: &mut Command, file: &Path) {
    let output = command.arg(file).output().unwrap_or_else(|error| {
        panic!("{command:?}: {error} (tests/run installs what is missing)")
    });
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        output.status.success() && said.is_empty(),
        "{command:?}: {}\n{said}",
        output.status
    );
}

#[test]
#[ignore = "needs mandoc and groff: tests/run"]
fn man_pages_are_clean() {
    let folder = Folder::generated("man-clean");
    for name in MAN_PAGES {
        let page = folder.0.join("man").join(name);
        silent(tool("mandoc").args(["-T", "lint"]), &page);
        // groff is what man runs for --warnings; man itself would print the page.
        silent(tool("groff").args(["-man", "-ww", "-Tutf8", "-z"]), &page);
    }
}

#[test]
fn man_pages_are_complete() {
    let folder = Folder::generated("man");
    let page = |name: &str| {
        let text = fs::read_to_string(folder.0.join("man").join(name)).expect("the page");
        assert!(!text.contains('@'), "{name}: a template's mark is left");
        text
    };
    has_all(&page("ipvsadm.8"), TABLE);
    has_all(&page("ipvsadm-save.8"), Program::Save.options());
    has_all(&page("ipvsadm-restore.8"), Program::Restore.options());
}

/// An option has a paragraph of its own.
#[track_caller]
fn has_all<'a>(page: &str, options: impl IntoIterator<Item = &'a Row>) {
    for row in options {
        let name = format!("\\fB\\-\\-{}\\fR", row.long.replace('-', "\\-"));
        let mut headings = page.split(".TP\n").skip(1);
        assert!(
            headings.any(|rest| rest.lines().next().is_some_and(|line| line.contains(&name))),
            "--{} is not in the man page",
            row.long
        );
    }
}

#[test]
#[ignore = "needs zsh, fish and shellcheck: tests/run"]
fn completions_are_of_their_shells() {
    let folder = Folder::generated("completions");
    let file = |name: &str| folder.0.join("completions").join(name);
    silent(tool("bash").arg("-n"), &file("ipvsadm.bash"));
    silent(tool("zsh").args(["-f", "-n"]), &file("_ipvsadm"));
    silent(
        tool("fish").args(["--no-config", "-n"]),
        &file("ipvsadm.fish"),
    );
    silent(tool("shellcheck").arg("--norc"), &file("ipvsadm.bash"));
}

/// What the manifest says of Debian's package, and of the RPM.
fn packages() -> (String, String) {
    let manifest = fs::read_to_string(project("Cargo.toml")).expect("the manifest");
    let (_, packages) = manifest
        .split_once("[package.metadata.deb]")
        .expect("Debian's package");
    let (deb, rpm) = packages
        .split_once("[package.metadata.generate-rpm]")
        .expect("the RPM");
    (deb.to_owned(), rpm.to_owned())
}

/// bash and fish look for a file of the program's name.
#[test]
fn every_program_has_its_completions() {
    let (deb, rpm) = packages();
    for (kind, assets) in [("deb", deb), ("rpm", rpm)] {
        for name in ["ipvsadm", "ipvsadm-save", "ipvsadm-restore"] {
            let path = format!("usr/share/bash-completion/completions/{name}\"");
            assert!(assets.contains(&path), "{kind}: nothing for {name}");
        }
        assert!(assets.contains("target/packaging/completions/ipvsadm*.fish"));
    }
}

/// The address of those who answer is the same wherever one stands.
#[test]
fn there_is_one_address() {
    let address = "maintainers@ipvsadm.invalid";
    for file in ["Cargo.toml", "packaging/debian/changelog", "SECURITY.md"] {
        let text = fs::read_to_string(project(file)).expect("a file");
        assert!(text.contains(address), "{file}");
        assert!(!text.contains("@localhost"), "{file}");
    }
}

#[test]
#[ignore = "needs systemd-analyze: tests/run"]
fn the_units_are_valid_and_shut_in() {
    let folder = Folder::new("unit");
    // Units that the machine has of the names in ours would be read, too, and what is said of them (on a director, of ldirectord's)
    // would pass for a fault of ours. Here there is only what every system must have.
    for target in ["sysinit.target", "timers.target"] {
        fs::write(folder.0.join(target), "[Unit]\n").expect("writing a unit");
    }
    let analyze = || {
        let mut analyze = tool("systemd-analyze");
        analyze.env("SYSTEMD_UNIT_PATH", &folder.0);
        analyze
    };
    let service = project("packaging/service");
    let units = [
        "ipvsadm.service",
        "ipvsadm-metrics.service",
        "ipvsadm-metrics.timer",
    ];
    for name in units {
        let text = fs::read_to_string(project(&format!("packaging/{name}"))).expect("the unit");
        let text = text
            .replace("/usr/libexec/ipvsadm/service", &service.to_string_lossy())
            .replace(
                "/sbin/ipvsadm ",
                concat!(env!("CARGO_BIN_EXE_ipvsadm"), " "),
            );
        fs::write(folder.0.join(name), text).expect("writing the unit");
    }
    for name in units {
        let unit = folder.0.join(name);
        silent(analyze().args(["--man=no", "verify"]), &unit);
        if name.ends_with(".timer") {
            continue;
        }
        let judged = analyze()
            .args(["security", "--offline=true", "--threshold=20", "--no-pager"])
            .arg(&unit)
            .output()
            .expect("running systemd-analyze");
        assert!(
            judged.status.success(),
            "{}",
            String::from_utf8_lossy(&judged.stdout)
        );
    }
}

/// Who wants it enables it.
#[test]
fn the_timer_of_the_metrics_is_off() {
    let (deb, rpm) = packages();
    let timer = "usr/lib/systemd/system/ipvsadm-metrics.timer";
    assert!(deb.contains(timer) && rpm.contains(timer));
    for script in ["debian/scripts/postinst", "rpm/post"] {
        let text = fs::read_to_string(project(&format!("packaging/{script}"))).expect("a script");
        assert!(!text.contains("metrics"), "{script}");
    }
}

/// By which packaging/service tells the two packages apart.
#[test]
fn the_template_of_the_configuration_is_debians_alone() {
    let (deb, rpm) = packages();
    let template = "usr/share/ipvsadm/default/ipvsadm";
    assert!(deb.contains(template));
    assert!(!rpm.contains("usr/share/ipvsadm"));
    let service = fs::read_to_string(project("packaging/service")).expect("the script");
    assert!(service.contains(&format!("[ ! -e /{template} ]")));
}

#[test]
#[ignore = "needs dash and shellcheck: tests/run"]
fn scripts_are_of_their_shells() {
    for script in [
        "packaging/service",
        "packaging/debian/ipvsadm.init",
        "packaging/debian/scripts/postinst",
        "packaging/debian/scripts/prerm",
        "packaging/debian/scripts/postrm",
        "packaging/rpm/post",
        "packaging/rpm/preun",
        "packaging/rpm/postun",
    ] {
        silent(tool("dash").arg("-n"), &project(script));
        silent(tool("shellcheck").args(["--norc", "-x"]), &project(script));
    }
}
