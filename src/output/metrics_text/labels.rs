//! Labels: the names and values that tell samples apart.

use crate::model::push_text::{push_address, push_decimal};
use crate::model::{Endpoint, Family, Service, ServiceKey, SyncDaemon};

/// The labels of one sample, `NAME="VALUE",` each.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels(Vec<u8>);

impl Labels {
    /// A service's labels, named and worded as those of node_exporter: a mark is
    /// hexadecimal there, as in the kernel's text. Only a label of our own tells the two
    /// services of one mark apart, IPv4's and IPv6's.
    pub(super) fn of_service(key: &ServiceKey, netns: Option<&str>) -> Self {
        let mut labels = Labels::plain(&[], netns);
        match key {
            ServiceKey::Address { protocol, endpoint } => {
                labels.address("local", *endpoint);
                match protocol.name() {
                    Some(_) => labels.add("proto", protocol.as_str()),
                    None => labels.number("proto", protocol.0.into()),
                }
                labels.add("local_mark", "");
            }
            ServiceKey::Fwmark { family, mark } => {
                labels.add("local_address", "");
                labels.add("local_port", "0");
                labels.add("proto", "FWM");
                labels.add("local_mark", &format!("{mark:08X}"));
                if *family == Family::Inet6 {
                    labels.add("family", family.as_str());
                }
            }
        }
        labels
    }

    /// Adds the labels that a server has in addition to its service's labels.
    pub(super) fn add_backend(&mut self, endpoint: Endpoint) {
        self.address("remote", endpoint);
    }

    /// The network namespace's label, then the labels that are given.
    pub(super) fn plain(pairs: &[(&str, &str)], netns: Option<&str>) -> Self {
        let mut labels = Labels::default();
        for (name, value) in netns.map(|netns| ("netns", netns)).iter().chain(pairs) {
            labels.add(name, value);
        }
        labels
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn add(&mut self, name: &str, value: &str) {
        self.begin(name);
        for byte in value.bytes() {
            match byte {
                b'\n' => self.0.extend_from_slice(b"\\n"),
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                byte => self.0.push(byte),
            }
        }
        self.0.extend_from_slice(b"\",");
    }

    fn number(&mut self, name: &str, value: u64) {
        self.begin(name);
        push_decimal(&mut self.0, value);
        self.0.extend_from_slice(b"\",");
    }

    fn address(&mut self, side: &str, endpoint: Endpoint) {
        self.0.extend_from_slice(side.as_bytes());
        self.begin("_address");
        push_address(&mut self.0, endpoint.address);
        self.0.extend_from_slice(b"\",");
        self.0.extend_from_slice(side.as_bytes());
        self.number("_port", endpoint.port.into());
    }

    fn begin(&mut self, name: &str) {
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"=\"");
    }
}

/// A service's labels with its settings, in ipvsadm's words.
pub(super) fn of_settings(service: &Service, netns: Option<&str>) -> Labels {
    let Service {
        key,
        scheduler,
        flags,
        persistence,
        engine,
        one_packet,
    } = service;
    let mut labels = Labels::of_service(key, netns);
    labels.add("scheduler", scheduler.as_str());
    let flags: Vec<_> = flags.names(scheduler).collect();
    labels.add("flags", &flags.join(","));
    if let Some(persistence) = persistence {
        labels.number("persistent", persistence.timeout.into());
        labels.add("netmask", &persistence.netmask.to_string());
    }
    if let Some(engine) = engine {
        labels.add("pe", engine.as_str());
    }
    labels.add("ops", if *one_packet { "true" } else { "false" });
    if let ServiceKey::Fwmark { mark, .. } = key {
        labels.number("fwmark", (*mark).into());
    }
    labels
}

/// A sync daemon's labels, named as the options that start it.
pub(super) fn of_daemon(daemon: &SyncDaemon, netns: Option<&str>) -> Labels {
    let mut labels = Labels::plain(&[("role", daemon.role.as_str())], netns);
    labels.add("mcast_interface", daemon.interface.as_str());
    labels.number("syncid", daemon.sync_id.into());
    if let Some(length) = daemon.max_length {
        labels.number("sync_maxlen", length.into());
    }
    if let Some(group) = daemon.group {
        labels.add("mcast_group", &group.to_string());
    }
    if let Some(port) = daemon.port {
        labels.number("mcast_port", port.into());
    }
    if let Some(ttl) = daemon.ttl {
        labels.number("mcast_ttl", ttl.into());
    }
    labels
}
