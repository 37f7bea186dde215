//! Connection timeouts.

/// The connection timeouts of a network namespace, in seconds.
///
/// When they are set, 0 leaves a value as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Timeouts {
    /// Established TCP sessions.
    pub tcp: u32,
    /// TCP sessions after a FIN.
    pub tcp_fin: u32,
    /// UDP.
    pub udp: u32,
}

impl Timeouts {
    /// What the kernel has after these were set, where it had `old` before.
    pub(crate) fn set_over(self, old: Timeouts) -> Timeouts {
        let keep = |new, old| if new == 0 { old } else { new };
        Timeouts {
            tcp: keep(self.tcp, old.tcp),
            tcp_fin: keep(self.tcp_fin, old.tcp_fin),
            udp: keep(self.udp, old.udp),
        }
    }
}
