//! What a change does that its author may not have meant: a note for a person at a
//! terminal. 1.31 takes such changes without a word, and scripts get none.

use crate::cli::Mode;
use crate::kernel::Kernel;
use crate::model::{Change, Destination, ForwardMethod, Netmask, Service, ServiceKey};
use std::net::Ipv4Addr;

/// The note, if the change deserves one. The kernel is asked what it changes.
pub fn of(kernel: &mut Kernel, change: &Change, mode: Mode) -> Option<String> {
    match change {
        Change::AddService(service) | Change::EditService(service) => odd_netmask(service),
        Change::EditDestination(key, new) if mode.no_method => changed_method(kernel, key, new),
        // With --exist it edits what is there.
        Change::AddDestination(key, new) if mode.no_method && mode.exist => {
            changed_method(kernel, key, new)
        }
        _ => None,
    }
}

/// `-M 24` and `-M 255.255.255` are addresses to the C library: 0.0.0.24 and
/// 255.255.0.255.
fn odd_netmask(service: &Service) -> Option<String> {
    let Netmask::V4(mask) = service.persistence?.netmask else {
        return None;
    };
    let bits = mask.to_bits();
    if bits.leading_ones() + bits.trailing_zeros() >= u32::BITS {
        return None;
    }
    let meant = match bits {
        length @ 1..=32 => Ipv4Addr::from_bits(u32::MAX << (u32::BITS - length)),
        _ => Ipv4Addr::new(255, 255, 255, 0),
    };
    Some(format!(
        "note: the netmask is {mask}, which is no network's; one is written as in -M {meant}"
    ))
}

fn changed_method(kernel: &mut Kernel, key: &ServiceKey, new: &Destination) -> Option<String> {
    let rows = kernel.destinations(key).ok()?;
    let old = rows
        .iter()
        .find(|row| row.destination.endpoint == new.endpoint)?;
    let (was, option) = match old.destination.forward {
        ForwardMethod::Masquerade => ("masquerading", "-m"),
        ForwardMethod::Tunnel(_) => ("tunnelling", "-i"),
        _ => return None,
    };
    (new.forward == ForwardMethod::DirectRoute).then(|| {
        format!(
            "note: forwarding changes from {was} to direct routing, as none of -g, -i and -m is \
             given; to keep it, give {option}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Persistence;

    fn note(mask: &str) -> Option<String> {
        let key = ServiceKey::tcp("10.0.0.1:80".parse().unwrap());
        odd_netmask(&Service {
            persistence: Some(Persistence {
                timeout: 360,
                netmask: Netmask::V4(mask.parse().unwrap()),
            }),
            ..Service::new(key)
        })
    }

    #[test]
    fn a_mask_that_is_no_network_s_is_noted() {
        for (mask, meant) in [
            ("0.0.0.24", Some("-M 255.255.255.0")),
            ("0.0.0.32", Some("-M 255.255.255.255")),
            ("255.255.0.255", Some("-M 255.255.255.0")),
            ("255.255.255.0", None),
            ("255.255.255.255", None),
            ("255.0.0.0", None),
            ("0.0.0.0", None),
        ] {
            let note = note(mask);
            assert_eq!(note.is_some(), meant.is_some(), "{mask}");
            assert!(
                meant.is_none_or(|meant| note.unwrap().ends_with(meant)),
                "{mask}"
            );
        }
    }
}
