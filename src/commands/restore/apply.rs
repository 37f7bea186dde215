//! Line by line, in batches.

use super::{BadLines, complain_of, lock, read_text, source};
use crate::ExitStatus;
use crate::cli::Restore;
use crate::commands::signals::{Signals, end_by};
use crate::commands::{Failure, complain, progress_bar, refusal_hint, refusal_words};
use crate::kernel::{Error, Kernel, Refusal};
use crate::model::Change;
use crate::names::SystemLookup;
use crate::rules::Text;
use crate::table::{CHANGES_AT_ONCE, Ensuring, Request};

/// Reads all rules, then applies them. Where a line is bad nothing is applied;
/// where the kernel refuses a line the rest goes on.
///
/// What is kept meanwhile is the text: it takes half the memory of the rules, and
/// fresh memory costs more than reading the words again.
pub fn run(mut kernel: Kernel, restore: &Restore) -> Result<ExitStatus, Failure> {
    let mut names = SystemLookup::default();
    let mut bad = BadLines::new(restore);
    let mut any_exist = false;
    let text = read_text(restore, &mut names, |number, line| match line {
        Ok(line) => any_exist |= line.exist || restore.mode.exist,
        Err(error) => bad.report(number, &error.to_string()),
    })?;
    if let Some(status) = bad.status() {
        return Ok(status);
    }
    let lock = lock(&kernel, restore)?;
    let known = match any_exist {
        true => Some(kernel.table().map_err(Failure::listing)?),
        false => None,
    };
    let mut signals = Signals::hold();
    let mut restoring = Restoring {
        source: source(restore),
        rules: Ensuring::new(&mut kernel, known),
        bar: progress_bar::Bar::new(text.count()),
        outcome: Outcome::default(),
    };
    let sent = restoring.send_all(&text, &mut names, restore.mode.exist, &mut signals);
    let outcome = restoring.end();
    // What is said may not be read for long: nobody has to wait for that.
    drop(lock);
    if sent.is_ok() && outcome.made() == text.count() {
        // A signal that comes now comes too late.
        return Ok(ExitStatus::Success);
    }
    let caught = signals.release();
    outcome.report(source(restore), &mut kernel);
    sent?;
    let Some(signal) = caught else {
        return Ok(ExitStatus::Refused);
    };
    let (made, count) = (outcome.made(), text.count());
    complain(&format!(
        "stopped by {signal}: {made} of {count} changes were made"
    ));
    Ok(end_by(signal))
}

/// A restore under way.
struct Restoring<'a> {
    source: &'a str,
    rules: Ensuring<'a>,
    bar: progress_bar::Bar,
    outcome: Outcome,
}

impl Restoring<'_> {
    /// Sends all rules, until a signal comes.
    fn send_all(
        &mut self,
        text: &Text,
        names: &mut SystemLookup,
        exist: bool,
        signals: &mut Signals,
    ) -> Result<(), Failure> {
        let mut rules = text.lines(names);
        let mut lines = Vec::with_capacity(CHANGES_AT_ONCE);
        let mut batch = Vec::with_capacity(CHANGES_AT_ONCE);
        while self.outcome.tried < text.count() && signals.proceed().is_continue() {
            lines.clear();
            batch.clear();
            for (number, line) in rules.by_ref().take(CHANGES_AT_ONCE) {
                self.outcome.tried += 1;
                match line {
                    Ok(request) => {
                        lines.push(number);
                        let exist = request.exist || exist;
                        batch.push(Request { exist, ..request });
                    }
                    // Every line was good before, with the same names.
                    Err(error) => self.outcome.bad.push((number, error.to_string())),
                }
            }
            self.send(&lines, &batch)?;
            self.bar.reach(self.outcome.tried);
        }
        Ok(())
    }

    /// Sends a batch of rules, which stand on these lines.
    fn send(&mut self, lines: &[u32], batch: &[Request]) -> Result<(), Failure> {
        let (refused, lost) = match self.rules.apply_all(batch) {
            Ok(refused) => (refused, None),
            Err(Error::Unknown {
                first,
                last,
                refused,
                source,
            }) => (refused, Some((first, last, source))),
            Err(error) => return Err(Failure::change(error)),
        };
        for (index, refusal) in refused {
            if let (Some(line), Some(request)) = (lines.get(index), batch.get(index)) {
                self.outcome.note(*line, &request.change, refusal);
            }
        }
        let Some((first, last, cause)) = lost else {
            return Ok(());
        };
        let [first, last] = [first, last].map(|index| lines.get(index).copied().unwrap_or(0));
        let lost = format!(
            "{}:{first}: the answers up to line {last} were lost",
            self.source
        );
        let error = anyhow::Error::from(cause).context(lost);
        Err(Failure::new(ExitStatus::Refused, error)
            .with_help("nothing after that line was applied: look at the table before you go on"))
    }

    fn end(self) -> Outcome {
        self.bar.finish();
        self.outcome
    }
}

/// What became of the rules.
#[derive(Default)]
struct Outcome {
    /// How many rules were sent, or turned out to be bad.
    tried: usize,
    /// The lines that the kernel refused.
    refused: Vec<(u32, Refusal)>,
    /// The lines that turned out to be bad.
    bad: Vec<(u32, String)>,
    /// A refused change that a sync daemon may explain.
    puzzling: Option<(Change, Refusal)>,
}

impl Outcome {
    fn note(&mut self, line: u32, change: &Change, refusal: Refusal) {
        self.refused.push((line, refusal));
        if self.puzzling.is_none() && refusal_words::concerns_daemons(change, &refusal) {
            self.puzzling = Some((*change, refusal));
        }
    }

    fn made(&self) -> usize {
        self.tried - self.refused.len() - self.bad.len()
    }

    /// Says what was not made.
    fn report(&self, source: &str, kernel: &mut Kernel) {
        for (line, refusal) in &self.refused {
            complain_of(source, *line, &refusal_words::message(refusal));
        }
        for (line, message) in &self.bad {
            complain_of(source, *line, message);
        }
        if let Some((change, refusal)) = &self.puzzling
            && let Some(hint) = refusal_hint::hint(kernel, change, refusal)
        {
            complain(&hint);
        }
    }
}
