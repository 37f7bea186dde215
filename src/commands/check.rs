//! `--check`: whether the services work, for Nagios, Icinga and Zabbix.

use super::table_rows::Rows;
use super::{Failure, refusal_words, rules_input, to_stdout};
use crate::ExitStatus;
use crate::cli::{Check, Command, Limit, Measure, SortKey, UsageError};
use crate::kernel::{Error, Kernel, RefusalKind};
use crate::model::{DestinationStatus, ServiceKey};
use crate::names::SystemLookup;
use crate::output::{Bounds, CheckReport, CheckState, Measured, Problem};
use crate::rules;
use crate::table::{PlannedStep, Request, StepKind, Target, TargetError};
use crate::text::{counted, escape, without_error_number};
use anyhow::anyhow;

/// How many differences are written out.
const SHOWN: usize = 5;

/// Checks, and says what was found on standard output.
pub fn run(kernel: &mut Kernel, check: &Check) -> Result<ExitStatus, Failure> {
    let report = match &check.measure {
        Measure::Limits {
            service,
            servers,
            connections,
        } => of_services(kernel, service.as_ref(), *servers, *connections)?,
        Measure::Rules(file) => of_rules(kernel, file.as_deref())?,
    };
    say(&report, check.json)
}

/// Whether the command is a check, as JSON (`true`) or as a line.
pub fn of(command: &Command) -> Option<bool> {
    match command {
        Command::Check(check) => Some(check.json),
        _ => None,
    }
}

/// Whether words that are no command line ask for a check, as JSON (`true`) or as a line.
pub fn asked_for(words: &[String]) -> Option<bool> {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let is_check = has("--check") || words.iter().any(|word| word.starts_with("--check="));
    is_check.then(|| has("--json") || has("-j"))
}

/// Says why nothing could be found out: who calls a check reads standard output, and
/// knows the plugins' statuses only.
pub fn unknown(json: bool, reasons: &[String]) -> ExitStatus {
    let reasons: Vec<_> = (reasons.iter())
        .map(|reason| escape(&without_error_number(reason)).into_owned())
        .collect();
    // Where the line can't be written the status must do.
    let _ = say(&CheckReport::unknown(&reasons), json);
    ExitStatus::UNKNOWN
}

fn say(report: &CheckReport, json: bool) -> Result<ExitStatus, Failure> {
    to_stdout(|out| match json {
        true => Ok(report.write_json(out)?),
        false => Ok(report.write_line(out)?),
    })?;
    Ok(match report.state() {
        CheckState::Ok => ExitStatus::Success,
        CheckState::Warning => ExitStatus::WARNING,
        CheckState::Critical => ExitStatus::CRITICAL,
        CheckState::Unknown => ExitStatus::UNKNOWN,
    })
}

const ORDER: Option<SortKey> = Some(SortKey::ADDRESS);

/// Checks all services, or the named service, against limits.
fn of_services(
    kernel: &mut Kernel,
    named: Option<&ServiceKey>,
    servers: Limit,
    connections: Option<Limit>,
) -> Result<CheckReport, Failure> {
    let servers = Bounds::AtLeast(servers);
    let connections = connections.map(Bounds::AtMost);
    let mut problems = Vec::new();
    if let Some(key) = named
        && let Err(error) = kernel.service(key)
    {
        return missing(key, error);
    }
    let mut rows = match named {
        Some(key) => Rows::one(kernel, key, ORDER)?,
        None => Rows::all(kernel, ORDER)?,
    };
    let mut sum = Load::default();
    let mut count = 0;
    rows.for_each(|status, destinations| {
        let load = Load::of(destinations);
        let key = &status.service.key;
        let found = [
            (Some(servers), "server", load.servers),
            (connections, "connection", load.connections),
        ];
        for (bounds, what, value) in found {
            problems.extend(bounds.and_then(|bounds| problem(key, what, value, bounds)));
        }
        sum.servers += load.servers;
        sum.connections += load.connections;
        count += 1;
        Ok(())
    })?;
    if count == 0 {
        problems.push(critical("there is no virtual service".to_owned()));
    }
    // The limits are a service's: they fit no sum of several.
    let (of_servers, of_connections) = match named {
        Some(_) => (Some(servers), connections),
        None => (None, None),
    };
    let measured = vec![
        measured("services", count, None),
        measured("servers", sum.servers, of_servers),
        measured("connections", sum.connections, of_connections),
    ];
    Ok(CheckReport { problems, measured })
}

fn measured(name: &'static str, value: u64, bounds: Option<Bounds>) -> Measured {
    Measured {
        name,
        value,
        bounds,
    }
}

/// What a service has.
#[derive(Default)]
struct Load {
    /// The servers that take connections.
    servers: u64,
    /// The active connections.
    connections: u64,
}

impl Load {
    fn of(destinations: &[DestinationStatus]) -> Self {
        let usable = destinations.iter().filter(|it| it.destination.weight > 0);
        Load {
            servers: usable.count() as u64,
            connections: destinations.iter().map(|it| u64::from(it.active)).sum(),
        }
    }
}

/// A service that is asked for by name and is not there does not work.
fn missing(key: &ServiceKey, error: Error) -> Result<CheckReport, Failure> {
    let kind = error.refusal().map(|refusal| refusal.kind());
    if kind != Some(RefusalKind::NoSuchService) {
        return Err(Failure::listing(error));
    }
    Ok(CheckReport {
        problems: vec![critical(format!("there is no service {key}"))],
        measured: Vec::new(),
    })
}

fn problem(key: &ServiceKey, what: &str, value: u64, bounds: Bounds) -> Option<Problem> {
    let state = bounds.state(value);
    let (word, limit) = match bounds {
        Bounds::AtLeast(limit) => ("at least", limit),
        Bounds::AtMost(limit) => ("at most", limit),
    };
    let limit = match state {
        CheckState::Warning => limit.warning.unwrap_or(limit.critical),
        _ => limit.critical,
    };
    let count = counted(value, what);
    let text = format!("{key} has {count}, {word} {limit} wanted");
    (state > CheckState::Ok).then_some(Problem { state, text })
}

fn critical(text: String) -> Problem {
    let state = CheckState::Critical;
    Problem { state, text }
}

/// The whole table against a rules file.
fn of_rules(kernel: &mut Kernel, file: Option<&str>) -> Result<CheckReport, Failure> {
    let target = read(file)?;
    let plan = kernel.plan(&target).map_err(Failure::listing)?;
    let count = plan.steps().count();
    let mut problems = Vec::new();
    if count > 0 {
        let differences = counted(count as u64, "difference");
        let name = file.unwrap_or("standard input");
        let mut shown: Vec<_> = plan.steps().take(SHOWN).map(difference).collect();
        if count > SHOWN {
            shown.push(format!("and {} more", count - SHOWN));
        }
        let text = format!("{differences} from {name}: {}", shown.join("; "));
        problems.push(critical(escape(&text).replace('|', "/")));
    }
    let limit = Limit {
        warning: None,
        critical: 0,
    };
    let bounds = Some(Bounds::AtMost(limit));
    let measured = vec![measured("differences", count as u64, bounds)];
    Ok(CheckReport { problems, measured })
}

fn difference(step: &PlannedStep) -> String {
    let (before, after) = (step.before(), step.after());
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    match step.kind() {
        StepKind::Add => format!("missing: {after}"),
        StepKind::Remove => format!("not in the file: {before}"),
        StepKind::Edit => format!("changed: {before} (in the file: {after})"),
    }
}

/// The table that the rules make. A file with a bad line is no measure.
fn read(file: Option<&str>) -> Result<Target, Failure> {
    let name = file.unwrap_or("standard input");
    let mut target = Target::default();
    let (mut bad, mut count) = (None, 0);
    let take_line = |number, line: Result<Request, UsageError>| {
        count += 1;
        if let Err(message) = take(&mut target, number, line) {
            bad.get_or_insert_with(|| format!("{name}:{number}: {message}"));
        }
    };
    rules_input::read(file, |input| {
        rules::read_with(input, &mut SystemLookup::default(), take_line)
    })
    .map_err(|error| {
        let error = anyhow::Error::from(error).context(format!("cannot read {name}"));
        Failure::new(ExitStatus::UNKNOWN, error)
    })?;
    let unknown = |message| Failure::new(ExitStatus::UNKNOWN, anyhow!("{message}"));
    match bad {
        Some(message) => Err(unknown(message)),
        // A crash may have emptied it. The file of an empty table has -C.
        None if count == 0 => Err(unknown(format!("{name} is empty"))),
        None => Ok(target),
    }
}

/// Adds what a line asks for. A message says why that can't be done.
fn take(target: &mut Target, number: u32, line: Result<Request, UsageError>) -> Result<(), String> {
    let Ok(request) = line else {
        // An agent may be allowed to ask as root, and see what is in no rules file.
        return Err("this is no rule; ipvsadm -R --dry-run says why".to_owned());
    };
    target.take(&request, number).map_err(|error| match error {
        TargetError::Refused(refusal) => refusal_words::message(&refusal),
        counters => counters.to_string(),
    })
}
