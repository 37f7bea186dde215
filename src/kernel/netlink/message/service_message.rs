//! The SERVICE nest.

use super::{family_from_wire, family_to_wire, put_address, read_address, stats_message};
use crate::kernel::error::Malformed;
use crate::kernel::netlink::attributes::{
    attributes, get_u16, get_u16_be, get_u32, nest, put, put_name, put_u16, put_u16_be, put_u32,
    service, top,
};
use crate::model::{
    Endpoint, Family, Name, Netmask, Persistence, Protocol, SchedulerFlags, Service, ServiceKey,
    ServiceStatus,
};
use std::net::Ipv4Addr;

/// `IP_VS_SVC_F_PERSISTENT`
const PERSISTENT: u32 = 1;
/// `IP_VS_SVC_F_ONEPACKET`
const ONE_PACKET: u32 = 4;

/// Appends the nest that names a service.
pub(crate) fn encode_key(key: &ServiceKey, out: &mut Vec<u8>) {
    nest(out, top::SERVICE, |out| put_key(key, out));
}

/// Appends the nest of a service with everything an edit may change.
pub(crate) fn encode(configured: &Service, out: &mut Vec<u8>) {
    nest(out, top::SERVICE, |out| {
        put_key(&configured.key, out);
        put_name(out, service::SCHEDULER, &configured.scheduler);
        put_flags(configured, out);
        // The kernel wants a timeout and a mask of every service.
        let persistence = configured.persistence.unwrap_or(Persistence {
            timeout: 0,
            netmask: Netmask::host(configured.key.family()),
        });
        put_u32(out, service::TIMEOUT, persistence.timeout);
        match persistence.netmask {
            // Without a mask the kernel refuses the service. It would take a prefix
            // length for an IPv4 mask.
            _ if !configured.has_fitting_netmask() => {}
            Netmask::V4(mask) => put(out, service::NETMASK, &mask.octets()),
            Netmask::V6(prefix) => put_u32(out, service::NETMASK, prefix),
        }
        if let Some(engine) = &configured.engine {
            put_name(out, service::ENGINE, engine);
        }
    });
}

fn put_key(key: &ServiceKey, out: &mut Vec<u8>) {
    put_u16(out, service::FAMILY, family_to_wire(key.family()));
    match key {
        ServiceKey::Fwmark { mark, .. } => put_u32(out, service::FWMARK, *mark),
        ServiceKey::Address { protocol, endpoint } => {
            put_u16(out, service::PROTOCOL, protocol.0);
            put_address(out, service::ADDRESS, endpoint.address);
            put_u16_be(out, service::PORT, endpoint.port);
        }
    }
}

/// The flags, then the mask of those they replace: all.
fn put_flags(configured: &Service, out: &mut Vec<u8>) {
    let mut flags = configured.flags.bits();
    if configured.persistence.is_some() {
        flags |= PERSISTENT;
    }
    if configured.one_packet {
        flags |= ONE_PACKET;
    }
    let mut value = [0xff; 8];
    value[..4].copy_from_slice(&flags.to_ne_bytes());
    put(out, service::FLAGS, &value);
}

/// The attributes of a SERVICE nest as they came.
#[derive(Default)]
struct Row<'a> {
    family: Option<u16>,
    protocol: Option<u16>,
    address: Option<&'a [u8]>,
    port: Option<u16>,
    fwmark: Option<u32>,
    scheduler: Option<&'a [u8]>,
    flags: u32,
    timeout: u32,
    netmask: Option<&'a [u8]>,
    engine: Option<&'a [u8]>,
    stats: Option<&'a [u8]>,
    stats64: Option<&'a [u8]>,
}

/// Decodes a SERVICE nest of the kernel's.
pub(crate) fn decode(nest: &[u8]) -> Result<ServiceStatus, Malformed> {
    let row = Row::read(nest)?;
    let counters = row.stats64.or(row.stats);
    Ok(ServiceStatus {
        service: row.configured()?,
        stats: counters
            .map(stats_message::decode)
            .transpose()?
            .unwrap_or_default(),
    })
}

/// Decodes what names the service.
pub(crate) fn decode_key(nest: &[u8]) -> Result<ServiceKey, Malformed> {
    let row = Row::read(nest)?;
    row.key(row.family()?)
}

impl<'a> Row<'a> {
    fn read(nest: &'a [u8]) -> Result<Self, Malformed> {
        let mut row = Row::default();
        for attribute in attributes(nest) {
            let (kind, value) = attribute?;
            match kind {
                service::FAMILY => row.family = Some(get_u16(value)?),
                service::PROTOCOL => row.protocol = Some(get_u16(value)?),
                service::ADDRESS => row.address = Some(value),
                service::PORT => row.port = Some(get_u16_be(value)?),
                service::FWMARK => row.fwmark = Some(get_u32(value)?),
                service::SCHEDULER => row.scheduler = Some(value),
                service::FLAGS => row.flags = get_u32(value.get(..4).unwrap_or(value))?,
                service::TIMEOUT => row.timeout = get_u32(value)?,
                service::NETMASK => row.netmask = Some(value),
                service::ENGINE => row.engine = Some(value),
                service::STATS => row.stats = Some(value),
                service::STATS64 => row.stats64 = Some(value),
                _ => {}
            }
        }
        Ok(row)
    }

    fn configured(&self) -> Result<Service, Malformed> {
        let family = self.family()?;
        let scheduler = self
            .scheduler
            .ok_or(Malformed("a service without a scheduler"))?;
        Ok(Service {
            key: self.key(family)?,
            scheduler: Name::from_wire(scheduler),
            flags: SchedulerFlags::from_bits(self.flags),
            persistence: self.persistence(family)?,
            engine: self.engine.map(Name::from_wire),
            one_packet: self.flags & ONE_PACKET != 0,
        })
    }

    fn family(&self) -> Result<Family, Malformed> {
        family_from_wire(self.family.ok_or(Malformed("a service without a family"))?)
    }

    fn key(&self, family: Family) -> Result<ServiceKey, Malformed> {
        if let Some(mark) = self.fwmark {
            return Ok(ServiceKey::Fwmark { family, mark });
        }
        match (self.protocol, self.address, self.port) {
            (Some(protocol), Some(address), Some(port)) => Ok(ServiceKey::Address {
                protocol: Protocol(protocol),
                endpoint: Endpoint {
                    address: read_address(address, family)?,
                    port,
                },
            }),
            _ => Err(Malformed("a service without an address or a mark")),
        }
    }

    /// A timeout and a mask mean nothing without the flag.
    fn persistence(&self, family: Family) -> Result<Option<Persistence>, Malformed> {
        if self.flags & PERSISTENT == 0 {
            return Ok(None);
        }
        let bits = self
            .netmask
            .ok_or(Malformed("a persistent service without a mask"))?;
        Ok(Some(Persistence {
            timeout: self.timeout,
            netmask: match family {
                Family::Inet => Netmask::V4(Ipv4Addr::from(get_u32(bits)?.to_ne_bytes())),
                Family::Inet6 => Netmask::V6(get_u32(bits)?),
            },
        }))
    }
}
