//! Where programs listen: the text of `/proc/net/tcp` and its like.

use super::{Seen, failed};
use std::fs;
use std::io::ErrorKind::NotFound;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The state of a TCP socket that listens (`TCP_LISTEN` of the kernel), and of a UDP
/// socket that is bound and not connected.
const LISTENING: [(&str, &str); 4] = [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")];

/// The addresses and ports of sockets that listen.
#[derive(Debug, Clone, Default)]
pub struct Listeners(Vec<(IpAddr, u16)>);

impl Listeners {
    /// Reads the sockets of this network namespace.
    pub fn read() -> Seen<Self> {
        let mut found = Vec::new();
        for (name, state) in LISTENING {
            let path = format!("/proc/thread-self/net/{name}");
            match fs::read_to_string(&path) {
                Ok(text) => found.extend(text.lines().skip(1).filter_map(|it| socket(it, state))),
                // A kernel without IPv6.
                Err(error) if error.kind() == NotFound && name.ends_with('6') => {}
                Err(error) => return Err(failed(&path, error)),
            }
        }
        Ok(Listeners(found))
    }

    /// Whether a program gets what comes for the address and port. A socket of all
    /// IPv6 addresses gets that of IPv4, unless its program said otherwise.
    pub fn serve(&self, address: IpAddr, port: u16) -> bool {
        self.0.iter().any(|(own, own_port)| {
            let all = *own == IpAddr::from(Ipv6Addr::UNSPECIFIED)
                || address.is_ipv4() && *own == IpAddr::from(Ipv4Addr::UNSPECIFIED);
            *own_port == port && (all || own.to_canonical() == address)
        })
    }
}

/// `  0: 0B00010A:0050 00000000:0000 0A …`: the address is words in the machine's byte
/// order.
fn socket(line: &str, state: &str) -> Option<(IpAddr, u16)> {
    let mut fields = line.split_whitespace().skip(1);
    let (address, port) = fields.next()?.split_once(':')?;
    if fields.nth(1)? != state {
        return None;
    }
    let mut bytes = Vec::with_capacity(16);
    for word in address.as_bytes().chunks(8) {
        let word = std::str::from_utf8(word).ok()?;
        bytes.extend(u32::from_str_radix(word, 16).ok()?.to_ne_bytes());
    }
    let address = match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok()?.into(),
        _ => <[u8; 16]>::try_from(bytes).ok()?.into(),
    };
    Some((address, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_read() {
        let v4 = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000";
        let v6 = "   1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0";
        let sockets = [v4, v6].map(|line| socket(line, "0A").unwrap());
        assert_eq!(sockets[0], ("127.0.0.1".parse().unwrap(), 8080));
        assert_eq!(sockets[1], ("::".parse().unwrap(), 80));
        assert_eq!(socket(v4, "07"), None);
        assert_eq!(socket("x", "0A"), None);
        let listeners = Listeners(sockets.to_vec());
        for (address, port, served) in [
            ("10.0.0.1", 80, true),
            ("::1", 80, true),
            ("10.0.0.1", 8080, false),
            ("127.0.0.1", 8080, true),
        ] {
            assert_eq!(listeners.serve(address.parse().unwrap(), port), served);
        }
    }
}
