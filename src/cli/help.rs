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

/// The width of the help, in columns.
const WIDTH: usize = 80;

/// What each command is told, and an example of it.
#[rustfmt::skip] // a line a command
const USAGES: [(Verb, &str, &str); 20] = [
    (Verb::AddService, "-A SERVICE [-s SCHEDULER] [-p [SECONDS]] [OPTIONS]", "-A -t 10.0.0.1:80 -s wrr"),
    (Verb::EditService, "-E SERVICE [-s SCHEDULER] [-p [SECONDS]] [OPTIONS]", "-E -t 10.0.0.1:80 -s sh -b sh-port"),
    (Verb::DeleteService, "-D SERVICE", "-D -t 10.0.0.1:80"),
    (Verb::Clear, "-C", "-C"),
    (Verb::Restore, "-R [--file PATH] [--replace] [--dry-run] [--exist]", "-R --replace --dry-run --file /etc/ipvsadm.rules"),
    (Verb::Save, "-S [-n] [--all] [--file PATH]", "-S -n --file /etc/ipvsadm.rules"),
    (Verb::AddServer, "-a SERVICE -r SERVER [-g|-i|-m] [-w WEIGHT] [OPTIONS]", "-a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 2"),
    (Verb::EditServer, "-e SERVICE -r SERVER [-g|-i|-m] [-w WEIGHT] [OPTIONS]", "-e -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 0"),
    (Verb::DeleteServer, "-d SERVICE -r SERVER", "-d -t 10.0.0.1:80 -r 10.1.0.1:8080"),
    (Verb::List, "-L [SERVICE] [OPTIONS]", "-L -n --stats -t 10.0.0.1:80"),
    (Verb::Zero, "-Z [SERVICE]", "-Z -t 10.0.0.1:80"),
    (Verb::Check, "--check [SERVICE] [--min-servers N] [--max-connections N]", "--check -t 10.0.0.1:80 --min-servers 2,1"),
    (Verb::SetTimeouts, "--set TCP TCPFIN UDP", "--set 900 120 300"),
    (Verb::StartDaemon, "--start-daemon master|backup [OPTIONS]", "--start-daemon master --mcast-interface eth0 --syncid 1"),
    (Verb::StopDaemon, "--stop-daemon master|backup [--syncid ID]", "--stop-daemon master"),
    (Verb::Drain, "--drain [SERVICE] -r SERVER[:PORT] [--wait SECONDS] [OPTIONS]", "--drain -r 10.1.0.1 --wait 600"),
    (Verb::Undrain, "--undrain [SERVICE] -r SERVER[:PORT] [-w WEIGHT]", "--undrain -r 10.1.0.1"),
    (Verb::Doctor, "--doctor [SERVICE] [--real-server ADDR[:PORT][,…]] [OPTIONS]", "--doctor -t 10.0.0.1:80"),
    (Verb::Help, "[COMMAND] -h", "-A -h"),
    (Verb::Version, "-v", "-v"),
];

/// The whole help of a program.
pub fn text(program: Program) -> String {
    match program {
        Program::Ipvsadm => overview(),
        Program::Save => short(
            program,
            "Writes the virtual server table as rules to standard output, or to a file that\n\
             is replaced whole or not at all.\n",
        ),
        Program::Restore => short(
            program,
            "Makes the virtual server table equal to the rules on standard input, or in a\n\
             file, touching only what differs. Where a rule is bad nothing is touched.\n",
        ),
    }
}

/// The help of a program that stands for one command.
fn short(program: Program, about: &str) -> String {
    let mut text = format!("Usage: {} [OPTIONS]\n", program.name());
    text.push_str(about);
    section(&mut text, "Options", None, |row| {
        row.is_command(Verb::Help) || program.options().any(|option| option.long == row.long)
    });
    text
}

/// The commands, on one screen.
fn overview() -> String {
    let mut text = version();
    text.push_str("Usage: ipvsadm COMMAND [OPTIONS]; without a command it lists the table\n\n");
    let named_below = |row: &Row| row.is_command(Verb::Help) || row.is_command(Verb::Version);
    rows(&mut text, None, |row| !row.is_option() && !named_below(row));
    text.push_str(
        "\nA SERVICE is -t, -u or --sctp-service with ADDR[:PORT], or -f MARK [-6].\n\
         COMMAND -h, --help: its options and an example; -v, --version: the version.\n",
    );
    text
}

/// The help of one command.
pub fn of_command(verb: Verb) -> String {
    let mut text = String::new();
    let usage = USAGES.iter().find(|(of, ..)| *of == verb);
    if let Some((_, usage, _)) = usage {
        let _ = writeln!(text, "Usage: ipvsadm {usage}");
    }
    let mut about = TABLE.iter().filter(|row| row.is_command(verb));
    if let Some(row) = about.next() {
        let _ = writeln!(text, "{}", sentence(row.help));
    }
    section(&mut text, "Options", Some(verb), |row| {
        row.legal.contains(verb)
    });
    if let Some((.., example)) = usage {
        let _ = writeln!(text, "\nExample:\n  ipvsadm {example}");
    }
    text
}

/// `list the table`, as a sentence.
fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

fn section(text: &mut String, title: &str, of: Option<Verb>, belongs: impl Fn(&Row) -> bool) {
    if TABLE.iter().any(&belongs) {
        let _ = writeln!(text, "\n{title}:");
        rows(text, of, belongs);
    }
}

/// A line or more for each row: its names, and beside them its help.
fn rows(text: &mut String, of: Option<Verb>, belongs: impl Fn(&Row) -> bool) {
    let rows: Vec<_> = TABLE.iter().filter(|row| belongs(row)).collect();
    let longest = rows.iter().map(|row| names(row).len()).max();
    let beside = longest.unwrap_or_default() + 4;
    for row in rows {
        let name = format!("  {}", names(row));
        let mut line = format!("{name:<beside$}");
        for word in row.help_with(of).split(' ') {
            if line.chars().count() + word.chars().count() > WIDTH {
                let _ = writeln!(text, "{}", line.trim_end());
                line = " ".repeat(beside);
            }
            line.push_str(word);
            line.push(' ');
        }
        let _ = writeln!(text, "{}", line.trim_end());
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

    fn commands() -> impl Iterator<Item = Verb> {
        TABLE.iter().filter_map(|row| Some(row.command?.0))
    }

    #[test]
    fn every_command_is_in_the_overview_and_every_option_in_a_command_s_help() {
        let overview = text(Program::Ipvsadm);
        let of_commands: Vec<_> = commands().map(of_command).collect();
        for row in TABLE {
            let found = match row.is_option() {
                false => overview.contains(&names(row)),
                true => of_commands.iter().any(|text| text.contains(&names(row))),
            };
            assert!(found, "{}", row.long);
        }
    }

    #[test]
    fn the_help_fits_a_terminal() {
        let programs = [Program::Ipvsadm, Program::Save, Program::Restore].map(text);
        for text in programs.into_iter().chain(commands().map(of_command)) {
            for line in text.lines() {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
        assert!(text(Program::Ipvsadm).lines().count() <= 24);
    }

    #[test]
    fn the_examples_are_right() {
        for verb in commands() {
            let usage = USAGES.iter().find(|(of, ..)| *of == verb);
            let (.., example) = usage.unwrap_or_else(|| panic!("{verb:?} has no example"));
            let words: Vec<_> = example.split(' ').map(str::to_owned).collect();
            let read = crate::cli::program::arguments(
                "ipvsadm".as_ref(),
                &words,
                &mut crate::names::NoNames,
            );
            assert!(read.is_ok(), "{example}: {read:?}");
        }
    }
}
