//! Output.
/// The columns of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    Plain,
    Stats,
    Rate,
    Thresholds,
    PersistentConnections,
    Tunnels,
}
