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

/// What holds where a check finds nothing, and the check.
type Check<S> = (&'static str, fn(&S, &mut Report));

/// The checks on a director, in the order of the findings.
#[rustfmt::skip] // a line a check
const DIRECTOR: [Check<Scene>; 28] = [
    ("the services' addresses are this machine's", addresses::local),
    ("every service has a server that takes connections", balance::takes_connections),
    ("there is a way to every server", servers::reachable),
    ("the machine forwards what is masqueraded", forwarding::enabled),
    ("persistence holds no client to a server of weight 0", balance::released),
    ("the settings of IPVS drop nothing", settings::defenses),
    ("the connection tracking has room for more", settings::tracking_has_room),
    ("the settings of IPVS count what goes through", settings::estimation),
    ("the rules of the firewall were read", firewall::readable),
    ("rules that masquerade packets of IPVS see them", firewall::tracked),
    ("the firewall lets clients in", firewall::lets_in),
    ("the firewall lets masqueraded servers' answers through", firewall::lets_answers_through),
    ("the firewall lets out what IPVS sends to servers", firewall::lets_out),
    ("the connections were read", answers::readable),
    ("no connection is of a server that was taken out", answers::not_lost),
    ("masqueraded servers' answers come back", answers::come_back),
    ("the reverse path filter drops no client", settings::reverse_path),
    ("persistence engines get what they understand", balance::engines),
    ("the sync daemons' interface is up", daemons::can_send),
    ("the firewall lets the sync daemons' messages in", daemons::can_receive),
    ("a backup carries on the connections of persistent clients", daemons::carries_on),
    ("the table is the rules file's, or there is none for the next boot", boot::kept),
    ("the scheduler sh can tell the clients apart", hints::told_apart),
    ("idle connections outlive the pause before a keepalive", hints::outlive_keepalive),
    ("connections outlive the silence after their handshake", settings::patience),
    ("the servers are other machines", hints::elsewhere),
    ("the table of connections is large enough", hints::found_soon),
    ("clients' packets fit into the tunnels, or IPVS cuts them", tunnels::have_room),
];

/// Looks at a director.
pub fn director(scene: &Scene) -> Report {
    examine(&DIRECTOR, scene)
}

fn examine<S>(checks: &[Check<S>], scene: &S) -> Report {
    let mut report = Report::default();
    for (fine, check) in checks {
        let before = (report.findings.len(), report.unseen.len());
        check(scene, &mut report);
        if before == (report.findings.len(), report.unseen.len()) {
            report.fine.push(fine);
        }
    }
    report
}

#[cfg(test)]
mod tests;
