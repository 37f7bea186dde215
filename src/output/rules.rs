//! Rules as text: what `-S` writes and `-R` reads, one command a line.

use super::names::Names;
use super::text::{push_address, push_decimal, push_signed};
use crate::model::{
    Change, Checksum, Destination, Endpoint, Family, ForwardMethod, Name, Protocol, Service,
    ServiceKey, SyncDaemon, SyncRole, Timeouts, Tunnel,
};
use std::io::{self, Write};

/// Writes rules, one a line.
///
/// Without thresholds a line is ipvsadm 1.31's to the byte; with them it has
/// ` -x N -y N` after the weight, which 1.31 reads too. Every method returns the
/// writer's error, if any.
#[derive(Debug)]
pub struct RulesWriter<'a, W> {
    out: W,
    names: &'a Names,
    line: Vec<u8>,
}

#[allow(clippy::missing_errors_doc)] // The type says it once for all.
impl<'a, W: Write> RulesWriter<'a, W> {
    /// Rules on `out`, which should buffer.
    pub fn new(out: W, names: &'a Names) -> Self {
        RulesWriter {
            out,
            names,
            line: Vec::with_capacity(256),
        }
    }

    /// Gives the writer back.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// `-A` and a virtual service.
    pub fn service(&mut self, service: &Service) -> io::Result<()> {
        self.change(&Change::AddService(*service))
    }

    /// `-a` and a destination.
    pub fn destination(&mut self, key: &ServiceKey, destination: &Destination) -> io::Result<()> {
        self.change(&Change::AddDestination(*key, *destination))
    }

    /// Any change. Read back it is the same one, unless the names do not lead
    /// back to their numbers or a destination has what no option can say: a
    /// forwarding method or a tunnel that ipvsadm has no word for.
    pub fn change(&mut self, change: &Change) -> io::Result<()> {
        self.line.clear();
        push_change(&mut self.line, change, self.names);
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }
}

/// The words of a change, numeric and without a newline, for messages and plans.
pub fn change_text(change: &Change) -> String {
    let mut line = Vec::new();
    push_change(&mut line, change, &Names::numeric());
    String::from_utf8_lossy(&line).into_owned()
}

fn push_change(line: &mut Vec<u8>, change: &Change, names: &Names) {
    match change {
        Change::AddService(service) => push_service(line, b"-A ", service, names),
        Change::EditService(service) => push_service(line, b"-E ", service, names),
        Change::DeleteService(key) => push_command(line, b"-D ", key, names),
        Change::Clear => line.extend_from_slice(b"-C"),
        Change::AddDestination(key, server) => {
            push_server(line, b"-a ", key, server.endpoint, names);
            push_destination(line, server);
        }
        Change::EditDestination(key, server) => {
            push_server(line, b"-e ", key, server.endpoint, names);
            push_destination(line, server);
        }
        Change::DeleteDestination(key, server) => push_server(line, b"-d ", key, *server, names),
        Change::Zero(None) => line.extend_from_slice(b"-Z"),
        Change::Zero(Some(key)) => push_command(line, b"-Z ", key, names),
        Change::SetTimeouts(Timeouts { tcp, tcp_fin, udp }) => {
            line.extend_from_slice(b"--set");
            for seconds in [tcp, tcp_fin, udp] {
                push_option(line, b" ", *seconds);
            }
        }
        Change::StartDaemon(daemon) => push_daemon(line, daemon),
        Change::StopDaemon(role, sync_id) => {
            push_role(line, b"--stop-daemon ", *role);
            push_option(line, b" --syncid ", *sync_id);
        }
    }
}

/// An option's name, with the blanks around it, and its number.
fn push_option(line: &mut Vec<u8>, option: &[u8], number: u32) {
    line.extend_from_slice(option);
    push_decimal(line, u64::from(number));
}

/// An option and the name of a module or an interface. A word that begins with `#`
/// would begin a comment.
fn push_name(line: &mut Vec<u8>, option: &[u8], name: &Name) {
    line.extend_from_slice(option);
    let name = name.as_str().as_bytes();
    line.push(if name.starts_with(b"#") { b'=' } else { b' ' });
    line.extend_from_slice(name);
}

/// A command and the service it is about.
fn push_command(line: &mut Vec<u8>, command: &[u8], key: &ServiceKey, names: &Names) {
    line.extend_from_slice(command);
    match key {
        ServiceKey::Fwmark { family, mark } => {
            push_option(line, b"-f ", *mark);
            if *family == Family::Inet6 {
                line.extend_from_slice(b" -6");
            }
        }
        ServiceKey::Address { protocol, endpoint } => {
            line.extend_from_slice(match *protocol {
                Protocol::TCP => b"-t ",
                Protocol::UDP => b"-u ",
                Protocol::SCTP => b"--sctp-service ",
                // No option names it. Theirs writes this, which nothing reads:
                // better than a rule that reads as another one.
                _ => b"--xxx-service ",
            });
            names.push_endpoint(line, Some(*protocol), *endpoint);
        }
    }
}

fn push_service(line: &mut Vec<u8>, command: &[u8], service: &Service, names: &Names) {
    push_command(line, command, &service.key, names);
    push_name(line, b" -s", &service.scheduler);
    if let Some(persistence) = &service.persistence {
        push_option(line, b" -p ", persistence.timeout);
        if !persistence.netmask.is_host() {
            line.extend_from_slice(format!(" -M {}", persistence.netmask).as_bytes());
        }
    }
    if let Some(engine) = &service.engine {
        push_name(line, b" --pe", engine);
    }
    if service.one_packet {
        line.extend_from_slice(b" -o");
    }
    for (i, flag) in service.flags.names(&service.scheduler).enumerate() {
        line.extend_from_slice(if i == 0 { b" -b " } else { b"," });
        line.extend_from_slice(flag.as_bytes());
    }
}

/// A command, a service and one of its servers.
fn push_server(
    line: &mut Vec<u8>,
    command: &[u8],
    key: &ServiceKey,
    server: Endpoint,
    names: &Names,
) {
    push_command(line, command, key, names);
    line.extend_from_slice(b" -r ");
    names.push_endpoint(line, key.protocol(), server);
}

/// How a destination is reached and how much it takes.
fn push_destination(line: &mut Vec<u8>, destination: &Destination) {
    line.extend_from_slice(match destination.forward {
        ForwardMethod::Masquerade => b" -m -w ",
        ForwardMethod::Tunnel(_) => b" -i -w ",
        // The kernel makes Local of any method by itself; Bypass has no option.
        ForwardMethod::DirectRoute | ForwardMethod::Local | ForwardMethod::Bypass => b" -g -w ",
    });
    push_signed(line, i64::from(destination.weight));
    for (option, threshold) in [
        (b" -x ", destination.upper_threshold),
        (b" -y ", destination.lower_threshold),
    ] {
        if threshold != 0 {
            push_option(line, option, threshold);
        }
    }
    if let ForwardMethod::Tunnel(tunnel) = destination.forward {
        push_tunnel(line, tunnel);
    }
}

fn push_tunnel(line: &mut Vec<u8>, tunnel: Tunnel) {
    match tunnel {
        Tunnel::Ipip => line.extend_from_slice(b" --tun-type ipip"),
        Tunnel::Gue { port, checksum } => {
            push_option(line, b" --tun-type gue --tun-port ", u32::from(port));
            push_checksum(line, checksum);
        }
        Tunnel::Gre { checksum } => {
            line.extend_from_slice(b" --tun-type gre");
            push_checksum(line, checksum);
        }
        // Theirs is silent too.
        Tunnel::Other { .. } => {}
    }
}

fn push_checksum(line: &mut Vec<u8>, checksum: Checksum) {
    let flags = checksum.bits();
    let known = [
        (Checksum::Full, b" --tun-csum".as_slice()),
        (Checksum::Remote, b" --tun-remcsum"),
    ];
    let set = known.iter().filter(|(known, _)| flags & known.bits() != 0);
    if set.clone().count() == 0 {
        line.extend_from_slice(b" --tun-nocsum");
    }
    set.for_each(|(_, option)| line.extend_from_slice(option));
}

fn push_role(line: &mut Vec<u8>, option: &[u8], role: SyncRole) {
    line.extend_from_slice(option);
    line.extend_from_slice(role.as_str().as_bytes());
}

fn push_daemon(line: &mut Vec<u8>, daemon: &SyncDaemon) {
    push_role(line, b"--start-daemon ", daemon.role);
    push_name(line, b" --mcast-interface", &daemon.interface);
    push_option(line, b" --syncid ", daemon.sync_id);
    if let Some(length) = daemon.max_length {
        push_option(line, b" --sync-maxlen ", u32::from(length));
    }
    if let Some(group) = daemon.group {
        line.extend_from_slice(b" --mcast-group ");
        push_address(line, group);
    }
    if let Some(port) = daemon.port {
        push_option(line, b" --mcast-port ", u32::from(port));
    }
    if let Some(ttl) = daemon.ttl {
        push_option(line, b" --mcast-ttl ", u32::from(ttl));
    }
}

#[cfg(test)]
mod tests;
