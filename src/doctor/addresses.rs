//! The services' addresses on the director.

use super::facts::{Address, Claim, Link, Machine, Way, full_length};
use super::finding::{Finding, Report, Severity};
use super::remedy::{Remedy, command};
use super::scene::Scene;
use crate::model::ServiceKey;
use std::net::IpAddr;

/// Whether the kernel takes the services' addresses for its own.
pub fn local(scene: &Scene, report: &mut Report) {
    let machine = &scene.machine;
    let Some(addresses) = report.look_at_addresses(machine) else {
        return;
    };
    for (address, services) in scene.virtual_addresses() {
        let mut own = Vec::new();
        for found in addresses.iter().filter(|own| own.address == address) {
            own.extend(machine.link(found.link).map(|link| (found, link)));
        }
        // The kernel keeps an IPv4 address whose interface is down, and an interface
        // that nobody asks for addresses, as of kube-proxy, may be down.
        let is_up = own.iter().any(|(_, link)| link.up || !link.arp);
        let not_held = own.iter().find(|(own, _)| own.claim != Claim::Held);
        if let (Some((_, link)), false) = (own.first(), is_up) {
            report.findings.push(down(address, services, link));
        } else if matches!(machine.way(address), None | Some(Way::Local)) {
            continue;
        } else if let Some((own, link)) = not_held {
            if own.claim == Claim::Refused {
                report.findings.push(refused(own, services, link));
            } else {
                let why = format!("{address} is tentative: the search for duplicates goes on");
                report.unseen("the addresses", why);
            }
        } else {
            let missing = missing(scene, address, services, addresses);
            report.findings.push(missing);
        }
    }
}

fn down(address: IpAddr, services: Vec<ServiceKey>, link: &Link) -> Finding {
    Finding {
        severity: Severity::Error,
        id: "vip-interface-down",
        seen: format!("the interface {} of {address} is down", link.name),
        meaning: "nobody can reach it",
        services,
        remedy: Remedy::here(command(&["ip", "link", "set", &link.name, "up"])),
    }
}

fn refused(own: &Address, services: Vec<ServiceKey>, link: &Link) -> Finding {
    let with_length = format!("{}/{}", own.address, own.prefix_length);
    let change = |verb| command(&["ip", "address", verb, &with_length, "dev", &link.name]);
    Finding {
        severity: Severity::Error,
        id: "vip-duplicate",
        seen: format!(
            "the kernel does not use {} of {}, as another machine of the network has it",
            own.address, link.name
        ),
        meaning: "clients reach that machine; once it has given the address up, ask for it again",
        services,
        remedy: Some(Remedy::in_order(vec![change("delete"), change("add")])),
    }
}

fn missing(
    scene: &Scene,
    address: IpAddr,
    services: Vec<ServiceKey>,
    addresses: &[Address],
) -> Finding {
    if !is_host(address, addresses) {
        return Finding {
            severity: Severity::Error,
            id: "vip-not-local",
            seen: format!("{address} is no address that a machine can have"),
            meaning: "nobody can reach the service: was another address meant?",
            services,
            remedy: None,
        };
    }
    // A standby has the table and not the addresses.
    let mut severity = Severity::Error;
    let mut meaning = "the kernel does not take its packets for IPVS";
    if !scene.daemons.is_empty() || scene.machine.address_mover.is_some() {
        severity = Severity::Hint;
        meaning = "right for a standby; else nobody can reach it";
    }
    Finding {
        severity,
        id: "vip-not-local",
        seen: format!("{address} is no address of this machine"),
        meaning,
        services,
        remedy: Remedy::here(add(&scene.machine, address, addresses)),
    }
}

/// Whether a machine can have the address: it is not for several, and neither the first nor
/// the last one of a network here.
fn is_host(address: IpAddr, addresses: &[Address]) -> bool {
    let IpAddr::V4(v4) = address else {
        return !address.is_multicast() && !address.is_unspecified();
    };
    let is_edge = addresses.iter().any(|own| {
        let hosts = u32::MAX.checked_shr(own.prefix_length.into()).unwrap_or(0);
        let number = v4.to_bits() & hosts;
        hosts > 1 && own.network().contains(address) && (number == 0 || number == hosts)
    });
    !is_edge && !v4.is_multicast() && !v4.is_unspecified() && !v4.is_broadcast()
}

/// Adds the address where its network is, or else to the loopback.
fn add(machine: &Machine, address: IpAddr, addresses: &[Address]) -> String {
    let neighbour = addresses.iter().find_map(|own| {
        let link = machine.link(own.link)?;
        let fits = link.up && !link.loopback && own.network().contains(address);
        fits.then_some((own.prefix_length, link.name.as_str()))
    });
    let (length, name) = neighbour.unwrap_or((full_length(address), "lo"));
    let with_length = format!("{address}/{length}");
    command(&["ip", "address", "add", &with_length, "dev", name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_can_have() {
        let own = Address {
            address: "10.1.0.1".parse().unwrap(),
            prefix_length: 24,
            link: 2,
            secondary: false,
            claim: Claim::Held,
        };
        for (address, can) in [
            ("10.1.0.100", true),
            ("10.1.0.255", false),
            ("10.1.0.0", false),
            ("10.2.0.255", true),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("0.0.0.0", false),
            ("fd00::", true),
            ("ff02::1", false),
            ("::", false),
        ] {
            let host = is_host(address.parse().unwrap(), std::slice::from_ref(&own));
            assert_eq!(host, can, "{address}");
        }
    }
}
