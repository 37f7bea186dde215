//! The kernel's refusals in ipvsadm's words.

use crate::kernel::{Operation, Refusal, RefusalKind};
use crate::model::{Change, SyncRole};
use crate::text::without_error_number;

/// The message for a refusal: 1.31's, or the system's words for the errno.
pub fn message(refusal: &Refusal) -> String {
    known(refusal).map_or_else(
        || without_error_number(&refusal.as_io().to_string()),
        str::to_owned,
    )
}

/// Whether it is a refusal that a sync daemon may explain.
pub fn concerns_daemons(change: &Change, refusal: &Refusal) -> bool {
    let concerned = change.mixes_families() || matches!(change, Change::StartDaemon(_));
    concerned && refusal.kind() == RefusalKind::Invalid
}

/// Why the kernel refuses a server while a daemon runs.
pub fn beside_daemon(role: SyncRole) -> String {
    format!(
        "while the {} sync daemon runs, the kernel takes no server \
         of another family than its service's",
        role.as_str()
    )
}

fn known(refusal: &Refusal) -> Option<&'static str> {
    use Operation as Op;
    Some(match refusal.kind() {
        RefusalKind::ServiceExists => "Service already exists",
        RefusalKind::NoSuchModule => "Scheduler or persistence engine not found",
        RefusalKind::NoSuchService => match refusal.operation {
            Op::AddDestination | Op::EditDestination | Op::DeleteDestination => {
                "Service not defined"
            }
            _ => "No such service",
        },
        RefusalKind::DestinationExists => "Destination already exists",
        RefusalKind::NoSuchDestination => "No such destination",
        RefusalKind::DaemonRuns => "Daemon has already run",
        RefusalKind::NoDaemon => "No daemon is running",
        RefusalKind::NotPermitted => "Permission denied (you must be root)",
        RefusalKind::Invalid => {
            "Invalid operation.  Possibly wrong module version, address not unicast, ..."
        }
        RefusalKind::NoSuchProtocol => "Protocol not available",
        RefusalKind::OutOfMemory => "Memory allocation problem",
        RefusalKind::NotSupported => "Operation not supported with IPv6",
        RefusalKind::NoSuchFamily => "Operation not supported with specified address family",
        RefusalKind::WrongSize => "Module is wrong version",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_reading_comes_first() {
        let say = |operation, errno| message(&Refusal { operation, errno });
        assert_eq!(
            say(Operation::AddService, libc::EEXIST),
            "Service already exists"
        );
        assert_eq!(
            say(Operation::AddService, libc::EPERM),
            "Permission denied (you must be root)"
        );
        assert_eq!(
            say(Operation::AddDestination, libc::ERANGE),
            "Numerical result out of range"
        );
        assert_eq!(say(Operation::StartDaemon, libc::ENODEV), "No such device");
    }
}
