//! What the kernel will do to the clients of a server that is drained: said before it is.

use super::server::Server;
use crate::ExitStatus;
use crate::cli::{Drain, Force};
use crate::commands::Failure;
use crate::commands::unblocked::complain_at_once;
use crate::kernel::Kernel;
use crate::model::{ForwardMethod, Protocol};
use crate::text::counted;
use anyhow::anyhow;

/// The kernel's switches that a drain depends on. It changes none.
#[derive(Debug, Clone, Copy)]
pub struct Switches {
    /// `expire_quiescent_template`: templates lead to no server of weight 0.
    pub quiescent: bool,
    /// `expire_nodest_conn`: the connections of a deleted server end at once.
    pub no_destination: bool,
}

impl Switches {
    /// Reads the switches. A switch that can't be read is taken for off, the kernel's default.
    pub fn read(kernel: &Kernel) -> Self {
        let switch = |name| kernel.switch(name).unwrap_or(false);
        Switches {
            quiescent: switch("expire_quiescent_template"),
            no_destination: switch("expire_nodest_conn"),
        }
    }

    /// Whether persistence templates are waited for.
    pub fn templates_count(self, drain: &Drain) -> bool {
        !self.quiescent && !drain.connections_only
    }

    /// What becomes of the connections of a server that is deleted.
    pub fn fate(self) -> &'static str {
        match self.no_destination {
            true => "net.ipv4.vs.expire_nodest_conn is 1: they are reset at once",
            false => {
                "net.ipv4.vs.expire_nodest_conn is 0: their packets vanish until their timeouts"
            }
        }
    }
}

/// Deleting a server with connections wants to be asked for twice where the kernel
/// lets them hang.
pub fn allow_force(drain: &Drain, switches: Switches) -> Result<(), Failure> {
    if drain.force != Force::Reset || switches.no_destination {
        return Ok(());
    }
    let error = anyhow!(
        "--force would let the clients hang that are left: {}",
        switches.fate()
    );
    Err(Failure::new(ExitStatus::Usage, error)
        .with_help("say --force twice, or `sysctl -w net.ipv4.vs.expire_nodest_conn=1' before"))
}

/// Says what there is to know. A drain waits for no reader.
pub fn say(servers: &[Server], drain: &Drain, switches: Switches) {
    for line in lines(servers, drain, switches) {
        complain_at_once(&line);
    }
}

fn lines(servers: &[Server], drain: &Drain, switches: Switches) -> Vec<String> {
    let templates: u64 = servers
        .iter()
        .map(|it| u64::from(it.status.persistent))
        .sum();
    let udp = servers
        .iter()
        .any(|it| it.key().protocol() == Some(Protocol::UDP));
    let one_way = |server: &Server| {
        let forward = server.status.destination.forward;
        let counted = server.status.active + server.status.inactive;
        forward != ForwardMethod::Masquerade
            && counted > 0
            && matches!(server.key().protocol(), Some(Protocol::TCP) | None)
    };
    let mut lines = Vec::new();
    if templates > 0 {
        lines.push(persistence(templates, drain, switches));
    }
    if udp {
        lines.push(
            "UDP has no end: it is never active, and an entry ends when its client has been silent for the UDP timeout \
             (-L --timeout), that of a busy client never does"
                .to_owned(),
        );
    }
    if servers.iter().any(one_way) {
        lines.push(
            "by direct routing and tunnels the director sees only what clients send: a \
             connection in FIN_WAIT may be alive, and is waited for"
                .to_owned(),
        );
    }
    if drain.force != Force::No {
        let seconds = drain.wait.unwrap_or_default();
        let fate = switches.fate();
        lines.push(format!(
            "after {seconds} s connections that are left are given up; {fate}"
        ));
    }
    lines
}

fn persistence(templates: u64, drain: &Drain, switches: Switches) -> String {
    let are = counted(templates, "persistence template");
    if switches.quiescent {
        return format!(
            "{are}: not waited for, as net.ipv4.vs.expire_quiescent_template is 1 and none leads \
             to a server of weight 0"
        );
    }
    let waited_for = match drain.connections_only {
        true => "are not waited for (--connections-only)",
        false => "are waited for (not with --connections-only)",
    };
    format!(
        "{are}: known clients keep coming to a server of weight 0, as \
         net.ipv4.vs.expire_quiescent_template is 0; templates last as long as their connections, \
         those in TIME_WAIT too, and {waited_for}"
    )
}
