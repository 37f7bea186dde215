//! The firewall: its rules, as the programs print them that the administrator uses.
//!
//! A program is only run where the kernel has such rules: it might load a module.

mod iptables;
mod native;
mod rules;
mod verdict;

#[cfg(test)]
pub use iptables::rulesets;
use rules::Base;
pub use rules::{Hook, Ruleset};
pub use verdict::{Outcome, Packet};

use super::{Seen, failed};
use crate::model::Family;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

/// What could be read of the firewall.
#[derive(Debug, Default)]
pub struct Firewall {
    /// The rules of each program, family and table.
    pub rulesets: Vec<Ruleset>,
    /// What there is and could not be read, or not be understood.
    pub unseen: Vec<String>,
}

/// A program that prints rules, and the kernel's list of the tables that it prints.
struct Source {
    family: Family,
    /// The programs, of which the first that is there is run, without `-save`.
    programs: [&'static str; 2],
    tables: Tables,
}

enum Tables {
    /// A file of the kernel names them.
    File(&'static str),
    /// They are nftables'.
    Nftables,
}

const SOURCES: [Source; 4] = [
    Source {
        family: Family::Inet,
        programs: ["iptables-legacy", "iptables"],
        tables: Tables::File("/proc/thread-self/net/ip_tables_names"),
    },
    Source {
        family: Family::Inet6,
        programs: ["ip6tables-legacy", "ip6tables"],
        tables: Tables::File("/proc/thread-self/net/ip6_tables_names"),
    },
    Source {
        family: Family::Inet,
        programs: ["iptables-nft", "iptables"],
        tables: Tables::Nftables,
    },
    Source {
        family: Family::Inet6,
        programs: ["ip6tables-nft", "ip6tables"],
        tables: Tables::Nftables,
    },
];

impl Firewall {
    /// Reads the firewall of this network namespace.
    pub fn read() -> Self {
        let mut firewall = Firewall::default();
        for source in SOURCES {
            let is_known =
                |it: &Ruleset| it.program == source.program() && it.family == Some(source.family);
            if firewall.rulesets.iter().any(is_known) {
                continue;
            }
            match source.read() {
                Ok(rulesets) => firewall.rulesets.extend(rulesets),
                Err(why) => firewall.unseen.push(why),
            }
        }
        if has_nftables() {
            match read_nftables() {
                Ok(rulesets) => firewall.add_tables_of_nft(rulesets),
                Err(why) => firewall.unseen.push(why),
            }
        }
        firewall
    }

    /// The chains that `iptables-nft` keeps it prints better than nft. It leaves out those
    /// that nft added to its tables.
    fn add_tables_of_nft(&mut self, mut rulesets: Vec<Ruleset>) {
        for ruleset in &mut rulesets {
            let is_same = |it: &&Ruleset| {
                let is_of_nftables = !it.program.ends_with("-legacy");
                is_of_nftables && it.family == ruleset.family && it.table == ruleset.table
            };
            let same: Vec<_> = self.rulesets.iter().filter(is_same).collect();
            let is_new = |base: &Base| !same.iter().any(|it| it.chains.contains_key(&base.name));
            ruleset.bases.retain(is_new);
        }
        rulesets.retain(|ruleset| !ruleset.bases.is_empty());
        self.rulesets.extend(rulesets);
    }
}

impl Source {
    /// The program that is there.
    fn program(&self) -> &'static str {
        let [first, second] = self.programs;
        let is_there = |program| find(&format!("{program}-save")).is_some();
        match is_there(second) && !is_there(first) {
            true => second,
            false => first,
        }
    }

    fn read(&self) -> Seen<Vec<Ruleset>> {
        let are_there = match self.tables {
            Tables::Nftables => has_nftables(),
            Tables::File(path) => match fs::read_to_string(path) {
                Ok(names) => !names.trim().is_empty(),
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(failed(path, error)),
            },
        };
        if !are_there {
            return Ok(Vec::new());
        }
        let program = self.program();
        let text = run(&format!("{program}-save"), &[])?;
        Ok(iptables::rulesets(program, self.family, &text))
    }
}

fn has_nftables() -> bool {
    Path::new("/sys/module/nf_tables").exists()
        || fs::read_to_string("/proc/modules")
            .is_ok_and(|text| text.lines().any(|line| line.starts_with("nf_tables ")))
}

fn read_nftables() -> Seen<Vec<Ruleset>> {
    let text = run("nft", &["-j", "list", "ruleset"])?;
    native::rulesets(&text).ok_or_else(|| "nft: its answer is not what it should be".to_owned())
}

/// Where a program is that belongs to the administrator.
fn find(program: &str) -> Option<std::path::PathBuf> {
    let folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
    let mut paths = folders.iter().map(|folder| Path::new(folder).join(program));
    paths.find(|path| path.exists())
}

fn run(program: &str, words: &[&str]) -> Seen<String> {
    let path = find(program).ok_or_else(|| format!("{program} is not installed"))?;
    let output = Command::new(path)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(program, error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("failed");
        return Err(format!("{program}: {first}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
