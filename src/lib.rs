#![forbid(unsafe_code)]
//! Typed access to the Linux kernel's IPVS load balancer.
pub mod cli;
mod exit;
pub mod model;
pub mod output;
pub mod rules;
mod text;

pub use exit::ExitStatus;
