//! The commands, as the legality checks see them.

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is documented by its entry of the option table
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
    Restore,
    Save,
    SetTimeouts,
    StartDaemon,
    StopDaemon,
    Help,
    Version,
}

impl Verb {
    /// All of them, in the order of their numbers.
    pub const ALL: [Verb; 16] = [
        Verb::AddService,
        Verb::EditService,
        Verb::DeleteService,
        Verb::Clear,
        Verb::AddServer,
        Verb::EditServer,
        Verb::DeleteServer,
        Verb::List,
        Verb::Zero,
        Verb::Restore,
        Verb::Save,
        Verb::SetTimeouts,
        Verb::StartDaemon,
        Verb::StopDaemon,
        Verb::Help,
        Verb::Version,
    ];

    /// The name it goes by in messages.
    pub fn name(self) -> &'static str {
        match self {
            Verb::AddService => "add-service",
            Verb::EditService => "edit-service",
            Verb::DeleteService => "delete-service",
            Verb::Clear => "flush",
            Verb::AddServer => "add-server",
            Verb::EditServer => "edit-server",
            Verb::DeleteServer => "delete-server",
            Verb::List => "list",
            Verb::Zero => "zero",
            Verb::Restore => "restore",
            Verb::Save => "save",
            Verb::SetTimeouts => "set",
            Verb::StartDaemon => "start-daemon",
            Verb::StopDaemon => "stop-daemon",
            Verb::Help => "help",
            Verb::Version => "version",
        }
    }
}

/// A set of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbs(u16);

impl Verbs {
    /// No command.
    pub const NONE: Verbs = Verbs(0);

    /// These commands.
    pub const fn of(verbs: &[Verb]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < verbs.len() {
            bits |= 1 << verbs[i] as u16;
            i += 1;
        }
        Verbs(bits)
    }

    /// Both sets.
    pub const fn and(self, other: Verbs) -> Self {
        Verbs(self.0 | other.0)
    }

    /// Whether the command is one of them.
    pub const fn contain(self, verb: Verb) -> bool {
        self.0 & (1 << verb as u16) != 0
    }
}
