//! Writes the man pages and the completions into a folder: the option table's part made, the rest from templates.
//!
//! `cargo run --example generate -- FOLDER`

use ipvs::cli::Program;
use ipvs::cli::help;
use ipvs::cli::options::TABLE;
use ipvs::cli::row::{Row, Value};
use ipvs::cli::verbs::Verb;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

const SCHEDULERS: &str = "rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos";
const SCHEDULER_FLAGS: &str = "sh-fallback sh-port mh-fallback mh-port flag-1 flag-2 flag-3";

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1);
    write(Path::new(&folder.unwrap_or("target/packaging".into())))
}

/// Writes all files below the folder.
pub fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("man"))?;
    fs::create_dir_all(folder.join("completions"))?;
    for (name, template) in [
        ("ipvsadm.8", include_str!("../docs/man/ipvsadm.8.in")),
        (
            "ipvsadm-save.8",
            include_str!("../docs/man/ipvsadm-save.8.in"),
        ),
        (
            "ipvsadm-restore.8",
            include_str!("../docs/man/ipvsadm-restore.8.in"),
        ),
    ] {
        fs::write(folder.join("man").join(name), wrapped(&filled(template)))?;
    }
    for (name, template) in [
        ("ipvsadm.bash", include_str!("completions/ipvsadm.bash.in")),
        ("_ipvsadm", include_str!("completions/ipvsadm.zsh.in")),
        ("ipvsadm.fish", include_str!("completions/ipvsadm.fish.in")),
    ] {
        fs::write(folder.join("completions").join(name), filled(template))?;
    }
    Ok(())
}

/// The template with its `@NAME@` replaced.
fn filled(template: &str) -> String {
    // ipvsadm v2.0.0 2026/11/20 (…)
    let version = help::version();
    let mut words = version.split(' ').skip(1);
    let version = words.next().unwrap_or_default().trim_start_matches('v');
    let date = words.next().unwrap_or_default().replace('/', "-");
    template
        .replace("@VERSION@", version)
        .replace("@DATE@", &date)
        .replace(
            "@COMMANDS@\n",
            &man(TABLE.iter().filter(|entry| !entry.is_option())),
        )
        .replace(
            "@OPTIONS@\n",
            &man(TABLE.iter().filter(|entry| entry.is_option())),
        )
        .replace("@SAVE@\n", &man(Program::Save.options()))
        .replace("@RESTORE@\n", &man(Program::Restore.options()))
        .replace("@ROWS@\n", &rows())
        .replace("@FISH@\n", &fish())
        .replace("@FISH_COMMANDS@", &fish_commands())
        .replace("@SCHEDULERS@", SCHEDULERS)
        .replace("@SCHEDULER_FLAGS@", SCHEDULER_FLAGS)
}

/// A man page without long lines of text; requests and examples stay as they are.
fn wrapped(page: &str) -> String {
    const WIDTH: usize = 80;
    let mut text = String::new();
    let mut as_is = false;
    for line in page.lines() {
        as_is = match line {
            ".EX" | ".nf" => true,
            ".EE" | ".fi" => false,
            _ => as_is,
        };
        if as_is || line.starts_with('.') {
            text.push_str(line);
        } else {
            let mut width = 0;
            for word in line.split(' ') {
                if width > 0 && width + 1 + word.len() > WIDTH {
                    text.push('\n');
                    width = 0;
                } else if width > 0 {
                    text.push(' ');
                    width += 1;
                }
                text.push_str(word);
                width += word.len();
            }
        }
        text.push('\n');
    }
    text
}

/// The commands that take an option, as entries of the table.
fn commands(option: &Row) -> impl Iterator<Item = &'static Row> {
    let legal = option.legal;
    let takes = move |entry: &&Row| entry.command.is_some_and(|(verb, _)| legal.contains(verb));
    TABLE.iter().filter(takes)
}

/// Entries as tagged paragraphs of man(7).
fn man<'a>(entries: impl Iterator<Item = &'a Row>) -> String {
    let mut text = String::new();
    for entry in entries {
        let mut names: Vec<String> = entry
            .short
            .iter()
            .map(|c| format!("\\fB\\-{c}\\fR"))
            .collect();
        names.push(format!("\\fB\\-\\-{}\\fR", roff(entry.long)));
        let value = match entry.value {
            Value::No(_) => String::new(),
            Value::Required(name, _) => format!(" \\fI{}\\fR", roff(name)),
            Value::Optional(name, _) => format!(" [\\fI{}\\fR]", roff(name)),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, ".TP\n{}{value}", names.join(", "));
        let _ = writeln!(text, "{}.", roff(&capitalised(entry.help)));
        let with: Vec<String> = commands(entry).map(man_name).collect();
        if !with.is_empty() && with.len() < 12 {
            let _ = writeln!(text, "With {}.", with.join(", "));
        }
    }
    text
}

/// The shortest name of an entry, in bold.
fn man_name(entry: &Row) -> String {
    match entry.short.first() {
        Some(letter) => format!("\\fB\\-{letter}\\fR"),
        None => format!("\\fB\\-\\-{}\\fR", roff(entry.long)),
    }
}

fn roff(text: &str) -> String {
    text.replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('`', "\\(ga")
        .replace('…', "and others")
}

/// A sentence begins with a capital letter, an option does not.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !text.starts_with("rr,") => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// A line an entry: long name, letters, value, commands, help, divided by bars.
fn rows() -> String {
    let mut text = String::new();
    for entry in TABLE {
        let letters: String = entry.short.iter().collect();
        let value = match entry.value {
            Value::No(_) => "none",
            Value::Required(..) => "value",
            Value::Optional(..) => "optional",
        };
        let _ = writeln!(
            text,
            "{}|{letters}|{value}|{}|{}",
            entry.long,
            legal(entry),
            plain(entry.help)
        );
    }
    text
}

/// The commands an option goes with, `COMMAND` for a command.
fn legal(entry: &Row) -> String {
    if !entry.is_option() {
        return "COMMAND".to_owned();
    }
    let names: Vec<_> = commands(entry).map(|command| command.long).collect();
    names.join(" ")
}

/// Help without what shells would have to quote.
fn plain(text: &str) -> String {
    text.replace(['\'', '"', '`', '|'], "").replace(':', ",")
}

fn fish() -> String {
    let mut text = String::new();
    for entry in TABLE {
        let when = if entry.is_command(Verb::Help) {
            "__ipvsadm_first".to_owned()
        } else if !entry.is_option() {
            // Its own value comes after it.
            format!("__ipvsadm_first {}; and __ipvsadm_itself", entry.long)
        } else if entry.legal.contains(Verb::Restore) && !Program::Restore.takes(entry) {
            // ipvsadm-restore is a restore, but has not all of its options.
            format!("__ipvsadm_itself; and __ipvsadm_takes {}", legal(entry))
        } else {
            format!("__ipvsadm_takes {}", legal(entry))
        };
        let _ = write!(text, "__ipvsadm_entry -n '{when}' -l {}", entry.long);
        for letter in entry.short {
            let _ = write!(text, " -s {letter}");
        }
        let _ = match entry.value {
            Value::No(_) => Ok(()),
            Value::Required(..) => write!(text, " -x -a '(__ipvsadm_values {})'", entry.long),
            Value::Optional(..) => write!(text, " -f"),
        };
        let _ = writeln!(text, " -d '{}'", plain(entry.help));
    }
    text
}

/// `'add-service A' …`; `=` stands for no letter, as no bundle begins with it.
fn fish_commands() -> String {
    let commands = TABLE.iter().filter(|entry| !entry.is_option());
    let quoted = commands.map(|entry| match entry.short {
        [] => format!("'{} ='", entry.long),
        letters => format!("'{} {}'", entry.long, letters.iter().collect::<String>()),
    });
    quoted.collect::<Vec<_>>().join(" ")
}
