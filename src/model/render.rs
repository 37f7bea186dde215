//! Services, destinations and changes as ipvsadm's command line has them.
//!
//! This is the only place that writes them: saves, plans, messages and the
//! types' `Display` all come from here.

use super::push_text::{push_address, push_decimal, push_signed};
use super::{
    Change, Checksum, Destination, Endpoint, Family, ForwardMethod, Name, Protocol, Service,
    ServiceKey, SyncDaemon, Timeouts, Tunnel,
};
use std::fmt;

/// How the addresses and ports of a text are written.
pub(crate) trait EndpointText {
    /// Appends the endpoint. Without a protocol its port has no name.
    fn push_endpoint(&self, line: &mut Vec<u8>, protocol: Option<Protocol>, endpoint: Endpoint);
}

/// Addresses and ports as numbers.
pub(crate) struct Numeric;

impl EndpointText for Numeric {
    fn push_endpoint(&self, line: &mut Vec<u8>, _: Option<Protocol>, endpoint: Endpoint) {
        if endpoint.address.is_ipv6() {
            line.push(b'[');
        }
        push_address(line, endpoint.address);
        if endpoint.address.is_ipv6() {
            line.push(b']');
        }
        push_number(line, b":", endpoint.port.into());
    }
}

/// Appends the whole line of a change, without its end.
pub(crate) fn push_change(line: &mut Vec<u8>, change: &Change, endpoints: &dyn EndpointText) {
    push_subject(line, change, endpoints);
    push_settings(line, change);
}

/// Appends the command and what it is about.
fn push_subject(line: &mut Vec<u8>, change: &Change, endpoints: &dyn EndpointText) {
    let mut push_command = |command: &str, key: &ServiceKey, server: Option<Endpoint>| {
        push_word(line, command);
        push_key(line, key, endpoints);
        if let Some(server) = server {
            push_word(line, " -r ");
            endpoints.push_endpoint(line, key.protocol(), server);
        }
    };
    match change {
        Change::AddService(service) => push_command("-A ", &service.key, None),
        Change::EditService(service) => push_command("-E ", &service.key, None),
        Change::DeleteService(key) => push_command("-D ", key, None),
        Change::AddDestination(key, server) => push_command("-a ", key, Some(server.endpoint)),
        Change::EditDestination(key, server) => push_command("-e ", key, Some(server.endpoint)),
        Change::DeleteDestination(key, server) => push_command("-d ", key, Some(*server)),
        Change::Zero(Some(key)) => push_command("-Z ", key, None),
        Change::Zero(None) => push_word(line, "-Z"),
        Change::Clear => push_word(line, "-C"),
        Change::SetTimeouts(_) => push_word(line, "--set"),
        Change::StartDaemon(daemon) => {
            push_word(line, "--start-daemon ");
            push_word(line, daemon.role.as_str());
        }
        Change::StopDaemon(role, _) => {
            push_word(line, "--stop-daemon ");
            push_word(line, role.as_str());
        }
    }
}

/// Appends the settings that the change gives to its subject, each after a blank.
fn push_settings(line: &mut Vec<u8>, change: &Change) {
    match change {
        Change::AddService(service) | Change::EditService(service) => push_service(line, service),
        Change::AddDestination(_, server) | Change::EditDestination(_, server) => {
            push_destination(line, server);
        }
        Change::SetTimeouts(Timeouts { tcp, tcp_fin, udp }) => {
            for seconds in [tcp, tcp_fin, udp] {
                push_number(line, b" ", *seconds);
            }
        }
        Change::StartDaemon(daemon) => push_daemon(line, daemon),
        Change::StopDaemon(_, sync_id) => push_number(line, b" --syncid ", *sync_id),
        Change::DeleteService(_)
        | Change::DeleteDestination(..)
        | Change::Zero(_)
        | Change::Clear => {}
    }
}

/// Appends an option and the name of a module or an interface. A word that begins
/// with `#` would begin a comment.
fn push_name(line: &mut Vec<u8>, option: &str, name: &Name) {
    push_word(line, option);
    let name = name.as_str();
    line.push(if name.starts_with('#') { b'=' } else { b' ' });
    push_word(line, name);
}

fn push_word(line: &mut Vec<u8>, word: &str) {
    line.extend_from_slice(word.as_bytes());
}

/// Appends an option's name, with the blanks around it, and its number.
fn push_number(line: &mut Vec<u8>, option: &[u8], number: u32) {
    line.extend_from_slice(option);
    push_decimal(line, u64::from(number));
}

fn push_key(line: &mut Vec<u8>, key: &ServiceKey, endpoints: &dyn EndpointText) {
    match key {
        ServiceKey::Fwmark { family, mark } => {
            push_number(line, b"-f ", *mark);
            if *family == Family::Inet6 {
                push_word(line, " -6");
            }
        }
        ServiceKey::Address { protocol, endpoint } => {
            push_word(line, protocol.option());
            line.push(b' ');
            endpoints.push_endpoint(line, Some(*protocol), *endpoint);
        }
    }
}

fn push_service(line: &mut Vec<u8>, service: &Service) {
    let Service {
        key: _,
        scheduler,
        flags,
        persistence,
        engine,
        one_packet,
    } = service;
    push_name(line, " -s", scheduler);
    if let Some(persistence) = persistence {
        push_number(line, b" -p ", persistence.timeout);
        if !persistence.netmask.is_host() {
            push_word(line, &format!(" -M {}", persistence.netmask));
        }
    }
    if let Some(engine) = engine {
        push_name(line, " --pe", engine);
    }
    if *one_packet {
        push_word(line, " -o");
    }
    for (i, flag) in flags.names(scheduler).enumerate() {
        push_word(line, if i == 0 { " -b " } else { "," });
        push_word(line, flag);
    }
}

fn push_destination(line: &mut Vec<u8>, destination: &Destination) {
    let Destination {
        endpoint: _,
        forward,
        weight,
        upper_threshold,
        lower_threshold,
    } = *destination;
    push_word(
        line,
        match forward {
            ForwardMethod::Masquerade => " -m -w ",
            ForwardMethod::Tunnel(_) => " -i -w ",
            // The kernel makes Local of any method by itself; Bypass has no option.
            ForwardMethod::DirectRoute | ForwardMethod::Local | ForwardMethod::Bypass => " -g -w ",
        },
    );
    push_signed(line, i64::from(weight));
    for (option, threshold) in [(b" -x ", upper_threshold), (b" -y ", lower_threshold)] {
        if threshold != 0 {
            push_number(line, option, threshold);
        }
    }
    if let ForwardMethod::Tunnel(tunnel) = forward {
        push_tunnel(line, tunnel);
    }
}

fn push_tunnel(line: &mut Vec<u8>, tunnel: Tunnel) {
    match tunnel {
        Tunnel::Ipip => push_word(line, " --tun-type ipip"),
        Tunnel::Gue { port, checksum } => {
            push_number(line, b" --tun-type gue --tun-port ", u32::from(port));
            push_checksum(line, checksum);
        }
        Tunnel::Gre { checksum } => {
            push_word(line, " --tun-type gre");
            push_checksum(line, checksum);
        }
        // 1.31 writes nothing either.
        Tunnel::Other { .. } => {}
    }
}

fn push_checksum(line: &mut Vec<u8>, checksum: Checksum) {
    let options = [
        (Checksum::Full, " --tun-csum"),
        (Checksum::Remote, " --tun-remcsum"),
    ];
    let is_set = |kind: Checksum| checksum.bits() & kind.bits() != 0;
    if !options.iter().any(|(kind, _)| is_set(*kind)) {
        push_word(line, " --tun-nocsum");
    }
    for (_, option) in options.iter().filter(|(kind, _)| is_set(*kind)) {
        push_word(line, option);
    }
}

fn push_daemon(line: &mut Vec<u8>, daemon: &SyncDaemon) {
    push_name(line, " --mcast-interface", &daemon.interface);
    push_number(line, b" --syncid ", daemon.sync_id);
    if let Some(length) = daemon.max_length {
        push_number(line, b" --sync-maxlen ", u32::from(length));
    }
    if let Some(group) = daemon.group {
        push_word(line, " --mcast-group ");
        push_address(line, group);
    }
    if let Some(port) = daemon.port {
        push_number(line, b" --mcast-port ", u32::from(port));
    }
    if let Some(ttl) = daemon.ttl {
        push_number(line, b" --mcast-ttl ", u32::from(ttl));
    }
}

/// The text that `push` appends; all that it appends is ASCII.
fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut line = Vec::new();
    push(&mut line);
    String::from_utf8_lossy(&line).into_owned()
}

impl Change {
    /// The command and what it is about: `-e -t 192.0.2.1:80 -r 10.0.0.2:80`.
    pub fn subject(&self) -> String {
        text(|line| push_subject(line, self, &Numeric))
    }

    /// The settings that follow the subject: `-g -w 5`.
    pub fn settings(&self) -> String {
        text(|line| push_settings(line, self))
            .trim_start()
            .to_owned()
    }
}

/// `192.0.2.1:80` or `[2001:db8::1]:80`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(|line| Numeric.push_endpoint(line, None, *self)))
    }
}

/// The options that name the service: `-t 192.0.2.1:80`, `-f 7 -6`.
impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(|line| push_key(line, self, &Numeric)))
    }
}

/// The line of a rules file that makes the change: `-a -t 192.0.2.1:80 -r
/// 10.0.0.2:80 -g -w 1`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(|line| push_change(line, self, &Numeric)))
    }
}

/// The key and the settings: `-t 192.0.2.1:80 -s wlc -p 360`.
impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(|line| {
            push_key(line, &self.key, &Numeric);
            push_service(line, self);
        }))
    }
}

/// The endpoint and the settings: `10.0.0.2:80 -g -w 1`.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(|line| {
            Numeric.push_endpoint(line, None, self.endpoint);
            push_destination(line, self);
        }))
    }
}

#[cfg(test)]
mod tests;
