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
