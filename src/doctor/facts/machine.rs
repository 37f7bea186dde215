//! Links, addresses, routes, neighbours.

use super::movers::address_mover;
use super::rtnetlink::Routing;
use super::sysctls::reverse_path_drops;
use super::{Firewall, Seen, Settings, failed};
use crate::cli::Network;
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::IpAddr;

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Whether it is set up.
    pub up: bool,
    /// Whether it is the loopback.
    pub loopback: bool,
    /// Whether it asks for its neighbours' addresses.
    pub arp: bool,
    /// Whether packets come out of it that came in others.
    pub tunnel: bool,
    /// How many bytes a packet may have.
    pub mtu: u32,
}

/// Whether an address may be used: the kernel first searches the network for another
/// machine that has it. IPv4 has no such search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It may.
    Held,
    /// The search goes on.
    Searching,
    /// Another machine has it.
    Refused,
}

/// An address of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// How many of its bits are the network's.
    pub prefix_length: u8,
    /// The number of its interface.
    pub link: u32,
    /// Whether it came after another one of its network: that one takes it away when it
    /// goes.
    pub secondary: bool,
    /// Whether it may be used.
    pub claim: Claim,
}

impl Address {
    /// Its network.
    pub fn network(&self) -> Network {
        Network {
            address: self.address,
            length: self.prefix_length,
        }
    }
}

/// Where packets for an address go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// They are for this machine.
    Local,
    /// By an interface, to a router where the address is not on its network.
    Through {
        /// The interface's number.
        link: u32,
        /// The router.
        gateway: Option<IpAddr>,
        /// How many bytes a packet may have, where the route or what routers said
        /// sets it.
        mtu: Option<u32>,
    },
    /// Nowhere, for this reason.
    None(String),
}

/// The neighbours that do not answer, with the number of their interface.
pub type Neighbours = HashSet<(u32, IpAddr)>;

/// What the machine says.
#[derive(Debug)]
pub struct Machine {
    /// The interfaces.
    pub links: Seen<Vec<Link>>,
    /// The addresses.
    pub addresses: Seen<Vec<Address>>,
    /// The way to each address that was asked for.
    pub ways: Seen<HashMap<IpAddr, Way>>,
    /// Who does not answer.
    pub neighbours: Seen<Neighbours>,
    /// The settings below `/proc/sys`.
    pub settings: Settings,
    /// The firewall.
    pub firewall: Firewall,
    /// How many packets the reverse path filter has dropped.
    pub reverse_path_drops: Seen<u64>,
    /// A program that runs here and moves addresses between machines.
    pub address_mover: Option<&'static str>,
}

impl Machine {
    /// Reads what the machine says; `asked` are the addresses that it is asked the way
    /// to.
    pub fn read(asked: HashSet<IpAddr>) -> Self {
        let mut routing = Routing::open().map_err(said);
        Machine {
            links: ask(&mut routing, Routing::links),
            addresses: ask(&mut routing, Routing::addresses),
            ways: ask(&mut routing, |routing| routing.ways(asked)),
            neighbours: ask(&mut routing, Routing::silent_neighbours),
            settings: Settings::of_the_kernel(),
            firewall: Firewall::default(),
            reverse_path_drops: reverse_path_drops(),
            address_mover: address_mover(),
        }
    }

    /// Adds the firewall to the facts.
    #[must_use]
    pub fn with_firewall(mut self) -> Self {
        self.firewall = Firewall::read();
        self
    }

    /// An interface by its number.
    pub fn link(&self, index: u32) -> Option<&Link> {
        let mut links = self.links.as_ref().ok()?.iter();
        links.find(|link| link.index == index)
    }

    /// The name of an interface.
    pub fn link_name(&self, index: u32) -> Option<&str> {
        Some(&self.link(index)?.name)
    }

    /// The way to an address, where it is known.
    pub fn way(&self, address: IpAddr) -> Option<&Way> {
        self.ways.as_ref().ok()?.get(&address)
    }

    /// Whether the kernel takes packets for the address for its own.
    pub fn is_local(&self, address: IpAddr) -> bool {
        self.way(address) == Some(&Way::Local)
    }
}

/// Asks the kernel's routing, where it could be opened.
fn ask<T>(
    routing: &mut Seen<Routing>,
    question: impl FnOnce(&mut Routing) -> io::Result<T>,
) -> Seen<T> {
    let routing = routing.as_mut().map_err(|why| why.clone())?;
    question(routing).map_err(said)
}

fn said(error: io::Error) -> String {
    failed("rtnetlink", error)
}

/// The prefix length of an address alone.
pub fn full_length(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}
