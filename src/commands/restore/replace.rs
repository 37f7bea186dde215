//! `-R --replace`: the kernel's table becomes the file's, by difference.

use super::dry_run::try_on;
use super::{BadLines, complain_of, lock, read, source};
use crate::ExitStatus;
use crate::cli::Restore;
use crate::commands::place::Place;
use crate::commands::{Failure, complain, exist, progress, refusal, table, to_stdout};
use crate::model::Change;
use crate::netlink::{Error, Kernel, Refusal};
use crate::output::{write_json_plan, write_plan};
use crate::rules::{Line, Move, Plan, PlannedStep, Target};
use anyhow::anyhow;
use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, IsTerminal};

/// Converges, or prints what converging would do.
pub fn run(mut kernel: Kernel, place: &Place, restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut bad = BadLines::new(restore);
    let mut target = Target::default();
    let lines = read(restore, |number, line| {
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
    if lines == 0 && restore.file.is_none() && !restore.empty_clears {
        return Err(empty());
    }
    if restore.mode.dry_run {
        let plan = table::plan(&mut kernel, &target)?;
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
    let plan = table::plan(&mut kernel, &target)?;
    Converging {
        kernel,
        source: source(restore),
        plan: &plan,
        sent: 0,
        refused: HashSet::new(),
    }
    .run()
}

/// A pipe from a command that failed must not take every service away.
fn empty() -> Failure {
    Failure::new(
        ExitStatus::Usage,
        anyhow!("stdin is empty: nothing was changed"),
    )
    .with_help("to make the table empty, give the rule -C")
}

/// Whether the plan is coloured: on a terminal, unless NO_COLOR says no.
fn colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !unwanted
}

/// Notes what a line says of the table that is wanted.
fn take(target: &mut Target, number: u32, line: Line) -> Result<(), String> {
    let Line { change, exist } = line;
    match change {
        Change::Zero(_) => {
            return Err("counters are no part of a table: leave -Z out with --replace".to_owned());
        }
        Change::StartDaemon(daemon) => target.name(daemon.role),
        Change::StopDaemon(role, _) => target.name(role),
        _ => {}
    }
    if !exist {
        return try_on(&mut target.table, &change, number);
    }
    exist::fitting(&change, &target.table)
        .iter()
        .try_for_each(|change| try_on(&mut target.table, change, number))
}

/// A convergence under way.
struct Converging<'a> {
    kernel: Kernel,
    source: &'a str,
    plan: &'a Plan,
    /// How many of the plan's moves were sent.
    sent: usize,
    /// Those of them that the kernel did not make.
    refused: HashSet<usize>,
}

impl Converging<'_> {
    /// All or nothing: nothing is taken away before all that is new is there,
    /// and a refusal takes back what was done.
    fn run(mut self) -> Result<ExitStatus, Failure> {
        let bar = progress::Bar::new(self.plan.steps().count());
        for phase in self.plan.phases() {
            if !self.make(phase, &bar)? {
                bar.finish();
                self.take_back()?;
                return Ok(ExitStatus::Refused);
            }
        }
        bar.finish();
        Ok(ExitStatus::Success)
    }

    /// Makes the steps, and stops where one is refused; says whether all were
    /// made.
    fn make(&mut self, steps: &[PlannedStep], bar: &progress::Bar) -> Result<bool, Failure> {
        let before = self.sent;
        let (sent, stop) = (Cell::new(before), Cell::new(false));
        let changes = moves(steps)
            .take_while(|_| !stop.get())
            .inspect(|_| {
                sent.set(sent.get() + 1);
                bar.advance();
            })
            .map(|(to, _)| to.forward);
        let (refused, source) = (&mut self.refused, self.source);
        let result = self.kernel.apply_all(changes, |index, refusal| {
            refused.insert(before + index);
            // Refusals are few, and come in order.
            let Some((Move { forward, .. }, line)) = moves(steps).nth(index) else {
                return;
            };
            let follows = stop.get() && is_of_absent_service(&forward, &refusal);
            if !is_gone_already(&forward, &refusal) && !follows {
                stop.set(true);
                report(source, line, &forward, &refusal);
            }
        });
        self.sent = sent.get();
        result.map_err(half_way)?;
        Ok(!stop.get())
    }

    /// Takes back what was done, last first.
    fn take_back(&mut self) -> Result<(), Failure> {
        let sent = moves(self.plan.phases().into_iter().flatten()).take(self.sent);
        let mut backs: Vec<Change> = (0..)
            .zip(sent)
            .filter(|(index, _)| !self.refused.contains(index))
            .map(|(_, (to, _))| to.back)
            .collect();
        backs.reverse();
        let mut stuck = 0;
        self.kernel
            .apply_all(&backs, |index, refusal| {
                stuck += 1;
                if let Some(back) = backs.get(index) {
                    report("cannot undo", 0, back, &refusal);
                }
            })
            .map_err(half_way)?;
        complain(&match stuck {
            0 => "the table is as it was: what had been done was undone".to_owned(),
            1 => "1 change could not be undone: look at the table before you go on".to_owned(),
            _ => format!("{stuck} changes could not be undone: look at the table before you go on"),
        });
        Ok(())
    }
}

/// The moves of steps, with the line that asks for each.
fn moves<'a>(
    steps: impl IntoIterator<Item = &'a PlannedStep>,
) -> impl Iterator<Item = (Move, u32)> {
    let of_step = |planned: &'a PlannedStep| planned.step.moves().map(|to| (to, planned.line));
    steps.into_iter().flat_map(of_step)
}

fn half_way(error: Error) -> Failure {
    let error = anyhow::Error::from(error).context("the table is half way to the rules");
    Failure::new(ExitStatus::Refused, error)
        .with_help("run the same command again: it goes on from where the table is")
}

/// The servers of a service that was refused are refused too: one message does.
fn is_of_absent_service(change: &Change, refusal: &Refusal) -> bool {
    matches!(change, Change::AddDestination(..)) && refusal.errno == libc::ESRCH
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
