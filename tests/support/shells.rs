//! What the shells offer at a Tab: each with the completions that the packages install, and with the program under test.

#[allow(dead_code)] // its main
#[path = "../../packaging/generate.rs"]
mod generate;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

/// Names as only somebody with bad intentions would give them to an interface, a namespace or a file.
pub const HOSTILE: [&str; 6] = ["$(id>1)", "`id>2`", "*", "a;id>3", "${X:=y}", "<(id>4)"];

/// A folder with the generated completions, the program, and a place to stand in; gone with the value.
pub struct Shells {
    folder: PathBuf,
    /// The words before the shell's, such as those that take root's privileges away.
    pub before: &'static [&'static str],
}

impl Shells {
    pub fn new(name: &str, program: OsString) -> Shells {
        let folder = std::env::temp_dir().join(format!("ipvsadm-{name}-{}", std::process::id()));
        for place in ["bin", "cwd"] {
            fs::create_dir_all(folder.join(place)).expect("making a folder");
        }
        generate::write(&folder).expect("generating");
        symlink(program, folder.join("bin/ipvsadm")).expect("a program");
        Shells {
            folder,
            before: &[],
        }
    }

    /// Makes a file where the shells stand.
    pub fn file(&self, name: &str) {
        fs::write(self.folder.join("cwd").join(name), "").expect("writing a file");
    }

    /// The names of the files where the shells stand.
    fn files(&self) -> Vec<OsString> {
        let entries = fs::read_dir(self.folder.join("cwd")).expect("the folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("a file").file_name())
            .collect();
        names.sort_unstable();
        names
    }

    /// What a shell prints that runs the script with the completion of this name and a line. It sees nothing of the user's environment
    /// or start files. None of them may leave a file where it stands, as what stands in a name would.
    fn shell(&self, shell: &[&str], completion: &str, line: &str) -> Vec<String> {
        let mut path = self.folder.join("bin").into_os_string();
        path.push(":/usr/bin:/bin");
        let files = self.files();
        let words = [self.before, shell].concat();
        let output = Command::new(words[0])
            .args(&words[1..])
            .arg(self.folder.join("completions").join(completion))
            .arg(line)
            .current_dir(self.folder.join("cwd"))
            .env_clear()
            .env("PATH", path)
            .env("HOME", &self.folder)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap_or_else(|error| panic!("{}: {error} (tests/run installs it)", words[0]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.is_empty(), "{line}: {said}");
        assert_eq!(self.files(), files, "something was executed: {line}");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    pub fn bash(&self, line: &str) -> Vec<String> {
        let script = "COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'
. \"$1\"
COMP_LINE=$2 COMP_POINT=${#2}
compopt() { :; }
_ipvsadm
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' \"${COMPREPLY[@]}\"";
        let shell = ["bash", "--norc", "-c", script, "bash"];
        self.shell(&shell, "ipvsadm.bash", line)
    }

    /// In order, without the descriptions.
    pub fn fish(&self, line: &str) -> Vec<String> {
        let mut offers = self.fish_lines(line);
        for offer in &mut offers {
            offer.truncate(offer.find('\t').unwrap_or(offer.len()));
        }
        offers.sort_unstable();
        offers
    }

    /// With the descriptions, each behind a tab. Completions for ipvsadm that are installed must not come on top.
    pub fn fish_lines(&self, line: &str) -> Vec<String> {
        let script = "set fish_complete_path
function ipvsadm-save; end; function ipvsadm-restore; end
source $argv[1]; complete -C $argv[2]";
        let shell = ["fish", "--no-config", "-c", script];
        self.shell(&shell, "ipvsadm.fish", line)
    }

    /// What is added as a match: to choose those that fit is zsh's own.
    pub fn zsh(&self, line: &str) -> Vec<String> {
        let script = "compdef() { :; }
compadd() { print -rlC1 -- ${(P)@[-1]} }
words=(${(z)2}); [[ $2 != *[[:blank:]] ]] || words+=('')
CURRENT=$#words PREFIX=$words[-1]
. $1; _ipvsadm";
        self.shell(&["zsh", "-f", "-c", script, "zsh"], "_ipvsadm", line)
    }
}

impl Drop for Shells {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
