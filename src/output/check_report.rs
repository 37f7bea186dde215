//! What `--check` says: the line that Nagios, Icinga and Zabbix read, or JSON.

use super::json::{VERSION, write_document};
use crate::cli::Limit;
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};

/// How many problems the line shows.
const SHOWN: usize = 5;

/// How bad it is, in the monitoring plugins' words and statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum CheckState {
    /// All is as it must be.
    Ok = 0,
    /// Worth a look.
    Warning = 1,
    /// Something does not work.
    Critical = 2,
    /// It could not be found out.
    Unknown = 3,
}

impl CheckState {
    fn as_str(self) -> &'static str {
        match self {
            CheckState::Ok => "ok",
            CheckState::Warning => "warning",
            CheckState::Critical => "critical",
            CheckState::Unknown => "unknown",
        }
    }
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub state: CheckState,
    /// What it is, without a `|`: that begins the numbers of the line.
    pub text: String,
}

/// A number, and what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Its name: letters alone.
    pub name: &'static str,
    /// The number.
    pub value: u64,
    /// What it must be, where it is measured against something.
    pub bounds: Option<Bounds>,
}

/// From where on a number is a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    /// It must not be lower.
    AtLeast(Limit),
    /// It must not be higher.
    AtMost(Limit),
}

impl Bounds {
    /// How bad a number is.
    pub fn state(self, value: u64) -> CheckState {
        let beyond = |limit: u32| match self {
            Bounds::AtLeast(_) => value < u64::from(limit),
            Bounds::AtMost(_) => value > u64::from(limit),
        };
        let (Bounds::AtLeast(limit) | Bounds::AtMost(limit)) = self;
        if beyond(limit.critical) {
            CheckState::Critical
        } else if limit.warning.is_some_and(beyond) {
            CheckState::Warning
        } else {
            CheckState::Ok
        }
    }
}

/// `WARNING;CRITICAL`: the ranges in which there is no such alert.
impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, colon) = match self {
            Bounds::AtLeast(limit) => (limit, ":"),
            Bounds::AtMost(limit) => (limit, ""),
        };
        if let Some(warning) = limit.warning {
            write!(f, "{warning}{colon}")?;
        }
        write!(f, ";{}{colon}", limit.critical)
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// What is not as it must be.
    pub problems: Vec<Problem>,
    /// The numbers.
    pub measured: Vec<Measured>,
}

impl CheckReport {
    /// It could not be found out, for these reasons.
    pub fn unknown(reasons: &[String]) -> Self {
        let text = reasons.join("; ").replace('|', "/");
        let state = CheckState::Unknown;
        CheckReport {
            problems: vec![Problem { state, text }],
            measured: Vec::new(),
        }
    }

    /// The worst of all.
    pub fn state(&self) -> CheckState {
        let states = self.problems.iter().map(|problem| problem.state);
        states.max().unwrap_or(CheckState::Ok)
    }

    /// The problems, the worst first.
    fn sorted(&self) -> Vec<&Problem> {
        let mut problems: Vec<_> = self.problems.iter().collect();
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.state));
        problems
    }

    /// Writes `IPVS CRITICAL: what is wrong | numbers`.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn write_line(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let state = self.state().as_str().to_uppercase();
        let problems = self.sorted().into_iter();
        let mut shown: Vec<String> = problems.map(|it| it.text.clone()).collect();
        let hidden = shown.len().saturating_sub(SHOWN);
        shown.truncate(SHOWN);
        if hidden > 0 {
            shown.push(format!("and {hidden} more"));
        }
        if shown.is_empty() {
            let numbers: Vec<String> = self.measured.iter().map(in_words).collect();
            shown.push(numbers.join(", "));
        }
        write!(out, "IPVS {state}: {}", shown.join("; "))?;
        let mut separator = " | ";
        for it in &self.measured {
            let bounds = it
                .bounds
                .map_or(";".to_owned(), |bounds| bounds.to_string());
            write!(out, "{separator}{}={};{bounds};0", it.name, it.value)?;
            separator = " ";
        }
        writeln!(out)
    }

    /// Writes the document of the check.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn write_json(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let number = |name| Some(self.measured.iter().find(|it| it.name == name)?.value);
        let state = self.state();
        let document = CheckDocument {
            version: VERSION,
            state: state.as_str(),
            status: state as u8,
            problems: (self.sorted().into_iter())
                .map(|it| JsonProblem {
                    state: it.state.as_str(),
                    text: &it.text,
                })
                .collect(),
            services: number("services"),
            servers: number("servers"),
            connections: number("connections"),
            differences: number("differences"),
        };
        write_document(out, &document)
    }
}

/// `2 servers`
fn in_words(number: &Measured) -> String {
    let Measured { name, value, .. } = *number;
    match value {
        1 => format!("1 {}", name.strip_suffix('s').unwrap_or(name)),
        _ => format!("{value} {name}"),
    }
}

#[derive(Serialize)]
struct CheckDocument<'a> {
    version: u32,
    state: &'static str,
    status: u8,
    problems: Vec<JsonProblem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    services: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connections: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<u64>,
}

#[derive(Serialize)]
struct JsonProblem<'a> {
    state: &'static str,
    text: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(report: &CheckReport) -> String {
        let mut line = Vec::new();
        report.write_line(&mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn the_bounds_are_the_last_good_numbers() {
        let limit = Limit {
            warning: Some(3),
            critical: 2,
        };
        let states = |bounds: Bounds| [1, 2, 3, 4].map(|value| bounds.state(value));
        use CheckState::{Critical, Ok, Warning};
        assert_eq!(states(Bounds::AtLeast(limit)), [Critical, Warning, Ok, Ok]);
        let limit = Limit {
            warning: Some(2),
            critical: 3,
        };
        assert_eq!(states(Bounds::AtMost(limit)), [Ok, Ok, Warning, Critical]);
        let limit = Limit {
            warning: None,
            critical: 3,
        };
        assert_eq!(states(Bounds::AtMost(limit)), [Ok, Ok, Ok, Critical]);
    }

    #[test]
    fn the_line_has_the_worst_first_and_the_numbers_last() {
        let problem = |state, text: &str| Problem {
            state,
            text: text.to_owned(),
        };
        let mut report = CheckReport {
            problems: Vec::new(),
            measured: vec![
                Measured {
                    name: "services",
                    value: 1,
                    bounds: None,
                },
                Measured {
                    name: "servers",
                    value: 2,
                    bounds: Some(Bounds::AtLeast(Limit {
                        warning: Some(3),
                        critical: 1,
                    })),
                },
                Measured {
                    name: "connections",
                    value: 9,
                    bounds: Some(Bounds::AtMost(Limit {
                        warning: None,
                        critical: 5,
                    })),
                },
            ],
        };
        let numbers = "services=1;;;0 servers=2;3:;1:;0 connections=9;;5;0";
        assert_eq!(
            line(&report),
            format!("IPVS OK: 1 service, 2 servers, 9 connections | {numbers}\n")
        );
        report.problems.push(problem(CheckState::Warning, "w"));
        report
            .problems
            .extend(["a", "b", "c", "d", "e"].map(|it| problem(CheckState::Critical, it)));
        assert_eq!(
            line(&report),
            format!("IPVS CRITICAL: a; b; c; d; e; and 1 more | {numbers}\n")
        );
    }

    #[test]
    fn a_reason_has_no_sign_of_the_numbers() {
        let report = CheckReport::unknown(&["no such file: a|b".to_owned(), "help".to_owned()]);
        assert_eq!(line(&report), "IPVS UNKNOWN: no such file: a/b; help\n");
    }
}
