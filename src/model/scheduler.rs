//! Schedulers' names and flags.

use super::Name;

/// The scheduler of a service that names none.
pub const DEFAULT_SCHEDULER: Name = Name::from_static("wlc");

/// The schedulers of Linux up to 7.3. A kernel may lack some, and have others.
pub(crate) const SCHEDULERS: [&str; 14] = [
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos",
];

/// The three flags a scheduler may define for itself
/// (`IP_VS_SVC_F_SCHED1` to `3` of the kernel's header).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SchedulerFlags(u32);

impl SchedulerFlags {
    /// `IP_VS_SVC_F_SCHED1`.
    pub const FLAG_1: SchedulerFlags = SchedulerFlags(0x08);
    /// `IP_VS_SVC_F_SCHED2`.
    pub const FLAG_2: SchedulerFlags = SchedulerFlags(0x10);
    /// `IP_VS_SVC_F_SCHED3`.
    pub const FLAG_3: SchedulerFlags = SchedulerFlags(0x20);
    const ALL: [SchedulerFlags; 3] = [Self::FLAG_1, Self::FLAG_2, Self::FLAG_3];

    /// The scheduler's part of a service's flag word.
    pub fn from_bits(flags: u32) -> Self {
        SchedulerFlags(flags & 0x38)
    }

    /// The bits of the service's flag word.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether no flag is set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both sets together.
    #[must_use]
    pub fn union(self, other: SchedulerFlags) -> Self {
        SchedulerFlags(self.0 | other.0)
    }

    /// The flags' names with this scheduler, in ascending order of their bits:
    /// `sh-fallback`, or `flag-1` where the scheduler has no name for it.
    pub fn names(self, scheduler: &Name) -> impl Iterator<Item = &'static str> {
        let own = match scheduler.as_str() {
            "sh" => ["sh-fallback", "sh-port", "flag-3"],
            "mh" => ["mh-fallback", "mh-port", "flag-3"],
            _ => ["flag-1", "flag-2", "flag-3"],
        };
        Self::ALL
            .into_iter()
            .zip(own)
            .filter(move |(flag, _)| self.0 & flag.0 != 0)
            .map(|(_, n)| n)
    }
}
