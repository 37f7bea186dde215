//! `-R --replace`: the kernel's table becomes the file's, by difference.

use super::{complain_of, lock, read, refused_line, source};
use crate::ExitStatus;
use crate::cli::Restore;
use crate::commands::signals::{Signals, end_by};
use crate::commands::{Failure, complain, progress_bar, refusal_words, terminal, to_stdout};
use crate::kernel::{Error, Kernel};
use crate::model::Change;
use crate::output::{write_json_plan, write_plan};
use crate::table::{Cause, ConvergeError, Plan, RefusedChange, Request, Target, TargetError, Undo};
use crate::text::counted;
use anyhow::anyhow;
use nix::sys::signal::Signal;

/// Converges, or prints what converging would do.
pub fn run(mut kernel: Kernel, restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut rules = Rules::default();
    let bad = read(restore, |number, request| rules.take(number, request))?;
    if let Some(status) = bad {
        return Ok(status);
    }
    if restore.mode.dry_run {
        let plan = rules.plan(&mut kernel, source(restore))?;
        to_stdout(|out| match restore.json {
            true => Ok(write_json_plan(out, &plan)?),
            false => Ok(write_plan(out, &plan, terminal::colours(restore.colour))?),
        })?;
        return Ok(match plan.is_empty() {
            true => ExitStatus::Success,
            false => ExitStatus::Differs,
        });
    }
    let lock = lock(&kernel, restore)?;
    let plan = rules.plan(&mut kernel, source(restore))?;
    let mut bar = progress_bar::Bar::new(plan.steps().count());
    let mut signals = Signals::hold();
    let converged = kernel.converge(&plan, |done| {
        bar.reach(done);
        signals.proceed()
    });
    bar.finish();
    // What is said may not be read for long: nobody has to wait for that.
    drop(lock);
    match converged {
        // A signal that comes now comes too late.
        Ok(()) => Ok(ExitStatus::Success),
        Err(error) => {
            let caught = signals.release();
            report(source(restore), error, caught)?;
            Ok(caught.map_or(ExitStatus::Refused, end_by))
        }
    }
}

/// The rules of a file, as the table that they make.
#[derive(Default)]
struct Rules {
    target: Target,
    count: usize,
    /// Whether one of them is `-C`.
    clear: bool,
}

impl Rules {
    /// Takes what a line asks for.
    fn take(&mut self, number: u32, request: Request) -> Result<(), String> {
        self.count += 1;
        self.clear |= request.change == Change::Clear;
        let taken = self.target.take(&request, number);
        taken.map_err(|error| match error {
            TargetError::Refused(refusal) => {
                refused_line(self.target.table(), &request.change, &refusal)
            }
            counters => format!("{counters}: leave -Z out with --replace"),
        })
    }

    /// The steps to the rules' table; a failure where it must not be made, or is
    /// known to be refused.
    fn plan(&self, kernel: &mut Kernel, source: &str) -> Result<Plan, Failure> {
        let plan = kernel.plan(&self.target).map_err(Failure::listing)?;
        let none = self.target.table().services().next().is_none();
        if none && !self.clear && plan.removes_services() {
            return Err(self.without_services(source));
        }
        if let Some((role, step)) = plan.hindered_by_daemon() {
            let reason = refusal_words::beside_daemon(role);
            let line = step.line().unwrap_or_default();
            let error = anyhow!("{source}:{line}: {reason}: nothing was changed");
            let help = format!(
                "to stop the daemon, give the rule --stop-daemon {}",
                role.as_str()
            );
            return Err(Failure::new(ExitStatus::Refused, error).with_help(help));
        }
        Ok(plan)
    }

    /// The output of a command that failed, or a file that a crash left empty, must
    /// not take every service away.
    fn without_services(&self, source: &str) -> Failure {
        let what = match self.count {
            0 => "is empty",
            _ => "has no services",
        };
        let error = anyhow!("{source} {what}: nothing was changed");
        Failure::new(ExitStatus::Usage, error).with_help("to empty the table, give the rule -C")
    }
}

/// Says why the table is not the rules'.
fn report(source: &str, error: ConvergeError, caught: Option<Signal>) -> Result<(), Failure> {
    match error {
        ConvergeError::TakenBack { cause, undo } => {
            match cause {
                Cause::Refused(refused) => report_refused(source, &refused),
                Cause::Stopped => {
                    if let Some(signal) = caught {
                        complain(&format!("stopped by {signal}"));
                    }
                }
            }
            report_undo(&undo);
            Ok(())
        }
        ConvergeError::HalfWay {
            refused,
            source: error,
        } => {
            report_refused(source, &refused);
            Err(half_way(error))
        }
    }
}

/// A change that no line asks for is named by itself.
fn report_refused(source: &str, refused: &[RefusedChange]) {
    for RefusedChange {
        change,
        line,
        refusal,
        ..
    } in refused
    {
        let message = format!("{}: {change}", refusal_words::message(refusal));
        match line {
            0 => complain(&format!("{source}: {message}")),
            _ => complain_of(source, *line, &message),
        }
    }
}

fn report_undo(undo: &Undo) {
    report_refused("cannot undo", &undo.stuck);
    let mut message = match undo.stuck.len() {
        0 => "the table is as it was: what had been done was undone".to_owned(),
        stuck => {
            let changes = counted(stuck as u64, "change");
            format!("{changes} could not be undone: look at the table before you go on")
        }
    };
    if undo.rebuilt > 0 {
        let services = counted(undo.rebuilt as u64, "service");
        message += &format!("; the counters of {services} start anew");
    }
    complain(&message);
}

fn half_way(error: Error) -> Failure {
    let error = anyhow::Error::from(error).context("the restore stopped half way");
    Failure::new(ExitStatus::Refused, error)
        .with_help("run the same command again: it goes on from where the table is")
}
