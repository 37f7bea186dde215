//! Connections, and how many there are.

use crate::kernel::Connection;
use crate::model::Endpoint;
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

/// How many connections of a state a service has at a server.
pub fn json_count<'a>(
    protocol: &'a str,
    service: Endpoint,
    destination: Endpoint,
    state: &'a str,
    connections: u64,
) -> impl Serialize + use<'a> {
    let (service, destination) = (service.into(), destination.into());
    JsonCount {
        protocol,
        service,
        destination,
        state,
        connections,
    }
}
