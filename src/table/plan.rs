//! The difference of two tables, as the steps that lead from one to the other.

use super::destinations::{Beside, Destinations, TableDestination};
use super::memory::{Table, TableService};
use crate::model::{Change, Destination, ForwardMethod, Service, ServiceKey, SyncRole, Timeouts};

/// What a table is to become.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The services, and the daemons and timeouts that are named.
    pub table: Table,
    /// The daemons that are named, to run or to be stopped; the others are left
    /// alone.
    pub roles: Vec<SyncRole>,
}

impl Target {
    /// Notes that the daemon of a role is named.
    pub fn name(&mut self, role: SyncRole) {
        if !self.roles.contains(&role) {
            self.roles.push(role);
        }
    }
}

/// A step, by the changes that would make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Something new: the change that adds it.
    Add(Change),
    /// Something changed.
    Edit(Box<Edit>),
    /// Something to go: the change that would add it.
    Remove(Change),
}

/// The changes that make a thing as it is now and as it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// As it is now.
    pub old: Change,
    /// As it will be.
    pub new: Change,
}

/// A step, and the line of the rules file that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// The step.
    pub step: Step,
    /// The line; 0 for a removal, which no line asks for.
    pub line: u32,
}

/// The steps from one table to another, in four phases: each is to be done
/// before the next begins.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The sync daemons that go before anything comes, as the kernel runs none
    /// beside servers of another family than their service's.
    pub first: Vec<PlannedStep>,
    /// What is added and edited.
    pub build: Vec<PlannedStep>,
    /// What is taken away once all that was built.
    pub remove: Vec<PlannedStep>,
    /// The sync daemons that can run only now that such servers are gone.
    pub last: Vec<PlannedStep>,
    /// A sync daemon that runs while the table is changed.
    pub syncing: Option<SyncRole>,
    /// How many services, servers and so on stay untouched.
    pub unchanged: usize,
}

/// A change with the one that takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The change.
    pub forward: Change,
    /// What undoes it.
    pub back: Change,
}

/// How many steps a plan has of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanCounts {
    /// New services, servers and daemons.
    pub added: usize,
    /// Changed ones.
    pub changed: usize,
    /// Those that go.
    pub removed: usize,
}

impl Step {
    /// The changes that make the step, in order, and what takes each back.
    pub fn moves(&self) -> impl DoubleEndedIterator<Item = Move> {
        let to = |forward, back| Some(Move { forward, back });
        match self {
            Step::Add(add) => [removal(add).and_then(|remove| to(*add, remove)), None],
            Step::Remove(add) => [removal(add).and_then(|remove| to(remove, *add)), None],
            Step::Edit(edit) => match **edit {
                // A running daemon can't be changed, only started anew.
                Edit {
                    old: old @ Change::StartDaemon(_),
                    new,
                } => [
                    removal(&old).and_then(|stop| to(stop, old)),
                    removal(&new).and_then(|stop| to(new, stop)),
                ],
                Edit { old, new } => [to(new, old), None],
            },
        }
        .into_iter()
        .flatten()
    }
}

/// The change that takes away what `added` adds.
fn removal(added: &Change) -> Option<Change> {
    match added {
        Change::AddService(service) => Some(Change::DeleteService(service.key)),
        Change::AddDestination(key, destination) => {
            Some(Change::DeleteDestination(*key, destination.endpoint))
        }
        Change::StartDaemon(daemon) => Some(Change::StopDaemon(daemon.role, daemon.sync_id)),
        _ => None,
    }
}

impl Plan {
    /// The steps that make `current` equal to `target`.
    pub fn new(current: &Table, target: &Target) -> Self {
        let mut plan = Plan::default();
        for wanted in target.table.services() {
            plan.want(current.get(&wanted.service.key), wanted);
        }
        for present in current.services() {
            if target.table.get(&present.service.key).is_none() {
                plan.remove_service(present);
            }
        }
        plan.surround(current, current.has_mixed_families(), target);
        plan
    }

    /// Adds the steps for a service that is wanted, as it is now and as it is to
    /// be. A plan can so be made service by service, in order, without the whole
    /// table at hand; those to be removed and [`Plan::surround`] come last.
    pub fn want(&mut self, present: Option<&TableService>, wanted: &TableService) {
        self.build_service(present.map(|present| present.service), wanted);
        let none = Destinations::default();
        let present = present.map_or(&none, |present| &present.destinations);
        for pair in present.beside(&wanted.destinations) {
            self.want_destination(wanted.service.key, pair);
        }
    }

    /// Adds the steps for a service that is not wanted.
    pub fn remove_service(&mut self, present: &TableService) {
        // One by one before their service: so each step can be taken back by itself.
        for place in &present.destinations {
            let key = present.service.key;
            self.remove(Change::AddDestination(key, place.destination));
        }
        self.remove(Change::AddService(present.service));
    }

    /// Adds the steps for the timeouts and daemons, which `current` has; `mixed`
    /// tells whether the table has servers of another family than their
    /// service's.
    pub fn surround(&mut self, current: &Table, mixed: bool, target: &Target) {
        self.set_timeouts(current, target);
        self.set_daemons(current, mixed, target);
    }

    /// The step that the kernel will refuse because of a sync daemon that runs
    /// meanwhile: it takes no server of another family than its service's then.
    pub fn hindered_by_daemon(&self) -> Option<(SyncRole, &PlannedStep)> {
        let role = self.syncing?;
        let mixes = |planned: &&PlannedStep| match &planned.step {
            Step::Add(new) => new.mixes_families(),
            Step::Edit(edit) => edit.new.mixes_families(),
            Step::Remove(_) => false,
        };
        Some((role, self.build.iter().find(mixes)?))
    }

    /// Whether services go.
    pub fn removes_services(&self) -> bool {
        let removed = |it: &PlannedStep| matches!(it.step, Step::Remove(Change::AddService(_)));
        self.remove.iter().any(removed)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.phases().into_iter().all(<[_]>::is_empty)
    }

    /// The phases, in order.
    pub fn phases(&self) -> [&[PlannedStep]; 4] {
        [&self.first, &self.build, &self.remove, &self.last]
    }

    /// How many steps there are of each kind.
    pub fn counts(&self) -> PlanCounts {
        let mut counts = PlanCounts::default();
        for planned in self.steps() {
            match planned.step {
                Step::Add(_) => counts.added += 1,
                Step::Edit(_) => counts.changed += 1,
                Step::Remove(_) => counts.removed += 1,
            }
        }
        counts
    }

    /// All steps, in order.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &PlannedStep> {
        self.phases().into_iter().flatten()
    }

    fn build(&mut self, step: Step, line: u32) {
        self.build.push(PlannedStep { step, line });
    }

    fn edit(&mut self, old: Change, new: Change, line: u32) {
        self.build(Step::Edit(Box::new(Edit { old, new })), line);
    }

    fn build_service(&mut self, old: Option<Service>, wanted: &TableService) {
        let new = wanted.service;
        match old {
            None => self.build(Step::Add(Change::AddService(new)), wanted.line),
            Some(old) if old == new => self.unchanged += 1,
            Some(old) => {
                let (old, new) = (Change::EditService(old), Change::EditService(new));
                self.edit(old, new, wanted.line);
            }
        }
    }

    fn want_destination(&mut self, key: ServiceKey, pair: Beside<'_>) {
        let of = |place: &TableDestination| place.destination;
        match pair {
            (None, None) => {}
            (Some(old), None) => self.remove(Change::AddDestination(key, of(old))),
            (None, Some(new)) => {
                self.build(Step::Add(Change::AddDestination(key, of(new))), new.line);
            }
            (Some(old), Some(new)) if same(&of(old), &of(new)) => self.unchanged += 1,
            (Some(old), Some(new)) => {
                let change = |place| Change::EditDestination(key, of(place));
                self.edit(change(old), change(new), new.line);
            }
        }
    }

    fn remove(&mut self, added: Change) {
        self.remove.push(PlannedStep {
            step: Step::Remove(added),
            line: 0,
        });
    }

    fn set_timeouts(&mut self, current: &Table, target: &Target) {
        let Some(wanted) = target.table.timeouts else {
            return;
        };
        let old = current.timeouts.unwrap_or_default();
        let keep = |wanted, old| if wanted == 0 { old } else { wanted };
        let new = Timeouts {
            tcp: keep(wanted.tcp, old.tcp),
            tcp_fin: keep(wanted.tcp_fin, old.tcp_fin),
            udp: keep(wanted.udp, old.udp),
        };
        if new == old {
            self.unchanged += 1;
        } else {
            let (old, new) = (Change::SetTimeouts(old), Change::SetTimeouts(new));
            self.edit(old, new, target.table.timeouts_line);
        }
    }

    fn set_daemons(&mut self, current: &Table, mixed: bool, target: &Target) {
        self.syncing = SyncRole::BOTH.into_iter().find(|role| {
            let goes = target.roles.contains(role) && target.table.daemon(*role).is_none();
            current.daemon(*role).is_some() && !goes
        });
        for role in &target.roles {
            match (current.daemon(*role), target.table.daemon(*role)) {
                (None, None) => {}
                (None, Some((new, line))) => {
                    let phase = match mixed {
                        true => &mut self.last,
                        false => &mut self.build,
                    };
                    let step = Step::Add(Change::StartDaemon(new));
                    phase.push(PlannedStep { step, line });
                }
                (Some((old, _)), None) => {
                    let phase = match target.table.has_mixed_families() {
                        true => &mut self.first,
                        false => &mut self.remove,
                    };
                    let step = Step::Remove(Change::StartDaemon(old));
                    phase.push(PlannedStep { step, line: 0 });
                }
                (Some((old, _)), Some((new, _))) if old.runs_as(&new) => self.unchanged += 1,
                (Some((old, _)), Some((new, line))) => {
                    self.edit(Change::StartDaemon(old), Change::StartDaemon(new), line);
                }
            }
        }
    }
}

/// Whether a destination is as it is wanted. The kernel makes any method but
/// masquerading Local where the address is the director's own, and forgets what
/// was asked for.
fn same(old: &Destination, new: &Destination) -> bool {
    let forward = match (old.forward, new.forward) {
        (ForwardMethod::Local, ForwardMethod::Masquerade) => new.forward,
        (ForwardMethod::Local, _) => ForwardMethod::Local,
        _ => new.forward,
    };
    *old == Destination { forward, ..*new }
}

#[cfg(test)]
mod tests;
