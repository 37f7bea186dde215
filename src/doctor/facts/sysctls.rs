//! Settings of the kernel, below `/proc/sys`.

use super::{Seen, failed};
use std::path::Path;
use std::{fmt, fs, io};

/// Whether this network namespace has IPVS.
///
/// # Errors
/// Where `/proc` can't be read.
pub fn has_ipvs() -> io::Result<bool> {
    fs::metadata("/proc/thread-self/net")?;
    Path::new("/proc/thread-self/net/ip_vs").try_exists()
}

/// How many packets the reverse path filter has dropped. The file has pairs of lines:
/// the counters' names, and their values.
pub fn reverse_path_drops() -> Seen<u64> {
    const PATH: &str = "/proc/thread-self/net/netstat";
    let text = fs::read_to_string(PATH).map_err(|error| failed(PATH, error))?;
    let lines: Vec<&str> = text.lines().collect();
    let mut counters = lines
        .chunks_exact(2)
        .flat_map(|pair| pair[0].split(' ').zip(pair[1].split(' ')));
    let counter = counters.find(|(name, _)| *name == "IPReversePathFilter");
    let value = counter.and_then(|(_, value)| value.parse().ok());
    value.ok_or_else(|| format!("{PATH}: no IPReversePathFilter"))
}

/// Reads the text of a setting by its path below `/proc/sys`.
type Read = Box<dyn Fn(&str) -> io::Result<String>>;

/// The settings, read when they are asked for: few matter to a table.
pub struct Settings(Read);

impl Settings {
    /// The settings of the kernel.
    pub fn of_the_kernel() -> Self {
        Settings::new(|path| fs::read_to_string(Path::new("/proc/sys").join(path)))
    }

    /// Settings that a function reads.
    pub fn new(read: impl Fn(&str) -> io::Result<String> + 'static) -> Self {
        Settings(Box::new(read))
    }

    /// The first number of a setting.
    pub fn number(&self, path: &str) -> Seen<i64> {
        let file = format!("/proc/sys/{path}");
        let text = (self.0)(path).map_err(|error| failed(&file, error))?;
        let first = text.split_whitespace().next().unwrap_or_default();
        first.parse().map_err(|_| format!("{file}: not a number"))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings")
    }
}
