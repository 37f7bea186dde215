//! Checks on facts that no machine here has.

use super::facts::{Address, Claim, Firewall, Link, Settings, Way, rulesets};
use super::*;
use crate::model::{Change, DestinationStatus, Family, ServiceStatus, Stats};
use crate::rules;
use std::collections::HashMap;
use std::io;

fn link(index: u32, name: &str) -> Link {
    Link {
        index,
        name: name.to_owned(),
        up: true,
        loopback: false,
        arp: true,
        tunnel: false,
        mtu: 1500,
    }
}

fn address(text: &str, prefix_length: u8, link: u32) -> Address {
    Address {
        address: text.parse().unwrap(),
        prefix_length,
        link,
        secondary: false,
        claim: Claim::Held,
    }
}

fn through(link: u32, gateway: Option<&str>) -> Way {
    Way::Through {
        link,
        gateway: gateway.map(|text| text.parse().unwrap()),
        mtu: None,
    }
}

fn settings(values: &'static [(&'static str, &'static str)]) -> Settings {
    Settings::new(move |path| {
        let value = values.iter().find(|(known, _)| *known == path);
        value.map_or(Err(io::ErrorKind::NotFound.into()), |(_, value)| {
            Ok((*value).to_owned())
        })
    })
}

const DEFAULTS: &[(&str, &str)] = &[
    ("net/ipv4/ip_forward", "1"),
    ("net/ipv4/conf/inside/forwarding", "1"),
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/outside/rp_filter", "0"),
    ("net/ipv4/vs/conntrack", "0"),
    ("net/ipv4/vs/drop_packet", "0"),
    ("net/ipv4/vs/drop_entry", "0"),
    ("net/ipv4/vs/run_estimation", "1"),
    ("net/ipv4/vs/expire_nodest_conn", "0"),
    ("net/ipv4/vs/expire_quiescent_template", "0"),
];

/// The director of the recipe for NAT, with the rules of these lines.
fn scene(lines: &[&str]) -> Scene {
    let machine = Machine {
        links: Ok(vec![link(2, "outside"), link(3, "inside")]),
        addresses: Ok(vec![
            address("10.1.0.100", 24, 2),
            address("10.2.0.1", 24, 3),
        ]),
        ways: Ok(HashMap::from([
            ("10.1.0.100".parse().unwrap(), Way::Local),
            ("10.2.0.11".parse().unwrap(), through(3, None)),
            ("10.2.0.12".parse().unwrap(), through(3, None)),
            ("192.0.2.1".parse().unwrap(), through(2, Some("10.1.0.254"))),
        ])),
        neighbours: Ok(Default::default()),
        settings: settings(DEFAULTS),
        firewall: Firewall::default(),
        reverse_path_drops: Ok(0),
        address_mover: None,
    };
    let mut services: Vec<Served> = Vec::new();
    for line in lines {
        match rules::parse_line(line, &mut crate::names::SystemLookup::default())
            .unwrap()
            .unwrap()
            .change
        {
            Change::AddService(service) => services.push(Served {
                status: ServiceStatus {
                    service,
                    stats: Stats::default(),
                },
                servers: Vec::new(),
            }),
            Change::AddDestination(_, destination) => {
                let last = services.last_mut().unwrap();
                last.servers.push(DestinationStatus::idle(destination));
            }
            other => panic!("{other:?}"),
        }
    }
    Scene {
        services,
        daemons: Vec::new(),
        timeouts: Err("hidden".to_owned()),
        machine,
        traffic: Ok(Traffic::default()),
        buckets: 4096,
        boot: None,
    }
}

const NAT: [&str; 3] = [
    "-A -t 10.1.0.100:80 -s rr",
    "-a -t 10.1.0.100:80 -r 10.2.0.11:8080 -m",
    "-a -t 10.1.0.100:80 -r 10.2.0.12:8080 -m",
];

fn ids(scene: &Scene) -> Vec<&'static str> {
    let report = director(scene);
    assert_eq!(report.unseen, [], "{report:?}");
    report.findings.iter().map(|finding| finding.id).collect()
}

#[test]
fn a_healthy_director_is_healthy() {
    assert_eq!(ids(&scene(&NAT)), [""; 0]);
    assert_eq!(director(&scene(&NAT)).fine.len(), DIRECTOR.len());
    assert_eq!(ids(&scene(&[])), [""; 0]);
}

/// What can't be looked at is told, each once, and nothing is found.
#[test]
fn nothing_is_passed_over() {
    let why = || "hidden".to_owned();
    let mut hidden = scene(&NAT);
    hidden.machine = Machine {
        links: Err(why()),
        addresses: Err(why()),
        ways: Err(why()),
        neighbours: Err(why()),
        settings: settings(&[]),
        firewall: Firewall {
            rulesets: Vec::new(),
            unseen: vec![why()],
        },
        reverse_path_drops: Err(why()),
        address_mover: None,
    };
    hidden.traffic = Err(why());
    let report = director(&hidden);
    assert_eq!((&report.findings[..], report.worst()), (&[][..], None));
    let mut unseen: Vec<_> = report.unseen.iter().map(|unseen| unseen.what).collect();
    unseen.sort_unstable();
    assert_eq!(
        unseen,
        [
            "drop_entry",
            "drop_packet",
            "forwarding",
            "the addresses",
            "the connections",
            "the counters of the network",
            "the firewall",
            "the interfaces",
            "the neighbours",
            "the routes",
        ]
    );
}

/// An interface that nobody asks for addresses may be down, as kube-proxy's is.
#[test]
fn an_interface_without_arp_may_be_down() {
    let mut kube = scene(&NAT);
    let down = |name: &str, arp: bool| Link {
        up: false,
        arp,
        ..link(2, name)
    };
    kube.machine.links = Ok(vec![down("kube-ipvs0", false), link(3, "inside")]);
    assert_eq!(ids(&kube), [""; 0]);
    kube.machine.links = Ok(vec![down("eth0", true), link(3, "inside")]);
    assert_eq!(ids(&kube), ["vip-interface-down"]);
}

#[test]
fn a_standby_is_healthy() {
    let mut standby = scene(&NAT);
    let ways = standby.machine.ways.as_mut().unwrap();
    ways.insert("10.1.0.100".parse().unwrap(), through(2, None));
    assert_eq!(director(&standby).worst(), Some(Severity::Error));
    standby.daemons = vec![crate::model::SyncDaemon {
        role: crate::model::SyncRole::Backup,
        interface: "outside".parse().unwrap(),
        sync_id: 0,
        max_length: None,
        group: None,
        port: None,
        ttl: None,
    }];
    let report = director(&standby);
    assert_eq!(report.worst(), None);
    assert_eq!(report.findings[0].severity, Severity::Hint);
}

/// The way to a server behind a router is as silent as the router.
#[test]
fn a_router_that_is_silent() {
    let mut far = scene(&["-A -t 10.1.0.100:80", "-a -t 10.1.0.100:80 -r 10.3.0.1 -i"]);
    let ways = far.machine.ways.as_mut().unwrap();
    ways.insert("10.3.0.1".parse().unwrap(), through(3, Some("10.2.0.254")));
    assert_eq!(ids(&far), [""; 0]);
    far.machine.neighbours = Ok([(3, "10.2.0.254".parse().unwrap())].into());
    assert_eq!(ids(&far), ["server-silent"]);
    // On another interface that is another machine.
    far.machine.neighbours = Ok([(2, "10.2.0.254".parse().unwrap())].into());
    assert_eq!(ids(&far), [""; 0]);
}

/// Servers on the director itself ask nothing of forwarding.
#[test]
fn a_local_server_needs_no_forwarding() {
    let mut local = scene(&NAT);
    local.machine.settings = settings(&[
        ("net/ipv4/ip_forward", "0"),
        ("net/ipv4/vs/drop_packet", "0"),
        ("net/ipv4/vs/drop_entry", "0"),
    ]);
    assert_eq!(ids(&local), ["forwarding-off"]);
    let ways = local.machine.ways.as_mut().unwrap();
    ways.values_mut().for_each(|way| *way = Way::Local);
    assert_eq!(ids(&local), [""; 0]);
}

/// The maximum of the tracking is the first network namespace's to set.
#[test]
fn a_full_tracking() {
    const COUNT: (&str, &str) = ("net/netfilter/nf_conntrack_count", "95");
    const FULL: (&str, &str) = ("net/netfilter/nf_conntrack_max", "100");
    const ROOM: (&str, &str) = ("net/netfilter/nf_conntrack_max", "106");
    const UNLIMITED: (&str, &str) = ("net/netfilter/nf_conntrack_max", "0");
    const FIRST: (&str, &str) = ("net/core/netdev_max_backlog", "1000");
    let mut scene = scene(&["-A -t 10.1.0.100:80"]);
    let mut remedies = |values: &'static [(&str, &str)]| {
        scene.machine.settings = settings(values);
        let findings = director(&scene).findings.into_iter();
        let full = findings.filter(|finding| finding.id == "tracking-full");
        let commands = full.map(|finding| finding.remedy.map(|it| it.commands));
        commands.collect::<Vec<_>>()
    };
    let double = "sysctl -w net.netfilter.nf_conntrack_max=200".to_owned();
    assert_eq!(remedies(&[COUNT, FULL, FIRST]), [Some(vec![double])]);
    assert_eq!(remedies(&[COUNT, FULL]), [None]);
    assert_eq!(remedies(&[COUNT, ROOM, FIRST]), []);
    assert_eq!(remedies(&[COUNT, UNLIMITED, FIRST]), []);
}

#[test]
fn a_firewall_of_the_other_family_is_nothing() {
    let mut closed = scene(&NAT);
    for (family, wanted) in [(Family::Inet6, 0), (Family::Inet, 1)] {
        let text = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
        closed.machine.firewall.rulesets = rulesets("iptables", family, text);
        assert_eq!(ids(&closed).len(), wanted);
    }
}
