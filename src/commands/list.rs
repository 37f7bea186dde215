//! `-L`: listings.

use super::table_rows::Rows;
use super::to_file::to_file;
use super::{Failure, connections, metrics, terminal, to_stdout};
use crate::ExitStatus;
use crate::cli::{List, Listing, SortKey, TableFormat};
use crate::kernel::Kernel;
use crate::model::{Info, ServiceKey};
use crate::names::Names;
use crate::output::{
    JsonList, TableWriter, json_daemon, json_row, write_daemon, write_json_timeouts, write_timeouts,
};
use std::io::Write;

/// Lists to standard output, metrics perhaps to a file.
pub fn run(kernel: &mut Kernel, list: &List) -> Result<ExitStatus, Failure> {
    let write = |out: &mut dyn Write| {
        write_first(kernel, list, usize::MAX, out)?;
        Ok(())
    };
    match &list.what {
        Listing::Metrics(wanted) => to_file(wanted.file.as_deref(), write),
        _ => to_stdout(write),
    }
}

/// Writes a listing, of a table only the services that begin in so many lines. Returns how
/// many services are left out.
pub fn write_first(
    kernel: &mut Kernel,
    list: &List,
    lines: usize,
    out: &mut dyn Write,
) -> Result<usize, Failure> {
    match &list.what {
        Listing::Table(service, format) => {
            return table(kernel, list, service.as_ref(), *format, lines, out);
        }
        Listing::Metrics(wanted) => metrics::write(kernel, wanted, list.order, out)?,
        Listing::Connections(wanted) => connections::list(kernel, list, wanted, out)?,
        Listing::Timeouts => timeouts(kernel, list, out)?,
        Listing::Daemons => daemons(kernel, list, out)?,
    }
    Ok(0)
}

fn timeouts(kernel: &mut Kernel, list: &List, out: &mut dyn Write) -> Result<(), Failure> {
    let timeouts = kernel.timeouts().map_err(Failure::listing)?;
    match list.json {
        true => write_json_timeouts(out, &timeouts)?,
        false => write_timeouts(out, &timeouts)?,
    }
    Ok(())
}

fn daemons(kernel: &mut Kernel, list: &List, out: &mut dyn Write) -> Result<(), Failure> {
    let daemons = kernel.daemons().map_err(Failure::listing)?;
    if !list.json {
        for daemon in &daemons {
            write_daemon(out, daemon)?;
        }
        return Ok(());
    }
    let mut document = JsonList::new(out, "daemons")?;
    for daemon in &daemons {
        document.item(&json_daemon(daemon))?;
    }
    Ok(document.end()?)
}

/// The lines above the first service.
const HEADINGS: usize = 3;

/// A table. A plain one is read from the kernel's text as far as possible; what the
/// other formats show, and colours, is asked of the kernel, service by service.
fn table(
    kernel: &mut Kernel,
    list: &List,
    named: Option<&ServiceKey>,
    format: TableFormat,
    lines: usize,
    out: &mut dyn Write,
) -> Result<usize, Failure> {
    let info = kernel.info();
    let colours = !list.json && terminal::colours(list.colour);
    let plain = format == TableFormat::Plain
        && !list.json
        && !colours
        && lines == usize::MAX
        && list.order.is_none_or(SortKey::is_plain);
    let mut rows = match named {
        Some(key) => Rows::one(kernel, key, list.order)?,
        None if plain => Rows::all(kernel, list.order)?.with_text(),
        None => Rows::all(kernel, list.order)?.down_to(lines.saturating_sub(HEADINGS)),
    };
    if list.json {
        json_table(rows, info, out)?;
        return Ok(0);
    }
    let names = match list.numeric {
        true => Names::numeric(),
        false => rows.names(list.resolve_timeout)?,
    };
    let mut writer = TableWriter::new(out, format, list.exact, &names).with_colours(colours);
    if terminal::attached() {
        for (status, destinations) in rows.read()? {
            writer.fit(&status.service.key, destinations);
        }
    }
    if named.is_none() {
        writer.title(info)?;
    }
    writer.heading()?;
    rows.for_each(|status, destinations| {
        writer.service(status)?;
        let key = &status.service.key;
        for destination in destinations {
            writer.destination(key, destination)?;
        }
        Ok(())
    })?;
    Ok(rows.hidden())
}

fn json_table(mut rows: Rows<'_>, info: Info, out: &mut dyn Write) -> Result<(), Failure> {
    let mut document = JsonList::of_services(out, info)?;
    rows.for_each(|service, destinations| Ok(document.item(&json_row(service, destinations))?))?;
    Ok(document.end()?)
}
