//! What a table is to become.

use super::ensure::{Request, fitting};
use super::memory::Table;
use crate::kernel::{Refusal, RefusalKind};
use crate::model::{Change, SyncRole};

/// What the kernel's table is to become: these services and no others. A sync
/// daemon is started or stopped only where the target says so, and timeouts are
/// set only where it has some.
#[derive(Debug, Clone, Default)]
pub struct Target {
    table: Table,
    /// The daemons of the table and those to be stopped.
    roles: Vec<SyncRole>,
}

/// Why something cannot be part of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// A change of counters.
    #[error("counters are no part of a table")]
    Counters,
    /// A change that the kernel would refuse after those before it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<Table> for Target {
    /// The table with its daemons. A daemon that the table does not have is left
    /// alone.
    fn from(table: Table) -> Self {
        let has_daemon = |role: &SyncRole| table.daemon(*role).is_some();
        let roles = SyncRole::BOTH.into_iter().filter(has_daemon).collect();
        Target { table, roles }
    }
}

impl Target {
    /// The services, daemons and timeouts.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The daemons that are to run or to be stopped.
    pub(super) fn roles(&self) -> &[SyncRole] {
        &self.roles
    }

    /// Makes a change of the target. [`Change::StopDaemon`] says that no daemon of
    /// its role is to run.
    ///
    /// # Errors
    /// Why the change cannot be made. The target is then as before.
    pub fn apply(&mut self, change: &Change) -> Result<(), TargetError> {
        let change = *change;
        let exist = false;
        self.take(&Request { change, exist }, 0)
    }

    /// Takes what a line of a rules file asks for.
    ///
    /// # Errors
    /// As [`Target::apply`].
    pub fn take(&mut self, request: &Request, line: u32) -> Result<(), TargetError> {
        if matches!(request.change, Change::Zero(_)) {
            return Err(TargetError::Counters);
        }
        self.table.take(request, line)?;
        let role = match request.change {
            Change::StartDaemon(daemon) => daemon.role,
            Change::StopDaemon(role, _) => role,
            _ => return Ok(()),
        };
        if !self.roles.contains(&role) {
            self.roles.push(role);
        }
        Ok(())
    }
}

impl Table {
    /// Makes what a line of a rules file asks for; returns the changes that do so.
    ///
    /// # Errors
    /// As [`Table::apply`].
    pub fn take(&mut self, request: &Request, line: u32) -> Result<Vec<Change>, Refusal> {
        let changes = match request.exist {
            true => fitting(&request.change, self),
            false => vec![request.change],
        };
        for change in &changes {
            match self.apply_line(change, line) {
                // A file cannot know whether a daemon runs.
                Err(refusal) if refusal.kind() == RefusalKind::NoDaemon => {}
                made => made?,
            }
        }
        Ok(changes)
    }
}
