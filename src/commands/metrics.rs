//! `-L --metrics`: the table for monitoring.

use super::Failure;
use super::rows::Rows;
use super::to_file::to_file;
use crate::ExitStatus;
use crate::cli::{Metrics as Wanted, SortKey};
use crate::kernel::Kernel;
use crate::output::{Globals, Metrics};

/// Writes the metrics to standard output or to the file.
pub fn run(
    kernel: &mut Kernel,
    wanted: &Wanted,
    order: Option<SortKey>,
) -> Result<ExitStatus, Failure> {
    to_file(wanted.file.as_deref(), |out| {
        let globals = match wanted.service {
            None => Some(globals(kernel)?),
            Some(_) => None,
        };
        let mut rows = match &wanted.service {
            None => Rows::all(kernel, order)?,
            Some(key) => Rows::one(kernel, key, order)?,
        };
        let mut metrics = Metrics::new(wanted.format, wanted.netns.clone(), wanted.servers);
        rows.for_each(|service, destinations| {
            metrics.add(service, destinations);
            Ok(())
        })?;
        Ok(metrics.write(out, globals.as_ref())?)
    })
}

/// What belongs to no service.
fn globals(kernel: &mut Kernel) -> Result<Globals, Failure> {
    Ok(Globals {
        info: kernel.info(),
        timeouts: kernel.timeouts().map_err(Failure::listing)?,
        daemons: kernel.daemons().map_err(Failure::listing)?,
    })
}
