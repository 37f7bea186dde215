//! The system's `getent` command, for sources this process must not load.

use crate::model::Protocol;
use std::net::IpAddr;
use std::process::{Command, Stdio};

/// Asks for a key of a database; `None` where it does not know, or is not there.
fn ask(database: &str, key: &str) -> Option<String> {
    // A key that begins with a dash is no option: `--` ends those.
    let command = Command::new("getent")
        .args(["--", database, key])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let answer = command.ok().filter(|answer| answer.status.success())?;
    String::from_utf8(answer.stdout).ok()
}

/// Lines of `address type name`.
pub fn host_addresses(name: &str) -> Vec<IpAddr> {
    let answer = ask("ahosts", name).unwrap_or_default();
    let addresses = answer
        .lines()
        .filter_map(|line| line.split_ascii_whitespace().next()?.parse().ok());
    let mut found: Vec<IpAddr> = addresses.collect();
    found.dedup();
    found
}

/// A line of `address name aliases`.
pub fn host_name(address: IpAddr) -> Option<String> {
    let answer = ask("hosts", &address.to_string())?;
    Some(answer.split_ascii_whitespace().nth(1)?.to_owned())
}

/// A line of `name port/protocol aliases`.
pub fn port_name(protocol: Protocol, port: u16) -> Option<String> {
    let answer = ask("services", &format!("{port}/{}", protocol.name()?))?;
    Some(answer.split_ascii_whitespace().next()?.to_owned())
}

/// As [`port_name`], the other way round.
pub fn port_number(name: &str, protocol: Protocol) -> Option<u16> {
    let answer = ask("services", &format!("{name}/{}", protocol.name()?))?;
    answer
        .split_ascii_whitespace()
        .nth(1)?
        .split('/')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_knows_localhost() {
        assert!(host_addresses("localhost").iter().any(IpAddr::is_loopback));
        assert!(host_name("127.0.0.1".parse().unwrap()).is_some());
        assert!(host_addresses("--help").is_empty());
        assert!(host_addresses("no-such-host.invalid").is_empty());
    }
}
