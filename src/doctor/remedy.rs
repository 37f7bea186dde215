//! Commands for a shell, as they are printed.

use crate::model::Change;
use crate::text::{quote, quote_words};
use std::net::IpAddr;

/// What mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// The real server to run it on; `None` is the machine that was looked at.
    pub on: Option<IpAddr>,
    /// The commands, in order.
    pub commands: Vec<String>,
}

impl Remedy {
    /// Commands, run here in this order.
    pub fn in_order(commands: Vec<String>) -> Self {
        Remedy { on: None, commands }
    }

    /// One command, run here.
    pub fn here(command: String) -> Option<Self> {
        Some(Remedy::in_order(vec![command]))
    }
}

/// A command of plain words.
pub fn command(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

/// A change, as a command.
pub fn ipvsadm(change: &Change) -> String {
    format!("ipvsadm {}", quote_words(&change.to_string()))
}

/// A setting: a path below `/proc/sys` and its value. In a name of `sysctl`, the dots
/// of an interface such as `eth0.7` are slashes.
pub fn sysctl(path: &str, value: &str) -> String {
    let swapped = path.chars().map(|c| match c {
        '/' => '.',
        '.' => '/',
        c => c,
    });
    let name: String = swapped.collect();
    command(&["sysctl", "-w", &format!("{name}={value}")])
}

/// Sends what is for other networks by this router.
pub fn default_route(router: IpAddr) -> String {
    let family = if router.is_ipv6() { "-6" } else { "-4" };
    let router = router.to_string();
    command(&["ip", family, "route", "replace", "default", "via", &router])
}

/// Weight 0 for a server in all services at once. What changes meanwhile stays: the
/// lines are edits of this server and nothing else.
pub fn out_of_all_services(server: IpAddr) -> String {
    let text = match server {
        IpAddr::V4(address) => address.to_string().replace('.', "\\."),
        IpAddr::V6(address) => format!("\\[{address}]"),
    };
    let edit = format!("s/^-a\\(.* -r {text}:.*\\) -w [0-9]*/-e\\1 -w 0/p");
    format!("ipvsadm -Sn | sed -n '{edit}' | ipvsadm -R")
}

/// Where commands are to be run: in the network namespace that was looked at.
#[derive(Debug, Clone, Default)]
pub struct Runner(Option<String>);

impl Runner {
    /// Of what `--netns` was told.
    pub fn new(netns: Option<&str>) -> Self {
        Runner(netns.map(|name| {
            let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
            let is_named = std::path::Path::new("/run/netns").join(name).exists();
            if name.contains('/') {
                command(&["nsenter", &format!("--net={name}")])
            } else if is_number && !is_named {
                command(&["nsenter", "-t", name, "-n"])
            } else {
                command(&["ip", "netns", "exec", name])
            }
        }))
    }

    /// The commands as one line.
    pub fn line(&self, remedy: &Remedy) -> String {
        let lines: Vec<String> = remedy
            .commands
            .iter()
            .map(|command| match &self.0 {
                Some(prefix) if remedy.on.is_none() => wrap(prefix, command),
                _ => command.clone(),
            })
            .collect();
        lines.join(" && ")
    }
}

fn wrap(prefix: &str, command: &str) -> String {
    match command.contains(" | ") {
        true => format!("{prefix} sh -c {}", quote(command)),
        false => format!("{prefix} {command}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_safe_in_a_shell() {
        assert_eq!(
            command(&["ip", "link", "set", "eth0;reboot", "up"]),
            "ip link set 'eth0;reboot' up"
        );
        assert_eq!(quote("it's"), "'it'\\''s'");
        assert_eq!(quote("[fd00::1]:80"), "'[fd00::1]:80'");
        assert_eq!(
            sysctl("net/ipv4/conf/eth0.7/rp_filter", "2"),
            "sysctl -w net.ipv4.conf.eth0/7.rp_filter=2"
        );
    }

    #[test]
    fn a_server_is_taken_out_by_edits() {
        assert_eq!(
            out_of_all_services("10.0.0.1".parse().unwrap()),
            "ipvsadm -Sn | sed -n 's/^-a\\(.* -r 10\\.0\\.0\\.1:.*\\) -w [0-9]*/-e\\1 -w 0/p' | ipvsadm -R"
        );
    }

    #[test]
    fn pipes_are_wrapped_for_a_namespace() {
        let remedy = |command: &str| Remedy::here(command.to_owned()).unwrap();
        let runner = Runner::new(Some("/run/x"));
        assert_eq!(runner.line(&remedy("a b")), "nsenter --net=/run/x a b");
        assert_eq!(
            runner.line(&remedy("a | b 'c'")),
            "nsenter --net=/run/x sh -c 'a | b '\\''c'\\'''"
        );
        assert_eq!(Runner::new(None).line(&remedy("a | b")), "a | b");
    }
}
