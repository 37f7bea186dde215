//! `-L`: listings.

use super::table::{self, Row};
use super::{Failure, complain, to_stdout};
use crate::ExitStatus;
use crate::cli::{List, Listing};
use crate::model::ServiceKey;
use crate::netlink::Kernel;
use crate::output::{
    Connections, Entry, Lookups, Names, TableFormat, TableWriter, write_connections, write_daemon,
    write_timeouts,
};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::time::Duration;

/// The kernel's connections; only there can they be read.
const CONNECTIONS: &str = "/proc/thread-self/net/ip_vs_conn";
/// How long the resolver may take for all names together.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Lists to standard output.
pub fn run(kernel: &mut Kernel, list: &List) -> Result<ExitStatus, Failure> {
    to_stdout(|out| match &list.what {
        Listing::Table(service, format) => services(kernel, list, service.as_ref(), *format, out),
        Listing::Connections { engine_data } => connections(list, *engine_data, out),
        Listing::Timeouts => {
            let timeouts = kernel.timeouts().map_err(Failure::listing)?;
            Ok(write_timeouts(out, &timeouts)?)
        }
        Listing::Daemons => {
            for daemon in kernel.daemons().map_err(Failure::listing)? {
                write_daemon(out, &daemon)?;
            }
            Ok(())
        }
    })
}

fn services(
    kernel: &mut Kernel,
    list: &List,
    named: Option<&ServiceKey>,
    format: TableFormat,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let title = named.is_none().then(|| kernel.info());
    let services = table::services(kernel, named, list.sorted)?;
    let start = |out, names| -> io::Result<_> {
        let mut writer = TableWriter::new(out, format, list.exact, names);
        if let Some(info) = title {
            writer.title(info)?;
        }
        writer.heading()?;
        Ok(writer)
    };
    if list.numeric {
        let names = Names::numeric();
        let mut writer = start(out, &names)?;
        return table::for_each(kernel, services, list.sorted, |row| {
            Ok(write(&mut writer, &row)?)
        });
    }
    let rows = table::collect(kernel, services, list.sorted)?;
    let names = resolve(&lookups(&rows));
    let mut writer = start(out, &names)?;
    rows.iter().try_for_each(|row| write(&mut writer, row))?;
    Ok(())
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

/// What the resolver is asked for a table.
pub fn lookups(rows: &[Row]) -> Lookups {
    let mut lookups = Lookups::default();
    for (status, destinations) in rows {
        let key = &status.service.key;
        lookups.add_service(key);
        for status in destinations {
            lookups.add_destination(key, &status.destination);
        }
    }
    lookups
}

/// Asks the resolver, and says so where it did not answer in time.
pub fn resolve(lookups: &Lookups) -> Names {
    let (names, unanswered) = Names::resolve(lookups, RESOLVE_TIMEOUT);
    if unanswered > 0 {
        complain(&format!(
            "{unanswered} names were not found within {} seconds and are printed as numbers",
            RESOLVE_TIMEOUT.as_secs()
        ));
    }
    names
}

fn connections(list: &List, engine_data: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let names = if list.numeric {
        Names::numeric()
    } else {
        connection_names()?
    };
    let summary = write_connections(open_connections()?, out, &names, engine_data)?;
    if summary.unreadable > 0 {
        complain(&format!(
            "{} connections could not be read",
            summary.unreadable
        ));
    }
    Ok(())
}

fn open_connections() -> Result<impl io::BufRead, Failure> {
    let file = File::open(CONNECTIONS).map_err(unreadable)?;
    Ok(BufReader::with_capacity(64 * 1024, file))
}

/// The names of all connections' ends: a first reading asks, the second prints.
fn connection_names() -> Result<Names, Failure> {
    let mut lookups = Lookups::default();
    let mut connections = Connections::new(open_connections()?).map_err(unreadable)?;
    loop {
        match connections.next_entry().map_err(unreadable)? {
            Entry::Connection(connection) => connection.add_to(&mut lookups),
            Entry::Unreadable => {}
            Entry::End => return Ok(resolve(&lookups)),
        }
    }
}

fn unreadable(error: io::Error) -> Failure {
    let error = anyhow::Error::from(error).context(format!("cannot read {CONNECTIONS}"));
    Failure::new(ExitStatus::Failure, error)
}
