//! Tables of command lines, tests/cases/*.txt: every line is run with both programs, each in a namespace of its own.
//!
//!     # a comment
//!     @setup LINE           starts a section with this table; more @setup lines add to it
//!     @empty                starts a section with an empty table
//!     @stdin WORD…          the next case's standard input: each word is a line
//!     @raw WORD             the same, without a newline after it
//!     @differs ROW as LINE  ours has to do for the next case what theirs does for LINE; ROW is that of docs/compatibility.md
//!     @like WORD…           with it: the lines of theirs' standard input, where not those of the case
//!     @differs ROW STATUS MESSAGE [STDOUT]
//!                           ours has to end so, and leave the table as it was
//!     @differs ROW leaves STATUS MESSAGE [STDOUT]
//!                           ours has to end so, and leave the table that theirs leaves
//!     LINE                  a case: theirs and ours agree in output, message, status and the table afterwards
//!
//! With @differs theirs must not do what is asked of ours, so a row that has gone stale shows.

use super::{Namespace, Outcome, Tool, difference, kernel_text, words};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

#[derive(Default)]
struct Case<'a> {
    number: usize,
    line: &'a str,
    stdin: Vec<u8>,
    like: Option<Vec<u8>>,
    differs: Option<Differs<'a>>,
}

enum Differs<'a> {
    As(&'a str),
    Ends(Outcome),
    Leaves(Outcome),
}

#[derive(Default)]
struct Section<'a> {
    setup: Vec<&'a str>,
    cases: Vec<Case<'a>>,
}

/// Runs a table and panics with all differences together.
pub fn check(name: &str, text: &str) {
    let mut failures = Vec::new();
    let mut count = 0;
    for section in parse(text) {
        count += section.cases.len();
        let [mut theirs, mut ours] = [
            Side::new(Tool::Theirs, &section.setup),
            Side::new(Tool::Ours, &section.setup),
        ];
        for case in &section.cases {
            if let Err(difference) = case.check(&mut theirs, &mut ours) {
                failures.push(format!(
                    "{name}:{}: {}\n{difference}",
                    case.number, case.line
                ));
            }
        }
    }
    assert!(count > 0, "{name} holds no case");
    assert!(
        failures.is_empty(),
        "{} of {count} cases differ\n{}",
        failures.len(),
        failures.concat()
    );
}

fn parse(text: &str) -> Vec<Section<'_>> {
    let mut sections = vec![Section::default()];
    let mut next = Case::default();
    for (index, line) in text.lines().enumerate() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let section = sections.last_mut().expect("there is always one");
        match word {
            "" | "#" if line.is_empty() || word == "#" => {}
            "@setup" if section.cases.is_empty() => section.setup.push(rest),
            "@setup" => sections.push(Section {
                setup: vec![rest],
                cases: Vec::new(),
            }),
            "@empty" => sections.push(Section::default()),
            "@stdin" => next.stdin.extend(words::lines(rest)),
            "@raw" => next
                .stdin
                .extend(words::split(rest).iter().flat_map(|word| word.as_bytes())),
            "@like" => next.like = Some(words::lines(rest)),
            "@differs" => next.differs = Some(differs(rest)),
            _ if word.starts_with('@') => panic!("line {}: no such directive: {word}", index + 1),
            _ => section.cases.push(Case {
                number: index + 1,
                line,
                ..std::mem::take(&mut next)
            }),
        }
    }
    sections
}

fn differs(rest: &str) -> Differs<'_> {
    let rest = rest.split_once(' ').expect("@differs ROW …").1;
    if let Some(line) = rest.strip_prefix("as ") {
        return Differs::As(line);
    }
    let (rest, wrap): (_, fn(Outcome) -> Differs<'static>) = match rest.strip_prefix("leaves ") {
        Some(rest) => (rest, Differs::Leaves),
        None => (rest, Differs::Ends),
    };
    let mut words = words::split(rest)
        .into_iter()
        .map(OsString::into_encoded_bytes);
    let status = String::from_utf8(words.next().unwrap_or_default())
        .ok()
        .and_then(|word| word.parse().ok());
    let stderr = words.next().expect("@differs ROW STATUS MESSAGE");
    wrap(Outcome {
        status: status.expect("@differs ROW STATUS MESSAGE"),
        stderr,
        stdout: words.next().unwrap_or_default(),
    })
}

/// One program in its namespace, with the section's table in it.
pub struct Side<'a> {
    tool: Tool,
    setup: &'a [&'a str],
    fresh: Option<Fresh>,
}

struct Fresh {
    namespace: Namespace,
    table: Vec<String>,
    /// The kernel's own short listing: cheap to read, enough to see that nothing happened.
    glance: String,
}

impl<'a> Side<'a> {
    pub fn new(tool: Tool, setup: &'a [&'a str]) -> Self {
        Side {
            tool,
            setup,
            fresh: None,
        }
    }

    /// Runs the words on the section's table, and restores that afterwards.
    pub fn run(&mut self, args: &[OsString], stdin: &[u8]) -> Result {
        let before = self.fresh.take().unwrap_or_else(|| Fresh::new(self.setup));
        before.namespace.enter();
        let outcome = self.tool.run_with(args, stdin);
        let silent = outcome.status == 0 && outcome.stdout.is_empty();
        if !silent && stdin.is_empty() && kernel_text() == before.glance {
            let table = before.table.clone();
            self.fresh = Some(before);
            return Result { outcome, table };
        }
        let table = table_and_reset(self.setup);
        let state = |table: &[String]| {
            table
                .iter()
                .filter(|row| row.contains("sync daemon") || row.starts_with("Timeout"))
                .cloned()
                .collect::<Vec<_>>()
        };
        if state(&table) == state(&before.table) {
            self.fresh = Some(Fresh {
                glance: kernel_text(),
                ..before
            });
        }
        Result { outcome, table }
    }

    fn table(&mut self) -> Vec<String> {
        self.fresh
            .get_or_insert_with(|| Fresh::new(self.setup))
            .table
            .clone()
    }
}

impl Fresh {
    fn new(setup: &[&str]) -> Fresh {
        let namespace = Namespace::new();
        let rules = lines(setup) + super::SHOW;
        let table = super::rows(&Tool::Theirs.run_with(["-R"], rules.as_bytes()).ok());
        Fresh {
            namespace,
            table,
            glance: kernel_text(),
        }
    }
}

fn lines(setup: &[&str]) -> String {
    setup.iter().flat_map(|line| [line, "\n"]).collect()
}

/// One process again: what is there, then the section's table anew. Daemons and timeouts stay, and with them goes the namespace.
fn table_and_reset(setup: &[&str]) -> Vec<String> {
    let daemons = |line: &&&str| !line.contains("-daemon") && !line.starts_with("--set");
    let again = setup.iter().filter(daemons).copied().collect::<Vec<_>>();
    let rules = format!("{}-C\n{}", super::SHOW, lines(&again));
    super::rows(&Tool::Theirs.run_with(["-R"], rules.as_bytes()).ok())
}

/// The heading of a listing without the number in `(size=256)`.
fn without_size(line: &str) -> String {
    match line.split_once("(size=") {
        Some((heading, _)) if heading.starts_with("IP Virtual Server") => heading.to_owned(),
        _ => line.to_owned(),
    }
}

/// What is compared.
pub struct Result {
    pub outcome: Outcome,
    pub table: Vec<String>,
}

impl Result {
    /// Since Linux 7 the order without sorting, and the size of the connection table, are a namespace's own.
    fn as_before_linux_7(&mut self, line: &str) {
        let text = super::lossy(&self.outcome.stdout);
        let mut lines: Vec<_> = text.lines().map(without_size).collect();
        if line.contains("--nosort") {
            lines.sort_unstable();
        }
        self.outcome.stdout = lines.join("\n").into_bytes();
        self.table = self.table.iter().map(|row| without_size(row)).collect();
    }

    /// Nothing when both agree, otherwise what does not.
    pub fn differences(&self, ours: &Result) -> Option<String> {
        let (a, b) = (&self.outcome, &ours.outcome);
        let status = |outcome: &Outcome| outcome.status.to_string().into_bytes();
        let found = [
            difference("status", &status(a), &status(b)),
            difference("message", a.message().as_bytes(), b.message().as_bytes()),
            difference("stdout", &a.stdout, &b.stdout),
            difference(
                "table afterwards",
                self.table.join("\n").as_bytes(),
                ours.table.join("\n").as_bytes(),
            ),
        ];
        let found = found.into_iter().flatten().collect::<String>();
        (!found.is_empty()).then_some(found)
    }
}

impl Case<'_> {
    /// Where the two differ, they are tried again with new tables: the original's own listings are not to be trusted
    /// while other tests change their namespaces (see `super::table`). What truly differs differs each time.
    fn check(&self, theirs: &mut Side, ours: &mut Side) -> std::result::Result<(), String> {
        let mut checked = self.check_once(theirs, ours);
        for _ in 0..2 {
            if checked.is_ok() {
                break;
            }
            (theirs.fresh, ours.fresh) = (None, None);
            checked = self.check_once(theirs, ours);
        }
        checked
    }

    fn check_once(&self, theirs: &mut Side, ours: &mut Side) -> std::result::Result<(), String> {
        let args = words::split(self.line);
        let mut wanted = match &self.differs {
            None => theirs.run(&args, &self.stdin),
            Some(differs) => {
                let plain = theirs.run(&args, &self.stdin);
                let wanted = match differs {
                    Differs::As(line) => theirs.run(
                        &words::split(line),
                        self.like.as_ref().unwrap_or(&self.stdin),
                    ),
                    Differs::Ends(outcome) => Result {
                        outcome: outcome.clone(),
                        table: theirs.table(),
                    },
                    Differs::Leaves(outcome) => Result {
                        outcome: outcome.clone(),
                        table: plain.table.clone(),
                    },
                };
                if plain.differences(&wanted).is_none() {
                    return Err("    theirs does already what @differs asks of ours\n".to_string());
                }
                wanted
            }
        };
        let mut found = ours.run(&args, &self.stdin);
        if Path::new("/proc/net/ip_vs_status").exists() {
            wanted.as_before_linux_7(self.line);
            found.as_before_linux_7(self.line);
        }
        wanted.differences(&found).map_or(Ok(()), Err)
    }
}
