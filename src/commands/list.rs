//! `-L`: listings.

use super::names::{lookups, resolve};
use super::place::Place;
use super::table::{self, Listed, Source, WithDestinations};
use super::{Failure, connections, to_stdout};
use crate::ExitStatus;
use crate::cli::{List, Listing, TableFormat};
use crate::kernel::{Kernel, ServiceRow};
use crate::model::{Service, ServiceKey, ServiceStatus};
use crate::names::Names;
use crate::output::{
    JsonList, TableWriter, json_daemon, json_row, write_daemon, write_json_timeouts, write_timeouts,
};
use std::io::{self, Write};

/// Lists to standard output.
pub fn run(place: &Place, list: &List) -> Result<ExitStatus, Failure> {
    let mut kernel = place.open()?;
    to_stdout(|out| match &list.what {
        Listing::Table(service, format) => {
            services(place, &mut kernel, list, service.as_ref(), *format, out)
        }
        Listing::Connections(wanted) => connections::list(place, list, wanted, out),
        Listing::Timeouts => timeouts(&mut kernel, list, out),
        Listing::Daemons => daemons(&mut kernel, list, out),
    })
}

fn timeouts(kernel: &mut Kernel, list: &List, out: &mut dyn Write) -> Result<(), Failure> {
    let timeouts = kernel.timeouts().map_err(Failure::listing)?;
    let write = if list.json {
        write_json_timeouts
    } else {
        write_timeouts
    };
    Ok(write(out, &timeouts)?)
}

fn daemons(kernel: &mut Kernel, list: &List, out: &mut dyn Write) -> Result<(), Failure> {
    let daemons = kernel.daemons().map_err(Failure::listing)?;
    if !list.json {
        return Ok(daemons
            .iter()
            .try_for_each(|daemon| write_daemon(out, daemon))?);
    }
    let mut document = JsonList::new(out, "daemons")?;
    daemons
        .iter()
        .try_for_each(|daemon| document.item(&json_daemon(daemon)))?;
    Ok(document.end()?)
}

fn services(
    place: &Place,
    kernel: &mut Kernel,
    list: &List,
    named: Option<&ServiceKey>,
    format: TableFormat,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if list.json || named.is_some() || format != TableFormat::Plain {
        return in_detail(kernel, list, named, format, out);
    }
    let info = kernel.info();
    let services: Vec<Service> = table::services(kernel, list.sorted)?;
    let mut rows = if services.is_empty() {
        Rows::Read(Vec::new())
    } else {
        Rows::ToRead(services, Source::text(kernel, place, list.sorted)?)
    };
    let names = names(list, &mut rows)?;
    let mut writer = TableWriter::new(out, format, list.exact, &names);
    writer.title(info)?;
    writer.heading()?;
    rows.for_each(|service, destinations| {
        writer.settings(service)?;
        destinations
            .iter()
            .try_for_each(|destination| writer.summary(&service.key, destination))
    })
}

/// The formats for which the kernel has to be asked about each service.
fn in_detail(
    kernel: &mut Kernel,
    list: &List,
    named: Option<&ServiceKey>,
    format: TableFormat,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let info = kernel.info();
    let mut rows = match named {
        Some(key) => Rows::Read(vec![table::named(kernel, key, list.sorted)?]),
        None => Rows::ToRead(
            table::services(kernel, list.sorted)?,
            Source::netlink(kernel, list.sorted),
        ),
    };
    if list.json {
        let mut document = JsonList::of_services(out, info)?;
        rows.for_each(|service, destinations| document.item(&json_row(service, destinations)))?;
        return Ok(document.end()?);
    }
    let names = names(list, &mut rows)?;
    let mut writer = TableWriter::new(out, format, list.exact, &names);
    if named.is_none() {
        writer.title(info)?;
    }
    writer.heading()?;
    rows.for_each(|status: &ServiceStatus, destinations| {
        writer.service(status)?;
        let key = &status.service.key;
        destinations
            .iter()
            .try_for_each(|destination| writer.destination(key, destination))
    })
}

/// The names of what is listed; with `-n` there are none.
fn names<S: ServiceRow, D: Listed>(
    list: &List,
    rows: &mut Rows<'_, S, D>,
) -> Result<Names, Failure> {
    if list.numeric {
        return Ok(Names::numeric());
    }
    Ok(resolve(&lookups(rows.read()?), list.resolve_timeout))
}

/// What is listed: the services' destinations are read when they are needed.
enum Rows<'a, S, D> {
    ToRead(Vec<S>, Source<'a>),
    Read(Vec<WithDestinations<S, D>>),
}

impl<S: ServiceRow, D: Listed> Rows<'_, S, D> {
    /// All of them, in memory.
    fn read(&mut self) -> Result<&[WithDestinations<S, D>], Failure> {
        if let Rows::ToRead(services, source) = self {
            *self = Rows::Read(source.collect(services)?);
        }
        match self {
            Rows::Read(rows) => Ok(rows),
            Rows::ToRead(..) => Ok(&[]),
        }
    }

    fn for_each(self, mut each: impl FnMut(&S, &[D]) -> io::Result<()>) -> Result<(), Failure> {
        match self {
            Rows::Read(rows) => Ok(rows
                .iter()
                .try_for_each(|(service, destinations)| each(service, destinations))?),
            Rows::ToRead(services, mut source) => source
                .for_each(&services, |service, destinations| {
                    Ok(each(service, destinations)?)
                }),
        }
    }
}
