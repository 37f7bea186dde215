//! The metrics of services and of servers: a row each.

use super::{Backend, Service};

/// What kind of numbers a family has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    /// Labels alone: the value is 1.
    Info,
}

impl Kind {
    /// What the names of samples end in.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Kind::Counter => "_total",
            Kind::Gauge => "",
            Kind::Info => "_info",
        }
    }

    /// Prometheus' own format has no word for labels alone.
    pub(super) fn prometheus(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge | Kind::Info => "gauge",
        }
    }

    pub(super) fn openmetrics(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Info => "info",
        }
    }
}

/// A family of samples: its name without the ending, and how a row's value is read;
/// `None` is no sample.
pub(super) struct Family<T> {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
    pub(super) value: fn(&T) -> Option<u64>,
}

const fn counter<T>(
    name: &'static str,
    help: &'static str,
    value: fn(&T) -> Option<u64>,
) -> Family<T> {
    let kind = Kind::Counter;
    Family {
        name,
        kind,
        help,
        value,
    }
}

const fn gauge<T>(
    name: &'static str,
    help: &'static str,
    value: fn(&T) -> Option<u64>,
) -> Family<T> {
    let kind = Kind::Gauge;
    Family {
        name,
        kind,
        help,
        value,
    }
}

#[rustfmt::skip] // a line a metric
pub(super) const SERVICE: [Family<Service>; 6] = [
    counter("ipvs_service_connections", "Connections scheduled.", |it| Some(it.status.stats.connections)),
    counter("ipvs_service_incoming_packets", "Packets from clients.", |it| Some(it.status.stats.in_packets)),
    counter("ipvs_service_outgoing_packets", "Packets to clients.", |it| Some(it.status.stats.out_packets)),
    counter("ipvs_service_incoming_bytes", "Bytes from clients.", |it| Some(it.status.stats.in_bytes)),
    counter("ipvs_service_outgoing_bytes", "Bytes to clients.", |it| Some(it.status.stats.out_bytes)),
    gauge("ipvs_service_backends", "Real servers whose weight is above 0.", |it| Some(it.usable)),
];

#[rustfmt::skip] // a line a metric
pub(super) const BACKEND: [Family<Backend>; 11] = [
    counter("ipvs_backend_connections", "Connections scheduled.", |it| Some(it.connections)),
    counter("ipvs_backend_incoming_packets", "Packets from clients.", |it| Some(it.in_packets)),
    counter("ipvs_backend_outgoing_packets", "Packets to clients.", |it| Some(it.out_packets)),
    counter("ipvs_backend_incoming_bytes", "Bytes from clients.", |it| Some(it.in_bytes)),
    counter("ipvs_backend_outgoing_bytes", "Bytes to clients.", |it| Some(it.out_bytes)),
    gauge("ipvs_backend_connections_active", "Active connections.", |it| Some(it.active.into())),
    gauge("ipvs_backend_connections_inactive", "Inactive connections.", |it| Some(it.inactive.into())),
    gauge("ipvs_backend_connections_persistent", "Persistence templates.", |it| Some(it.persistent.into())),
    gauge("ipvs_backend_weight", "The weight.", |it| Some(it.weight.into())),
    gauge("ipvs_backend_upper_threshold", "Connections at which the server takes no more, where there is a limit.", |it| limit(it.upper_threshold)),
    gauge("ipvs_backend_lower_threshold", "Connections below which it takes some again, where that is set.", |it| limit(it.lower_threshold)),
];

/// 0 stands for no limit.
fn limit(threshold: u32) -> Option<u64> {
    (threshold > 0).then_some(threshold.into())
}
