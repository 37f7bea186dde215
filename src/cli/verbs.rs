//! The commands, as the legality of an option names them.

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is documented by its row of the option table
pub enum Verb {
    AddService,
    EditService,
    DeleteService,
    Clear,
    AddServer,
    EditServer,
    DeleteServer,
    List,
    Zero,
    Check,
    Restore,
    Save,
    SetTimeouts,
    StartDaemon,
    StopDaemon,
    Drain,
    Undrain,
    Doctor,
    Help,
    Version,
}

/// A set of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbs(u32);

impl Verbs {
    /// No command.
    pub const NONE: Verbs = Verbs(0);

    /// The set of these commands.
    pub const fn of(verbs: &[Verb]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < verbs.len() {
            bits |= 1 << verbs[i] as u16;
            i += 1;
        }
        Verbs(bits)
    }

    /// The commands of either set.
    #[must_use]
    pub const fn union(self, other: Verbs) -> Self {
        Verbs(self.0 | other.0)
    }

    /// Whether the command is in the set.
    pub const fn contains(self, verb: Verb) -> bool {
        self.0 & (1 << verb as u16) != 0
    }
}
