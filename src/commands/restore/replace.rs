//! `-R --replace`: the kernel's table becomes the file's, by difference.

use super::dry_run::try_on;
use super::{BadLines, complain_of, lock, read, source};
use crate::ExitStatus;
use crate::cli::Restore;
use crate::commands::place::Place;
use crate::commands::{Failure, complain, progress, refusal, table, to_stdout};
use crate::model::Change;
use crate::netlink::{Error, Kernel, Refusal};
use crate::output::{write_json_plan, write_plan};
use crate::rules::{Line, Move, Plan, PlannedStep, Target};
use std::io::{self, IsTerminal};

/// Converges, or prints what converging would do.
pub fn run(mut kernel: Kernel, place: &Place, restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut bad = BadLines::new(restore);
    let mut target = Target::default();
    read(restore, |number, line| {
        let taken = line
            .map_err(|error| error.message)
            .and_then(|line| take(&mut target, number, line));
        if let Err(message) = taken {
            bad.report(number, &message);
        }
    })?;
    if let Some(status) = bad.status() {
        return Ok(status);
    }
    if restore.mode.dry_run {
        let plan = Plan::new(&table::snapshot(&mut kernel)?, &target);
        to_stdout(|out| match restore.json {
            true => Ok(write_json_plan(out, &plan)?),
            false => Ok(write_plan(out, &plan, colours())?),
        })?;
        return Ok(if plan.is_empty() {
            ExitStatus::Success
        } else {
            ExitStatus::Differs
        });
    }
    let _lock = lock(place, restore)?;
    let plan = Plan::new(&table::snapshot(&mut kernel)?, &target);
    Converging {
        kernel,
        source: source(restore),
        done: Vec::new(),
    }
    .run(&plan)
}

/// Whether the plan is coloured: on a terminal, unless NO_COLOR says no.
fn colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !unwanted
}

/// Notes what a line says of the table that is wanted.
fn take(target: &mut Target, number: u32, Line { change, exist }: Line) -> Result<(), String> {
    match change {
        Change::Zero(_) => {
            return Err("counters are no part of a table: leave -Z out with --replace".to_owned());
        }
        Change::StartDaemon(daemon) => target.name(daemon.role),
        Change::StopDaemon(role, _) => target.name(role),
        _ => {}
    }
    let changes = if exist {
        crate::commands::exist::fitting(&change, &target.table)
    } else {
        vec![change]
    };
    changes
        .iter()
        .try_for_each(|change| try_on(&mut target.table, change, number))
}

/// A convergence under way.
struct Converging<'a> {
    kernel: Kernel,
    source: &'a str,
    /// What was done, to be taken back if need be.
    done: Vec<Move>,
}

impl Converging<'_> {
    /// All or nothing: nothing is taken away before all that is new is there,
    /// and a refusal takes back what was done.
    fn run(mut self, plan: &Plan) -> Result<ExitStatus, Failure> {
        let bar = progress::Bar::new(plan.steps().count());
        let refused = self.make(&plan.build, &bar)? || self.make(&plan.remove, &bar)?;
        bar.finish();
        if !refused {
            return Ok(ExitStatus::Success);
        }
        self.take_back()?;
        Ok(ExitStatus::Refused)
    }

    /// Makes the steps; says whether any was refused.
    fn make(&mut self, steps: &[PlannedStep], bar: &progress::Bar) -> Result<bool, Failure> {
        let moves: Vec<(Move, u32)> = steps
            .iter()
            .flat_map(|planned| planned.step.moves().map(|to| (to, planned.line)))
            .collect();
        let mut failed = vec![false; moves.len()];
        let mut refused = false;
        let source = self.source;
        let changes = moves
            .iter()
            .inspect(|_| bar.advance())
            .map(|(to, _)| &to.forward);
        let sent = self.kernel.apply_all(changes, |index, refusal| {
            let Some((to, line)) = moves.get(index) else {
                return;
            };
            if let Some(failed) = failed.get_mut(index) {
                *failed = true;
            }
            if !is_gone_already(&to.forward, &refusal) {
                refused = true;
                report(source, *line, &to.forward, &refusal);
            }
        });
        sent.map_err(half_way)?;
        let made = moves.iter().zip(failed).filter(|(_, failed)| !failed);
        self.done.extend(made.map(|((to, _), _)| *to));
        Ok(refused)
    }

    /// Takes back what was done, last first.
    fn take_back(&mut self) -> Result<(), Failure> {
        let backs: Vec<Change> = self.done.iter().rev().map(|to| to.back).collect();
        let mut stuck = 0;
        self.kernel
            .apply_all(&backs, |index, refusal| {
                stuck += 1;
                if let Some(back) = backs.get(index) {
                    report("undo", 0, back, &refusal);
                }
            })
            .map_err(half_way)?;
        complain(&match stuck {
            0 => "nothing was changed: all that had been done was undone".to_owned(),
            _ => format!("{stuck} changes could not be undone: look at the table before you go on"),
        });
        Ok(())
    }
}

fn half_way(error: Error) -> Failure {
    let error = anyhow::Error::from(error).context("the table is half way to the rules");
    Failure::new(ExitStatus::Refused, error)
        .with_help("run the same command again: it goes on from where the table is")
}

/// Someone else took away what was to go: that is as well.
fn is_gone_already(change: &Change, refusal: &Refusal) -> bool {
    matches!(
        change,
        Change::DeleteService(_) | Change::DeleteDestination(..) | Change::StopDaemon(..)
    ) && matches!(refusal.errno, libc::ESRCH | libc::ENOENT)
}

/// A step that no line asks for is named by itself.
fn report(source: &str, line: u32, change: &Change, refusal: &Refusal) {
    let text = crate::output::change_text(change);
    let message = format!("{}: {text}", refusal::message(refusal));
    if line > 0 {
        complain_of(source, line, &message);
    } else {
        complain(&format!("{source}: {message}"));
    }
}
