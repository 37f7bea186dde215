//! The one-line listings: `-L --timeout` and `-L --daemon`.

use crate::model::{SyncDaemon, Timeouts};
use std::io::{self, Write};

/// Writes `Timeout (tcp tcpfin udp): 900 120 300`.
///
/// # Errors
/// What the writer reports.
pub fn write_timeouts(out: &mut (impl Write + ?Sized), timeouts: &Timeouts) -> io::Result<()> {
    let Timeouts { tcp, tcp_fin, udp } = timeouts;
    writeln!(out, "Timeout (tcp tcpfin udp): {tcp} {tcp_fin} {udp}")
}

/// Writes `master sync daemon (mcast=lo, syncid=3, maxlen=1400, …)`; what an
/// old kernel does not report is left out.
///
/// # Errors
/// What the writer reports.
pub fn write_daemon(out: &mut (impl Write + ?Sized), daemon: &SyncDaemon) -> io::Result<()> {
    write!(
        out,
        "{} sync daemon (mcast={}, syncid={}",
        daemon.role.as_str(),
        daemon.interface,
        daemon.sync_id
    )?;
    if let Some(length) = daemon.max_length {
        write!(out, ", maxlen={length}")?;
    }
    if let Some(group) = daemon.group {
        write!(out, ", group={group}")?;
    }
    if let Some(port) = daemon.port {
        write!(out, ", port={port}")?;
    }
    if let Some(ttl) = daemon.ttl {
        write!(out, ", ttl={ttl}")?;
    }
    writeln!(out, ")")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Name, SyncRole};

    #[test]
    fn as_1_31_prints_them() {
        let mut out = Vec::new();
        let timeouts = Timeouts {
            tcp: 2_678_400,
            tcp_fin: 1,
            udp: 7,
        };
        write_timeouts(&mut out, &timeouts).unwrap();
        let daemon = SyncDaemon {
            role: SyncRole::Backup,
            interface: Name::from_static("lo"),
            sync_id: 0,
            max_length: Some(65487),
            group: Some("ff02::81".parse().unwrap()),
            port: Some(8848),
            ttl: Some(1),
        };
        write_daemon(&mut out, &daemon).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "Timeout (tcp tcpfin udp): 2678400 1 7\n\
             backup sync daemon (mcast=lo, syncid=0, maxlen=65487, group=ff02::81, port=8848, ttl=1)\n"
        );
    }
}
