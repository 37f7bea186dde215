//! What to do about a refusal of the kernel: the line after 1.31's message.

use super::refusal_words::{beside_daemon, concerns_daemons};
use crate::kernel::{Error, Kernel, Refusal, RefusalKind};
use crate::model::{
    Change, Destination, Endpoint, ForwardMethod, SCHEDULERS, Service, ServiceKey, SyncDaemon,
    SyncRole,
};
use crate::text::quote_words;
use std::net::{IpAddr, Ipv4Addr};

/// What stands in the way of a change that the kernel refused, or what to do. The
/// kernel is asked what there is instead.
pub fn hint(kernel: &mut Kernel, change: &Change, refusal: &Refusal) -> Option<String> {
    if concerns_daemons(change, refusal) {
        return mixed_families(kernel, change);
    }
    match (refusal.kind(), change) {
        (RefusalKind::NotPermitted, _) => Some("run it as root".to_owned()),
        (RefusalKind::ServiceExists, _) => Some("to change it, use -E, or add --exist".to_owned()),
        (RefusalKind::DestinationExists, _) => {
            Some("to change it, use -e, or add --exist".to_owned())
        }
        (RefusalKind::DaemonRuns, _) => {
            Some("to start it anew, stop it first, or add --exist".to_owned())
        }
        (RefusalKind::NoDaemon, Change::StopDaemon(role, _)) => other_daemon(kernel, *role),
        (RefusalKind::NoSuchModule, Change::AddService(service) | Change::EditService(service)) => {
            Some(no_module(service))
        }
        (RefusalKind::NoSuchService, _) => no_service(kernel, change),
        (RefusalKind::NoSuchDestination, Change::EditDestination(key, server)) => {
            without_own_port(kernel, key, server)
                .or_else(|| no_destination(kernel, key, &server.endpoint))
        }
        (RefusalKind::NoSuchDestination, Change::DeleteDestination(key, endpoint)) => {
            no_destination(kernel, key, endpoint)
        }
        (_, Change::AddDestination(_, server) | Change::EditDestination(_, server)) => {
            thresholds(server).or_else(|| not_unicast(server))
        }
        (RefusalKind::NoSuchInterface, Change::StartDaemon(daemon)) => Some(no_interface(daemon)),
        _ => None,
    }
}

fn mixed_families(kernel: &mut Kernel, change: &Change) -> Option<String> {
    if change.mixes_families() {
        let running = kernel.daemons().ok()?;
        return running.first().map(|daemon| beside_daemon(daemon.role));
    }
    let mixed = kernel.table().ok()?.has_mixed_families();
    mixed.then(|| {
        "a server is of another family than its service's: \
         the kernel runs no sync daemon beside it"
            .to_owned()
    })
}

fn other_daemon(kernel: &mut Kernel, role: SyncRole) -> Option<String> {
    let running = kernel.daemons().ok()?;
    let other = running.iter().find(|daemon| daemon.role != role)?;
    Some(format!("the {} daemon is running", other.role))
}

fn no_interface(daemon: &SyncDaemon) -> String {
    let name = daemon.interface;
    format!("there is no interface `{name}': give one with --mcast-interface")
}

fn no_module(service: &Service) -> String {
    let name = service.scheduler.as_str();
    let mut hint = format!("the kernel has no scheduler `{name}'");
    if let Some(engine) = service.engine {
        hint += &format!(", or no persistence engine `{engine}'");
    }
    let typed = name.to_lowercase();
    // One letter less is likelier than another letter: `wr' is `wrr' rather than `rr'.
    let distance = |known: &&str| {
        let wrong = strsim::damerau_levenshtein(known, &typed);
        (wrong, !known.starts_with(&typed))
    };
    let nearest = SCHEDULERS.into_iter().min_by_key(distance);
    if let Some(nearest) = nearest
        && distance(&nearest).0 <= 1
        && !SCHEDULERS.contains(&name)
    {
        hint += &format!("; did you mean `{nearest}'?");
    }
    hint
}

/// What there is instead of a service that is to be listed.
pub fn listing(kernel: &mut Kernel, key: &ServiceKey, error: &Error) -> Option<String> {
    let Error::Refused(refusal) = error else {
        return None;
    };
    match refusal.kind() {
        RefusalKind::NoSuchService => nearest_service(kernel, key),
        _ => None,
    }
}

/// A service at the same address, or how to add the one that is missing.
fn no_service(kernel: &mut Kernel, change: &Change) -> Option<String> {
    let key = change.service()?;
    let there = nearest_service(kernel, &key);
    let adds = matches!(change, Change::AddDestination(..));
    let add = || format!("add the service first: ipvsadm -A {}", quoted(&key));
    there.or_else(|| adds.then(add))
}

/// A service in a command for a shell.
fn quoted(key: &ServiceKey) -> String {
    quote_words(&key.to_string())
}

/// The service that is most like one that isn't there.
fn nearest_service(kernel: &mut Kernel, key: &ServiceKey) -> Option<String> {
    let services = kernel.services().ok()?;
    let keys = services.iter().map(|status| status.service.key);
    let near = keys.filter_map(|there| Some((distance(there, *key)?, there)));
    let (_, there) = near.min_by_key(|(distance, _)| *distance)?;
    Some(format!("there is the service {there}"))
}

/// How far two services are from each other, where they have anything in common: the nearest
/// has the same port of another protocol, then comes another port.
fn distance(there: ServiceKey, asked: ServiceKey) -> Option<u8> {
    use ServiceKey::{Address, Fwmark};
    match (there, asked) {
        (Fwmark { mark, .. }, Fwmark { mark: wanted, .. }) => (mark == wanted).then_some(0),
        (
            Address { endpoint, .. },
            Address {
                endpoint: wanted, ..
            },
        ) => {
            if endpoint.address != wanted.address {
                return None;
            }
            match endpoint.port == wanted.port {
                true => Some(0),
                false if there.protocol() == asked.protocol() => Some(1),
                false => Some(2),
            }
        }
        _ => None,
    }
}

/// A server at the same address.
fn no_destination(kernel: &mut Kernel, key: &ServiceKey, asked: &Endpoint) -> Option<String> {
    let servers = kernel.destinations(key).ok()?;
    let mut endpoints = servers.iter().map(|status| status.destination.endpoint);
    if let Some(there) = endpoints.find(|there| there.address == asked.address) {
        return Some(format!("the service has the server {there}"));
    }
    Some(match servers.as_slice() {
        [] => "the service has no server".to_owned(),
        [only] => format!("the service's only server is {}", only.destination.endpoint),
        several => format!(
            "ipvsadm -Ln {} lists its {} servers",
            quoted(key),
            several.len()
        ),
    })
}

/// A masqueraded server at the same address: without -m the port that was typed is not
/// looked at.
fn without_own_port(kernel: &mut Kernel, key: &ServiceKey, asked: &Destination) -> Option<String> {
    let servers = kernel.destinations(key).ok()?;
    let mut servers = servers.iter().map(|status| status.destination);
    let there = servers.find(|there| {
        there.endpoint.address == asked.endpoint.address
            && there.forward == ForwardMethod::Masquerade
            && asked.forward != ForwardMethod::Masquerade
    })?;
    Some(format!(
        "the service has the server {}; a port is looked at only with -m",
        there.endpoint
    ))
}

fn not_unicast(server: &Destination) -> Option<String> {
    let address = server.endpoint.address;
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    (address.is_multicast() || broadcast)
        .then(|| format!("{address} is no single machine's address"))
}

fn thresholds(server: &Destination) -> Option<String> {
    let (upper, lower) = (server.upper_threshold, server.lower_threshold);
    (lower > upper)
        .then(|| format!("the lower threshold (-y {lower}) exceeds the upper one (-x {upper})"))
}
