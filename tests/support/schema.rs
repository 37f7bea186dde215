//! The schema of docs/json.md: its tables, read, and documents held to them.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The fields of one document, by path: `services.servers.weight`.
#[derive(Debug, Default)]
pub struct Schema {
    fields: BTreeMap<String, Field>,
    pub example: Value,
}

#[derive(Debug)]
struct Field {
    /// `number`, `string`, …, or words in backticks.
    types: Vec<String>,
    always: bool,
}

/// All documents of the page by the word of their example.
pub fn documented() -> BTreeMap<String, Schema> {
    let page = include_str!("../../docs/json.md");
    let mut schemas: BTreeMap<String, Schema> = BTreeMap::new();
    let (mut document, mut prefix) = (String::new(), String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(word) = line.strip_prefix("```json ") {
            document = word.to_string();
            let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            let example = serde_json::from_str(&text.join("\n")).expect("an example");
            schemas.entry(document.clone()).or_default().example = example;
        } else if let Some(head) = line.strip_prefix("| field") {
            prefix = head
                .split('`')
                .nth(1)
                .map_or(String::new(), |of| format!("{of}."));
        } else if let Some(row) = line.strip_prefix("| `") {
            let cells: Vec<_> = row.split(" | ").collect();
            let path = prefix.clone() + cells[0].trim_end_matches('`');
            let field = Field {
                types: cells[1].split(", ").map(str::to_string).collect(),
                always: cells[2].is_empty(),
            };
            let schema = schemas.get_mut(&document).expect("an example above");
            assert!(
                schema.fields.insert(path.clone(), field).is_none(),
                "{document}: {path} has two rows"
            );
        }
    }
    schemas
}

impl Schema {
    /// Panics unless the document is as documented. Notes the fields that it has.
    #[track_caller]
    pub fn check(&self, document: &Value, seen: &mut BTreeSet<String>) {
        if let Err(complaint) = self.object("", document, seen) {
            panic!("{complaint} in\n{document:#}");
        }
    }

    pub fn paths(&self) -> BTreeSet<String> {
        self.fields.keys().cloned().collect()
    }

    fn object(
        &self,
        prefix: &str,
        value: &Value,
        seen: &mut BTreeSet<String>,
    ) -> Result<(), String> {
        let members = value.as_object().ok_or(format!("{prefix} is no object"))?;
        for (name, value) in members {
            let path = format!("{prefix}{name}");
            let field = self
                .fields
                .get(&path)
                .ok_or(format!("{path} is not documented"))?;
            if !field.types.iter().any(|kind| is_a(value, kind)) {
                return Err(format!("{path} is {value}, not {:?}", field.types));
            }
            let below = format!("{path}.");
            match value {
                Value::Object(_) => self.object(&below, value, seen)?,
                Value::Array(items) if items.iter().any(Value::is_object) => {
                    items
                        .iter()
                        .try_for_each(|item| self.object(&below, item, seen))?;
                }
                _ => {}
            }
            seen.insert(path);
        }
        let own = |path: &String| {
            path.strip_prefix(prefix)
                .is_some_and(|name| !name.contains('.'))
        };
        let needed = self
            .fields
            .iter()
            .filter(|(path, field)| field.always && own(path));
        match needed
            .map(|(path, _)| path)
            .find(|path| !members.contains_key(&path[prefix.len()..]))
        {
            Some(path) => Err(format!("{path} is missing")),
            None => Ok(()),
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    let all = |is: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(is));
    match kind {
        "number" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "objects" => all(Value::is_object),
        "strings" => all(Value::is_string),
        word => value
            .as_str()
            .is_some_and(|text| format!("`{text}`") == word),
    }
}
