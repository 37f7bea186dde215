//! `-S`: the table as rules.

use super::names::{lookups, resolve};
use super::{Failure, table, to_stdout};
use crate::ExitStatus;
use crate::cli::Save;
use crate::file;
use crate::model::Change;
use crate::netlink::Kernel;
use crate::output::{Names, RulesWriter};
use std::io::{self, Write};

/// Saves to standard output or to the file.
pub fn run(kernel: &mut Kernel, save: &Save) -> Result<ExitStatus, Failure> {
    match &save.file {
        None => to_stdout(|out| write(kernel, save, out)),
        Some(path) => {
            let failed = |error| {
                let error = anyhow::Error::from(error).context(format!("cannot write {path}"));
                Failure::new(ExitStatus::Failure, error).with_help("the file is as it was")
            };
            let mut new = file::Replacement::new(path.as_ref()).map_err(failed)?;
            write(kernel, save, &mut new).map_err(|failure| match failure {
                Failure::Output(error) => failed(error),
                other => other,
            })?;
            new.commit().map_err(failed)?;
            Ok(ExitStatus::Success)
        }
    }
}

fn write(kernel: &mut Kernel, save: &Save, out: &mut dyn Write) -> Result<(), Failure> {
    let services = table::services(kernel, true)?;
    if save.numeric {
        let names = Names::numeric();
        let mut writer = RulesWriter::new(&mut *out, &names);
        table::for_each(kernel, services, true, |row| {
            Ok(write_row(&mut writer, &row)?)
        })?;
    } else {
        let rows = table::collect(kernel, services, true)?;
        let names = resolve(&lookups(&rows), save.resolve_timeout);
        let mut writer = RulesWriter::new(&mut *out, &names);
        rows.iter()
            .try_for_each(|row| write_row(&mut writer, row))?;
    }
    if save.all {
        surroundings(kernel, out)?;
    }
    Ok(())
}

fn write_row(
    writer: &mut RulesWriter<'_, impl Write>,
    (status, destinations): &table::Row,
) -> io::Result<()> {
    let service = &status.service;
    writer.service(service)?;
    destinations
        .iter()
        .try_for_each(|status| writer.destination(&service.key, &status.destination))
}

/// The timeouts and the sync daemons.
fn surroundings(kernel: &mut Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    let names = Names::numeric();
    let mut writer = RulesWriter::new(out, &names);
    writer.change(&Change::SetTimeouts(
        kernel.timeouts().map_err(Failure::listing)?,
    ))?;
    for daemon in kernel.daemons().map_err(Failure::listing)? {
        writer.change(&Change::StartDaemon(daemon))?;
    }
    Ok(())
}
