//! Tries a TCP connection to each server of one virtual service, again and again. A
//! server that does not answer gets the weight 0, so that no new client is sent to
//! it; when it answers again it gets its old weight back.
//!
//!     health_checker -t 192.0.2.1:80

use ipvs::{Change, Destination, Endpoint, Error, Kernel, RefusalKind, ServiceKey};
use std::collections::HashMap;
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::Duration;

/// How long a server has to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause between two rounds.
const PAUSE: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let key: ServiceKey = words.join(" ").parse()?;
    let mut kernel = Kernel::open()?;
    // The kernel does not tell a service without servers from none at all.
    kernel.service(&key)?;
    // The servers that do not answer, with their weights of before.
    let mut down = HashMap::new();
    loop {
        for status in kernel.destinations(&key)? {
            check(&mut kernel, &key, status.destination, &mut down)?;
        }
        sleep(PAUSE);
    }
}

/// Tries one server, and sets its weight where its state has changed.
fn check(
    kernel: &mut Kernel,
    key: &ServiceKey,
    server: Destination,
    down: &mut HashMap<Endpoint, i32>,
) -> Result<(), Error> {
    let endpoint = server.endpoint;
    let answers = TcpStream::connect_timeout(&SocketAddr::from(endpoint), PATIENCE).is_ok();
    let weight = match (answers, down.get(&endpoint)) {
        (true, Some(before)) => *before,
        // A server with the weight 0 is left to the administrator who set it.
        (false, None) if server.weight > 0 => 0,
        _ => return Ok(()),
    };
    let mut edited = server;
    edited.weight = weight;
    match kernel.apply(&Change::EditDestination(*key, edited)) {
        Err(Error::Refused(refusal)) if is_gone(refusal.kind()) => {
            down.remove(&endpoint);
            return Ok(());
        }
        made => made?,
    }
    if answers {
        down.remove(&endpoint);
        println!("{endpoint} answers again: weight {weight}");
    } else {
        down.insert(endpoint, server.weight);
        println!("{endpoint} does not answer: weight {weight}");
    }
    Ok(())
}

/// Whether somebody else deleted the server meanwhile.
fn is_gone(kind: RefusalKind) -> bool {
    matches!(
        kind,
        RefusalKind::NoSuchService | RefusalKind::NoSuchDestination
    )
}
