//! What the kernel tells of IPVS as text below `/proc/net`.

pub(crate) mod connections_text;
mod fields;
pub(crate) mod services_text;
pub(crate) mod status;
