//! What the packages bring along, checked with the tools that check such things, where those are installed. Runs outside the lab.

#[allow(dead_code)] // its main
#[path = "../packaging/generate.rs"]
mod generate;

use ipvs::cli::options::TABLE;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Runs a tool that must have nothing to say, on either output; says so and is content where there is no such tool.
#[track_caller]
fn silent(tool: &str, arguments: &[&str], file: &Path) {
    let run = Command::new(tool)
        .args(arguments)
        .arg(file)
        .env("LC_ALL", "C.UTF-8")
        .env("MANWIDTH", "80")
        .output();
    match run {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: no {tool} here");
        }
        Err(error) => panic!("{tool}: {error}"),
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(
                output.status.success() && said.is_empty(),
                "{tool} {}: {}\n{said}",
                file.display(),
                output.status
            );
        }
    }
}

#[test]
fn man_pages_are_clean_and_complete() {
    let folder = Folder::generated("man");
    for name in ["ipvsadm.8", "ipvsadm-save.8", "ipvsadm-restore.8"] {
        let page = folder.0.join("man").join(name);
        silent("mandoc", &["-T", "lint"], &page);
        // groff is what man runs for --warnings; man itself would print the page.
        silent("groff", &["-man", "-ww", "-Tutf8", "-z"], &page);
        let text = fs::read_to_string(&page).expect("the page");
        assert!(!text.contains('@'), "{name}: a template's mark is left");
    }
    let page = fs::read_to_string(folder.0.join("man/ipvsadm.8")).expect("the page");
    for entry in TABLE {
        let name = format!("\\fB\\-\\-{}\\fR", entry.long.replace('-', "\\-"));
        assert!(
            page.contains(&name),
            "--{} is not in the man page",
            entry.long
        );
    }
}

#[test]
fn completions_are_of_their_shells() {
    let folder = Folder::generated("completions");
    let file = |name: &str| folder.0.join("completions").join(name);
    silent("bash", &["-n"], &file("ipvsadm.bash"));
    silent("zsh", &["-n"], &file("_ipvsadm"));
    silent("fish", &["-n"], &file("ipvsadm.fish"));
    silent("shellcheck", &[], &file("ipvsadm.bash"));
}

/// What bash offers at the end of a line, with a table of two services.
fn bash_offers(folder: &Folder, line: &str) -> Vec<String> {
    let output = Command::new("bash")
        .args(["--norc", "-c"])
        .arg(
            "ipvsadm() { cat <<'END'
-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1
-a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 1
-A -u 10.0.0.1:53 -s rr
-A -t [2001:db8::1]:80 -s rr
-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -m -w 1
-A -f 7 -6 -s rr
-a -f 7 -6 -r [2001:db8::3]:0 -g -w 1
END
}
COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'
. \"$1\"
COMP_LINE=$2 COMP_POINT=${#2}
_ipvsadm 2> /dev/null
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' \"${COMPREPLY[@]}\"",
        )
        .arg("bash")
        .arg(folder.0.join("completions/ipvsadm.bash"))
        .arg(line)
        .output()
        .expect("running bash");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_what_there_is() {
    let folder = Folder::generated("bash");
    let offers = |line: &str| bash_offers(&folder, line);
    for (line, wanted) in [
        ("ipvsadm -A -t 10.0.0.9:80 -s w", "wrr wlc"),
        ("ipvsadm -At 10.0.0.9:80 --scheduler=s", "sh sed"),
        ("ipvsadm -a -t x --tun-type g", "gue gre"),
        ("ipvsadm --start-daemon ", "master backup"),
        ("ipvsadm --add-se", "--add-service --add-server"),
        ("ipvsadm -at x --masq", "--masquerading"),
        ("ipvsadm -ln --st", "--stats"),
        ("ipvsadm -ln --stats --st", ""),
        ("ipvsadm -A --weig", ""),
        // What stands before the last colon is not replaced.
        ("ipvsadm -D -t 10", "10.0.0.1:80"),
        ("ipvsadm -D -t 10.0.0.1:", "80"),
        ("ipvsadm -D -t [2001:db8::", "1]:80"),
        ("ipvsadm -Du ", "10.0.0.1:53"),
        ("ipvsadm -Df ", "7"),
        ("ipvsadm -d -t 10.0.0.1:80 -r ", "10.0.0.2:80 10.0.0.3:80"),
        ("ipvsadm -d -f 7 -6 -r ", "[2001:db8::3]:0"),
        ("ipvsadm-save --a", "--all"),
        ("/sbin/ipvsadm-restore --dry", "--dry-run"),
        ("ipvsadm-restore --rep", ""),
    ] {
        assert_eq!(offers(line).join(" "), wanted, "{line}");
    }
}

#[test]
fn fish_completes_what_there_is() {
    let folder = Folder::generated("fish");
    let script = "function ipvsadm; printf '%s\\n' '-A -t 10.0.0.1:80 -s rr' '-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1'; end
function ipvsadm-save; end; function ipvsadm-restore; end
source $argv[1]; complete -C $argv[2]";
    for (line, wanted) in [
        ("ipvsadm -A -t 10.0.0.9:80 -s w", "wlc wrr"),
        ("ipvsadm --add-se", "--add-server --add-service"),
        ("ipvsadm --start-daemon ", "backup master"),
        ("ipvsadm -ln --st", "--stats"),
        ("ipvsadm -A --weig", ""),
        ("ipvsadm -D -t ", "10.0.0.1:80"),
        ("ipvsadm -d -t 10.0.0.1:80 -r ", "10.0.0.2:80"),
        ("ipvsadm-save --a", "--all"),
        ("ipvsadm-restore --re", ""),
    ] {
        let run = Command::new("fish")
            .args(["--no-config", "-c", script])
            .arg(folder.0.join("completions/ipvsadm.fish"))
            .arg(line)
            .output();
        let Ok(output) = run else {
            eprintln!("skipped: no fish here");
            return;
        };
        let text = String::from_utf8(output.stdout).expect("text");
        let mut offers: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        offers.sort_unstable();
        assert_eq!(offers.join(" "), wanted, "{line}");
    }
}

#[test]
fn the_unit_is_valid_and_shut_in() {
    let folder = Folder::new("unit");
    let unit = folder.0.join("ipvsadm.service");
    let service = project("packaging/service");
    let text = fs::read_to_string(project("packaging/ipvsadm.service")).expect("the unit");
    let text = text.replace("/usr/libexec/ipvsadm/service", &service.to_string_lossy());
    fs::write(&unit, text).expect("writing the unit");
    silent("systemd-analyze", &["--man=no", "verify"], &unit);
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=25", "--no-pager"])
        .arg(&unit)
        .output();
    match judged {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        ),
        Err(error) => eprintln!("skipped: systemd-analyze: {error}"),
    }
}

/// By which packaging/service tells the two packages apart.
#[test]
fn the_template_of_the_configuration_is_debians_alone() {
    let manifest = fs::read_to_string(project("Cargo.toml")).expect("the manifest");
    let (_, packages) = manifest
        .split_once("[package.metadata.deb]")
        .expect("Debian's package");
    let (deb, rpm) = packages
        .split_once("[package.metadata.generate-rpm]")
        .expect("the RPM");
    let template = "usr/share/ipvsadm/default/ipvsadm";
    assert!(deb.contains(template));
    assert!(!rpm.contains("usr/share/ipvsadm"));
    let service = fs::read_to_string(project("packaging/service")).expect("the script");
    assert!(service.contains(&format!("[ ! -e /{template} ]")));
}

#[test]
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
        silent("dash", &["-n"], &project(script));
        silent("shellcheck", &["-x"], &project(script));
    }
}
