//! The library's own connection to the kernel.

use super::Namespace;
use ipvs::kernel::Kernel;
use ipvs::model::{Change, Destination, Endpoint, ServiceKey};

pub const ENOENT: i32 = 2;
pub const ESRCH: i32 = 3;
pub const EEXIST: i32 = 17;
pub const EINVAL: i32 = 22;

/// A connection to an empty table of the test's own.
pub fn kernel() -> Kernel {
    // A test runs in a thread of its own, and the namespace is the thread's.
    Namespace::new();
    Kernel::open().unwrap()
}

pub fn endpoint(address: &str, port: u16) -> Endpoint {
    Endpoint {
        address: address.parse().unwrap(),
        port,
    }
}

pub fn servers(kernel: &mut Kernel, key: &ServiceKey) -> Vec<Destination> {
    let rows = kernel.destinations(key).unwrap();
    rows.iter().map(|s| s.destination).collect()
}

/// Makes all the changes; none may be refused.
#[track_caller]
pub fn apply_all(kernel: &mut Kernel, changes: &[Change]) {
    assert_eq!(kernel.apply_all(changes).expect("answers"), []);
}
