//! `--undrain`: a drained server gets the weight that it had, or is added back.

use super::drain::records::{self, Records};
use super::drain::server;
use super::{Failure, complain, to_stdout};
use crate::ExitStatus;
use crate::cli::Undrain;
use crate::kernel::{Kernel, RefusalKind};
use crate::model::{Change, Destination, Endpoint, ServiceKey};
use anyhow::anyhow;
use std::collections::{BTreeMap, BTreeSet};

/// Undrains the servers, or prints what would be done. A server that can't be undrained is
/// reported, and does not keep the others from being undrained.
pub fn run(kernel: &mut Kernel, undrain: &Undrain) -> Result<ExitStatus, Failure> {
    let lock = records::lock(kernel)?;
    let mut records = Records::read(kernel)?;
    let work = plan(kernel, undrain, &records)?;
    let mut said = Vec::new();
    let mut printed = Vec::new();
    let mut status = ExitStatus::Success;
    for task in &work {
        let done = task.decide().and_then(|decision| match decision {
            Decision::Leave(word) => Ok(word),
            Decision::Make(change) if undrain.dry_run => {
                printed.push(change);
                Ok(None)
            }
            Decision::Make(change) => make(kernel, &change).map(|()| added_back(&change, undrain)),
        });
        match done {
            Ok(word) => {
                // With weight 0 the server is not back yet. A server that another program
                // has taken in again is drained no more.
                let is_in = task.now.is_some_and(|now| now.weight != 0);
                if is_in || undrain.weight != Some(0) {
                    records.remove(&task.key, task.endpoint);
                }
                said.extend(word);
            }
            Err(failure) => {
                status = failure.status();
                said.extend(failure.lines());
            }
        }
    }
    if !undrain.dry_run {
        records.write();
    }
    // What is said may not be read for long: nobody has to wait for that.
    drop(lock);
    said.iter().for_each(|line| complain(line));
    to_stdout(|out| {
        for change in &printed {
            writeln!(out, "{change}")?;
        }
        Ok(())
    })?;
    Ok(status)
}

/// A server that is to be undrained.
struct Task {
    key: ServiceKey,
    endpoint: Endpoint,
    /// The server in the kernel's table; `None` where it was deleted.
    now: Option<Destination>,
    /// The server before it was drained; `None` where that is not known.
    before: Option<Destination>,
    /// The weight that was asked for.
    weight: Option<i32>,
}

/// The chosen servers as they are; `None` where one was deleted.
type Chosen = BTreeMap<(ServiceKey, Endpoint), Option<Destination>>;

/// What is done with a server.
enum Decision {
    Make(Change),
    /// Nothing; what there is to say of it.
    Leave(Option<String>),
}

/// The chosen servers, of the table and of those that were drained.
fn plan(kernel: &mut Kernel, undrain: &Undrain, records: &Records) -> Result<Vec<Task>, Failure> {
    let choice = &undrain.server;
    let servers = server::chosen(kernel, choice).map_err(Failure::listing)?;
    let there = servers.iter().map(|server| {
        let now = server.status.destination;
        ((server.key(), server.endpoint()), Some(now))
    });
    let drained = records
        .servers()
        .filter(|(key, server)| choice.contains(key, &server.endpoint))
        .map(|(key, server)| ((*key, server.endpoint), None));
    let mut chosen: Chosen = drained.collect();
    chosen.extend(there);
    if choice.service.is_none() {
        leave_out_lost(kernel, &mut chosen)?;
    }
    if chosen.is_empty() {
        let failure = server::no_server(kernel, choice);
        let mut drained = records.servers();
        let drained = drained.find(|(key, server)| {
            choice.service == Some(**key) && server.endpoint.address == choice.address
        });
        return Err(match drained {
            None => failure,
            Some((_, server)) => {
                failure.with_help(format!("{} was drained: give its port", server.endpoint))
            }
        });
    }
    let mut tasks = Vec::new();
    for ((key, endpoint), now) in chosen {
        let takes_connections = now.is_some_and(|now| now.weight != 0);
        tasks.push(Task {
            key,
            endpoint,
            now,
            before: records.get(&key, endpoint).copied(),
            // In a search through all services, -w is not for a server that takes connections.
            weight: match takes_connections && choice.service.is_none() {
                true => None,
                false => undrain.weight,
            },
        });
    }
    Ok(tasks)
}

/// Leaves out the servers whose service is gone, unless there are no others: one service
/// that was deleted must not make each undrain fail. They stay noted.
fn leave_out_lost(kernel: &mut Kernel, chosen: &mut Chosen) -> Result<(), Failure> {
    let services = kernel.services().map_err(Failure::listing)?;
    let services: BTreeSet<ServiceKey> = services.iter().map(|it| it.service.key).collect();
    if chosen.keys().any(|(key, _)| services.contains(key)) {
        chosen.retain(|(key, _), _| services.contains(key));
    }
    Ok(())
}

impl Task {
    /// What to do.
    ///
    /// # Errors
    /// Where the weight that it had is not known.
    fn decide(&self) -> Result<Decision, Failure> {
        let Task { endpoint, key, .. } = self;
        let place = format!("{endpoint} of {key}");
        let weight = self.weight.or(self.before.map(|before| before.weight));
        let Some(now) = self.now else {
            return Ok(match (weight, self.before) {
                (Some(weight), Some(before)) => {
                    let server = Destination { weight, ..before };
                    Decision::Make(Change::AddDestination(*key, server))
                }
                _ => Decision::Leave(None),
            });
        };
        Ok(match weight {
            None if now.weight == 0 => {
                let error = anyhow!("{place}: the weight that it had is not known");
                return Err(Failure::new(ExitStatus::Usage, error).with_help("give it with -w"));
            }
            Some(0) if now.weight == 0 && self.weight.is_none() => Decision::Leave(Some(format!(
                "{place} had weight 0 before it was drained: give it another one with -w"
            ))),
            Some(weight) if now.weight == weight => Decision::Leave(None),
            // Another program has taken the server in again, with a weight of its own.
            _ if now.weight != 0 && self.weight.is_none() => {
                Decision::Leave(Some(format!("{place} has weight {} already", now.weight)))
            }
            Some(weight) => {
                Decision::Make(Change::EditDestination(*key, Destination { weight, ..now }))
            }
            None => Decision::Leave(None),
        })
    }
}

/// Without a service, a server comes back in each service that it was ever drained in:
/// perhaps in one where it was taken out for good.
fn added_back(change: &Change, undrain: &Undrain) -> Option<String> {
    match change {
        Change::AddDestination(key, server) if undrain.server.service.is_none() => Some(format!(
            "added back: {key} -r {server} (it was drained before)"
        )),
        _ => None,
    }
}

fn make(kernel: &mut Kernel, change: &Change) -> Result<(), Failure> {
    kernel.apply(change).map_err(|error| {
        let kind = error.refusal().map(|refusal| refusal.kind());
        let failure = Failure::change(error).with_help(change.to_string());
        match kind {
            Some(RefusalKind::NoSuchService) => failure.with_help(
                "its service is gone: add that, and undrain again; if it was deleted for \
                     good, there is nothing to undrain",
            ),
            Some(RefusalKind::NoSuchDestination | RefusalKind::DestinationExists) => {
                failure.with_help("another program has changed it meanwhile: undrain again")
            }
            _ => failure,
        }
    })
}
