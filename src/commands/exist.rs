//! `--exist`: commands that may be repeated.

use crate::model::{Change, SyncDaemon};
use crate::netlink::{Error, Kernel};
use crate::rules::Table;

/// Makes the change; where that would add what exists, edits it instead, and
/// where it would delete what does not exist, is content.
pub fn apply(kernel: &mut Kernel, change: &Change) -> Result<(), Error> {
    match kernel.apply(change) {
        Err(Error::Refused(refused)) => match (change, refused.errno) {
            (Change::AddService(service), libc::EEXIST) => {
                kernel.apply(&Change::EditService(*service))
            }
            (Change::AddDestination(key, destination), libc::EEXIST) => {
                kernel.apply(&Change::EditDestination(*key, *destination))
            }
            (Change::StartDaemon(daemon), libc::EEXIST) => restart(kernel, daemon),
            (change, libc::ESRCH | libc::ENOENT) if deletes(change) => Ok(()),
            _ => Err(Error::Refused(refused)),
        },
        other => other,
    }
}

/// Starts the daemon anew, unless it runs as it should. When it does not start,
/// the one that ran is started again.
fn restart(kernel: &mut Kernel, wanted: &SyncDaemon) -> Result<(), Error> {
    let running = kernel
        .daemons()?
        .into_iter()
        .find(|running| running.role == wanted.role);
    let Some(running) = running else {
        return kernel.apply(&Change::StartDaemon(*wanted));
    };
    if running.runs_as(wanted) {
        return Ok(());
    }
    kernel.apply(&Change::StopDaemon(running.role, running.sync_id))?;
    kernel
        .apply(&Change::StartDaemon(*wanted))
        .or_else(|refused| {
            kernel.apply(&Change::StartDaemon(running))?;
            Err(refused)
        })
}

fn deletes(change: &Change) -> bool {
    matches!(
        change,
        Change::DeleteService(_) | Change::DeleteDestination(..) | Change::StopDaemon(..)
    )
}

/// The changes that have the same effect on this table and none of whose kind is
/// refused for being repeated.
pub fn fitting(change: &Change, table: &Table) -> Vec<Change> {
    let change = *change;
    match change {
        Change::AddService(service) if table.get(&service.key).is_some() => {
            vec![Change::EditService(service)]
        }
        Change::DeleteService(key) if table.get(&key).is_none() => vec![],
        Change::AddDestination(key, destination) => match table.get(&key) {
            Some(service) if service.destinations.contains(&destination.endpoint) => {
                vec![Change::EditDestination(key, destination)]
            }
            _ => vec![change],
        },
        Change::DeleteDestination(key, endpoint) => match table.get(&key) {
            Some(service) if service.destinations.contains(&endpoint) => vec![change],
            _ => vec![],
        },
        Change::StartDaemon(daemon) => match table.daemon(daemon.role) {
            Some((running, _)) if running.runs_as(&daemon) => vec![],
            Some((running, _)) => {
                vec![Change::StopDaemon(running.role, running.sync_id), change]
            }
            None => vec![change],
        },
        Change::StopDaemon(role, _) if table.daemon(role).is_none() => vec![],
        _ => vec![change],
    }
}
