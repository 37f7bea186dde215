//! Interfaces, addresses, neighbours and routes, asked of the kernel.
//!
//! The kernel queues its answer before a send returns, so a receive that finds
//! nothing means that no answer will come: no call hangs.

mod decode;

use super::machine::{Address, Link, Neighbours, Way};
use decode::{address, link, neighbour, way};
use netlink_packet_core::{
    DecodeError, DefaultNla, Emitable, NLM_F_DUMP, NLM_F_REQUEST, NetlinkDeserializable,
    NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::AddressHeader;
use netlink_packet_route::link::LinkHeader;
use netlink_packet_route::neighbour::{NeighbourHeader, NeighbourState};
use netlink_packet_route::route::RouteHeader;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::Duration;

/// Room for every piece of a dump.
const ROOM: usize = 64 * 1024;

/// A socket to the kernel's routing.
pub struct Routing {
    socket: Socket,
    sequence: u32,
}

/// A message, undecoded. The crate has a type for it that decodes every attribute of
/// every message there is, which makes the program a quarter larger: the headers are
/// its own.
struct Message {
    kind: u16,
    payload: Vec<u8>,
}

/// Sends an empty datagram to the port `discard`. Where it can't be sent, the kernel asks
/// nobody.
fn send_to(address: IpAddr) {
    const DISCARD: u16 = 9;
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0));
    let _ = socket.and_then(|socket| socket.send_to(&[], (address, DISCARD)));
}

/// Decodes an answer; `None` where it is none of what was asked for.
type Decode<T> = fn(&[u8]) -> Result<Option<T>, DecodeError>;

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
        self.dump(libc::RTM_GETLINK, &LinkHeader::default(), link)
    }

    /// The addresses of both families.
    pub fn addresses(&mut self) -> io::Result<Vec<Address>> {
        self.dump(libc::RTM_GETADDR, &AddressHeader::default(), address)
    }

    /// The neighbours that do not answer: those that the kernel was asking at two moments,
    /// and those that it gave up. As that may have been long ago, it is made to ask these
    /// once more. A neighbour that is there answers within milliseconds.
    pub fn silent_neighbours(&mut self) -> io::Result<Neighbours> {
        const BETWEEN: Duration = Duration::from_millis(200);
        let mut asked = self.neighbours(NeighbourState::Failed)?;
        asked.iter().for_each(|(_, address)| send_to(*address));
        asked.extend(self.neighbours(NeighbourState::Incomplete)?);
        if !asked.is_empty() {
            std::thread::sleep(BETWEEN);
        }
        let mut silent = self.neighbours(NeighbourState::Failed)?;
        let still = self.neighbours(NeighbourState::Incomplete)?;
        silent.extend(still.intersection(&asked));
        Ok(silent)
    }

    fn neighbours(&mut self, state: NeighbourState) -> io::Result<Neighbours> {
        let all = self.dump(libc::RTM_GETNEIGH, &NeighbourHeader::default(), neighbour)?;
        let of_state = all.into_iter().filter(|(own, ..)| *own == state);
        Ok(of_state.map(|(_, link, address)| (link, address)).collect())
    }

    /// The way to each of these addresses.
    pub fn ways(&mut self, addresses: HashSet<IpAddr>) -> io::Result<HashMap<IpAddr, Way>> {
        let ways = addresses.into_iter();
        ways.map(|address| Ok((address, self.way(address)?)))
            .collect()
    }

    fn way(&mut self, to: IpAddr) -> io::Result<Way> {
        let mut header = RouteHeader::default();
        let bytes = match to {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        header.address_family = match to {
            IpAddr::V4(_) => AddressFamily::Inet,
            IpAddr::V6(_) => AddressFamily::Inet6,
        };
        header.destination_prefix_length = super::full_length(to);
        let mut payload = emitted(&header);
        payload.extend(emitted(&DefaultNla::new(libc::RTA_DST, bytes)));
        let answers = match self.ask(libc::RTM_GETROUTE, payload, 0) {
            Ok(answers) => answers,
            Err(error) => return no_way(error),
        };
        let found = answers.iter().find_map(|it| way(&it.payload).transpose());
        found
            .ok_or_else(|| malformed("no route in the answer"))?
            .map_err(malformed)
    }

    fn dump<T>(
        &mut self,
        kind: u16,
        header: &impl Emitable,
        decode: Decode<T>,
    ) -> io::Result<Vec<T>> {
        let answers = self.ask(kind, emitted(header), NLM_F_DUMP)?;
        let rows = answers
            .iter()
            .filter_map(|it| decode(&it.payload).transpose());
        rows.collect::<Result<_, _>>().map_err(malformed)
    }

    /// Sends a request, and takes what the kernel says to it.
    fn ask(&mut self, kind: u16, payload: Vec<u8>, flags: u16) -> io::Result<Vec<Message>> {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let request = NetlinkPayload::InnerMessage(Message { kind, payload });
        let mut message = NetlinkMessage::new(header, request);
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send_to(&bytes, &SocketAddr::new(0, 0), 0)?;
        let mut answers = Vec::new();
        while self.receive(&mut answers, flags == NLM_F_DUMP)? {}
        // The kernel's answers have the number of the command that makes such a thing.
        answers.retain(|answer| answer.kind + 2 == kind);
        Ok(answers)
    }

    /// Takes the next datagram. Whether more will come.
    fn receive(&self, answers: &mut Vec<Message>, dump: bool) -> io::Result<bool> {
        let mut inbox = Vec::with_capacity(ROOM);
        let (_, sender) = self.socket.recv_from(&mut inbox, libc::MSG_DONTWAIT)?;
        // Any process may send to a netlink socket.
        if sender.port_number() != 0 {
            return Ok(true);
        }
        let mut rest = inbox.as_slice();
        while !rest.is_empty() {
            let message = NetlinkMessage::<Message>::deserialize(rest).map_err(malformed)?;
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

impl NetlinkSerializable for Message {
    fn message_type(&self) -> u16 {
        self.kind
    }

    fn buffer_len(&self) -> usize {
        self.payload.len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.payload);
    }
}

impl NetlinkDeserializable for Message {
    type Error = DecodeError;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(Message {
            kind: header.message_type,
            payload: payload.to_vec(),
        })
    }
}

fn emitted(part: &impl Emitable) -> Vec<u8> {
    let mut bytes = vec![0; part.buffer_len()];
    part.emit(&mut bytes);
    bytes
}

fn malformed(why: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
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
