//! `--doctor`: looks for what keeps services from working. Nothing is changed, no module
//! is loaded.

use super::table_rows::Rows;
use super::{Failure, to_stdout};
use crate::ExitStatus;
use crate::cli::{Doctor, SortKey};
use crate::doctor::{
    Boot, Listeners, Machine, RealServer, Report, Runner, Scene, Served, Severity, Traffic,
    anywhere, director, has_ipvs, real_server,
};
use crate::kernel::{Kernel, NetworkNamespace};
use crate::output::{write_json_report, write_report};
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};

/// Looks, in the namespace where one is given, and prints what was found.
pub fn run(
    namespace: Option<&NetworkNamespace>,
    netns: Option<&str>,
    doctor: &Doctor,
) -> Result<ExitStatus, Failure> {
    // Netlink, /proc/sys and the programs that are started belong to the thread's namespace.
    let report = match namespace {
        None => look(doctor, true),
        Some(namespace) => namespace
            .within(|| look(doctor, false))
            .map_err(Failure::namespace)?,
    }?;
    let runner = Runner::new(netns);
    to_stdout(|out| match doctor.json {
        true => Ok(write_json_report(out, &report, &runner)?),
        false => Ok(write_report(out, &report, &runner, doctor.verbose)?),
    })?;
    Ok(match report.worst() {
        None | Some(Severity::Hint) => ExitStatus::Success,
        Some(Severity::Warning) => ExitStatus::Failure,
        Some(Severity::Error) => ExitStatus::Usage,
    })
}

fn look(doctor: &Doctor, is_at_home: bool) -> Result<Report, Failure> {
    if !doctor.virtual_addresses.is_empty() {
        return Ok(look_at_server(doctor));
    }
    let there = has_ipvs().map_err(|error| {
        Failure::new(
            ExitStatus::Usage,
            anyhow::Error::from(error).context("cannot read /proc"),
        )
    })?;
    if !there {
        return Ok(Report::without_ipvs());
    }
    let mut kernel = Kernel::open().map_err(Failure::unavailable)?;
    let services = table(&mut kernel, doctor)?;
    let daemons = kernel.daemons().map_err(Failure::listing)?;
    let machine = Machine::read(addresses(&services)).with_firewall();
    // The file is the machine's own, and of the whole table.
    let boot = match is_at_home && doctor.service.is_none() {
        true => Boot::read(&mut kernel),
        false => None,
    };
    Ok(director(&Scene {
        timeouts: kernel.timeouts().map_err(|error| error.to_string()),
        traffic: Traffic::read(&kernel, &services),
        buckets: kernel.info().connection_table_size,
        services,
        daemons,
        machine,
        boot,
    }))
}

fn look_at_server(doctor: &Doctor) -> Report {
    let services = doctor.virtual_addresses.clone();
    let named = services.iter().map(|(address, _)| *address);
    let on_the_way = doctor
        .director
        .into_iter()
        .flat_map(|it| [it, anywhere(it)]);
    real_server(&RealServer {
        machine: Machine::read(named.chain(on_the_way).collect()),
        listeners: Listeners::read(),
        director: doctor.director,
        services,
    })
}

fn table(kernel: &mut Kernel, doctor: &Doctor) -> Result<Vec<Served>, Failure> {
    let mut rows = match &doctor.service {
        // A status of 1 would be a warning.
        Some(key) => Rows::one(kernel, key, Some(SortKey::ADDRESS))
            .map_err(|failure| failure.with_status(ExitStatus::Usage))?,
        None => Rows::all(kernel, Some(SortKey::ADDRESS))?,
    };
    let mut services = Vec::new();
    rows.for_each(|status, servers| {
        services.push(Served {
            status: *status,
            servers: servers.to_vec(),
        });
        Ok(())
    })?;
    Ok(services)
}

/// The addresses that matter: the services' and their servers'.
fn addresses(services: &[Served]) -> HashSet<IpAddr> {
    let addresses = services.iter().flat_map(|served| {
        let servers = served.servers.iter();
        let servers = servers.map(|server| server.destination.endpoint.address);
        servers.chain(served.address())
    });
    let clients = anywhere(Ipv4Addr::UNSPECIFIED.into());
    addresses.chain([clients]).collect()
}
