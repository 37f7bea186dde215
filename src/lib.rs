//! Typed access to IPVS, the load balancer in the Linux kernel (Linux Virtual
//! Server, LVS), and the `ipvsadm` command on top of it.
//!
//! - [`model`] is what IPVS is made of, as plain data.
//! - [`kernel::Kernel`] is the door to the kernel: list, change, change many.
//! - [`rules`] reads and compares whole tables: a rules file, a table in memory
//!   that refuses what the kernel refuses, the plan from one table to another.
//! - [`output`] writes listings, rules, JSON.
//! - [`cli`] and [`commands`] are the program.
//!
//! Requests want `CAP_NET_ADMIN` in the network namespace.
//!
//! ```no_run
//! use ipvs::model::{Change, Destination, Endpoint, Protocol, Service, ServiceKey};
//! use ipvs::kernel::Kernel;
//!
//! let web = Endpoint { address: "192.0.2.1".parse()?, port: 80 };
//! let key = ServiceKey::Address { protocol: Protocol::TCP, endpoint: web };
//! let server = Destination::new(Endpoint { address: "10.0.0.2".parse()?, port: 80 });
//!
//! let mut kernel = Kernel::open()?;
//! kernel.apply(&Change::AddService(Service::new(key)))?;
//! kernel.apply(&Change::AddDestination(key, server))?;
//! for status in kernel.destinations(&key)? {
//!     println!("{}: {} active", status.destination.endpoint, status.active);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod commands;
// What the fuzz targets reach of the rooms that are not public.
#[cfg(fuzzing)]
#[doc(hidden)]
#[path = "../tests/fuzz/door.rs"]
pub mod door;
mod exit;
mod file;
pub mod kernel;
pub mod model;
pub mod names;
pub mod output;
pub mod rules;
pub mod table;
mod text;

pub use exit::ExitStatus;
