//! The plan of a convergence, for people.

use super::colours::{GREEN, PLAIN, RED, YELLOW};
use crate::table::{Plan, StepKind};
use std::io::{self, Write};

/// Writes a line a step, `+` added, `~` changed (old → new), `-` removed, and
/// last a line that counts them.
///
/// # Errors
/// What the writer reports.
pub fn write_plan(out: &mut (impl Write + ?Sized), plan: &Plan, colour: bool) -> io::Result<()> {
    for step in plan.steps() {
        let hue = match step.kind() {
            StepKind::Add => GREEN,
            StepKind::Edit => YELLOW,
            StepKind::Remove => RED,
        };
        if colour {
            writeln!(out, "{hue}{step}{PLAIN}")?;
        } else {
            writeln!(out, "{step}")?;
        }
    }
    writeln!(out, "{}", plan.counts())
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
        target.apply(&Change::AddService(scheduled("wrr"))).unwrap();
        let mut out = Vec::new();
        write_plan(&mut out, &Plan::new(&now, &target), false).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "~ -E -t [::192.0.2.1]:80 -s rr → -s wrr\n0 added, 1 changed, 0 removed, 0 unchanged\n"
        );
    }
}
