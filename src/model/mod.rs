//! What IPVS is made of, as plain data: virtual services, their destinations
//! (real servers), schedulers, forwarding methods, sync daemons, timeouts and
//! counters.
//!
//! Nothing here does I/O. Names follow the kernel's header
//! `include/uapi/linux/ip_vs.h`; text follows ipvsadm.

mod address;
mod change;
mod daemon;
mod destination;
mod forward;
mod name;
mod scheduler;
mod service;
mod stats;
mod timeouts;

pub use address::{Endpoint, Family, Protocol, ServiceKey, parse_ipv4};
pub use change::Change;
pub use daemon::{SyncDaemon, SyncRole};
pub use destination::{Destination, DestinationStatus, DestinationSummary};
pub use forward::{Checksum, ForwardMethod, Tunnel};
pub use name::{InvalidName, Name};
pub use scheduler::{DEFAULT_SCHEDULER, SchedulerFlags, UnknownFlag};
pub use service::{Netmask, Persistence, Service, ServiceStatus};
pub use stats::Stats;
pub use timeouts::Timeouts;
