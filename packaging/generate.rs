//! Writes the man pages and the completions into a folder: the option table's part made, the rest from templates
//! and as the program prints it.
//!
//! `cargo run --example generate -- FOLDER`

use ipvs::cli::Program;
use ipvs::cli::help;
use ipvs::cli::options::TABLE;
use ipvs::cli::row::{Row, Value};
use ipvs::commands::complete::Shell;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

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
    for (name, shell) in [
        ("ipvsadm.bash", Shell::Bash),
        ("_ipvsadm", Shell::Zsh),
        ("ipvsadm.fish", Shell::Fish),
    ] {
        fs::write(folder.join("completions").join(name), shell.registration())?;
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
