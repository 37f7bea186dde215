//! What keeps services from working, and what mends it.
//!
//! `facts` reads the machine: addresses, links, routes, neighbours and settings, as
//! plain data, each with the reason where it could not be looked at. The checks are
//! functions of these facts and of the table: they read nothing, so tests hand them
//! facts of their own. Nothing here changes anything. Each finding has a section in
//! `docs/doctor.md`, and its command is run as it is printed in `tests/doctor/`.
//!
//! This room uses the table, the kernel, the model, rtnetlink, and `cli`'s networks;
//! the output and the commands use it.

mod addresses;
mod answers;
mod balance;
mod boot;
mod daemons;
mod facts;
mod finding;
mod firewall;
mod forwarding;
mod hints;
mod real_server;
mod remedy;
mod scene;
mod servers;
mod settings;
mod traffic;
mod tunnels;

pub use boot::Boot;
pub use facts::{Listeners, Machine, has_ipvs};
pub use finding::{Finding, Report, Severity, Unseen};
pub use real_server::{RealServer, anywhere, real_server};
pub use remedy::{Remedy, Runner};
pub use scene::{Scene, Served};
pub use traffic::Traffic;

/// Something that is looked at.
struct Check<S> {
    /// What holds where nothing is found.
    fine: &'static str,
    run: fn(&S, &mut Report),
}

/// The checks on a director, in the order of the findings.
const DIRECTOR: [Check<Scene>; 28] = [
    Check {
        fine: "the services' addresses are this machine's",
        run: addresses::local,
    },
    Check {
        fine: "every service has a server that takes connections",
        run: balance::takes_connections,
    },
    Check {
        fine: "there is a way to every server",
        run: servers::reachable,
    },
    Check {
        fine: "the machine forwards what is masqueraded",
        run: forwarding::enabled,
    },
    Check {
        fine: "persistence holds no client to a server of weight 0",
        run: balance::released,
    },
    Check {
        fine: "the settings of IPVS drop nothing",
        run: settings::defenses,
    },
    Check {
        fine: "the connection tracking has room for more",
        run: settings::tracking_has_room,
    },
    Check {
        fine: "the settings of IPVS count what goes through",
        run: settings::estimation,
    },
    Check {
        fine: "the rules of the firewall were read",
        run: firewall::readable,
    },
    Check {
        fine: "rules that masquerade packets of IPVS see them",
        run: firewall::tracked,
    },
    Check {
        fine: "the firewall lets clients in",
        run: firewall::lets_in,
    },
    Check {
        fine: "the firewall lets masqueraded servers' answers through",
        run: firewall::lets_answers_through,
    },
    Check {
        fine: "the firewall lets out what IPVS sends to servers",
        run: firewall::lets_out,
    },
    Check {
        fine: "the connections were read",
        run: answers::readable,
    },
    Check {
        fine: "no connection is of a server that was taken out",
        run: answers::not_lost,
    },
    Check {
        fine: "masqueraded servers' answers come back",
        run: answers::come_back,
    },
    Check {
        fine: "the reverse path filter drops no client",
        run: settings::reverse_path,
    },
    Check {
        fine: "persistence engines get what they understand",
        run: balance::engines,
    },
    Check {
        fine: "the sync daemons' interface is up",
        run: daemons::can_send,
    },
    Check {
        fine: "the firewall lets the sync daemons' messages in",
        run: daemons::can_receive,
    },
    Check {
        fine: "a backup carries on the connections of persistent clients",
        run: daemons::carries_on,
    },
    Check {
        fine: "the table is the rules file's, or there is none for the next boot",
        run: boot::kept,
    },
    Check {
        fine: "the scheduler sh can tell the clients apart",
        run: hints::told_apart,
    },
    Check {
        fine: "idle connections outlive the pause before a keepalive",
        run: hints::outlive_keepalive,
    },
    Check {
        fine: "connections outlive the silence after their handshake",
        run: settings::patience,
    },
    Check {
        fine: "the servers are other machines",
        run: hints::elsewhere,
    },
    Check {
        fine: "the table of connections is large enough",
        run: hints::found_soon,
    },
    Check {
        fine: "clients' packets fit into the tunnels, or IPVS cuts them",
        run: tunnels::have_room,
    },
];

/// Looks at a director.
pub fn director(scene: &Scene) -> Report {
    examine(&DIRECTOR, scene)
}

fn examine<S>(checks: &[Check<S>], scene: &S) -> Report {
    let mut report = Report::default();
    for check in checks {
        let before = (report.findings.len(), report.unseen.len());
        (check.run)(scene, &mut report);
        if before == (report.findings.len(), report.unseen.len()) {
            report.fine.push(check.fine);
        }
    }
    report
}

#[cfg(test)]
mod tests;
