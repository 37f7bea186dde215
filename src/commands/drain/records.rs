//! What `--undrain` needs: the servers as they were before they were drained, as rules, a
//! file for each network namespace.

use super::server::Server;
use crate::ExitStatus;
use crate::cli::ServerChoice;
use crate::commands::Failure;
use crate::commands::unblocked::complain_at_once;
use crate::file::Target;
use crate::kernel::Kernel;
use crate::model::{Change, Destination, Endpoint, ServiceKey};
use crate::rules;
use crate::table::{Lock, LockError};
use crate::text::{quote, quote_words};
use anyhow::anyhow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How long another restore is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const HEADING: &str = "# Servers as they were before ipvsadm --drain; --undrain reads this.\n";

/// The servers of a network namespace that were drained.
#[derive(Debug, Default)]
pub struct Records {
    /// `None` where there can be no file.
    path: Option<PathBuf>,
    servers: BTreeMap<(ServiceKey, Endpoint), Destination>,
    changed: bool,
}

/// Keeps restores and other drains out. Where there can be no lock, as without a folder
/// for it, the command goes on without.
pub fn lock(kernel: &Kernel) -> Result<Option<Lock>, Failure> {
    match kernel.lock(PATIENCE) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::Unavailable { .. }) => Ok(None),
        Err(LockError::Held { holder, waited }) => {
            let error = anyhow!("another restore is at work: {holder}; waited {waited} s for it");
            Err(Failure::new(ExitStatus::Refused, error))
        }
        Err(error) => Err(unusable(error)),
    }
}

fn unusable(error: LockError) -> Failure {
    match error {
        LockError::Namespace(error) => Failure::namespace(error),
        LockError::Untrusted { path, reason } => {
            let path = path.display();
            let error = anyhow!("cannot use {path}: {reason}; remove it, or give it to root");
            Failure::new(ExitStatus::Refused, error)
        }
        error => Failure::new(ExitStatus::Refused, error),
    }
}

impl Records {
    /// Reads the file. Where there can be no file, there are no records.
    ///
    /// # Errors
    /// When the file is another user's, or holds lines that this program did not write.
    pub fn read(kernel: &Kernel) -> Result<Records, Failure> {
        let (path, file) = match kernel.run_file("drained") {
            Ok(opened) => opened,
            Err(LockError::Unavailable { path, error }) => {
                complain_at_once(&format!("cannot open {}: {error}", path.display()));
                return Ok(Records::default());
            }
            Err(error) => return Err(unusable(error)),
        };
        let mut servers = BTreeMap::new();
        let mut bad = Vec::new();
        let read = rules::read(file, |number, line| match line.map(|line| line.change) {
            Ok(Change::AddDestination(key, server)) => {
                servers.insert((key, server.endpoint), server);
            }
            Ok(_) => bad.push(format!("line {number}: no server")),
            Err(error) => bad.push(error.to_string()),
        });
        let reason = read.map_err(|error| error.to_string()).err();
        match reason.or(bad.into_iter().next()) {
            None => Ok(Records {
                path: Some(path),
                servers,
                changed: false,
            }),
            Some(reason) => {
                let error = anyhow!("cannot read {}: {reason}", path.display());
                Err(Failure::new(ExitStatus::Refused, error)
                    .with_help("put it right or remove it; --undrain asks for -w then"))
            }
        }
    }

    /// The servers that were drained.
    pub fn servers(&self) -> impl Iterator<Item = (&ServiceKey, &Destination)> {
        self.servers.iter().map(|((key, _), server)| (key, server))
    }

    /// Whether one of the chosen servers was drained.
    pub fn contains(&self, choice: &ServerChoice) -> bool {
        self.servers()
            .any(|(key, server)| choice.contains(key, &server.endpoint))
    }

    /// A server as it was.
    pub fn get(&self, key: &ServiceKey, endpoint: Endpoint) -> Option<&Destination> {
        self.servers.get(&(*key, endpoint))
    }

    /// Records a server as it was before its drain.
    pub fn insert(&mut self, key: ServiceKey, server: Destination) {
        let before = self.servers.insert((key, server.endpoint), server);
        self.changed |= before != Some(server);
    }

    /// Forgets a server.
    pub fn remove(&mut self, key: &ServiceKey, endpoint: Endpoint) {
        self.changed |= self.servers.remove(&(*key, endpoint)).is_some();
    }

    /// Writes the file, whole or not at all, if the records have changed. Returns whether the
    /// records are in the file; says so if they are not.
    pub fn write(&self) -> bool {
        if !self.changed {
            return self.path.is_some();
        }
        let mut text = HEADING.to_owned();
        for ((key, _), server) in &self.servers {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", Change::AddDestination(*key, *server));
        }
        // Reading has said why there is no file.
        let Some(path) = &self.path else {
            return false;
        };
        let written = match Target::find(path) {
            Ok(Some(target)) => target
                .save(text.as_bytes())
                .map_err(|error| error.to_string()),
            Ok(None) => Err("it is standard output".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let refused =
            |reason| complain_at_once(&format!("cannot write {}: {reason}", path.display()));
        written.map_err(refused).is_ok()
    }
}

/// Records servers before they are deleted, with the weight that they had before the drain:
/// while they were drained, another program may have changed them, or taken them out of the
/// records. Returns whether the records could be written.
pub fn keep(kernel: &Kernel, going: &[&mut Server]) -> Result<bool, Failure> {
    let mut records = Records::read(kernel)?;
    for server in going {
        records.insert(server.key(), server.with_weight(server.before.weight));
    }
    Ok(records.write())
}

/// The option of a command line that is for a network namespace.
pub fn elsewhere(netns: Option<&str>) -> String {
    netns.map_or(String::new(), |netns| format!(" --netns {}", quote(netns)))
}

/// Says the command lines that go back where `--undrain` can't.
pub fn say_way_back<'a>(servers: impl Iterator<Item = &'a Server>, netns: Option<&str>) {
    complain_at_once("--undrain will not know how it was; to go back:");
    for server in servers {
        complain_at_once(&way_back(server, netns));
    }
}

/// The command line that makes a server what it was before the drain.
pub fn way_back(server: &Server, netns: Option<&str>) -> String {
    let before = server.with_weight(server.before.weight);
    let change = Change::AddDestination(server.key(), before);
    let change = quote_words(&change.to_string());
    format!("ipvsadm {change} --exist{}", elsewhere(netns))
}
