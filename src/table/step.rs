//! The steps of a plan.

use crate::model::Change;
use std::fmt;

/// A step of a plan: a service, a server, a sync daemon or the timeouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    pub(super) step: Step,
    /// The line of the rules file that asks for the step; 0 where none does.
    pub(super) line: u32,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// It adds something.
    Add,
    /// It changes something.
    Edit,
    /// It takes something away.
    Remove,
}

/// A step, by the changes that describe what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The change that adds it.
    Add(Change),
    /// Boxed, as it is twice as large as the others.
    Edit(Box<Edit>),
    /// The change that would add what goes.
    Remove(Change),
}

/// The changes that make a thing as it is now and as it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub old: Change,
    pub new: Change,
}

/// A change with the one that takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub forward: Change,
    pub back: Change,
}

impl PlannedStep {
    /// What the step does.
    pub fn kind(&self) -> StepKind {
        match self.step {
            Step::Add(_) => StepKind::Add,
            Step::Edit(_) => StepKind::Edit,
            Step::Remove(_) => StepKind::Remove,
        }
    }

    /// The line of the rules file that asks for the step, where one does.
    pub fn line(&self) -> Option<u32> {
        (self.line > 0).then_some(self.line)
    }

    /// What is there before the step, as options: `-a -t 192.0.2.1:80 -r …`.
    pub fn before(&self) -> Option<String> {
        match &self.step {
            Step::Add(_) => None,
            Step::Edit(edit) => Some(edit.old.to_string()),
            Step::Remove(old) => Some(old.to_string()),
        }
    }

    /// What is there after the step, as options.
    pub fn after(&self) -> Option<String> {
        match &self.step {
            Step::Add(new) => Some(new.to_string()),
            Step::Edit(edit) => Some(edit.new.to_string()),
            Step::Remove(_) => None,
        }
    }

    /// Whether a server comes of it that is of another family than its service's.
    pub(super) fn mixes_families(&self) -> bool {
        match &self.step {
            Step::Add(new) => new.mixes_families(),
            Step::Edit(edit) => edit.new.mixes_families(),
            Step::Remove(_) => false,
        }
    }

    /// The changes that make the step, in order, and the change that takes each
    /// back.
    pub(super) fn moves(&self) -> impl DoubleEndedIterator<Item = Move> {
        let to = |forward, back| Some(Move { forward, back });
        match &self.step {
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

/// `+ -A …`, `- -A …`, or `~ -e -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1 → -g -w 5`.
impl fmt::Display for PlannedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Step::Add(change) => write!(f, "+ {change}"),
            Step::Edit(edit) => {
                let (old, new) = (edit.old.settings(), edit.new.settings());
                write!(f, "~ {} {old} → {new}", edit.new.subject())
            }
            Step::Remove(change) => write!(f, "- {change}"),
        }
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
