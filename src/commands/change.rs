//! The commands that make one change.

use super::Failure;
use crate::ExitStatus;
use crate::model::Change;
use crate::netlink::Kernel;

/// Makes the change.
pub fn run(kernel: &mut Kernel, change: &Change) -> Result<ExitStatus, Failure> {
    kernel.apply(change).map_err(Failure::Change)?;
    Ok(ExitStatus::Success)
}
