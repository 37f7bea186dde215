//! `-L --metrics`: the table for monitoring.

use super::Failure;
use super::table_rows::Rows;
use crate::cli::{Metrics as Wanted, SortKey};
use crate::kernel::Kernel;
use crate::output::{Globals, Metrics};
use std::io::Write;

/// Writes the metrics.
pub fn write(
    kernel: &mut Kernel,
    wanted: &Wanted,
    order: Option<SortKey>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
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
}

/// What belongs to no service.
fn globals(kernel: &mut Kernel) -> Result<Globals, Failure> {
    Ok(Globals {
        info: kernel.info(),
        timeouts: kernel.timeouts().map_err(Failure::listing)?,
        daemons: kernel.daemons().map_err(Failure::listing)?,
    })
}
