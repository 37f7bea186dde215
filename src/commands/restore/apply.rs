//! Line by line, in batches.

use super::numbering::Numbering;
use super::{BadLines, complain_of, lock, read_text, source};
use crate::ExitStatus;
use crate::cli::{Restore, SystemLookup};
use crate::commands::place::Place;
use crate::commands::{Failure, exist, progress, refusal, table};
use crate::model::{Change, Endpoint, ServiceKey};
use crate::netlink::{Error, Kernel};
use crate::rules::Table;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

/// A rule to be sent.
#[derive(Clone, Copy)]
struct Rule {
    number: u32,
    change: Change,
    exist: bool,
}

/// The rules with `--exist` that are made ready before they are sent: many
/// batches, and little memory.
const READY: usize = 1024;

/// Reads all rules, then applies them. Where a line is bad nothing is applied;
/// where the kernel refuses a line the rest goes on.
///
/// What is kept meanwhile is the text: it takes half the memory of the rules, and
/// fresh memory costs more than reading the words again.
pub fn run(mut kernel: Kernel, place: &Place, restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut names = SystemLookup::default();
    let mut bad = BadLines::new(restore);
    let (mut count, mut any_exist) = (0, false);
    let text = read_text(restore, &mut names, |number, line| match line {
        Ok(line) => {
            count += 1;
            any_exist |= line.exist || restore.mode.exist;
        }
        Err(error) => bad.report(number, &error.message),
    })?;
    if let Some(status) = bad.status() {
        return Ok(status);
    }
    let _lock = lock(place, restore)?;
    let known = match any_exist {
        true => Some(table::snapshot(&mut kernel)?),
        false => None,
    };
    let mut restoring = Restoring {
        kernel,
        source: source(restore),
        bar: progress::Bar::new(count),
        status: ExitStatus::Success,
    };
    let all_good = Cell::new(true);
    let rules = text.lines(&mut names).filter_map(|(number, line)| {
        // Every line was good before, with the same names.
        let line = line.inspect_err(|error| {
            complain_of(source(restore), number, &error.message);
            all_good.set(false);
        });
        line.ok().map(|line| Rule {
            number,
            change: line.change,
            exist: line.exist || restore.mode.exist,
        })
    });
    match known {
        None => restoring.send(rules).map(drop)?,
        Some(known) => restoring.send_fitting(rules, known)?,
    }
    restoring.bar.finish();
    Ok(match all_good.get() {
        true => restoring.status,
        false => ExitStatus::Refused,
    })
}

/// A restore under way.
struct Restoring<'a> {
    kernel: Kernel,
    source: &'a str,
    bar: progress::Bar,
    status: ExitStatus,
}

/// What a rule adds, and the kernel may refuse to add for reasons of its own.
#[derive(PartialEq, Eq, Hash)]
enum Subject {
    Service(ServiceKey),
    Destination(ServiceKey, Endpoint),
}

impl Subject {
    fn of(change: &Change) -> Option<Self> {
        match change {
            Change::AddService(service) | Change::EditService(service) => {
                Some(Subject::Service(service.key))
            }
            Change::DeleteService(key) => Some(Subject::Service(*key)),
            Change::AddDestination(key, new) | Change::EditDestination(key, new) => {
                Some(Subject::Destination(*key, new.endpoint))
            }
            Change::DeleteDestination(key, endpoint) => Some(Subject::Destination(*key, *endpoint)),
            _ => None,
        }
    }

    /// The kernel refused to add it.
    fn forget(&self, known: &mut Table) {
        // Its service may be gone from the table already.
        let _ = known.apply(&match self {
            Subject::Service(key) => Change::DeleteService(*key),
            Subject::Destination(key, endpoint) => Change::DeleteDestination(*key, *endpoint),
        });
    }
}

impl Restoring<'_> {
    /// Sends the rules, and says what the kernel refuses of them; returns which
    /// those are.
    fn send(&mut self, rules: impl Iterator<Item = Rule>) -> Result<HashSet<usize>, Failure> {
        let numbering = RefCell::new(Numbering::default());
        let number = |index| numbering.borrow().line(index);
        let mut failed = HashSet::new();
        let changes = rules.map(|rule| {
            self.bar.advance();
            numbering.borrow_mut().push(rule.number);
            rule.change
        });
        let sent = self.kernel.apply_all(changes, |index, refused| {
            complain_of(self.source, number(index), &refusal::message(&refused));
            failed.insert(index);
        });
        if !failed.is_empty() {
            self.status = ExitStatus::Refused;
        }
        sent.map_err(|error| match error {
            Error::Unknown {
                first,
                last,
                source: cause,
            } => {
                let (first, last) = (number(first), number(last));
                let lost = format!(
                    "{}:{first}: the answers up to line {last} were lost",
                    self.source
                );
                let error = anyhow::Error::from(cause).context(lost);
                Failure::new(ExitStatus::Refused, error).with_help(
                    "nothing after that line was applied: look at the table before you go on",
                )
            }
            other => Failure::change(other),
        })?;
        Ok(failed)
    }

    /// Makes of each rule with `--exist` the change that fits the table as the
    /// rules before it leave it: an edit for an add of what is there, nothing for
    /// a delete of what is not. `known` is the kernel's table.
    ///
    /// What the rules before it leave is foreseen, as long as no more is asked
    /// than whether something exists that they do not add; otherwise their
    /// results are awaited.
    fn send_fitting(
        &mut self,
        rules: impl Iterator<Item = Rule>,
        mut known: Table,
    ) -> Result<(), Failure> {
        let mut ready: Vec<Rule> = Vec::new();
        // What the ready rules should add, by the last one that does.
        let mut adding: HashMap<Subject, usize> = HashMap::new();
        for rule in rules {
            let daemon = rule.exist && is_of_daemon(&rule.change);
            let is_adding = |subject| adding.contains_key(&subject);
            let awaits = rule.exist && Subject::of(&rule.change).is_some_and(is_adding);
            if daemon || awaits || ready.len() >= READY {
                let failed = self.send(ready.drain(..))?;
                adding.retain(|_, index| failed.contains(index));
                adding.drain().for_each(|(it, _)| it.forget(&mut known));
            }
            if daemon {
                self.apply_daemon(&rule, &mut known)?;
                continue;
            }
            let fitting = match rule.exist {
                true => exist::fitting(&rule.change, &known),
                false => vec![rule.change],
            };
            for change in fitting {
                // What the table refuses, the kernel will refuse, and say so.
                let foreseen = known.apply(&change);
                if foreseen.is_ok()
                    && matches!(change, Change::AddService(_) | Change::AddDestination(..))
                {
                    adding.extend(Subject::of(&change).map(|it| (it, ready.len())));
                }
                ready.push(Rule { change, ..rule });
            }
        }
        self.send(ready.into_iter()).map(drop)
    }

    /// A daemon that does not start leaves the one that ran: so it goes alone.
    fn apply_daemon(&mut self, rule: &Rule, known: &mut Table) -> Result<(), Failure> {
        match exist::apply(&mut self.kernel, &rule.change) {
            Ok(()) => {
                // Only whether one runs is asked of the table.
                let _ = known.apply(&rule.change);
                Ok(())
            }
            Err(Error::Refused(refused)) => {
                complain_of(self.source, rule.number, &refusal::message(&refused));
                self.status = ExitStatus::Refused;
                Ok(())
            }
            Err(other) => Err(Failure::change(other)),
        }
    }
}

fn is_of_daemon(change: &Change) -> bool {
    matches!(change, Change::StartDaemon(_) | Change::StopDaemon(..))
}
