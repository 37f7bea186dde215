//! Netlink: the codec of the IPVS family's messages, single requests, dumps and
//! batches.
//!
//! Only the folder above uses this one.

mod attributes;
pub(crate) mod datagrams;
pub(crate) mod frame;
pub(crate) mod listing;
pub(crate) mod message;
pub(crate) mod request;
pub(crate) mod socket;
pub(crate) mod stream;
