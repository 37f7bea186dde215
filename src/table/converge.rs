//! Carrying out a plan, all or nothing.

use super::CHANGES_AT_ONCE;
use super::plan::Plan;
use super::step::{Move, PlannedStep};
use crate::kernel::{Error, Kernel, Operation, Refusal, RefusalKind};
use crate::model::Change;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// A change that the kernel refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{change}: {refusal}")]
#[non_exhaustive]
pub struct RefusedChange {
    /// The change.
    pub change: Change,
    /// The line of the rules file that asks for it; 0 where none does.
    pub line: u32,
    /// The kernel's answer.
    pub refusal: Refusal,
}

/// Why a convergence did not go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The kernel refused these changes, at least one.
    Refused(Vec<RefusedChange>),
    /// The caller wanted it to stop.
    Stopped,
}

/// How taking back went.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Undo {
    /// The changes that could not be undone. Where there are none, the rules are as
    /// they were.
    pub stuck: Vec<RefusedChange>,
    /// How many services had been deleted and were added again: their counters
    /// start anew.
    pub rebuilt: usize,
}

/// Why the table is not as the plan would have it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvergeError {
    /// What had been done was taken back.
    #[error("{}", taken_back(cause, undo))]
    TakenBack {
        /// Why it stopped.
        cause: Cause,
        /// What is left of it.
        undo: Undo,
    },
    /// The connection to the kernel failed, and only a part of the plan was carried
    /// out. A new plan goes on from there.
    #[error("the connection to the kernel failed, and a part of the plan was carried out")]
    HalfWay {
        /// What the kernel had refused before, or could not be undone.
        refused: Vec<RefusedChange>,
        /// The failure.
        source: Error,
    },
}

fn taken_back(cause: &Cause, undo: &Undo) -> String {
    let list = |all: &[RefusedChange]| {
        let all: Vec<_> = all.iter().map(RefusedChange::to_string).collect();
        all.join("; ")
    };
    let cause = match cause {
        Cause::Refused(refused) => list(refused),
        Cause::Stopped => "stopped".to_owned(),
    };
    match undo.stuck.is_empty() {
        true => format!("{cause}; what had been done was undone"),
        false => format!("{cause}; cannot undo: {}", list(&undo.stuck)),
    }
}

impl Kernel {
    /// Carries out a plan, all or nothing: nothing is taken away before all that is
    /// new is there, and after a refusal what was done is taken back.
    ///
    /// Before each batch of changes `progress` is told how many were sent. Where it
    /// breaks, what was done is taken back, too. Taking back is not interrupted.
    ///
    /// # Errors
    /// Which changes the kernel refused, and what could not be undone.
    pub fn converge(
        &mut self,
        plan: &Plan,
        mut progress: impl FnMut(usize) -> ControlFlow<()>,
    ) -> Result<(), ConvergeError> {
        let mut converging = Converging {
            kernel: self,
            plan,
            sent: 0,
            not_made: HashSet::new(),
        };
        for phase in plan.phases() {
            for steps in phase.chunks(CHANGES_AT_ONCE) {
                let stopped = match progress(converging.sent) {
                    ControlFlow::Break(()) => Some(Cause::Stopped),
                    ControlFlow::Continue(()) => converging.make(steps)?,
                };
                if let Some(cause) = stopped {
                    return Err(converging.take_back(cause));
                }
            }
        }
        Ok(())
    }
}

/// A convergence under way.
struct Converging<'a> {
    kernel: &'a mut Kernel,
    plan: &'a Plan,
    /// How many of the plan's moves were sent.
    sent: usize,
    /// Those of them that the kernel did not make.
    not_made: HashSet<usize>,
}

impl Converging<'_> {
    /// Sends the changes of steps; returns why the convergence must stop, if it must.
    fn make(&mut self, steps: &[PlannedStep]) -> Result<Option<Cause>, ConvergeError> {
        let moves: Vec<_> = moves(steps.iter()).collect();
        let changes: Vec<Change> = moves.iter().map(|(to, _)| to.forward).collect();
        let (answers, failed) = match self.kernel.apply_all(&changes) {
            Ok(answers) => (answers, None),
            Err(Error::Unknown {
                refused,
                first,
                last,
                source,
            }) => {
                let lost = Error::Unknown {
                    first,
                    last,
                    refused: Vec::new(),
                    source,
                };
                (refused, Some(lost))
            }
            Err(other) => (Vec::new(), Some(other)),
        };
        let mut refused = Vec::new();
        for (index, refusal) in answers {
            self.not_made.insert(self.sent + index);
            let Some((change, line)) = moves.get(index).map(|(to, line)| (to.forward, *line))
            else {
                continue;
            };
            let follows = !refused.is_empty() && is_of_absent_service(&refusal);
            // What another program took away already is no failure.
            if !follows && !refusal.is_of_absent() {
                refused.push(RefusedChange {
                    change,
                    line,
                    refusal,
                });
            }
        }
        self.sent += changes.len();
        match failed {
            Some(source) => Err(ConvergeError::HalfWay { refused, source }),
            None => Ok((!refused.is_empty()).then_some(Cause::Refused(refused))),
        }
    }

    /// Takes back what was done, last first.
    fn take_back(&mut self, cause: Cause) -> ConvergeError {
        let all = self.plan.steps().map(|it| it.moves().count());
        let unsent = all.sum::<usize>() - self.sent;
        let sent = moves(self.plan.phases().into_iter().flatten())
            .rev()
            .skip(unsent);
        let backs: Vec<Change> = (0..self.sent)
            .rev()
            .zip(sent)
            .filter(|(index, _)| !self.not_made.contains(index))
            .map(|(_, (to, _))| to.back)
            .collect();
        let mut undo = Undo::default();
        let answers = match self.kernel.apply_all(&backs) {
            Ok(answers) => answers,
            Err(source) => {
                let refused = match cause {
                    Cause::Refused(refused) => refused,
                    Cause::Stopped => Vec::new(),
                };
                return ConvergeError::HalfWay { refused, source };
            }
        };
        for (index, refusal) in answers {
            let Some(change) = backs.get(index).copied() else {
                continue;
            };
            if !refusal.is_of_absent() {
                undo.stuck.push(RefusedChange {
                    change,
                    line: 0,
                    refusal,
                });
            }
        }
        let services = |it: &&Change| matches!(it, Change::AddService(_));
        let stuck = undo.stuck.iter().map(|it| &it.change).filter(services);
        undo.rebuilt = backs.iter().filter(services).count() - stuck.count();
        ConvergeError::TakenBack { cause, undo }
    }
}

/// The moves of steps, with the line that asks for each.
fn moves<'a>(
    steps: impl DoubleEndedIterator<Item = &'a PlannedStep>,
) -> impl DoubleEndedIterator<Item = (Move, u32)> {
    let of_step = |planned: &'a PlannedStep| planned.moves().map(|to| (to, planned.line));
    steps.flat_map(of_step)
}

/// The servers of a service that was refused are refused too: the service's own
/// refusal tells enough.
fn is_of_absent_service(refusal: &Refusal) -> bool {
    refusal.operation == Operation::AddDestination && refusal.kind() == RefusalKind::NoSuchService
}
