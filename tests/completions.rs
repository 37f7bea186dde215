//! What the shells offer at a Tab, in a system made of files: a table, interfaces and namespaces. Runs outside the lab. tests/run
//! installs the shells; a plain `cargo test` ignores what needs one that a machine may lack.

#[allow(dead_code)] // its main
#[path = "../packaging/generate.rs"]
mod generate;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// Stands for the program, and notes how it was called.
const PROGRAM: &str = "#!/bin/sh
printf '%s\\n' \"$*\" >> ../calls
case $* in
    '--netns with blank -Sn' | '--netns=with blank -Sn')
        echo '-A -t 10.8.0.1:80 -s rr'
        echo '-a -t 10.8.0.1:80 -r 10.8.0.2:80 -g -w 1' ;;
    -Sn) cat << 'END' ;;
-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1
-a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 1
-A -u 10.0.0.1:53 -s rr
-A -t [2001:db8::1]:80 -s rr
-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -m -w 1
-A -f 7 -6 -s rr
-a -f 7 -6 -r [2001:db8::3]:0 -g -w 1
END
esac
";

/// A system with the generated completions; gone with the value.
struct System(PathBuf);

impl System {
    fn new(name: &str) -> System {
        let path = std::env::temp_dir().join(format!("ipvsadm-{name}-{}", std::process::id()));
        let system = System(path);
        for folder in ["net", "netns", "bin", "cwd"] {
            fs::create_dir_all(system.0.join(folder)).expect("making a folder");
        }
        generate::write(&system.0).expect("generating");
        for name in ["ipvsadm.bash", "_ipvsadm", "ipvsadm.fish"] {
            let path = system.0.join("completions").join(name);
            let mut text = fs::read_to_string(&path).expect("a completion");
            for (real, here) in [
                ("/sys/class/net", "net"),
                ("/run/netns", "netns"),
                ("/proc/net/ip_vs", "ip_vs"),
            ] {
                text = text.replace(real, &system.0.join(here).to_string_lossy());
            }
            fs::write(&path, text).expect("writing a completion");
        }
        let program = system.0.join("bin/ipvsadm");
        fs::write(&program, PROGRAM).expect("writing a program");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("making it one");
        system.file("ip_vs");
        system
    }

    fn file(&self, name: &str) {
        fs::write(self.0.join(name), "").expect("writing a file");
    }

    fn folder(&self, name: &str) {
        fs::create_dir(self.0.join(name)).expect("making a folder");
    }

    /// How the program was called since this was last asked.
    fn calls(&self) -> String {
        let calls = fs::read_to_string(self.0.join("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.0.join("calls"));
        calls
    }

    /// What a shell prints that runs the script with the completion of this name and a line. It sees nothing of the user's environment
    /// or start files. None of them may leave a file where it stands, as what stands in a name would.
    fn shell(&self, shell: &[&str], completion: &str, line: &str) -> Vec<String> {
        let mut path = self.0.join("bin").into_os_string();
        path.push(":/usr/bin:/bin");
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .arg(self.0.join("completions").join(completion))
            .arg(line)
            .current_dir(self.0.join("cwd"))
            .env_clear()
            .env("PATH", path)
            .env("HOME", &self.0)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap_or_else(|error| panic!("{}: {error} (tests/run installs it)", shell[0]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.is_empty(), "{line}: {said}");
        let left = fs::read_dir(self.0.join("cwd")).expect("the folder");
        assert_eq!(left.count(), 0, "something was executed: {line}");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    fn bash(&self, line: &str) -> Vec<String> {
        let script = "COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'
. \"$1\"
COMP_LINE=$2 COMP_POINT=${#2}
compopt() { :; }
_ipvsadm
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' \"${COMPREPLY[@]}\"";
        let shell = ["bash", "--norc", "-c", script, "bash"];
        self.shell(&shell, "ipvsadm.bash", line)
    }

    /// In order, without the descriptions. Completions for ipvsadm that are installed must not come on top.
    fn fish(&self, line: &str) -> Vec<String> {
        let script = "set fish_complete_path
function ipvsadm-save; end; function ipvsadm-restore; end
source $argv[1]; complete -C $argv[2]";
        let shell = ["fish", "--no-config", "-c", script];
        let mut offers = self.shell(&shell, "ipvsadm.fish", line);
        for offer in &mut offers {
            offer.truncate(offer.find('\t').unwrap_or(offer.len()));
        }
        offers.sort_unstable();
        offers
    }

    /// The values of the line's last option, by its long name: what finds out which one that is, is zsh's own.
    fn zsh(&self, line: &str, option: &str) -> Vec<String> {
        let script = "_arguments() { _ipvsadm_values $option }
_call_program() { eval \"${@[2,-1]}\" }
compadd() { [[ $1 != -a || ${(P)#2} -eq 0 ]] || print -rl -- ${(P)2} }
option=$3 words=(${(z)2} '') CURRENT=$#words
. $1";
        let folder = self.0.join("completions/_ipvsadm");
        let script = format!("set -- '{}' \"$2\" {option}\n{script}", folder.display());
        self.shell(&["zsh", "-f", "-c", &script, "zsh"], "_ipvsadm", line)
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Names as only somebody with bad intentions would give them to an interface or a namespace.
const HOSTILE: [&str; 6] = ["$(id>1)", "`id>2`", "*", "a;id>3", "${X:=y}", "<(id>4)"];

#[test]
fn bash_completes_what_there_is() {
    let system = System::new("bash");
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
        // A list: flags that are there are not offered again.
        ("ipvsadm -A -t x -b sh-", "sh-fallback sh-port"),
        ("ipvsadm -A -t x -b sh-port,sh", "sh-port,sh-fallback"),
        ("ipvsadm-save --a", "--all"),
        ("/sbin/ipvsadm-restore --dry", "--dry-run"),
        ("ipvsadm-restore --rep", ""),
    ] {
        assert_eq!(system.bash(line).join(" "), wanted, "{line}");
    }
}

#[test]
fn bash_executes_no_name() {
    let system = System::new("bash-names");
    assert_eq!(system.bash("ipvsadm -L --netns "), [""; 0]);
    for name in HOSTILE {
        system.folder(&format!("net/{name}"));
        system.file(&format!("netns/{name}"));
    }
    system.folder("net/eth0");
    system.file("net/bonding_masters");
    for name in ["with blank", "two\nlines", "blue:1", "blue:2"] {
        system.file(&format!("netns/{name}"));
    }
    // As the shell must be given them.
    let hostile = r"\$\(id\>1\) \* \<\(id\>4\) \`id\>2\` a\;id\>3 \$\{X:=y\}";
    let mut wanted: Vec<&str> = hostile.split(' ').collect();
    wanted.push("eth0");
    wanted.sort_unstable();
    let mut offers = system.bash("ipvsadm --start-daemon master --mcast-interface ");
    offers.sort_unstable();
    assert_eq!(offers, wanted);

    wanted.retain(|name| *name != "eth0");
    wanted.extend([r"with\ blank", r"$'two\nlines'", "blue:1", "blue:2"]);
    wanted.sort_unstable();
    let mut offers = system.bash("ipvsadm -L --netns ");
    offers.sort_unstable();
    assert_eq!(offers, wanted);

    for (line, wanted) in [
        (r"ipvsadm -L --netns wi", r"with\ blank"),
        (r"ipvsadm -L --netns with\ ", r"with\ blank"),
        (r"ipvsadm -L --netns with\ b", r"with\ blank"),
        (r"ipvsadm -L --netns=with\ b", r"with\ blank"),
        (r"ipvsadm -L --netns blue:", "1 2"),
        (r"ipvsadm -L --netns \$\(", r"\$\(id\>1\)"),
        (r"ipvsadm -L --netns $(id>1", r"\$\(id\>1\)"),
        (r"ipvsadm -L --netns $(id>5) -t ", ""),
        (r"ipvsadm -R --file $(id>6)/", ""),
    ] {
        assert_eq!(system.bash(line).join(" "), wanted, "{line}");
    }
}

#[test]
fn bash_asks_the_namespace_of_the_line() {
    let system = System::new("bash-netns");
    for (line, wanted, calls) in [
        ("ipvsadm -D -t ", "10.0.0.1:80 [2001:db8::1]:80", "-Sn\n"),
        (
            r"ipvsadm -D --netns with\ blank -t ",
            "10.8.0.1:80",
            "--netns with blank -Sn\n",
        ),
        (
            r"ipvsadm --netns=with\ blank -d -t 10.8.0.1:80 -r ",
            "10.8.0.2:80",
            "--netns with blank -Sn\n",
        ),
    ] {
        assert_eq!(system.bash(line).join(" "), wanted, "{line}");
        assert_eq!(system.calls(), calls, "{line}");
    }
    // Where IPVS is not loaded a Tab doesn't load it.
    fs::remove_file(system.0.join("ip_vs")).expect("removing a file");
    for line in ["ipvsadm -D -t ", "ipvsadm -d -t x -r "] {
        assert_eq!(system.bash(line), [""; 0], "{line}");
        assert_eq!(system.calls(), "", "{line}");
    }
}

#[test]
#[ignore = "needs fish: tests/run"]
fn fish_completes_what_there_is() {
    let system = System::new("fish");
    for (line, wanted) in [
        ("ipvsadm -A -t 10.0.0.9:80 -s w", "wlc wrr"),
        ("ipvsadm --add-se", "--add-server --add-service"),
        ("ipvsadm --start-daemon ", "backup master"),
        ("ipvsadm -ln --st", "--stats"),
        ("ipvsadm -A --weig", ""),
        ("ipvsadm -D -t ", "10.0.0.1:80 [2001:db8::1]:80"),
        ("ipvsadm -d -t 10.0.0.1:80 -r ", "10.0.0.2:80 10.0.0.3:80"),
        ("ipvsadm-save --a", "--all"),
        ("ipvsadm-restore --re", ""),
    ] {
        assert_eq!(system.fish(line).join(" "), wanted, "{line}");
    }
}

#[test]
#[ignore = "needs fish: tests/run"]
fn fish_takes_names_as_they_are() {
    let system = System::new("fish-names");
    assert_eq!(system.fish("ipvsadm -L --netns "), [""; 0]);
    for name in HOSTILE {
        system.folder(&format!("net/{name}"));
        system.file(&format!("netns/{name}"));
    }
    system.folder("net/eth0");
    system.file("net/bonding_masters");
    for name in ["with blank", "two\nlines"] {
        system.file(&format!("netns/{name}"));
    }
    let mut wanted = HOSTILE.to_vec();
    wanted.push("eth0");
    wanted.sort_unstable();
    let offers = system.fish("ipvsadm --start-daemon master --mcast-interface ");
    assert_eq!(offers, wanted);

    wanted.retain(|name| *name != "eth0");
    wanted.push("with blank");
    wanted.sort_unstable();
    let offers = system.fish("ipvsadm -L --netns ");
    assert_eq!(offers, wanted);
    assert_eq!(system.calls(), "");
}

#[test]
#[ignore = "needs fish: tests/run"]
fn fish_asks_the_namespace_of_the_line() {
    let system = System::new("fish-netns");
    for (line, wanted, calls) in [
        (
            r"ipvsadm -D --netns with\ blank -t ",
            "10.8.0.1:80",
            "--netns with blank -Sn\n",
        ),
        (
            r"ipvsadm --netns=with\ blank -d -t 10.8.0.1:80 -r ",
            "10.8.0.2:80",
            "--netns=with blank -Sn\n",
        ),
    ] {
        assert_eq!(system.fish(line).join(" "), wanted, "{line}");
        assert_eq!(system.calls(), calls, "{line}");
    }
    fs::remove_file(system.0.join("ip_vs")).expect("removing a file");
    for line in ["ipvsadm -D -t ", "ipvsadm -d -t x -r "] {
        assert_eq!(system.fish(line), [""; 0], "{line}");
        assert_eq!(system.calls(), "", "{line}");
    }
}

#[test]
#[ignore = "needs zsh: tests/run"]
fn zsh_takes_names_as_they_are() {
    let system = System::new("zsh");
    assert_eq!(system.zsh("ipvsadm -L --netns", "netns"), [""; 0]);
    for name in HOSTILE.iter().chain(&["with blank"]) {
        system.file(&format!("netns/{name}"));
    }
    let mut wanted = HOSTILE.to_vec();
    wanted.push("with blank");
    wanted.sort_unstable();
    let mut offers = system.zsh("ipvsadm -L --netns", "netns");
    offers.sort_unstable();
    assert_eq!(offers, wanted);
    assert_eq!(system.calls(), "");
}

#[test]
#[ignore = "needs zsh: tests/run"]
fn zsh_asks_the_namespace_of_the_line() {
    let system = System::new("zsh-netns");
    for (line, option, wanted, calls) in [
        (
            "ipvsadm -D -t",
            "tcp-service",
            "10.0.0.1:80 [2001:db8::1]:80",
            "-Sn\n",
        ),
        (
            "ipvsadm -d -t 10.0.0.1:80 -r",
            "real-server",
            "10.0.0.2:80 10.0.0.3:80",
            "-Sn\n",
        ),
        (
            r"ipvsadm -D --netns with\ blank -t",
            "tcp-service",
            "10.8.0.1:80",
            "--netns with blank -Sn\n",
        ),
        (
            "ipvsadm --netns='with blank' -d -t 10.8.0.1:80 -r",
            "real-server",
            "10.8.0.2:80",
            "--netns with blank -Sn\n",
        ),
        (
            r"ipvsadm -D --netns '$(id>5)' -t",
            "tcp-service",
            "",
            "--netns $(id>5) -Sn\n",
        ),
    ] {
        let offers = system.zsh(line, option);
        assert_eq!(offers.join(" "), wanted, "{line}");
        assert_eq!(system.calls(), calls, "{line}");
    }
    fs::remove_file(system.0.join("ip_vs")).expect("removing a file");
    let offers = system.zsh("ipvsadm -D -t", "tcp-service");
    assert_eq!((offers.len(), system.calls().as_str()), (0, ""));
}
