//! Typed IPVS, the load balancer in the Linux kernel (Linux Virtual Server, LVS),
//! for programs that list, check, change or reconcile its table.
//!
//! ```no_run
//! use ipvs::{Change, Destination, Kernel, Service, ServiceKey};
//!
//! let key = ServiceKey::tcp("192.0.2.1:80".parse()?);
//! let server = Destination::new("10.0.0.2:80".parse()?);
//!
//! let mut kernel = Kernel::open()?;
//! kernel.apply(&Change::AddService(Service::new(key)))?;
//! kernel.apply(&Change::AddDestination(key, server))?;
//! for status in kernel.destinations(&key)? {
//!     println!("{}: {} active", status.destination.endpoint, status.active);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A whole table is changed by difference, all or nothing:
//!
//! ```no_run
//! use ipvs::{Kernel, Target};
//! use std::{fs::File, ops::ControlFlow, time::Duration};
//!
//! let target = Target::read(File::open("/etc/ipvsadm.rules")?)?;
//! let mut kernel = Kernel::open()?;
//! let _lock = kernel.lock(Duration::from_secs(10))?;
//! let plan = kernel.plan(&target)?;
//! for step in plan.steps() {
//!     println!("{step}");
//! }
//! kernel.converge(&plan, |_sent| ControlFlow::Continue(()))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Kernel`] is the one door to the kernel: every call is a typed request, and
//!   blocks until the kernel has answered. No runtime is needed.
//!   [`Kernel::open_in`] opens it in another network namespace.
//! - [`Kernel::services`], [`Kernel::destinations`], [`Kernel::connections`],
//!   [`Kernel::daemons`] and [`Kernel::timeouts`] read.
//! - [`Kernel::apply`] makes one change and [`Kernel::apply_all`] many;
//!   [`Kernel::ensure`] makes one that may have been made before. A refusal tells its
//!   reason by [`Refusal::kind`].
//! - [`Kernel::table`], [`Kernel::plan`] and [`Kernel::converge`] are for whole tables.
//!   [`Kernel::lock`] keeps other restores out meanwhile.
//! - [`Service`], [`Destination`], [`Change`] and their like are plain data, with
//!   `Display`; the small ones parse from text, too.
//! - [`Table`], [`Target`] and [`Plan`] are whole tables: one in memory that refuses what
//!   the kernel refuses, one that is wanted, and the steps from the one to the other.
//! - [`rules`] reads and writes the text of `ipvsadm -S` and `-R`.
//!
//! The programs in `docs/examples` are a page each: an exporter, a health checker and a
//! reconciler.
//!
//! Requests want `CAP_NET_ADMIN` in the network namespace, in the machine's own user
//! namespace.
//!
//! # Versions
//!
//! The library's public items follow semantic versioning by the package's version: within 2.x
//! nothing of them is taken away or changes its meaning. What is `#[non_exhaustive]` may grow.
//! The modules of the program are hidden from this documentation and promise nothing.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod commands;
#[doc(hidden)]
pub mod doctor;
// What the fuzz targets reach of the rooms that are not public.
#[cfg(fuzzing)]
#[doc(hidden)]
#[path = "../tests/fuzz/door.rs"]
pub mod door;
mod exit;
mod file;
pub mod kernel;
pub mod model;
#[doc(hidden)]
pub mod names;
#[doc(hidden)]
pub mod output;
pub mod rules;
pub mod table;
mod text;

#[doc(hidden)]
pub use exit::ExitStatus;
pub use kernel::{
    Error, Kernel, NamespaceError, NetworkNamespace, Operation, Refusal, RefusalKind,
};
pub use model::{
    Change, Checksum, Destination, DestinationStatus, Endpoint, Family, ForwardMethod, Info, Name,
    Netmask, ParseError, Persistence, Protocol, SchedulerFlags, Service, ServiceKey, ServiceStatus,
    Stats, SyncDaemon, SyncRole, Timeouts, Tunnel,
};
pub use table::{ConvergeError, Lock, LockError, Plan, Request, Table, Target, TargetError};
