//! The virtual server table: in memory, the plan from one table to another, and
//! its way into the kernel.
//!
//! This room uses [`model`](crate::model) and [`kernel`](crate::kernel). It knows
//! nothing of commands, of texts and of exit statuses.

mod converge;
mod destinations;
mod ensure;
mod memory;
mod plan;
mod snapshot;

pub use converge::{Cause, ConvergeError, RefusedChange, Undo, converge};
pub use destinations::{Destinations, TableDestination};
pub use ensure::{Ensuring, Request, ensure, fitting};
pub use memory::{Table, TableService};
pub use plan::{Edit, Move, Plan, PlanCounts, PlannedStep, Step, Target};
pub(crate) use snapshot::read_destinations;
pub use snapshot::{plan, snapshot};

/// How many changes are handed to the kernel at once. Between two batches a
/// caller is asked whether to go on.
pub const BATCH: usize = 512;
