//! The formats of a listing and their headings.

use crate::cli::TableFormat;

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
}
