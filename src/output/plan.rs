//! The plan of a convergence, for people.

use crate::table::{Plan, PlanCounts, Step};
use std::io::{self, Write};

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// Writes a line a step, `+` added, `~` changed (old → new), `-` removed, and
/// last a line that counts them.
///
/// # Errors
/// What the writer reports.
pub fn write_plan(out: &mut (impl Write + ?Sized), plan: &Plan, colour: bool) -> io::Result<()> {
    for planned in plan.steps() {
        let (sign, hue, text) = match &planned.step {
            Step::Add(change) => ('+', GREEN, change.to_string()),
            // `-e -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1 → -g -w 5`
            Step::Edit(edit) => (
                '~',
                YELLOW,
                format!(
                    "{} {} → {}",
                    edit.new.subject(),
                    edit.old.settings(),
                    edit.new.settings()
                ),
            ),
            Step::Remove(change) => ('-', RED, change.to_string()),
        };
        if colour {
            writeln!(out, "{hue}{sign} {text}{PLAIN}")?;
        } else {
            writeln!(out, "{sign} {text}")?;
        }
    }
    let PlanCounts {
        added,
        changed,
        removed,
    } = plan.counts();
    let unchanged = plan.unchanged;
    writeln!(
        out,
        "{added} added, {changed} changed, {removed} removed, {unchanged} unchanged"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Change, Endpoint, Service, ServiceKey};
    use crate::table::{Table, Target};

    /// The standard library would write this address in another way.
    #[test]
    fn a_change_names_its_subject_once() {
        let address: std::net::Ipv6Addr = "::192.0.2.1".parse().unwrap();
        let key = ServiceKey::tcp(Endpoint::new(address, 80));
        let (mut now, mut target) = (Table::new(), Target::default());
        let scheduled = |name: &str| Service {
            scheduler: name.parse().unwrap(),
            ..Service::new(key)
        };
        now.apply(&Change::AddService(scheduled("rr"))).unwrap();
        target
            .table
            .apply(&Change::AddService(scheduled("wrr")))
            .unwrap();
        let mut out = Vec::new();
        write_plan(&mut out, &Plan::new(&now, &target), false).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "~ -E -t [::192.0.2.1]:80 -s rr → -s wrr\n0 added, 1 changed, 0 removed, 0 unchanged\n"
        );
    }
}
