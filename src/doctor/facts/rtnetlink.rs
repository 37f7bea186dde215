//! Interfaces, addresses, neighbours and routes, asked of the kernel.
//!
//! The kernel queues its answer before a send returns, so a receive that finds
//! nothing means that no answer will come: no call hangs.

use super::machine::{Address, Link, Neighbours, Way};
use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkMessage};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteMessage, RouteType};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// Room for every piece of a dump.
const ROOM: usize = 64 * 1024;

/// A socket to the kernel's routing.
pub struct Routing {
    socket: Socket,
    sequence: u32,
}

/// An answer: the messages of a dump or of a single request, or the kernel's error.
type Answer = io::Result<Vec<RouteNetlinkMessage>>;

impl Routing {
    pub fn open() -> io::Result<Self> {
        let socket = Socket::new(NETLINK_ROUTE)?;
        Ok(Routing {
            socket,
            sequence: 0,
        })
    }

    /// The interfaces.
    pub fn links(&mut self) -> io::Result<Vec<Link>> {
        let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
        let answers = self.ask(request, NLM_F_DUMP)?;
        Ok(answers.into_iter().filter_map(link).collect())
    }

    /// The addresses of both families.
    pub fn addresses(&mut self) -> io::Result<Vec<Address>> {
        let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
        let answers = self.ask(request, NLM_F_DUMP)?;
        Ok(answers.into_iter().filter_map(address).collect())
    }

    /// The neighbours that do not answer: those that the kernel gave up, and those that
    /// it was asking at two moments. While clients keep asking, it never gives up for
    /// long, and a neighbour that is there answers within milliseconds.
    pub fn silent_neighbours(&mut self) -> io::Result<Neighbours> {
        const BETWEEN: Duration = Duration::from_millis(200);
        let asked = self.neighbours(NeighbourState::Incomplete)?;
        if !asked.is_empty() {
            std::thread::sleep(BETWEEN);
        }
        let mut silent = self.neighbours(NeighbourState::Failed)?;
        let still = self.neighbours(NeighbourState::Incomplete)?;
        silent.extend(still.intersection(&asked));
        Ok(silent)
    }

    fn neighbours(&mut self, state: NeighbourState) -> io::Result<Neighbours> {
        let request = RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default());
        let answers = self.ask(request, NLM_F_DUMP)?;
        let of_state = |answer| neighbour(answer, state);
        Ok(answers.into_iter().filter_map(of_state).collect())
    }

    /// The way to each of these addresses.
    pub fn ways(&mut self, addresses: HashSet<IpAddr>) -> io::Result<HashMap<IpAddr, Way>> {
        let ways = addresses.into_iter();
        ways.map(|address| Ok((address, self.way(address)?)))
            .collect()
    }

    fn way(&mut self, address: IpAddr) -> io::Result<Way> {
        let mut request = RouteMessage::default();
        let (family, length, value) = match address {
            IpAddr::V4(address) => (AddressFamily::Inet, 32, RouteAddress::Inet(address)),
            IpAddr::V6(address) => (AddressFamily::Inet6, 128, RouteAddress::Inet6(address)),
        };
        request.header.address_family = family;
        request.header.destination_prefix_length = length;
        request.attributes.push(RouteAttribute::Destination(value));
        let answers = match self.ask(RouteNetlinkMessage::GetRoute(request), 0) {
            Ok(answers) => answers,
            Err(error) => return no_way(error),
        };
        let way = answers.into_iter().find_map(way);
        way.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no route in the answer"))
    }

    fn ask(&mut self, request: RouteNetlinkMessage, flags: u16) -> Answer {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(request));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send_to(&bytes, &SocketAddr::new(0, 0), 0)?;
        let mut answers = Vec::new();
        while self.receive(&mut answers, flags == NLM_F_DUMP)? {}
        Ok(answers)
    }

    /// Takes the next datagram. Whether more will come.
    fn receive(&self, answers: &mut Vec<RouteNetlinkMessage>, dump: bool) -> io::Result<bool> {
        let mut inbox = Vec::with_capacity(ROOM);
        let (_, sender) = self.socket.recv_from(&mut inbox, libc::MSG_DONTWAIT)?;
        // Any process may send to a netlink socket.
        if sender.port_number() != 0 {
            return Ok(true);
        }
        let mut rest = inbox.as_slice();
        while !rest.is_empty() {
            let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
            let length = (message.header.length as usize).next_multiple_of(4);
            rest = rest.get(length..).unwrap_or_default();
            if message.header.sequence_number != self.sequence {
                continue;
            }
            match message.payload {
                NetlinkPayload::InnerMessage(answer) => answers.push(answer),
                NetlinkPayload::Error(error) => {
                    return error.code.map_or(Ok(false), |_| Err(error.to_io()));
                }
                NetlinkPayload::Done(_) => return Ok(false),
                _ => {}
            }
        }
        Ok(dump)
    }
}

fn link(answer: RouteNetlinkMessage) -> Option<Link> {
    let RouteNetlinkMessage::NewLink(message) = answer else {
        return None;
    };
    let flags = message.header.flags;
    let mut link = Link {
        index: message.header.index,
        name: String::new(),
        up: flags.contains(LinkFlags::Up),
        loopback: flags.contains(LinkFlags::Loopback),
        multicast: flags.contains(LinkFlags::Multicast),
        arp: !flags.contains(LinkFlags::Noarp),
        tunnel: false,
        mtu: 0,
    };
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name = name,
            LinkAttribute::Mtu(mtu) => link.mtu = mtu,
            LinkAttribute::LinkInfo(infos) => link.tunnel = infos.iter().any(is_tunnel),
            _ => {}
        }
    }
    Some(link)
}

fn is_tunnel(info: &LinkInfo) -> bool {
    use InfoKind::{GreTun, GreTun6, Ip6Tnl, IpIp, SitTun};
    matches!(
        info,
        LinkInfo::Kind(IpIp | GreTun | GreTun6 | Ip6Tnl | SitTun)
    )
}

fn address(answer: RouteNetlinkMessage) -> Option<Address> {
    let RouteNetlinkMessage::NewAddress(message) = answer else {
        return None;
    };
    let (mut own, mut peer) = (None, None);
    for attribute in message.attributes {
        match attribute {
            AddressAttribute::Local(address) => own = Some(address),
            AddressAttribute::Address(address) => peer = Some(address),
            _ => {}
        }
    }
    Some(Address {
        // IPv6 has no other one, and a link between two has both.
        address: own.or(peer)?,
        prefix_length: message.header.prefix_len,
        link: message.header.index,
    })
}

fn neighbour(answer: RouteNetlinkMessage, state: NeighbourState) -> Option<(u32, IpAddr)> {
    let RouteNetlinkMessage::NewNeighbour(message) = answer else {
        return None;
    };
    if message.header.state != state {
        return None;
    }
    let address = message.attributes.into_iter().find_map(|it| match it {
        NeighbourAttribute::Destination(NeighbourAddress::Inet(address)) => Some(address.into()),
        NeighbourAttribute::Destination(NeighbourAddress::Inet6(address)) => Some(address.into()),
        _ => None,
    });
    Some((message.header.ifindex, address?))
}

fn way(answer: RouteNetlinkMessage) -> Option<Way> {
    let RouteNetlinkMessage::NewRoute(message) = answer else {
        return None;
    };
    if message.header.kind == RouteType::Local {
        return Some(Way::Local);
    }
    let (mut link, mut gateway) = (0, None);
    for attribute in message.attributes {
        match attribute {
            RouteAttribute::Oif(index) => link = index,
            RouteAttribute::Gateway(RouteAddress::Inet(address)) => gateway = Some(address.into()),
            RouteAttribute::Gateway(RouteAddress::Inet6(address)) => gateway = Some(address.into()),
            _ => {}
        }
    }
    Some(Way::Through { link, gateway })
}

/// What an answer without a route says.
fn no_way(error: io::Error) -> io::Result<Way> {
    let why = match error.raw_os_error() {
        Some(libc::ENETUNREACH) => "no route",
        Some(libc::EHOSTUNREACH) => "a route of type unreachable",
        Some(libc::EACCES) => "a route of type prohibit",
        Some(libc::EINVAL) => "a route of type blackhole",
        _ => return Err(error),
    };
    Ok(Way::None(why.to_owned()))
}
