//! What was found, what was not looked at, and what is as it should be.

use super::facts::{Address, Machine, Settings};
use super::remedy::{Remedy, command};
use crate::model::ServiceKey;

/// How bad a finding is. The worst one is the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may be meant so: told with `--verbose` alone, and no exit status.
    Hint,
    /// Some clients or some moments suffer.
    Warning,
    /// Something cannot work.
    Error,
}

impl Severity {
    /// Its word in the output.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Hint => "hint",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Its name: that of its section in `docs/doctor.md`.
    pub id: &'static str,
    /// What was seen.
    pub seen: String,
    /// What that means.
    pub meaning: &'static str,
    /// The services that it concerns; none where it concerns all.
    pub services: Vec<ServiceKey>,
    /// What mends it; `None` where no command can.
    pub remedy: Option<Remedy>,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// What it is.
    pub what: &'static str,
    /// Why not.
    pub why: String,
}

/// All that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub unseen: Vec<Unseen>,
    /// What is as it should be.
    pub fine: Vec<&'static str>,
}

impl Report {
    /// The fact, where it was looked at; else the report says why not, once.
    pub(super) fn look<'a, T>(
        &mut self,
        what: &'static str,
        fact: &'a Result<T, String>,
    ) -> Option<&'a T> {
        fact.as_ref()
            .map_err(|why| self.unseen(what, why.clone()))
            .ok()
    }

    /// The machine's addresses, where its routes and its interfaces could be looked at, too;
    /// else the report says why not.
    pub(super) fn look_at_addresses<'a>(&mut self, machine: &'a Machine) -> Option<&'a [Address]> {
        let ways = self.look("the routes", &machine.ways);
        let addresses = self.look("the addresses", &machine.addresses);
        let links = self.look("the interfaces", &machine.links);
        match (ways, addresses, links) {
            (Some(_), Some(addresses), Some(_)) => Some(addresses),
            _ => None,
        }
    }

    /// The first number of a setting, where it could be read; else the report says why not,
    /// once.
    pub(super) fn setting(
        &mut self,
        what: &'static str,
        settings: &Settings,
        path: &str,
    ) -> Option<i64> {
        self.look(what, &settings.number(path)).copied()
    }

    pub(super) fn unseen(&mut self, what: &'static str, why: String) {
        let unseen = Unseen { what, why };
        if !self.unseen.contains(&unseen) {
            self.unseen.push(unseen);
        }
    }

    /// The report of a kernel without IPVS.
    pub fn without_ipvs() -> Self {
        let finding = Finding {
            severity: Severity::Error,
            id: "ipvs-missing",
            seen: "this kernel has no IPVS".to_owned(),
            meaning: "nothing is balanced; a container needs it loaded by its host",
            services: Vec::new(),
            remedy: Remedy::here(command(&["modprobe", "ip_vs"])),
        };
        Report {
            findings: vec![finding],
            ..Report::default()
        }
    }

    /// The worst that was found, hints aside.
    pub fn worst(&self) -> Option<Severity> {
        let severities = self.findings.iter().map(|finding| finding.severity);
        severities.max().filter(|worst| *worst > Severity::Hint)
    }
}
