use super::super::iptables;
use super::*;
use crate::model::Family;
use std::net::{IpAddr, Ipv4Addr};

/// A new connection to a service.
pub const REQUEST: Packet<'_> = Packet {
    source: None,
    destination: Some(Endpoint {
        address: IpAddr::V4(Ipv4Addr::new(10, 1, 0, 100)),
        port: 80,
    }),
    protocol: Protocol::TCP,
    input: None,
    output: None,
    state: "NEW",
};

fn outcome(policy: &str, rules: &[&str]) -> Outcome {
    let text = format!(
        "# made\n*nat\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT {policy} [0:0]\n:own - [0:0]\n{}\nCOMMIT\n",
        rules.join("\n")
    );
    let rulesets = iptables::rulesets("iptables", Family::Inet, &text);
    let names: Vec<_> = rulesets
        .iter()
        .map(|ruleset| ruleset.table.as_str())
        .collect();
    assert_eq!(names, ["nat", "filter"]);
    assert_eq!(
        rulesets[0].outcome(Hook::Input, &REQUEST).0,
        Outcome::Accepted
    );
    rulesets[1].outcome(Hook::Input, &REQUEST).0
}

#[test]
fn what_is_sure_is_said() {
    use Outcome::{Accepted, Dropped};
    for (policy, rules, wanted) in [
        ("ACCEPT", &[][..], Accepted),
        ("DROP", &[], Dropped),
        (
            "DROP",
            &["-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT"],
            Accepted,
        ),
        (
            "DROP",
            &["-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT"],
            Dropped,
        ),
        (
            "DROP",
            &["-A INPUT -p tcp -m multiport --dports 22,79:81 -j ACCEPT"],
            Accepted,
        ),
        (
            "DROP",
            &["-A INPUT -p udp -m udp --dport 80 -j ACCEPT"],
            Dropped,
        ),
        ("DROP", &["-A INPUT -i lo -j ACCEPT"], Dropped),
        ("DROP", &["-A INPUT -d 10.1.0.0/24 -j ACCEPT"], Accepted),
        ("DROP", &["-A INPUT ! -d 10.1.0.0/24 -j ACCEPT"], Dropped),
        ("DROP", &["-A INPUT -s 0.0.0.0/0 -j ACCEPT"], Accepted),
        (
            "DROP",
            &["-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
            Dropped,
        ),
        (
            "DROP",
            &["-A INPUT -m state --state NEW,UNTRACKED -j ACCEPT"],
            Accepted,
        ),
        (
            "ACCEPT",
            &[
                "-A INPUT -j LOG --log-prefix \"drop -j DROP\"",
                "-A INPUT -j REJECT --reject-with icmp-port-unreachable",
            ],
            Dropped,
        ),
        (
            "DROP",
            &[
                "-A INPUT -m comment --comment \"web -j DROP\" -j own",
                "-A own -p tcp -j ACCEPT",
            ],
            Accepted,
        ),
        (
            "DROP",
            &[
                "-A INPUT -j own",
                "-A own -p tcp -j RETURN",
                "-A own -j ACCEPT",
            ],
            Dropped,
        ),
        (
            "DROP",
            &[
                "-A INPUT -g own",
                "-A INPUT -j ACCEPT",
                "-A own -p udp -j ACCEPT",
            ],
            Dropped,
        ),
        // Unknown clients, but the end is the same.
        ("DROP", &["-A INPUT -s 10.0.0.0/8 -j DROP"], Dropped),
        ("ACCEPT", &["-A INPUT -s 10.0.0.0/8 -j ACCEPT"], Accepted),
    ] {
        assert_eq!(outcome(policy, rules), wanted, "{policy} {rules:?}");
    }
}

/// What IPVS sends by a tunnel, out of an interface.
#[test]
fn what_is_sent_is_followed() {
    let sent = Packet {
        destination: Some("10.2.0.11:0".parse().unwrap()),
        protocol: Protocol(4),
        input: Some(""),
        output: Some("inside"),
        ..REQUEST
    };
    for (rule, wanted) in [
        ("-o inside", Outcome::Accepted),
        ("-o in+", Outcome::Accepted),
        ("-o lo", Outcome::Dropped),
        ("! -i lo", Outcome::Accepted),
        ("-p ipencap", Outcome::Accepted),
        ("-p 4", Outcome::Accepted),
        ("-p gre", Outcome::Dropped),
        ("-p tcp", Outcome::Dropped),
        ("-s 10.2.0.1/32", Outcome::Undecided),
    ] {
        let text = format!("*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT {rule} -j ACCEPT\nCOMMIT\n");
        let rulesets = iptables::rulesets("iptables", Family::Inet, &text);
        let found = rulesets[0].outcome(Hook::Output, &sent).0;
        assert_eq!(found, wanted, "{rule}");
        let others = rulesets[0].outcome(Hook::Input, &REQUEST).0;
        assert_eq!(others, Outcome::Accepted, "{rule}");
    }
}

#[test]
fn what_depends_on_the_unknown_is_not() {
    for (policy, rules) in [
        ("DROP", &["-A INPUT -s 10.0.0.0/8 -j ACCEPT"][..]),
        ("ACCEPT", &["-A INPUT -i eth0 -j DROP"]),
        (
            "DROP",
            &["-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT"],
        ),
        ("DROP", &["-A INPUT -m set --match-set web dst -j ACCEPT"]),
        (
            "DROP",
            &["-A INPUT -m limit --limit 5/sec -j own", "-A own -j ACCEPT"],
        ),
        (
            "DROP",
            &[
                "-A INPUT -j own",
                "-A own -i eth0 -j RETURN",
                "-A own -j ACCEPT",
            ],
        ),
        ("DROP", &["-A INPUT -j NFQUEUE --queue-num 0"]),
        ("DROP", &["-A INPUT -j own", "-A own -j own"]),
    ] {
        assert_eq!(
            outcome(policy, rules),
            Outcome::Undecided,
            "{policy} {rules:?}"
        );
    }
}
