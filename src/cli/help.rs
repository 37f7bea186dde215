//! The help and version texts, made from the option table.

use super::options::{Entry, Group, Meaning, TABLE, Value};
use super::verbs::Verb;
use std::fmt::Write;

/// The day of this version.
const RELEASED: &str = "2026/11/20";

/// One line: the name, the version, and the interface it is compatible with.
pub fn version() -> String {
    format!(
        "ipvsadm v{} {RELEASED} (compatible with ipvsadm v1.31 and IPVS v1.2.1)\n",
        env!("CARGO_PKG_VERSION")
    )
}

const USAGE: &str = "\
Usage:
  ipvsadm -A|-E SERVICE [-s SCHEDULER] [-p [SECONDS]] [-M MASK] [--pe ENGINE] [-b FLAGS] [-o]
  ipvsadm -D SERVICE
  ipvsadm -a|-e SERVICE -r SERVER [-g|-i|-m] [-w WEIGHT] [-x UPPER] [-y LOWER] [TUNNEL OPTIONS]
  ipvsadm -d SERVICE -r SERVER
  ipvsadm -L|-l [SERVICE] [LISTING OPTIONS]
  ipvsadm -Z [SERVICE]
  ipvsadm -C
  ipvsadm -S [-n]
  ipvsadm -R
  ipvsadm --set TCP TCPFIN UDP
  ipvsadm --start-daemon master|backup [DAEMON OPTIONS]
  ipvsadm --stop-daemon master|backup [--syncid ID]
A SERVICE is -t, -u or --sctp-service with ADDR[:PORT], or -f MARK [-6].
";

/// The whole help.
pub fn text() -> String {
    let mut text = version();
    text.push_str(USAGE);
    let sections: [(&str, fn(&Entry) -> bool); 5] = [
        ("Commands", |entry| {
            matches!(entry.meaning, Meaning::Command(_))
        }),
        ("Services", |entry| {
            entry.is_option() && entry.legal.contain(Verb::AddService)
        }),
        ("Servers", |entry| belongs_to(entry, Verb::AddServer)),
        ("Listings", |entry| belongs_to(entry, Verb::List)),
        ("Sync daemons", |entry| belongs_to(entry, Verb::StartDaemon)),
    ];
    let mut shown: Vec<&str> = Vec::new();
    for (title, belongs) in sections {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{title}:");
        for entry in TABLE.iter().filter(|entry| belongs(entry)) {
            if !shown.contains(&entry.long) {
                shown.push(entry.long);
                let _ = writeln!(text, "  {:<39} {}", names(entry), entry.help);
            }
        }
    }
    text
}

/// Whether it is an option of the command beyond naming the service.
fn belongs_to(entry: &Entry, verb: Verb) -> bool {
    entry.is_option() && entry.legal.contain(verb) && entry.group != Some(Group::ServiceAddress)
}

/// `-t, --tcp-service ADDR[:PORT]`
fn names(entry: &Entry) -> String {
    let mut names = String::new();
    for letter in entry.short {
        let _ = write!(names, "-{letter}, ");
    }
    let _ = write!(names, "--{}", entry.long);
    let _ = match entry.value {
        Value::No => Ok(()),
        Value::Required(value) => write!(names, " {value}"),
        Value::Optional(value) => write!(names, " [{value}]"),
    };
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_in_the_help() {
        let text = text();
        for entry in TABLE {
            assert!(text.contains(&names(entry)), "{}", entry.long);
        }
    }
}
