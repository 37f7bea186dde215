//! The way of answers to a director that masquerades.

use super::RealServer;
use crate::doctor::facts::Way;
use crate::doctor::finding::{Finding, Report, Severity};
use crate::doctor::remedy::{Remedy, default_route};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address that is no one's, of the family of another one: the way there is the way
/// to clients in general.
pub fn anywhere(other: IpAddr) -> IpAddr {
    match other {
        IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    }
}

/// Whether answers pass the director.
pub fn by_director(scene: &RealServer, report: &mut Report) {
    let Some(director) = scene.director else {
        return;
    };
    let Some(ways) = report.look("the routes", &scene.machine.ways) else {
        return;
    };
    let seen = match ways.get(&anywhere(director)) {
        Some(Way::Through {
            gateway: Some(gateway),
            ..
        }) if *gateway == director => return,
        Some(Way::Through {
            gateway: Some(gateway),
            ..
        }) => format!("the default route is by {gateway}"),
        Some(Way::Through { .. }) => "the default route has no router".to_owned(),
        _ => "there is no default route".to_owned(),
    };
    let way = ways.get(&director);
    let attached = matches!(way, Some(Way::Through { gateway: None, .. }));
    report.findings.push(Finding {
        severity: Severity::Error,
        id: "answers-elsewhere",
        seen: format!("{seen}, not by the director {director}"),
        meaning: match attached {
            true => "clients get the answers of a server that they never asked, or none",
            false => "answers miss the director, which is on no network of this machine: use a tunnel or full NAT",
        },
        services: Vec::new(),
        // A link-local address is a router's only together with its interface.
        remedy: match attached && !is_link_local(director) {
            true => Remedy::here(default_route(director)),
            false => None,
        },
    });
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}
