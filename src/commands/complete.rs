//! What a shell offers at a Tab. `COMPLETE=bash ipvsadm` prints what makes bash ask;
//! then each Tab runs `COMPLETE=bash ipvsadm -- LINE`, which prints the words that may
//! stand at the line's end.
//!
//! Nothing is changed, looked up by name or complained of, and no module is loaded.

use super::to_stdout;
use crate::ExitStatus;
use crate::cli::row::{Offers, Row};
use crate::cli::{Program, Unfinished, clap};
use crate::kernel::{Kernel, NetworkNamespace};
use crate::model::{Endpoint, Name, Protocol, ServiceKey};
use ::clap::Command;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter, complete,
};
use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const SCHEDULER_FLAGS: [&str; 7] = [
    "sh-fallback",
    "sh-port",
    "mh-fallback",
    "mh-port",
    "flag-1",
    "flag-2",
    "flag-3",
];

/// With so many servers found no further service is asked: a table may have a million.
const ENOUGH_SERVERS: usize = 1000;

/// A shell that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// It takes words that end in NUL.
    Bash,
    /// It takes words and their help, each with a NUL at its end.
    Zsh,
    /// It takes lines: a word, a tab, its help.
    Fish,
}

impl Shell {
    fn named(name: &OsStr) -> Option<Shell> {
        match name.to_str()? {
            "bash" => Some(Shell::Bash),
            "zsh" => Some(Shell::Zsh),
            "fish" => Some(Shell::Fish),
            _ => None,
        }
    }

    /// What makes the shell ask, for the three names of the program.
    pub fn registration(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../packaging/completions/ipvsadm.bash"),
            Shell::Zsh => include_str!("../../packaging/completions/ipvsadm.zsh"),
            Shell::Fish => include_str!("../../packaging/completions/ipvsadm.fish"),
        }
    }

    fn write(self, offer: &CompletionCandidate, out: &mut Vec<u8>) {
        let word = offer.get_value().to_string_lossy();
        let help = offer
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        match self {
            Shell::Bash => out.extend_from_slice(format!("{word}\0").as_bytes()),
            Shell::Zsh => out.extend_from_slice(format!("{word}\0{help}\0").as_bytes()),
            // It would be more than a line.
            Shell::Fish if word.contains(char::is_control) => {}
            Shell::Fish => out.extend_from_slice(format!("{word}\t{help}\n").as_bytes()),
        }
    }
}

/// Answers a shell, where one asks. Other arguments, and the two other programs, are
/// commands, whatever the environment holds.
pub fn run(called: &OsStr, words: &[OsString]) -> Option<ExitStatus> {
    if Program::called(called) != Program::Ipvsadm {
        return None;
    }
    let shell = Shell::named(&env::var_os("COMPLETE")?)?;
    let text = match words {
        [] => shell.registration().into(),
        [dashes, line @ ..] if dashes == "--" => answer(shell, line),
        _ => return None,
    };
    // A shell that has gone away misses nothing.
    let _ = to_stdout(|out| Ok(out.write_all(&text)?));
    Some(ExitStatus::Success)
}

fn answer(shell: Shell, line: &[OsString]) -> Vec<u8> {
    let mut text = Vec::new();
    for offer in offers(line).unwrap_or_default() {
        shell.write(&offer, &mut text);
    }
    text
}

/// What may stand at the end of a line. The engine is told what the line has come
/// to: the rows that fit, and the option that waits for its value.
fn offers(line: &[OsString]) -> Option<Vec<CompletionCandidate>> {
    let words: Vec<_> = line.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let [program, finished @ .., current] = words.as_slice() else {
        return None;
    };
    let line = Arc::new(Unfinished::read(
        Program::called(OsStr::new(program)),
        finished,
        current,
    )?);
    let mut short_line = vec![OsString::from(program)];
    short_line.extend(line.waiting.map(|row| format!("--{}", row.long).into()));
    short_line.push(current.into());
    let rows = line.next.iter().copied().chain(line.waiting);
    let arguments = rows.map(|row| {
        let values = Values(row, Arc::clone(&line));
        clap::argument(row)
            .help(row.help)
            .add(ArgValueCompleter::new(values))
    });
    let mut command = Command::new("ipvsadm")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(arguments);
    let last = short_line.len() - 1;
    complete(&mut command, short_line, last, None).ok()
}

/// The values of a row's option on a line.
struct Values(&'static Row, Arc<Unfinished>);

impl ValueCompleter for Values {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Values(row, line) = self;
        if let Offers::Files = row.offers {
            return PathCompleter::any()
                .filter(|path| !path.is_dir())
                .complete(current);
        }
        let current = current.to_string_lossy();
        let values = values(row, line, &current).unwrap_or_default();
        let fitting = values
            .into_iter()
            .filter(|value| value.starts_with(&*current));
        fitting.map(CompletionCandidate::new).collect()
    }
}

fn values(row: &Row, line: &Unfinished, current: &str) -> Option<Vec<String>> {
    let netns = line.options.netns.as_deref();
    Some(match row.offers {
        Offers::Nothing | Offers::Files => return None,
        Offers::Words(words) => words().into_iter().map(str::to_owned).collect(),
        Offers::Services(protocol) => services(&mut open(netns)?, protocol),
        Offers::Servers => servers(&mut open(netns)?, line, current),
        Offers::SchedulerFlags => flags(line, current),
        Offers::Interfaces => interfaces(netns)?,
        Offers::Namespaces => namespaces()?,
    })
}

/// The kernel's IPVS, where it is there already: opening it would load the module.
fn open(netns: Option<&str>) -> Option<Kernel> {
    if !Path::new("/proc/net/ip_vs").exists() {
        return None;
    }
    match netns {
        None => Kernel::open().ok(),
        Some(name) => Kernel::open_in(NetworkNamespace::find(name).ok()?).ok(),
    }
}

/// The services of a protocol, or the firewall marks.
fn services(kernel: &mut Kernel, protocol: Option<Protocol>) -> Vec<String> {
    let services = kernel.services().unwrap_or_default();
    let mut found: Vec<String> = services
        .iter()
        .filter(|status| status.service.key.protocol() == protocol)
        .map(|status| match status.service.key {
            ServiceKey::Address { endpoint, .. } => endpoint.to_string(),
            ServiceKey::Fwmark { mark, .. } => mark.to_string(),
        })
        .collect();
    // An IPv4 and an IPv6 service may have the same mark.
    found.sort_unstable();
    found.dedup();
    found
}

/// The servers of the line's service. Where it has none, or gets one, all of the table.
fn servers(kernel: &mut Kernel, line: &Unfinished, current: &str) -> Vec<String> {
    let own = line.options.service.into_iter().collect();
    let own = servers_of(kernel, own, current);
    let drains_own = line.drains && line.options.service.is_some();
    if drains_own || !own.is_empty() && !line.adds_server {
        return own;
    }
    let services = kernel.services().unwrap_or_default();
    let keys = services.iter().map(|status| status.service.key).collect();
    servers_of(kernel, keys, current)
}

fn servers_of(kernel: &mut Kernel, services: Vec<ServiceKey>, current: &str) -> Vec<String> {
    let mut found: BTreeSet<Endpoint> = BTreeSet::new();
    for key in services {
        if found.len() >= ENOUGH_SERVERS {
            break;
        }
        let servers = kernel.destinations(&key).unwrap_or_default();
        let endpoints = servers.iter().map(|status| status.destination.endpoint);
        found.extend(endpoints.filter(|server| server.to_string().starts_with(current)));
    }
    found.iter().map(ToString::to_string).collect()
}

/// The flags of the line's scheduler that a list has not yet, each behind the list.
/// A scheduler without names for its flags has three numbered flags.
fn flags(line: &Unfinished, current: &str) -> Vec<String> {
    let given = &current[..current.rfind(',').map_or(0, |comma| comma + 1)];
    let is_of = |flag: &str, owner: &str| flag.split_once('-').is_some_and(|(own, _)| own == owner);
    let scheduler = line.options.scheduler.as_ref().map(Name::as_str);
    let owner = scheduler.map(|name| {
        let names_flags = SCHEDULER_FLAGS.iter().any(|flag| is_of(flag, name));
        if names_flags { name } else { "flag" }
    });
    SCHEDULER_FLAGS
        .iter()
        .filter(|flag| !given.split(',').any(|word| word == **flag))
        .filter(|flag| owner.is_none_or(|owner| is_of(flag, owner)))
        .map(|flag| format!("{given}{flag}"))
        .collect()
}

/// The interfaces of a network namespace.
fn interfaces(netns: Option<&str>) -> Option<Vec<String>> {
    let read = || fs::read_to_string("/proc/thread-self/net/dev").ok();
    let text = match netns {
        None => read()?,
        Some(name) => NetworkNamespace::find(name).ok()?.within(read).ok()??,
    };
    let names = text.lines().filter_map(|line| line.split_once(':'));
    Some(
        names
            .map(|(name, _)| name.trim_start().to_owned())
            .collect(),
    )
}

/// The names of `ip netns`.
fn namespaces() -> Option<Vec<String>> {
    let entries = fs::read_dir("/run/netns").ok()?.flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<String> = files
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    Some(names)
}
