//! The door to the kernel's IPVS.
//!
//! [`Kernel`] takes and returns the [model](crate::model)'s types. Attributes,
//! sequence numbers, batches, buffers and retries stay in here. The room uses no other; the
//! table, the doctor, the output and the commands use it.
//!
//! ```no_run
//! use ipvs::kernel::Kernel;
//!
//! let mut kernel = Kernel::open()?;
//! for status in kernel.services()? {
//!     println!("{} {}", status.service.key, status.service.scheduler);
//! }
//! # Ok::<(), ipvs::kernel::Error>(())
//! ```

pub(crate) mod error;
mod namespace;
pub(crate) mod netlink;
pub(crate) mod proc;
mod refusal;

pub use error::Error;
pub use namespace::{NamespaceError, NetworkNamespace};
pub(crate) use netlink::message::Row;
pub use refusal::{Operation, Refusal, RefusalKind};

use crate::model::{
    Change, DestinationStatus, Info, ServiceKey, ServiceStatus, SyncDaemon, Timeouts,
};
use netlink::datagrams::Datagrams;
use netlink::request::Requests;
use netlink::socket::KernelSocket;
use netlink::stream::Stream;
use netlink::{listing, message};
use proc::connections_text;
pub use proc::connections_text::{Connection, ConnectionLine, Connections};
use proc::services_text::{self, ServersText};
use proc::status;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// A connection to the IPVS of the network namespace it was opened in.
///
/// Every call wants `CAP_NET_ADMIN` there; without it the kernel refuses with
/// `EPERM`.
pub struct Kernel {
    requests: Requests,
    stream: Stream,
    /// For the second of two dumps. It is opened together with the first socket, as
    /// the caller may have left this network namespace by the time it is needed.
    second_socket: KernelSocket,
    family: u16,
    info: Info,
    /// The namespace that it is of, where that is not the thread's own.
    namespace: Option<NetworkNamespace>,
}

impl Kernel {
    /// Opens a connection. Where the kernel has no IPVS yet, runs
    /// `/sbin/modprobe -- ip_vs` once and tries again.
    ///
    /// # Errors
    /// [`Error::Socket`]; [`Error::Unavailable`] without IPVS;
    /// [`Error::Refused`] without the privilege.
    pub fn open() -> Result<Kernel, Error> {
        Kernel::connect(find_family)
    }

    /// Opens the connection anew: IPVS's family has another number after its module was
    /// loaded again. Does not load it.
    ///
    /// # Errors
    /// Those of [`open`](Kernel::open).
    pub(crate) fn reopen(&mut self) -> Result<(), Error> {
        let known = |requests: &mut Requests| {
            requests.family().map_err(|source| Error::Unavailable {
                source,
                modprobe: None,
            })
        };
        let kernel = self.within(|| Kernel::connect(known))??;
        *self = Kernel {
            namespace: self.namespace.take(),
            ..kernel
        };
        Ok(())
    }

    fn connect(
        find_family: impl FnOnce(&mut Requests) -> Result<u16, Error>,
    ) -> Result<Kernel, Error> {
        let datagrams = Datagrams::new();
        let mut requests = Requests::open().map_err(Error::Socket)?;
        let second_socket = KernelSocket::open_second().map_err(Error::Socket)?;
        let family = find_family(&mut requests)?;
        let answer = requests.get(family, Operation::GetInfo, Vec::new())?;
        let info = message::decode_info(&answer).map_err(Error::malformed(Operation::GetInfo))?;
        Ok(Kernel {
            requests,
            stream: Stream::new(family, datagrams),
            second_socket,
            family,
            info,
            namespace: None,
        })
    }

    /// Opens a connection to the IPVS of another network namespace. The thread
    /// stays in its own.
    ///
    /// # Errors
    /// [`Error::Namespace`], and those of [`open`](Kernel::open).
    pub fn open_in(namespace: NetworkNamespace) -> Result<Kernel, Error> {
        let kernel = namespace.within(Kernel::open)??;
        Ok(Kernel {
            namespace: Some(namespace),
            ..kernel
        })
    }

    /// Does something in the connection's network namespace. Names are not resolved
    /// in there: what the administrator calls a host is not for the namespace to
    /// say.
    pub(crate) fn within<T>(&self, work: impl FnOnce() -> T) -> Result<T, NamespaceError> {
        match &self.namespace {
            None => Ok(work()),
            Some(namespace) => namespace.within(work),
        }
    }

    /// Opens a file of `/proc/net` of the connection's namespace.
    fn open_proc(&self, path: &'static str) -> Result<File, Error> {
        let opened = self.within(|| File::open(path))?;
        opened.map_err(|source| Error::Proc { path, source })
    }

    /// The servers of a plain listing as the kernel's text has them; `None` where
    /// that can't be read or is not what it should be.
    pub(crate) fn servers_text(&self) -> Option<ServersText> {
        self.open_proc(services_text::PATH)
            .ok()
            .and_then(ServersText::read)
    }

    /// The connections and persistence templates, read one by one as the caller
    /// asks for them. The kernel goes on changing them meanwhile: one that comes
    /// or goes may be missing or, seldom, read twice.
    ///
    /// ```no_run
    /// use ipvs::kernel::{ConnectionLine, Kernel};
    ///
    /// let mut connections = Kernel::open()?.connections()?;
    /// let mut waiting = 0;
    /// loop {
    ///     match connections.next_entry()? {
    ///         ConnectionLine::Connection(it) if it.state == "SYN_RECV" => waiting += 1,
    ///         ConnectionLine::Connection(_) | ConnectionLine::Unreadable => {}
    ///         ConnectionLine::End => break,
    ///     }
    /// }
    /// println!("{waiting} clients wait for their server");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Proc`] without the file, or when it is not what it should be.
    pub fn connections(&self) -> Result<Connections<BufReader<File>>, Error> {
        let path = connections_text::PATH;
        let file = BufReader::with_capacity(64 * 1024, self.open_proc(path)?);
        Connections::new(file).map_err(|source| Error::Proc { path, source })
    }

    /// A switch below `/proc/sys/net/ipv4/vs`, in the connection's namespace: whether
    /// it is on. `None` where it can't be read.
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        let path = Path::new("/proc/sys/net/ipv4/vs").join(name);
        let text = self.within(|| fs::read_to_string(path)).ok()?.ok()?;
        text.trim().parse::<i64>().ok().map(|value| value != 0)
    }

    /// The version and table size, as they were when the connection opened.
    pub fn info(&self) -> Info {
        self.info
    }

    /// All virtual services, in the kernel's order.
    ///
    /// Every service that is there during the whole call is listed, none twice,
    /// whatever others change meanwhile. One that comes or goes meanwhile may or
    /// may not be listed. (Since Linux 7 a service that the kernel is moving is missed only if
    /// others come and go just so that the numbers of services agree.)
    pub fn services(&mut self) -> Result<Vec<ServiceStatus>, Error> {
        /// Linux 7 moves services within a few milliseconds, and no reading was seen
        /// to lack the same services as the one before.
        const READINGS: usize = 5;
        const PAUSE: Duration = Duration::from_millis(5);
        let mut readings = Vec::new();
        for _ in 0..READINGS {
            let before = self.counted_services();
            let mut rows = Vec::new();
            self.list(Operation::GetService, &[], (), &mut rows)?;
            let is_proved = before
                .is_none_or(|count| count == rows.len() && self.counted_services() == Some(count));
            if is_proved {
                return Ok(rows);
            }
            readings.push(rows);
            thread::sleep(PAUSE);
        }
        Ok(listing::merge(readings))
    }

    /// How many services there are, where the kernel tells. Since Linux 7 its table of
    /// them grows and shrinks, and a listing lacks those that are being moved meanwhile.
    fn counted_services(&self) -> Option<usize> {
        let mut text = String::new();
        let mut file = self.open_proc(status::PATH).ok()?;
        file.read_to_string(&mut text).ok()?;
        status::services(&text)
    }

    /// One virtual service.
    ///
    /// # Errors
    /// [`Error::Refused`] with `ESRCH` when it does not exist.
    pub fn service(&mut self, key: &ServiceKey) -> Result<ServiceStatus, Error> {
        let operation = Operation::GetService;
        let mut request = Vec::new();
        message::encode_service_key(key, &mut request);
        let answer = self.requests.get(self.family, operation, request)?;
        ServiceStatus::decode(&answer, ()).map_err(Error::malformed(operation))
    }

    /// The destinations of a service, in the kernel's order, with the promise of
    /// [`services`](Kernel::services).
    ///
    /// A service that does not exist has none: the kernel does not tell the two
    /// apart. Ask for it by [`service`](Kernel::service) where it matters.
    pub fn destinations(&mut self, key: &ServiceKey) -> Result<Vec<DestinationStatus>, Error> {
        let mut rows = Vec::new();
        self.read_destinations(key, &mut rows)?;
        Ok(rows)
    }

    /// [`destinations`](Kernel::destinations), into `rows` instead of what was
    /// there: fresh memory for each service costs more than all that is done with
    /// it.
    pub(crate) fn read_destinations(
        &mut self,
        key: &ServiceKey,
        rows: &mut Vec<DestinationStatus>,
    ) -> Result<(), Error> {
        let mut request = Vec::new();
        message::encode_service_key(key, &mut request);
        self.list(Operation::GetDestination, &request, key.family(), rows)
    }

    /// The running sync daemons: none, a master, a backup, or both.
    pub fn daemons(&mut self) -> Result<Vec<SyncDaemon>, Error> {
        let mut rows = Vec::new();
        self.list(Operation::GetDaemon, &[], (), &mut rows)?;
        Ok(rows)
    }

    fn list<T: Row>(
        &mut self,
        operation: Operation,
        request: &[u8],
        context: T::Context,
        rows: &mut Vec<T>,
    ) -> Result<(), Error> {
        let sockets = [self.requests.socket(), &self.second_socket];
        listing::list(&mut self.stream, sockets, operation, request, context, rows)
    }

    /// The connection timeouts.
    pub fn timeouts(&mut self) -> Result<Timeouts, Error> {
        let operation = Operation::GetTimeouts;
        let answer = self.requests.get(self.family, operation, Vec::new())?;
        message::decode_timeouts(&answer).map_err(Error::malformed(operation))
    }

    /// Makes one change.
    ///
    /// # Errors
    /// [`Error::Refused`] with the kernel's errno.
    pub fn apply(&mut self, change: &Change) -> Result<(), Error> {
        let mut request = Vec::new();
        message::encode_change(change, &mut request);
        self.requests
            .set(self.family, Operation::of(change), request)
    }

    /// Makes many changes, in order, as fast as the kernel takes them. Each has
    /// the same result as by [`apply`](Kernel::apply), and a refused one does
    /// not keep the following ones from being made.
    ///
    /// Returns the refusals, in order, each with the index of its change.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the connection fails: it says which changes have
    /// an unknown result.
    pub fn apply_all(&mut self, changes: &[Change]) -> Result<Vec<(usize, Refusal)>, Error> {
        self.stream.apply_all(self.requests.socket(), changes)
    }
}

/// Finds the family, loading the module where it is missing.
fn find_family(requests: &mut Requests) -> Result<u16, Error> {
    let mut modprobe = None;
    let found = match requests.family() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            modprobe = load_module();
            requests.family()
        }
        found => found,
    };
    found.map_err(|source| Error::Unavailable { source, modprobe })
}

/// Runs modprobe; returns what it had to say.
fn load_module() -> Option<String> {
    let run = Command::new("/sbin/modprobe")
        .args(["--", "ip_vs"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output();
    let said = match run {
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("/sbin/modprobe: {error}"),
    };
    (!said.is_empty()).then_some(said)
}
