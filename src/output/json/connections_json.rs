//! Connections, and how many there are.

use crate::kernel::Connection;
use crate::model::Endpoint;
use crate::output::counts::Kind;
use serde::Serialize;
use std::net::IpAddr;

#[derive(Serialize)]
struct JsonEndpoint {
    address: IpAddr,
    port: u16,
}

impl From<Endpoint> for JsonEndpoint {
    fn from(Endpoint { address, port }: Endpoint) -> Self {
        JsonEndpoint { address, port }
    }
}

#[derive(Serialize)]
struct JsonConnection<'a> {
    protocol: &'a str,
    expires: u32,
    state: &'a str,
    source: JsonEndpoint,
    #[serde(rename = "virtual")]
    service: JsonEndpoint,
    destination: JsonEndpoint,
    #[serde(skip_serializing_if = "Option::is_none")]
    pe: Option<JsonEngine<'a>>,
}

#[derive(Serialize)]
struct JsonEngine<'a> {
    name: &'a str,
    data: String,
}

/// A connection. The engine's data is a client's bytes: what is no UTF-8 in it is
/// replaced.
pub fn json_connection<'a>(connection: &Connection<'a>) -> impl Serialize + use<'a> {
    JsonConnection {
        protocol: connection.protocol,
        expires: connection.expires,
        state: connection.state,
        source: connection.client.into(),
        service: connection.virtual_.into(),
        destination: connection.destination.into(),
        pe: connection.engine.map(|(name, data)| JsonEngine {
            name,
            data: String::from_utf8_lossy(data).into_owned(),
        }),
    }
}

#[derive(Serialize)]
struct JsonCount<'a> {
    protocol: &'a str,
    #[serde(rename = "virtual")]
    service: JsonEndpoint,
    destination: JsonEndpoint,
    state: &'a str,
    connections: u64,
}

/// How many connections of a kind there are.
pub(in crate::output) fn json_count(kind: &Kind, connections: u64) -> impl Serialize {
    JsonCount {
        protocol: &kind.protocol,
        service: kind.service.into(),
        destination: kind.destination.into(),
        state: &kind.state,
        connections,
    }
}
