//! Connections, and how many there are.

use super::super::connections::Connection;
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

impl<'a> Connection<'a> {
    /// The connection for JSON. The engine's data is a client's bytes: what is no
    /// UTF-8 in it is replaced.
    pub fn to_json(&self) -> impl Serialize + use<'a> {
        JsonConnection {
            protocol: self.protocol,
            expires: self.expires,
            state: self.state,
            source: self.client.into(),
            service: self.virtual_.into(),
            destination: self.destination.into(),
            pe: self.engine.map(|(name, data)| JsonEngine {
                name,
                data: String::from_utf8_lossy(data).into_owned(),
            }),
        }
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
