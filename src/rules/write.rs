//! Rules as text: what `-S` writes and `-R` reads, one command a line.

use crate::model::render::push_change;
use crate::model::{Change, Destination, Service, ServiceKey};
use crate::names::Names;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endpoint;

    fn endpoint(address: &str, port: u16) -> Endpoint {
        Endpoint::new(address.parse::<std::net::IpAddr>().unwrap(), port)
    }

    #[test]
    fn names_are_written_whole() {
        let names = crate::names::example();
        let mut writer = RulesWriter::new(Vec::new(), &names);
        let key = ServiceKey::tcp(endpoint("10.0.0.2", 80));
        writer.service(&Service::new(key)).unwrap();
        let server = Destination::new(endpoint("2001:db8::1", 80));
        writer.destination(&key, &server).unwrap();
        assert_eq!(
            String::from_utf8(writer.into_inner()).unwrap(),
            "-A -t a-very-long-host-name-that-goes-on-and-on.department.example.org:http -s wlc\n\
             -a -t a-very-long-host-name-that-goes-on-and-on.department.example.org:http \
             -r [six.example]:http -g -w 1\n"
        );
    }
}
