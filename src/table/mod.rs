//! The virtual server table: in memory, the plan from one table to another, and
//! its way into the kernel.
//!
//! This room uses [`model`](crate::model) and [`kernel`](crate::kernel). It knows
//! nothing of commands, of texts and of exit statuses. The calls of
//! [`Kernel`](crate::Kernel) that have to do with whole tables are defined here.

mod converge;
mod destinations;
mod ensure;
mod lock;
mod memory;
mod owner;
mod plan;
mod snapshot;
mod step;
mod target;

pub use converge::{Cause, ConvergeError, RefusedChange, Undo};
pub use destinations::{Destinations, TableDestination};
pub use ensure::{Ensuring, Request};
pub use lock::{Lock, LockError};
pub use memory::{Table, TableService};
pub(crate) use owner::Owners;
pub use plan::{Plan, PlanCounts};
pub(crate) use snapshot::read_destinations;
pub use step::{PlannedStep, StepKind};
pub use target::{Target, TargetError};

/// So many changes are made before a caller is asked whether to go on.
pub const CHANGES_AT_ONCE: usize = 512;
