//! What the kernel says of its IPVS as a whole.

/// What the kernel says of its IPVS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The version of IPVS: major, minor, patch.
    pub version: (u8, u8, u8),
    /// The buckets of the connection hash table.
    pub connection_table_size: u32,
}
