//! The help and version texts, made from the option table.

use super::command::Program;
use super::options::TABLE;
use super::row::{Row, Value};
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
  ipvsadm -S [-n] [--all] [--file PATH]
  ipvsadm -R [--file PATH] [--replace] [--dry-run] [--exist] [--wait SECONDS]
  ipvsadm --set TCP TCPFIN UDP
  ipvsadm --start-daemon master|backup [DAEMON OPTIONS]
  ipvsadm --stop-daemon master|backup [--syncid ID]
A SERVICE is -t, -u or --sctp-service with ADDR[:PORT], or -f MARK [-6].
";

/// The sections in their order, each with the command whose options it holds. An
/// option of several commands is in the first of their sections.
const SECTIONS: [(&str, Verb); 6] = [
    ("Saving and restoring", Verb::Restore),
    ("Services", Verb::AddService),
    ("Servers", Verb::AddServer),
    ("Listings", Verb::List),
    ("Sync daemons", Verb::StartDaemon),
    ("Saving", Verb::Save),
];

/// The whole help of a program.
pub fn text(program: Program) -> String {
    match program {
        Program::Ipvsadm => whole(),
        Program::Save => short(
            program,
            "Writes the virtual server table as rules to standard output, or to a file that is\n\
             replaced whole or not at all.\n",
        ),
        Program::Restore => short(
            program,
            "Makes the virtual server table equal to the rules on standard input, or in a file,\n\
             touching only what differs. Where a rule is bad nothing is touched.\n",
        ),
    }
}

/// The help of a program that stands for one command.
fn short(program: Program, about: &str) -> String {
    let mut text = format!("Usage: {}", program.name());
    for row in program.options() {
        let names = names(row);
        // Of `-n, --numeric` the short name is enough here.
        let name = names.split_once(", ").map_or(&*names, |(short, _)| short);
        let _ = write!(text, " [{name}]");
    }
    text.push_str("\n\n");
    text.push_str(about);
    section(&mut text, "Options", |row| {
        row.is_command(Verb::Help) || program.options().any(|option| option.long == row.long)
    });
    text
}

fn whole() -> String {
    let mut text = version();
    text.push_str(USAGE);
    section(&mut text, "Commands", |row| !row.is_option());
    let section_of = |row: &Row| {
        SECTIONS
            .iter()
            .position(|(_, verb)| row.legal.contains(*verb))
    };
    for (at, (title, _)) in SECTIONS.iter().enumerate() {
        section(&mut text, title, |row| section_of(row) == Some(at));
    }
    section(&mut text, "Everywhere", |row| {
        row.is_option() && section_of(row).is_none()
    });
    text
}

fn section(text: &mut String, title: &str, belongs: impl Fn(&Row) -> bool) {
    let mut rows = TABLE.iter().filter(|row| belongs(row)).peekable();
    if rows.peek().is_none() {
        return;
    }
    // Writing to a string does not fail.
    let _ = writeln!(text, "\n{title}:");
    for row in rows {
        let _ = writeln!(text, "  {:<39} {}", names(row), row.help);
    }
}

/// `-t, --tcp-service ADDR[:PORT]`
fn names(row: &Row) -> String {
    let mut names = String::new();
    for letter in row.short {
        let _ = write!(names, "-{letter}, ");
    }
    let _ = write!(names, "--{}", row.long);
    let _ = match row.value {
        Value::No(_) => Ok(()),
        Value::Required(value, _) => write!(names, " {value}"),
        Value::Optional(value, _) => write!(names, " [{value}]"),
    };
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_the_help() {
        let text = text(Program::Ipvsadm);
        for row in TABLE {
            assert!(text.contains(&names(row)), "{}", row.long);
        }
    }
}
