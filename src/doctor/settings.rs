//! Settings of IPVS that keep packets or figures back.

use super::facts::Way;
use super::finding::{Finding, Report, Severity};
use super::real_server::anywhere;
use super::remedy::{Remedy, sysctl};
use super::scene::Scene;
use crate::model::Protocol;
use std::net::{IpAddr, Ipv4Addr};

/// Whether IPVS drops packets or connections to defend itself.
pub fn defenses(scene: &Scene, report: &mut Report) {
    /// Each setting, its finding, and what it means where memory is short and always.
    const DEFENSES: [(&str, &str, [&str; 2]); 2] = [
        (
            "drop_packet",
            "drop-packet",
            [
                "memory is short, and new connections are dropped",
                "a share of new connections is always dropped",
            ],
        ),
        (
            "drop_entry",
            "drop-entry",
            [
                "memory is short, and connections that wait for an answer are forgotten",
                "every second some connections that wait for an answer are forgotten",
            ],
        ),
    ];
    if scene.services.is_empty() {
        return;
    }
    for (name, id, [short, always]) in DEFENSES {
        let path = format!("net/ipv4/vs/{name}");
        // 1 waits for memory to run short, 2 says that it does, 3 is always.
        let Some(mode @ 2..) = report.setting(name, &scene.machine.settings, &path) else {
            continue;
        };
        report.findings.push(Finding {
            severity: Severity::Warning,
            id,
            seen: format!("net.ipv4.vs.{name} is {mode}"),
            meaning: if mode == 2 { short } else { always },
            services: Vec::new(),
            remedy: Remedy::here(sysctl(&path, "0")),
        });
    }
}

/// Whether connections to masqueraded servers are forgotten early where nobody says
/// anything at first.
pub fn patience(scene: &Scene, report: &mut Report) {
    const SETTING: &str = "net/ipv4/vs/secure_tcp";
    let mut services = scene.services_with(|server| scene.is_masqueraded(server));
    services.retain(|key| key.protocol() == Some(Protocol::TCP));
    let Ok(mode @ 2..) = scene.machine.settings.number(SETTING) else {
        return;
    };
    if services.is_empty() {
        return;
    }
    report.findings.push(Finding {
        severity: Severity::Hint,
        id: "secure-tcp",
        seen: format!("net.ipv4.vs.secure_tcp is {mode}"),
        meaning: "a connection is reset where nothing is said for two minutes after it was opened",
        services,
        remedy: Remedy::here(sysctl(SETTING, "0")),
    });
}

/// Whether the connection tracking has room: where it is full, it drops new connections.
pub fn tracking_has_room(scene: &Scene, report: &mut Report) {
    const MOST: &str = "net/netfilter/nf_conntrack_max";
    const COUNT: &str = "net/netfilter/nf_conntrack_count";
    /// A setting that only the first network namespace has. All namespaces have the
    /// maximum, and there alone it can be set.
    const OF_THE_FIRST: &str = "net/core/netdev_max_backlog";
    let settings = &scene.machine.settings;
    // Without the tracking they are not there.
    let (Ok(count), Ok(most @ 1..)) = (settings.number(COUNT), settings.number(MOST)) else {
        return;
    };
    if scene.services.is_empty() || count * 10 <= most * 9 {
        return;
    }
    let mut meaning = "once it is full, new connections are dropped";
    let mut remedy = Remedy::here(sysctl(MOST, &(most * 2).to_string()));
    if settings.number(OF_THE_FIRST).is_err() {
        meaning = "once it is full, new connections are dropped; \
                   nf_conntrack_max is set in the machine's first network namespace";
        remedy = None;
    }
    report.findings.push(Finding {
        severity: Severity::Warning,
        id: "tracking-full",
        seen: format!("the connection tracking knows {count} connections, and {most} are the most"),
        meaning,
        services: Vec::new(),
        remedy,
    });
}

/// Whether rates are estimated.
pub fn estimation(scene: &Scene, report: &mut Report) {
    const SETTING: &str = "net/ipv4/vs/run_estimation";
    let setting = scene.machine.settings.number(SETTING);
    // Kernels before 5.17 have no such setting, and estimate.
    if scene.services.is_empty() || setting != Ok(0) {
        return;
    }
    report.findings.push(Finding {
        severity: Severity::Hint,
        id: "no-estimation",
        seen: "net.ipv4.vs.run_estimation is 0".to_owned(),
        meaning: "rates stand still",
        services: Vec::new(),
        remedy: Remedy::here(sysctl(SETTING, "1")),
    });
}

/// Whether the reverse path filter drops clients' packets: they come by another
/// interface than the answers would leave by. Only where some were dropped.
pub fn reverse_path(scene: &Scene, report: &mut Report) {
    let machine = &scene.machine;
    let dropped = report.look("the counters of the network", &machine.reverse_path_drops);
    if dropped.is_none_or(|dropped| *dropped == 0) {
        return;
    }
    let (Ok(ways), Ok(addresses), Ok(links)) = (&machine.ways, &machine.addresses, &machine.links)
    else {
        return;
    };
    let path = |name: &str| format!("net/ipv4/conf/{name}/rp_filter");
    let Some(all) = report.setting("rp_filter", &machine.settings, &path("all")) else {
        return;
    };
    for link in links.iter().filter(|link| link.up && !link.loopback) {
        let services = scene.services_where(|served| {
            let mut own = addresses.iter().filter(|own| own.link == link.index);
            let address = served.address().filter(IpAddr::is_ipv4);
            address.is_some_and(|address| own.any(|own| own.address == address))
        });
        if services.is_empty() {
            continue;
        }
        let way = ways.get(&anywhere(Ipv4Addr::UNSPECIFIED.into()));
        let leaves_elsewhere =
            !matches!(way, Some(Way::Through { link: by, .. }) if *by == link.index);
        let own = report.setting("rp_filter", &machine.settings, &path(&link.name));
        let strict = own.is_some_and(|own| all.max(own) == 1);
        if leaves_elsewhere && strict {
            report.findings.push(Finding {
                severity: Severity::Warning,
                id: "rp-filter",
                seen: format!(
                    "rp_filter is strict for {}, the default route is by another interface, \
                     and packets were dropped for that",
                    link.name
                ),
                meaning: "clients of other networks are dropped where they come in by it",
                services,
                remedy: Remedy::here(sysctl(&path(&link.name), "2")),
            });
        }
    }
}
