//! The difference of two tables, as the steps that lead from one to the other.

use super::table::{Table, TableService};
use crate::model::{Change, Destination, ForwardMethod, SyncRole, Timeouts};

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
    pub fn moves(&self) -> impl Iterator<Item = Move> {
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
        self.build_service(present, wanted);
        if let Some(present) = present {
            self.remove_destinations(present, Some(wanted));
        }
    }

    /// Adds the steps for a service that is not wanted.
    pub fn remove_service(&mut self, present: &TableService) {
        self.remove_destinations(present, None);
        self.remove(Change::AddService(present.service));
    }

    /// Adds the steps for the timeouts and daemons, which `current` has; `mixed`
    /// tells whether the table has servers of another family than their
    /// service's.
    pub fn surround(&mut self, current: &Table, mixed: bool, target: &Target) {
        self.set_timeouts(current, target);
        self.set_daemons(current, mixed, target);
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
    pub fn steps(&self) -> impl Iterator<Item = &PlannedStep> {
        self.phases().into_iter().flatten()
    }

    fn build(&mut self, step: Step, line: u32) {
        self.build.push(PlannedStep { step, line });
    }

    fn edit(&mut self, old: Change, new: Change, line: u32) {
        self.build(Step::Edit(Box::new(Edit { old, new })), line);
    }

    fn build_service(&mut self, present: Option<&TableService>, wanted: &TableService) {
        let new = wanted.service;
        match present.map(|present| present.service) {
            None => self.build(Step::Add(Change::AddService(new)), wanted.line),
            Some(old) if old == new => self.unchanged += 1,
            Some(old) => {
                let (old, new) = (Change::EditService(old), Change::EditService(new));
                self.edit(old, new, wanted.line);
            }
        }
        for place in &wanted.destinations {
            let (key, new) = (new.key, place.destination);
            let old = present.and_then(|present| present.destinations.get(&new.endpoint));
            match old.map(|old| old.destination) {
                None => self.build(Step::Add(Change::AddDestination(key, new)), place.line),
                Some(old) if same(&old, &new) => self.unchanged += 1,
                Some(old) => {
                    let old = Change::EditDestination(key, old);
                    let new = Change::EditDestination(key, new);
                    self.edit(old, new, place.line);
                }
            }
        }
    }

    /// Removes the destinations that are not wanted, all of them one by one
    /// before their service: so each step can be taken back by itself.
    fn remove_destinations(&mut self, present: &TableService, wanted: Option<&TableService>) {
        let key = present.service.key;
        for place in &present.destinations {
            let endpoint = &place.destination.endpoint;
            if !wanted.is_some_and(|wanted| wanted.destinations.contains(endpoint)) {
                self.remove(Change::AddDestination(key, place.destination));
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
mod tests {
    use super::*;
    use crate::cli::SystemLookup;
    use crate::rules;
    use proptest::prelude::*;

    /// Lines over few addresses, so that tables overlap.
    fn line() -> impl Strategy<Value = String> {
        let service = "-[tu] 10\\.0\\.0\\.[1-3]:80|-f [1-2]";
        let server = "10\\.1\\.0\\.[1-3]:80";
        prop_oneof![
            3 => (service, "(rr|wrr|sh)( -p [1-3]( -M 255\\.0\\.0\\.0)?)?( -b flag-1)?")
                .prop_map(|(service, rest)| format!("-A {service} -s {rest}")),
            5 => (service, server, "-[gim] -w [1-3]( -x 9 -y [1-3])?")
                .prop_map(|(service, server, rest)| format!("-a {service} -r {server} {rest}")),
            1 => (service, "fd00::[1-2] -i")
                .prop_map(|(service, rest)| format!("-a {service} -r {rest}")),
            1 => "--set [0-2] [1-2] [1-2]".prop_map(|line| line),
            1 => "--start-daemon (master|backup) --syncid [1-2]( --mcast-ttl [1-2])?".prop_map(|line| line),
            1 => "--stop-daemon (master|backup)".prop_map(|line| line),
        ]
    }

    fn target(lines: &[String]) -> Target {
        let mut target = Target::default();
        for line in lines {
            if let Ok(Some(rules::Line { change, .. })) =
                rules::parse_line(line, &mut SystemLookup::default())
            {
                // A refused line leaves the table as it was.
                let _ = target.table.apply(&change);
                match change {
                    Change::StartDaemon(daemon) => target.name(daemon.role),
                    Change::StopDaemon(role, _) => target.name(role),
                    _ => {}
                }
            }
        }
        target
    }

    fn apply(table: &mut Table, change: &Change) {
        assert_eq!(table.apply(change), Ok(()), "{change:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_plan_leads_there_and_back(
            before in prop::collection::vec(line(), 0..20),
            after in prop::collection::vec(line(), 0..20),
        ) {
            let (current, target) = (target(&before).table, target(&after));
            // A daemon that the file does not name stays, and excludes these servers.
            let stays = [SyncRole::Master, SyncRole::Backup].into_iter().any(|role| {
                current.daemon(role).is_some() && !target.roles.contains(&role)
            });
            prop_assume!(!(stays && target.table.has_mixed_families()));
            let plan = Plan::new(&current, &target);
            let mut table = current.clone();
            let moves: Vec<_> = plan.steps().flat_map(|planned| planned.step.moves()).collect();
            moves.iter().for_each(|to| apply(&mut table, &to.forward));
            prop_assert!(Plan::new(&table, &target).is_empty());
            prop_assert!(table.services().eq(target.table.services()));

            moves.iter().rev().for_each(|to| apply(&mut table, &to.back));
            prop_assert!(table.services().eq(current.services()));
            prop_assert!(target.roles.iter().all(|role| table.daemon(*role) == current.daemon(*role)));
        }

        #[test]
        fn nothing_goes_before_all_new_is_there(
            before in prop::collection::vec(line(), 0..20),
            after in prop::collection::vec(line(), 0..20),
        ) {
            let plan = Plan::new(&target(&before).table, &target(&after));
            let removes = |planned: &PlannedStep| matches!(planned.step, Step::Remove(_));
            let stops = |planned: &PlannedStep| matches!(planned.step, Step::Remove(Change::StartDaemon(_)));
            prop_assert!(plan.first.iter().all(stops));
            prop_assert!(!plan.build.iter().chain(&plan.last).any(removes));
            prop_assert!(plan.remove.iter().all(|planned| matches!(planned.step, Step::Remove(_))));
        }
    }
}
