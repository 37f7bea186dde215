//! `-L`: listings.

use super::names::{lookups, resolve};
use super::place::Place;
use super::table::{self, Row};
use super::{Failure, connections, to_stdout};
use crate::ExitStatus;
use crate::cli::{List, Listing};
use crate::model::{ServiceKey, ServiceStatus};
use crate::netlink::Kernel;
use crate::output::{
    JsonList, Names, TableFormat, TableWriter, json_daemon, json_row, write_daemon,
    write_json_timeouts, write_timeouts,
};
use std::io::{self, Write};

/// Lists to standard output.
pub fn run(place: &Place, list: &List) -> Result<ExitStatus, Failure> {
    let mut kernel = place.open()?;
    to_stdout(|out| match &list.what {
        Listing::Table(service, format) => {
            services(&mut kernel, list, service.as_ref(), *format, out)
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
    kernel: &mut Kernel,
    list: &List,
    named: Option<&ServiceKey>,
    format: TableFormat,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut rows = match named {
        Some(key) => Rows::Read(vec![table::named(kernel, key, list.sorted)?]),
        None => Rows::ToRead(table::services(kernel, list.sorted)?),
    };
    if list.json {
        let mut document = JsonList::of_services(out, kernel.info())?;
        rows.for_each(kernel, list.sorted, |(service, destinations)| {
            document.item(&json_row(service, destinations))
        })?;
        return Ok(document.end()?);
    }
    let names = if list.numeric {
        Names::numeric()
    } else {
        resolve(
            &lookups(rows.read(kernel, list.sorted)?),
            list.resolve_timeout,
        )
    };
    let mut writer = TableWriter::new(out, format, list.exact, &names);
    if named.is_none() {
        writer.title(kernel.info())?;
    }
    writer.heading()?;
    rows.for_each(kernel, list.sorted, |row| write(&mut writer, row))
}

/// What is listed: the services' destinations are read when they are needed.
enum Rows {
    ToRead(Vec<ServiceStatus>),
    Read(Vec<Row>),
}

impl Rows {
    /// All of them, in memory.
    fn read(&mut self, kernel: &mut Kernel, sorted: bool) -> Result<&[Row], Failure> {
        if let Rows::ToRead(services) = self {
            *self = Rows::Read(table::collect(kernel, std::mem::take(services), sorted)?);
        }
        match self {
            Rows::Read(rows) => Ok(rows),
            Rows::ToRead(_) => Ok(&[]),
        }
    }

    fn for_each(
        self,
        kernel: &mut Kernel,
        sorted: bool,
        mut each: impl FnMut(&Row) -> io::Result<()>,
    ) -> Result<(), Failure> {
        match self {
            Rows::Read(rows) => Ok(rows.iter().try_for_each(each)?),
            Rows::ToRead(services) => {
                table::for_each(kernel, services, sorted, |row| Ok(each(&row)?))
            }
        }
    }
}

fn write(
    writer: &mut TableWriter<'_, impl Write>,
    (service, destinations): &Row,
) -> io::Result<()> {
    writer.service(service)?;
    let key = &service.service.key;
    destinations
        .iter()
        .try_for_each(|destination| writer.destination(key, destination))
}
