//! `-S`: the table as rules.

use super::names::{lookups, resolve};
use super::table::{self, Source};
use super::{Failure, to_stdout};
use crate::ExitStatus;
use crate::cli::Save;
use crate::file::{SaveError, Target};
use crate::kernel::Kernel;
use crate::model::{Change, Destination, Service};
use crate::names::Names;
use crate::rules::RulesWriter;
use std::io::{self, Write};

/// Saves to standard output or to the file.
pub fn run(kernel: &mut Kernel, save: &Save) -> Result<ExitStatus, Failure> {
    match &save.file {
        None => to_stdout(|out| write(kernel, save, out)),
        Some(path) => {
            let failed = |error: SaveError| {
                let help = error.help();
                let error = anyhow::Error::from(error).context(format!("cannot write {path}"));
                let failure = Failure::new(ExitStatus::Failure, error);
                help.into_iter().fold(failure, Failure::with_help)
            };
            // The way is tried first: a mistake in the path is told before all the
            // names are looked up.
            let found = Target::find(path.as_ref()).map_err(|error| failed(error.into()))?;
            let Some(target) = found else {
                return to_stdout(|out| write(kernel, save, out));
            };
            let mut rules = Vec::new();
            write(kernel, save, &mut rules)?;
            target.save(&rules).map_err(failed)?;
            Ok(ExitStatus::Success)
        }
    }
}

fn write(kernel: &mut Kernel, save: &Save, out: &mut dyn Write) -> Result<(), Failure> {
    let services: Vec<Service> = table::services(kernel, true)?;
    if services.is_empty() && save.file.is_some() {
        // Rules without a rule would be taken for a failure when they are restored.
        RulesWriter::new(&mut *out, &Names::numeric()).change(&Change::Clear)?;
    }
    let mut source = Source::netlink(kernel, true);
    if save.numeric {
        let names = Names::numeric();
        let mut writer = RulesWriter::new(&mut *out, &names);
        source.for_each(&services, |service, destinations| {
            Ok(write_rows(&mut writer, service, destinations)?)
        })?;
    } else {
        let rows = source.collect(&services)?;
        let names = resolve(&lookups(&rows), save.resolve_timeout);
        let mut writer = RulesWriter::new(&mut *out, &names);
        rows.iter().try_for_each(|(service, destinations)| {
            write_rows(&mut writer, service, destinations)
        })?;
    }
    if save.all {
        surroundings(kernel, out)?;
    }
    Ok(())
}

fn write_rows(
    writer: &mut RulesWriter<'_, impl Write>,
    service: &Service,
    destinations: &[Destination],
) -> io::Result<()> {
    writer.service(service)?;
    destinations
        .iter()
        .try_for_each(|destination| writer.destination(&service.key, destination))
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
