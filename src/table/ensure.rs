//! `--exist`: changes that may be repeated.

use super::Table;
use crate::kernel::{Error, Kernel, Refusal, RefusalKind};
use crate::model::{Change, Endpoint, ServiceKey, SyncDaemon};
use std::collections::HashSet;

/// How often a change is tried while other programs add and delete the same thing.
const ATTEMPTS: usize = 100;

/// What one line of a rules file asks for, or one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The change.
    pub change: Change,
    /// Whether the change may be repeated (`--exist`): an add of what exists edits
    /// it, and a delete of what does not exist does nothing.
    pub exist: bool,
}

impl Kernel {
    /// Makes the change; where that would add what exists, edits it instead, and
    /// where it would delete what does not exist, does nothing. Where other
    /// programs change the same thing meanwhile, tries again, up to a hundred times.
    ///
    /// # Errors
    /// As [`Kernel::apply`].
    pub fn ensure(&mut self, change: &Change) -> Result<(), Error> {
        if let Change::StartDaemon(daemon) = change {
            return ensure_daemon(self, daemon);
        }
        let mut next = *change;
        for _ in 1..ATTEMPTS {
            match self.apply(&next) {
                Err(Error::Refused(refusal)) => match after_refusal(change, refusal) {
                    Next::Content => return Ok(()),
                    Next::Try(other) => next = other,
                    Next::Refused => return Err(refusal.into()),
                },
                other => return other,
            }
        }
        self.apply(&next)
    }
}

/// What to do about a refusal of a change that may be repeated.
enum Next {
    /// Nothing: the table is as the change would make it.
    Content,
    Try(Change),
    Refused,
}

/// `refusal` is of the change or of the edit that was tried in its place.
fn after_refusal(change: &Change, refusal: Refusal) -> Next {
    match (change, refusal.kind()) {
        _ if refusal.is_of_absent() => Next::Content,
        (Change::AddService(service), RefusalKind::ServiceExists) => {
            Next::Try(Change::EditService(*service))
        }
        (Change::AddDestination(key, new), RefusalKind::DestinationExists) => {
            Next::Try(Change::EditDestination(*key, *new))
        }
        (Change::AddService(_), RefusalKind::NoSuchService)
        | (Change::AddDestination(..), RefusalKind::NoSuchDestination) => Next::Try(*change),
        _ => Next::Refused,
    }
}

/// Starts the daemon, or starts it anew where it does not run as it should. When
/// it does not start, the one that ran is started again.
fn ensure_daemon(kernel: &mut Kernel, wanted: &SyncDaemon) -> Result<(), Error> {
    let mut stopped = None;
    for _ in 1..ATTEMPTS {
        match kernel.apply(&Change::StartDaemon(*wanted)) {
            Err(Error::Refused(refusal)) if refusal.kind() == RefusalKind::DaemonRuns => {}
            Err(refused) => {
                if let Some(before) = stopped {
                    kernel.apply(&Change::StartDaemon(before))?;
                }
                return Err(refused);
            }
            Ok(()) => return Ok(()),
        }
        let daemons = kernel.daemons()?;
        match daemons.into_iter().find(|it| it.role == wanted.role) {
            Some(running) if running.runs_as(wanted) => return Ok(()),
            Some(running) => {
                kernel.ensure(&Change::StopDaemon(running.role, running.sync_id))?;
                stopped = Some(running);
            }
            None => {}
        }
    }
    kernel.apply(&Change::StartDaemon(*wanted))
}

/// The changes that make this table as [`Kernel::ensure`] would make the kernel's.
pub(super) fn fitting(change: &Change, table: &Table) -> Vec<Change> {
    match *change {
        Change::DeleteService(key) if table.get(&key).is_none() => vec![],
        Change::DeleteDestination(key, endpoint) => match table.get(&key) {
            Some(service) if service.destinations.contains(&endpoint) => vec![*change],
            _ => vec![],
        },
        Change::StartDaemon(daemon) => match table.daemon(daemon.role) {
            Some((running, _)) if running.runs_as(&daemon) => vec![],
            Some((running, _)) => {
                vec![Change::StopDaemon(running.role, running.sync_id), *change]
            }
            None => vec![*change],
        },
        Change::StopDaemon(role, _) if table.daemon(role).is_none() => vec![],
        _ => vec![add_or_edit(change, table)],
    }
}

/// An edit in place of an add of what the table has.
fn add_or_edit(change: &Change, table: &Table) -> Change {
    match *change {
        Change::AddService(service) if table.get(&service.key).is_some() => {
            Change::EditService(service)
        }
        Change::AddDestination(key, new) => match table.get(&key) {
            Some(service) if service.destinations.contains(&new.endpoint) => {
                Change::EditDestination(key, new)
            }
            _ => *change,
        },
        _ => *change,
    }
}

/// Makes many requests in batches.
///
/// For an add that may be repeated, `known` foretells whether it must be an edit.
/// That only saves refusals: the kernel's answers decide, and a change that was
/// foretold wrongly is made by [`Kernel::ensure`].
pub struct Ensuring<'a> {
    kernel: &'a mut Kernel,
    known: Option<Table>,
}

impl<'a> Ensuring<'a> {
    /// `known` is the kernel's table; without it every add is tried as an add.
    pub fn new(kernel: &'a mut Kernel, known: Option<Table>) -> Self {
        Ensuring { kernel, known }
    }

    /// Makes the requests, in order; returns those that the kernel refused, in
    /// order, each with its index. A refusal keeps none of the others from being
    /// made.
    ///
    /// # Errors
    /// As of [`Kernel::apply_all`]; the indices are those of the requests.
    pub fn apply_all(&mut self, requests: &[Request]) -> Result<Vec<(usize, Refusal)>, Error> {
        let mut refused = Vec::new();
        let mut first = 0;
        while first < requests.len() {
            let rest = requests.get(first..).unwrap_or_default();
            let count = independent(rest);
            let (batch, _) = rest.split_at(count);
            self.send(batch, first, &mut refused)?;
            first += count;
        }
        Ok(refused)
    }

    /// Sends requests of which none depends on how another one with `--exist`
    /// ends.
    fn send(
        &mut self,
        batch: &[Request],
        first: usize,
        refused: &mut Vec<(usize, Refusal)>,
    ) -> Result<(), Error> {
        if let [
            Request {
                change,
                exist: true,
            },
        ] = batch
            && is_of_daemon(change)
        {
            return match self.kernel.ensure(change) {
                Err(Error::Refused(refusal)) => {
                    refused.push((first, refusal));
                    Ok(())
                }
                other => other,
            };
        }
        let changes: Vec<Change> = batch.iter().map(|it| self.foretold(it)).collect();
        let answers = self.kernel.apply_all(&changes);
        let answers = answers.map_err(|error| moved(error, first, refused))?;
        // Services that had to be looked at again.
        let mut mended = HashSet::new();
        for (index, refusal) in answers {
            let (Some(request), Some(sent)) = (batch.get(index), changes.get(index)) else {
                continue;
            };
            match self.mend(request, sent, refusal, &mut mended) {
                Ok(()) => {}
                Err(Error::Refused(refusal)) => refused.push((first + index, refusal)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What to send for a request.
    fn foretold(&mut self, request: &Request) -> Change {
        let Some(known) = &mut self.known else {
            return request.change;
        };
        let change = match request.exist {
            true => add_or_edit(&request.change, known),
            false => request.change,
        };
        // What the table refuses the kernel will refuse, and say so.
        let _ = known.apply(&change);
        change
    }

    /// Looks at a refusal again: it may be there only because another program
    /// changed the table, or because a service before it was refused so.
    fn mend(
        &mut self,
        request: &Request,
        sent: &Change,
        refusal: Refusal,
        mended: &mut HashSet<ServiceKey>,
    ) -> Result<(), Error> {
        let of_mended = subject(sent).is_some_and(|(key, _)| mended.contains(&key));
        if !request.exist {
            return match of_mended {
                true => self.kernel.apply(sent),
                false => Err(refusal.into()),
            };
        }
        match after_refusal(&request.change, refusal) {
            Next::Content => return Ok(()),
            Next::Refused if !of_mended => return Err(refusal.into()),
            _ => {}
        }
        self.kernel.ensure(&request.change)?;
        if let Change::AddService(service) = request.change {
            mended.insert(service.key);
        }
        Ok(())
    }
}

/// An error with the indices of the requests, and with what was refused before.
fn moved(error: Error, by: usize, before: &mut Vec<(usize, Refusal)>) -> Error {
    match error {
        Error::Unknown {
            first,
            last,
            refused,
            source,
        } => {
            before.extend(refused.into_iter().map(|(index, it)| (by + index, it)));
            Error::Unknown {
                first: by + first,
                last: by + last,
                refused: std::mem::take(before),
                source,
            }
        }
        other => other,
    }
}

/// How many of the requests, at least one, can be sent in one batch. An add that
/// may be repeated can turn out to be due again once the batch is made: nothing
/// that touches the same thing may have come after it by then.
fn independent(requests: &[Request]) -> usize {
    let mut services = HashSet::new();
    let mut adding = HashSet::new();
    for (index, Request { change, exist }) in requests.iter().enumerate() {
        let waits = match subject(change) {
            Some((key, None)) => services.contains(&key),
            Some(subject) => adding.contains(&subject),
            None => !services.is_empty(),
        };
        // A daemon that does not start leaves the one that ran: so it goes alone.
        let alone = *exist && is_of_daemon(change);
        if index > 0 && (waits || alone) {
            return index;
        }
        if alone {
            return 1;
        }
        if *exist && matches!(change, Change::AddService(_) | Change::AddDestination(..)) {
            let subject = subject(change);
            services.extend(subject.map(|(key, _)| key));
            adding.extend(subject);
        }
    }
    requests.len()
}

/// The service, or the server of a service, that a change is about.
fn subject(change: &Change) -> Option<(ServiceKey, Option<Endpoint>)> {
    match change {
        Change::AddService(service) | Change::EditService(service) => Some((service.key, None)),
        Change::DeleteService(key) | Change::Zero(Some(key)) => Some((*key, None)),
        Change::AddDestination(key, new) | Change::EditDestination(key, new) => {
            Some((*key, Some(new.endpoint)))
        }
        Change::DeleteDestination(key, endpoint) => Some((*key, Some(*endpoint))),
        _ => None,
    }
}

fn is_of_daemon(change: &Change) -> bool {
    matches!(change, Change::StartDaemon(_) | Change::StopDaemon(..))
}
