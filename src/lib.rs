#![forbid(unsafe_code)]
//! Typed access to the Linux kernel's IPVS load balancer.
pub mod model;
pub mod output;
