//! The formats of a listing and their headings.

/// What a listing shows.
///
/// Where several are asked for, the first in this order wins, so the format of
/// a command is their minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TableFormat {
    /// `--stats`: the counters.
    Stats,
    /// `--rate`: their rates.
    Rate,
    /// `--thresholds`: limits and connections.
    Thresholds,
    /// `--persistent-conn`: persistence templates and connections.
    PersistentConnections,
    /// `--tun-info`: as plain, and the tunnels.
    Tunnels,
    /// Forwarding methods, weights and connections.
    #[default]
    Plain,
}

impl TableFormat {
    /// The two lines over the columns.
    pub(super) fn heading(self) -> &'static str {
        match self {
            TableFormat::Stats => {
                "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n  \
                 -> RemoteAddress:Port\n"
            }
            TableFormat::Rate => {
                "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS\n  \
                 -> RemoteAddress:Port\n"
            }
            TableFormat::Thresholds => {
                "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n  \
                 -> RemoteAddress:Port\n"
            }
            TableFormat::PersistentConnections => {
                "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \n  \
                 -> RemoteAddress:Port\n"
            }
            TableFormat::Tunnels => {
                "Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           \
                 Forward TunnelInfo    Weight ActiveConn InActConn\n"
            }
            TableFormat::Plain => {
                "Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           \
                 Forward Weight ActiveConn InActConn\n"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ipvsadm 1.31 prints them.
    #[test]
    fn headings() {
        for (format, first, second) in [
            (
                TableFormat::Stats,
                "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
                "  -> RemoteAddress:Port",
            ),
            (
                TableFormat::Rate,
                "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS",
                "  -> RemoteAddress:Port",
            ),
            (
                TableFormat::Thresholds,
                "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ",
                "  -> RemoteAddress:Port",
            ),
            (
                TableFormat::PersistentConnections,
                "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ",
                "  -> RemoteAddress:Port",
            ),
            (
                TableFormat::Tunnels,
                "Prot LocalAddress:Port Scheduler Flags",
                "  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn",
            ),
        ] {
            assert_eq!(format.heading(), format!("{first}\n{second}\n"));
        }
    }

    #[test]
    fn the_first_format_asked_for_wins() {
        let asked = [
            TableFormat::Tunnels,
            TableFormat::Rate,
            TableFormat::Thresholds,
        ];
        assert_eq!(asked.into_iter().min(), Some(TableFormat::Rate));
        assert!(TableFormat::Stats < TableFormat::Rate);
        assert!(TableFormat::Thresholds < TableFormat::PersistentConnections);
        assert!(TableFormat::PersistentConnections < TableFormat::Tunnels);
        assert_eq!(TableFormat::default(), TableFormat::Plain);
    }
}
