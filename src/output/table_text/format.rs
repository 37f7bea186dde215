//! The formats of a listing and their headings.

use crate::cli::TableFormat;

impl TableFormat {
    /// The two lines over the columns, of which the first is `label` wide.
    pub(super) fn heading(self, label: usize) -> String {
        const LOCAL: &str = "Prot LocalAddress:Port";
        const REMOTE: &str = "  -> RemoteAddress:Port";
        let columns = match self {
            TableFormat::Stats => "   Conns   InPkts  OutPkts  InBytes OutBytes",
            TableFormat::Rate => "     CPS    InPPS   OutPPS    InBPS   OutBPS",
            TableFormat::Thresholds => "Uthreshold Lthreshold ActiveConn InActConn ",
            TableFormat::PersistentConnections => "Weight    PersistConn ActiveConn InActConn ",
            TableFormat::Tunnels => "Forward TunnelInfo    Weight ActiveConn InActConn",
            TableFormat::Plain => "Forward Weight ActiveConn InActConn",
        };
        match self {
            TableFormat::Tunnels | TableFormat::Plain => {
                format!("{LOCAL} Scheduler Flags\n{REMOTE:<label$} {columns}\n")
            }
            _ => format!("{LOCAL:<label$} {columns}\n{REMOTE}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::table_text::LABEL;

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
                TableFormat::Plain,
                "Prot LocalAddress:Port Scheduler Flags",
                "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
            ),
            (
                TableFormat::Tunnels,
                "Prot LocalAddress:Port Scheduler Flags",
                "  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn",
            ),
        ] {
            assert_eq!(format.heading(LABEL), format!("{first}\n{second}\n"));
        }
    }
}
