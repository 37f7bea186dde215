//! The text formats of metrics, read strictly: whatever Prometheus or OpenMetrics would refuse fails the test.

use std::collections::{BTreeMap, BTreeSet};

/// A sample of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: u64,
}

/// A page of metrics.
#[derive(Debug)]
pub struct Page(pub Vec<Sample>);

impl Page {
    /// Reads a page. `open` says that it is OpenMetrics.
    #[track_caller]
    pub fn read(text: &str, open: bool) -> Page {
        let body = if open {
            text.strip_suffix("# EOF\n")
                .expect("the end of OpenMetrics")
        } else {
            text
        };
        assert!(
            body.ends_with('\n') && !body.contains("# EOF"),
            "the end: {body}"
        );
        let mut samples: Vec<Sample> = Vec::new();
        let mut families = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut lines = body.lines().peekable();
        while let Some(line) = lines.next() {
            let (family, help) = comment(line, "HELP");
            assert!(!help.is_empty() && !help.contains(['\\', '"']), "{line}");
            assert!(families.insert(family.to_owned()), "twice: {line}");
            let line = lines.next().expect("a type");
            let (named, kind) = comment(line, "TYPE");
            assert_eq!(named, family, "{line}");
            let wanted = sample_name(family, kind, open);
            while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
                let sample = sample(line);
                assert_eq!(sample.name, wanted, "{line}");
                assert!(
                    seen.insert((sample.name.clone(), sample.labels.clone())),
                    "twice: {line}"
                );
                assert!(!wanted.ends_with("_info") || sample.value == 1, "{line}");
                samples.push(sample);
            }
        }
        Page(samples)
    }

    /// The values of a metric's samples that have these labels.
    pub fn values(&self, name: &str, labels: &[(&str, &str)]) -> Vec<u64> {
        let has = |sample: &&Sample| {
            sample.name == name
                && labels
                    .iter()
                    .all(|(label, value)| sample.labels.get(*label).is_some_and(|it| it == value))
        };
        self.0
            .iter()
            .filter(has)
            .map(|sample| sample.value)
            .collect()
    }

    /// The one value of a metric with these labels.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let values = self.values(name, labels);
        assert_eq!(values.len(), 1, "{name} {labels:?}");
        values[0]
    }

    /// The names of the metrics that have samples.
    pub fn names(&self) -> BTreeSet<&str> {
        self.0.iter().map(|sample| sample.name.as_str()).collect()
    }
}

/// The name that a family's samples have.
#[track_caller]
fn sample_name(family: &str, kind: &str, open: bool) -> String {
    match (kind, open) {
        ("gauge", _) => family.to_owned(),
        ("counter", false) => {
            assert!(family.ends_with("_total"), "{family}");
            family.to_owned()
        }
        ("counter", true) => {
            assert!(!family.ends_with("_total"), "{family}");
            format!("{family}_total")
        }
        ("info", true) => {
            assert!(!family.ends_with("_info"), "{family}");
            format!("{family}_info")
        }
        _ => panic!("{family}: the type {kind}"),
    }
}

/// `# WORD NAME REST`
#[track_caller]
fn comment<'a>(line: &'a str, word: &str) -> (&'a str, &'a str) {
    let rest = line
        .strip_prefix(&format!("# {word} "))
        .unwrap_or_else(|| panic!("no {word}: {line}"));
    let (name, rest) = rest.split_once(' ').expect("a name and more");
    assert!(is_name(name), "{line}");
    (name, rest)
}

#[track_caller]
fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).expect("the end of the name");
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, after) = rest.split_once("=\"").expect("a label");
            assert!(is_name(label) && !label.contains(':'), "{line}");
            let (value, after) = quoted(after);
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            if let Some(after) = after.strip_prefix('}') {
                rest = after;
                break;
            }
            rest = after.strip_prefix(',').expect("another label");
        }
    }
    let value = rest.strip_prefix(' ').expect("a blank before the value");
    assert!(value.bytes().all(|byte| byte.is_ascii_digit()), "{line}");
    Sample {
        name: name.to_owned(),
        labels,
        value: value.parse().expect("a number"),
    }
}

/// The text to the closing quote, and what is behind that.
#[track_caller]
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => match letters.next().expect("an escape").1 {
                'n' => value.push('\n'),
                plain @ ('"' | '\\') => value.push(plain),
                other => panic!("the escape \\{other}"),
            },
            plain => {
                assert!(plain != '\n', "{text}");
                value.push(plain);
            }
        }
    }
    panic!("no closing quote: {text}");
}

fn is_name(text: &str) -> bool {
    let first = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter == ':';
    text.starts_with(first)
        && text
            .chars()
            .all(|letter| first(letter) || letter.is_ascii_digit())
}
