//! The tables that are measured, as rules.

use std::fmt::Write;
use std::path::PathBuf;

/// So many TCP services with so many servers each.
#[derive(Clone, Copy)]
pub struct Shape {
    pub services: u32,
    pub servers: u32,
}

pub const SHAPES: [Shape; 3] = [
    Shape {
        services: 100,
        servers: 100,
    },
    Shape {
        services: 5000,
        servers: 1,
    },
    Shape {
        services: 10,
        servers: 1000,
    },
];

/// One service or server: the last 16 bits of its address are the number.
#[derive(Clone, Copy, PartialEq)]
pub enum Rule {
    Service {
        number: u32,
    },
    Server {
        service: u32,
        number: u32,
        weight: u32,
    },
}

impl Shape {
    pub fn name(self) -> String {
        format!("{} × {}", self.services, self.servers)
    }

    /// The rules; every `changed`th server has another weight, none where it is 0.
    pub fn rules(self, changed: u32) -> impl Iterator<Item = Rule> {
        (0..self.services).flat_map(move |service| {
            let servers = (0..self.servers).map(move |number| {
                let differs =
                    changed > 0 && (service * self.servers + number).is_multiple_of(changed);
                Rule::Server {
                    service,
                    number,
                    weight: if differs { 7 } else { 1 },
                }
            });
            std::iter::once(Rule::Service { number: service }).chain(servers)
        })
    }

    /// Writes the rules to a file as -S would.
    pub fn file(self, changed: u32) -> PathBuf {
        let mut text = String::new();
        for rule in self.rules(changed) {
            let [service, server] = match rule {
                Rule::Service { number } => [number, 0],
                Rule::Server {
                    service, number, ..
                } => [service, number],
            }
            .map(|number| format!("{}.{}", number / 256, number % 256));
            let _ = match rule {
                Rule::Service { .. } => writeln!(text, "-A -t 10.1.{service}:80 -s wlc"),
                Rule::Server { weight, .. } => {
                    writeln!(
                        text,
                        "-a -t 10.1.{service}:80 -r 10.2.{server}:80 -m -w {weight}"
                    )
                }
            };
        }
        write(
            &format!("{}x{}.{changed}", self.services, self.servers),
            text.as_bytes(),
        )
    }
}

/// Writes a file of this boot.
pub fn write(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("ipvsadm-bench.{}.{name}", std::process::id()));
    std::fs::write(&path, bytes).expect("writing a file");
    path
}
