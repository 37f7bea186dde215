//! `-S`: the table as rules.

use super::Failure;
use super::table_rows::Rows;
use super::to_file::to_file;
use crate::ExitStatus;
use crate::cli::{Save, SortKey};
use crate::kernel::Kernel;
use crate::model::Change;
use crate::names::Names;
use crate::rules::RulesWriter;
use anyhow::anyhow;
use std::io::Write;

/// Saves to standard output or to the file.
pub fn run(kernel: &mut Kernel, save: &Save) -> Result<ExitStatus, Failure> {
    to_file(save.file.as_deref(), |out| write(kernel, save, out))
}

fn write(kernel: &mut Kernel, save: &Save, out: &mut dyn Write) -> Result<(), Failure> {
    let mut rows = Rows::all(kernel, Some(SortKey::ADDRESS))?;
    let names = match save.numeric {
        true => Names::numeric(),
        false => rows.names(save.resolve_timeout)?,
    };
    let mut writer = RulesWriter::new(&mut *out, &names);
    if rows.is_empty() && save.not_empty {
        return Err(empty());
    }
    if rows.is_empty() && save.file.is_some() {
        // Rules without a rule would be taken for a failure when they are restored.
        writer.change(&Change::Clear)?;
    }
    let mut is_empty = true;
    rows.for_each(|status, destinations| {
        is_empty = false;
        let service = &status.service;
        writer.service(service)?;
        for status in destinations {
            writer.destination(&service.key, &status.destination)?;
        }
        Ok(())
    })?;
    if is_empty && save.not_empty {
        return Err(empty());
    }
    if save.all {
        timeouts_and_daemons(kernel, &mut writer)?;
    }
    Ok(())
}

fn empty() -> Failure {
    let error = anyhow!("the table is empty: nothing was saved");
    Failure::new(ExitStatus::Failure, error)
}

fn timeouts_and_daemons(
    kernel: &mut Kernel,
    writer: &mut RulesWriter<'_, impl Write>,
) -> Result<(), Failure> {
    let timeouts = kernel.timeouts().map_err(Failure::listing)?;
    writer.change(&Change::SetTimeouts(timeouts))?;
    for daemon in kernel.daemons().map_err(Failure::listing)? {
        writer.change(&Change::StartDaemon(daemon))?;
    }
    Ok(())
}
