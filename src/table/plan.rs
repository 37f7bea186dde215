//! The difference of two tables, as the steps that lead from one to the other.

use super::destinations::{Destinations, Pair, TableDestination};
use super::memory::{Table, TableService};
use super::step::{Edit, PlannedStep, Step, StepKind};
use super::target::Target;
use crate::model::{Change, Destination, ForwardMethod, Service, ServiceKey, SyncRole};
use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

/// The steps from one table to another, in four phases: each phase ends before the
/// next begins. [`Kernel::converge`](crate::Kernel::converge) carries them out.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The sync daemons that must stop before anything is added: the kernel runs
    /// none beside servers of another family than their service's.
    first: Vec<PlannedStep>,
    /// What is added and edited.
    build: Vec<PlannedStep>,
    /// What is taken away after all that was built.
    remove: Vec<PlannedStep>,
    /// The sync daemons that can run only after such servers are gone.
    last: Vec<PlannedStep>,
    /// A sync daemon that runs while the table is changed.
    syncing: Option<SyncRole>,
    unchanged: usize,
}

/// How many steps a plan has of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PlanCounts {
    /// New services, servers and daemons.
    pub added: usize,
    /// Changed ones.
    pub changed: usize,
    /// Removed ones.
    pub removed: usize,
    /// Those that stay as they are.
    pub unchanged: usize,
}

/// `1 added, 0 changed, 0 removed, 2 unchanged`
impl fmt::Display for PlanCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} added, {} changed, {} removed, {} unchanged",
            self.added, self.changed, self.removed, self.unchanged
        )
    }
}

impl Plan {
    /// The steps that make `current` equal to `target`.
    pub fn new(current: &Table, target: &Target) -> Self {
        let keys = current.services().map(|present| &present.service.key);
        let read = |key: &ServiceKey| Ok::<_, Infallible>(current.get(key).map(Cow::Borrowed));
        let Ok(plan) = Plan::by_service(keys, current, target, read);
        plan
    }

    /// Plans service by service: `read` gives one of the present services, whose
    /// keys are `keys`, or `None` where it is gone; `around` has the present daemons
    /// and timeouts.
    ///
    /// So the whole present table need not be in memory: a plan for 1,000,000 rules
    /// that are there already takes 57 MB, and 100 MB with the table.
    pub(super) fn by_service<'a, E>(
        keys: impl Iterator<Item = &'a ServiceKey>,
        around: &Table,
        target: &Target,
        mut read: impl FnMut(&ServiceKey) -> Result<Option<Cow<'a, TableService>>, E>,
    ) -> Result<Self, E> {
        let mut plan = Plan::default();
        let mut mixed = false;
        let mut read = |key: &ServiceKey| -> Result<_, E> {
            let present = read(key)?;
            mixed |= present
                .as_deref()
                .is_some_and(TableService::has_mixed_families);
            Ok(present)
        };
        for wanted in target.table().services() {
            plan.build_service(read(&wanted.service.key)?.as_deref(), wanted);
        }
        for key in keys.filter(|key| target.table().get(key).is_none()) {
            if let Some(present) = read(key)? {
                plan.remove_service(&present);
            }
        }
        plan.set_timeouts(around, target);
        plan.set_daemons(around, mixed, target);
        Ok(plan)
    }

    /// Adds the steps for a service of the target and its destinations.
    fn build_service(&mut self, present: Option<&TableService>, wanted: &TableService) {
        self.build_settings(present.map(|present| present.service), wanted);
        let none = Destinations::default();
        let present = present.map_or(&none, |present| &present.destinations);
        for pair in present.pairs(&wanted.destinations) {
            self.build_destination(wanted.service.key, pair);
        }
    }

    /// Adds the steps for a service that the target does not have.
    fn remove_service(&mut self, present: &TableService) {
        // One by one before their service: so each step can be taken back by itself.
        for place in &present.destinations {
            let key = present.service.key;
            self.remove(Change::AddDestination(key, place.destination));
        }
        self.remove(Change::AddService(present.service));
    }

    /// The step that the kernel will refuse because of a sync daemon that runs
    /// meanwhile, and the daemon's role: beside one it takes no server of another
    /// family than its service's.
    pub fn hindered_by_daemon(&self) -> Option<(SyncRole, &PlannedStep)> {
        let mut steps = self.build.iter();
        Some((self.syncing?, steps.find(|step| step.mixes_families())?))
    }

    /// Whether services are taken away.
    pub fn removes_services(&self) -> bool {
        let removed = |it: &PlannedStep| matches!(it.step, Step::Remove(Change::AddService(_)));
        self.remove.iter().any(removed)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.phases().into_iter().all(<[_]>::is_empty)
    }

    /// The phases, in order.
    pub(super) fn phases(&self) -> [&[PlannedStep]; 4] {
        [&self.first, &self.build, &self.remove, &self.last]
    }

    /// How many steps there are of each kind.
    pub fn counts(&self) -> PlanCounts {
        let mut counts = PlanCounts {
            unchanged: self.unchanged,
            ..PlanCounts::default()
        };
        for step in self.steps() {
            match step.kind() {
                StepKind::Add => counts.added += 1,
                StepKind::Edit => counts.changed += 1,
                StepKind::Remove => counts.removed += 1,
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

    fn build_settings(&mut self, old: Option<Service>, wanted: &TableService) {
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

    fn build_destination(&mut self, key: ServiceKey, pair: Pair<'_>) {
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
        let Some(wanted) = target.table().timeouts else {
            return;
        };
        let old = current.timeouts.unwrap_or_default();
        let new = wanted.set_over(old);
        if new == old {
            self.unchanged += 1;
        } else {
            let (old, new) = (Change::SetTimeouts(old), Change::SetTimeouts(new));
            self.edit(old, new, target.table().timeouts_line);
        }
    }

    fn set_daemons(&mut self, current: &Table, mixed: bool, target: &Target) {
        self.syncing = SyncRole::BOTH.into_iter().find(|role| {
            let goes = target.roles().contains(role) && target.table().daemon(*role).is_none();
            current.daemon(*role).is_some() && !goes
        });
        for role in target.roles() {
            match (current.daemon(*role), target.table().daemon(*role)) {
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
                    let phase = match target.table().has_mixed_families() {
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
