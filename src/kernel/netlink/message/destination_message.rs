//! The DEST nest.

use super::{family_from_wire, family_to_wire, put_address, read_address, stats_message};
use crate::kernel::error::Malformed;
use crate::kernel::netlink::attributes::{
    attributes, destination, get_i32, get_u8, get_u16, get_u16_be, get_u32, nest, put, put_u8,
    put_u16, put_u16_be, put_u32, top,
};
use crate::model::{
    Checksum, Destination, DestinationStatus, Endpoint, Family, ForwardMethod, Tunnel,
};

/// `IP_VS_CONN_F_FWD_MASK`: the method within the connection flags.
const FORWARD_MASK: u32 = 7;

/// Appends the nest that names a destination.
pub(crate) fn encode_key(endpoint: &Endpoint, out: &mut Vec<u8>) {
    nest(out, top::DESTINATION, |out| put_key(endpoint, out));
}

/// Appends the nest of a destination with everything an edit may change.
pub(crate) fn encode(configured: &Destination, out: &mut Vec<u8>) {
    nest(out, top::DESTINATION, |out| {
        put_key(&configured.endpoint, out);
        put_u32(out, destination::FORWARD, method(configured.forward));
        put(out, destination::WEIGHT, &configured.weight.to_ne_bytes());
        put_u32(
            out,
            destination::UPPER_THRESHOLD,
            configured.upper_threshold,
        );
        put_u32(
            out,
            destination::LOWER_THRESHOLD,
            configured.lower_threshold,
        );
        if let ForwardMethod::Tunnel(tunnel) = configured.forward {
            put_tunnel(tunnel, out);
        }
    });
}

fn put_key(endpoint: &Endpoint, out: &mut Vec<u8>) {
    put_address(out, destination::ADDRESS, endpoint.address);
    put_u16_be(out, destination::PORT, endpoint.port);
    // Kernels before 3.18 do not know it and skip it: there a destination is
    // always of its service's family.
    let family = family_to_wire(Family::of(endpoint.address));
    put_u16(out, destination::FAMILY, family);
}

/// The kernel takes an absent type for IP in IP, before 5.2 the only one.
fn put_tunnel(tunnel: Tunnel, out: &mut Vec<u8>) {
    let (kind, port, flags) = match tunnel {
        Tunnel::Ipip => return,
        Tunnel::Gue { port, checksum } => (1, port, checksum.bits()),
        Tunnel::Gre { checksum } => (2, 0, checksum.bits()),
        Tunnel::Other { kind, port, flags } => (kind, port, flags),
    };
    put_u8(out, destination::TUNNEL_TYPE, kind);
    put_u16_be(out, destination::TUNNEL_PORT, port);
    put_u16(out, destination::TUNNEL_FLAGS, flags);
}

fn method(forward: ForwardMethod) -> u32 {
    match forward {
        ForwardMethod::Masquerade => 0,
        ForwardMethod::Local => 1,
        ForwardMethod::Tunnel(_) => 2,
        ForwardMethod::DirectRoute => 3,
        ForwardMethod::Bypass => 4,
    }
}

/// The attributes of a DEST nest as they came; what a kernel does not send is 0.
#[derive(Default)]
struct Row<'a> {
    address: Option<&'a [u8]>,
    port: Option<u16>,
    family: Option<u16>,
    forward: Option<u32>,
    weight: i32,
    upper_threshold: u32,
    lower_threshold: u32,
    active: u32,
    inactive: u32,
    persistent: u32,
    tunnel_type: u8,
    tunnel_port: u16,
    tunnel_flags: u16,
    stats: Option<&'a [u8]>,
    stats64: Option<&'a [u8]>,
}

/// Decodes a DEST nest of the kernel's; `family` is the service's, for kernels
/// that do not send the destination's own.
pub(crate) fn decode(nest: &[u8], family: Family) -> Result<DestinationStatus, Malformed> {
    let row = Row::read(nest)?;
    let counters = row.stats64.or(row.stats);
    Ok(DestinationStatus {
        destination: Destination {
            endpoint: row.endpoint(family)?,
            forward: row.forward_method()?,
            weight: row.weight,
            upper_threshold: row.upper_threshold,
            lower_threshold: row.lower_threshold,
        },
        active: row.active,
        inactive: row.inactive,
        persistent: row.persistent,
        stats: counters
            .map(stats_message::decode)
            .transpose()?
            .unwrap_or_default(),
    })
}

/// Decodes what names the destination.
pub(crate) fn decode_key(nest: &[u8], family: Family) -> Result<Endpoint, Malformed> {
    let mut row = Row::default();
    for attribute in attributes(nest) {
        let (kind, value) = attribute?;
        row.name_it(kind, value)?;
    }
    row.endpoint(family)
}

impl<'a> Row<'a> {
    fn read(nest: &'a [u8]) -> Result<Self, Malformed> {
        let mut row = Row::default();
        for attribute in attributes(nest) {
            let (kind, value) = attribute?;
            match kind {
                destination::FORWARD => row.forward = Some(get_u32(value)?),
                destination::WEIGHT => row.weight = get_i32(value)?,
                destination::UPPER_THRESHOLD => row.upper_threshold = get_u32(value)?,
                destination::LOWER_THRESHOLD => row.lower_threshold = get_u32(value)?,
                destination::ACTIVE => row.active = get_u32(value)?,
                destination::INACTIVE => row.inactive = get_u32(value)?,
                destination::PERSISTENT => row.persistent = get_u32(value)?,
                destination::TUNNEL_TYPE => row.tunnel_type = get_u8(value)?,
                destination::TUNNEL_PORT => row.tunnel_port = get_u16_be(value)?,
                destination::TUNNEL_FLAGS => row.tunnel_flags = get_u16(value)?,
                destination::STATS => row.stats = Some(value),
                destination::STATS64 => row.stats64 = Some(value),
                _ => row.name_it(kind, value)?,
            }
        }
        Ok(row)
    }

    /// Takes the attribute if it is one of those that name the destination.
    fn name_it(&mut self, kind: u16, value: &'a [u8]) -> Result<(), Malformed> {
        match kind {
            destination::ADDRESS => self.address = Some(value),
            destination::PORT => self.port = Some(get_u16_be(value)?),
            destination::FAMILY => self.family = Some(get_u16(value)?),
            _ => {}
        }
        Ok(())
    }

    fn endpoint(&self, service: Family) -> Result<Endpoint, Malformed> {
        let family = self.family.map_or(Ok(service), family_from_wire)?;
        match (self.address, self.port) {
            (Some(address), Some(port)) => Ok(Endpoint {
                address: read_address(address, family)?,
                port,
            }),
            _ => Err(Malformed("a destination without an address")),
        }
    }

    fn forward_method(&self) -> Result<ForwardMethod, Malformed> {
        let flags = self
            .forward
            .ok_or(Malformed("a destination without a forwarding method"))?;
        match flags & FORWARD_MASK {
            0 => Ok(ForwardMethod::Masquerade),
            1 => Ok(ForwardMethod::Local),
            2 => Ok(ForwardMethod::Tunnel(self.tunnel())),
            3 => Ok(ForwardMethod::DirectRoute),
            4 => Ok(ForwardMethod::Bypass),
            _ => Err(Malformed("a destination with an unknown forwarding method")),
        }
    }

    fn tunnel(&self) -> Tunnel {
        let checksum = Checksum::from_bits(self.tunnel_flags);
        match self.tunnel_type {
            0 => Tunnel::Ipip,
            1 => Tunnel::Gue {
                port: self.tunnel_port,
                checksum,
            },
            2 => Tunnel::Gre { checksum },
            kind => Tunnel::Other {
                kind,
                port: self.tunnel_port,
                flags: self.tunnel_flags,
            },
        }
    }
}
