//! Sets of option groups.

use super::options::{Group, TABLE};
use super::verbs::Verb;
use std::sync::LazyLock;

/// A set of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Groups(u64);

impl Groups {
    /// Whether the group is one of them.
    pub fn contain(self, group: Group) -> bool {
        self.0 & (1 << group as u64) != 0
    }

    /// Adds a group.
    pub fn insert(&mut self, group: Group) {
        self.0 |= 1 << group as u64;
    }

    /// Whether all of them are among the others.
    pub fn are_within(self, others: Groups) -> bool {
        self.0 & !others.0 == 0
    }
}

/// What a command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Takes {
    /// What it may have, whatever stands beside it.
    pub legal: Groups,
    /// What it needs.
    pub required: Groups,
}

/// What the command takes, by the option table.
pub fn taken_by(verb: Verb) -> Takes {
    static BY_VERB: LazyLock<[Takes; Verb::ALL.len()]> = LazyLock::new(|| Verb::ALL.map(takes));
    BY_VERB.get(verb as usize).copied().unwrap_or_default()
}

fn takes(verb: Verb) -> Takes {
    let mut takes = Takes::default();
    for entry in TABLE {
        let Some(group) = entry.group else { continue };
        let depends = verb == Verb::List && entry.list_needs.is_some();
        if entry.legal.contain(verb) && !depends {
            takes.legal.insert(group);
        }
        if entry.required.contain(verb) {
            takes.required.insert(group);
        }
    }
    takes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_counted_from_0() {
        for (number, verb) in Verb::ALL.into_iter().enumerate() {
            assert_eq!(verb as usize, number, "{}", verb.name());
        }
        assert_eq!(Verb::ALL.last(), Some(&Verb::Version));
    }

    #[test]
    fn a_server_needs_a_service_and_an_address() {
        let mut needed = Groups::default();
        needed.insert(Group::ServiceAddress);
        assert_eq!(taken_by(Verb::DeleteService).required, needed);
        needed.insert(Group::RealServer);
        let takes = taken_by(Verb::AddServer);
        assert_eq!(takes.required, needed);
        assert!(takes.required.are_within(takes.legal));
        assert!(!takes.legal.are_within(takes.required));
        assert!(takes.legal.contain(Group::Weight) && !takes.legal.contain(Group::Scheduler));
    }
}
