#![forbid(unsafe_code)]
//! Typed access to the Linux kernel's IPVS load balancer.
pub mod cli;
pub mod commands;
mod exit;
mod file;
pub mod model;
pub mod netlink;
pub mod output;
pub mod rules;
mod system_names;
mod text;

pub use exit::ExitStatus;
