//! What the kernel tells of IPVS as text below `/proc/net`.

pub(crate) mod connections;
mod fields;
pub(crate) mod services;
pub(crate) mod status;
