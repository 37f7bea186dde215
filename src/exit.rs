//! Exit statuses: an interface, as scripts test them.

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// All was done.
    Success = 0,
    /// A listing failed, or output could not be written; of `--doctor`, warnings.
    Failure = 1,
    /// The command line, a rules file or the kernel's IPVS is not as it must be; of
    /// `--doctor`, something cannot work.
    Usage = 2,
    /// A dry run found something to do, or the wait for a drain is over.
    Differs = 3,
    /// The reader of a save is gone: as a shell tells it of 1.31, which a signal ends.
    BrokenPipe = 141,
    /// The kernel refused, or no command was recognised.
    Refused = 255,
}

/// The statuses of `--check`, which are the monitoring plugins'.
impl ExitStatus {
    /// Worth a look.
    pub const WARNING: ExitStatus = ExitStatus::Failure;
    /// Something does not work.
    pub const CRITICAL: ExitStatus = ExitStatus::Usage;
    /// It could not be found out.
    pub const UNKNOWN: ExitStatus = ExitStatus::Differs;
}

impl From<ExitStatus> for std::process::ExitCode {
    fn from(status: ExitStatus) -> Self {
        std::process::ExitCode::from(status as u8)
    }
}
