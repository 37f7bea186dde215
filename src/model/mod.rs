//! What IPVS is made of, as plain data: virtual services, their destinations
//! (real servers), schedulers, forwarding methods, sync daemons, timeouts and
//! counters.
//!
//! Nothing here does I/O or uses another room; all others use it. Names follow the kernel's header
//! `include/uapi/linux/ip_vs.h`; text follows ipvsadm.

mod address;
mod change;
mod daemon;
mod destination;
mod forward;
mod info;
mod key;
mod name;
mod parse_error;
pub(crate) mod push_text;
pub(crate) mod render;
mod scheduler;
mod service;
mod stats;
mod timeouts;

pub use address::{Endpoint, Family, Protocol, parse_ipv4};
pub use change::Change;
pub use daemon::{SyncDaemon, SyncRole};
pub use destination::{Destination, DestinationStatus};
pub use forward::{Checksum, ForwardMethod, Tunnel};
pub use info::Info;
pub use key::ServiceKey;
pub use name::Name;
pub use parse_error::ParseError;
pub(crate) use scheduler::SCHEDULERS;
pub use scheduler::{DEFAULT_SCHEDULER, SchedulerFlags};
pub use service::{Netmask, Persistence, Service, ServiceStatus};
pub use stats::Stats;
pub use timeouts::Timeouts;
