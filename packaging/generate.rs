//! Writes the man pages and the completions into a folder. The pages are templates, into which come the options' names of the option
//! table; the completions are as the program prints them.
//!
//! `cargo run --example generate -- FOLDER`

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

/// The template with its `@NAME@` replaced. `@--LONG@` is the heading of an option or command, whose text the page has itself;
/// `@COMMANDS@` and `@OPTIONS@` are those of the table that the page does not name so, with the text of the help.
fn filled(template: &str) -> String {
    // ipvsadm v2.0.0 2026/11/20 (…)
    let version = help::version();
    let mut words = version.split(' ').skip(1);
    let version = words.next().unwrap_or_default().trim_start_matches('v');
    let date = words.next().unwrap_or_default().replace('/', "-");
    let mut page = template.to_owned();
    let (mut commands, mut options) = (String::new(), String::new());
    for row in TABLE {
        let mark = format!("@--{}@", row.long);
        let rest = match row.is_option() {
            true => &mut options,
            false => &mut commands,
        };
        if page.contains(&mark) {
            page = page.replace(&mark, &heading(row));
        } else {
            // Writing to a string does not fail.
            let _ = writeln!(
                rest,
                ".TP\n{}\n{}.",
                heading(row),
                roff(&capitalised(row.help))
            );
        }
    }
    page.replace("@VERSION@", version)
        .replace("@DATE@", &date)
        .replace("@COMMANDS@\n", &commands)
        .replace("@OPTIONS@\n", &options)
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

/// The names of an option or command and its value, as the heading of a tagged paragraph of man(7).
fn heading(row: &Row) -> String {
    let mut names: Vec<String> = row
        .short
        .iter()
        .map(|letter| format!("\\fB\\-{letter}\\fR"))
        .collect();
    names.push(format!("\\fB\\-\\-{}\\fR", roff(row.long)));
    let value = match row.value {
        Value::No(_) => String::new(),
        Value::Required(name, _) => format!(" \\fI{}\\fR", roff(name)),
        Value::Optional(name, _) => format!(" [\\fI{}\\fR]", roff(name)),
    };
    format!("{}{value}", names.join(", "))
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
