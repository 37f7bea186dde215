//! Rules for programs that use the library: addresses and ports are numbers, and no
//! resolver is asked.

use super::read::read_with;
use crate::names::NoNames;
use crate::table::{Request, Table, Target};
use std::io::{self, Read, Write};

/// A line of a rules file that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadLine {
    line: u32,
    reason: String,
}

impl BadLine {
    fn new(line: u32, error: &dyn std::error::Error) -> Self {
        let reason = error.to_string();
        BadLine { line, reason }
    }

    /// The line's number, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }
}

/// Why a rules file is no target.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// Reading failed.
    #[error("cannot read the rules")]
    Read(#[from] io::Error),
    /// These lines are wrong, at least one.
    #[error("{}", .0.iter().map(BadLine::to_string).collect::<Vec<_>>().join("\n"))]
    BadLines(Vec<BadLine>),
}

/// Reads a rules file to its end, whatever is wrong in it: `each` gets each line
/// that asks for something or is wrong, with the line's number, from 1. A name of a
/// host or port is wrong here: `ipvsadm -Sn` writes none.
///
/// # Errors
/// When reading fails; a wrong line is not an error here.
pub fn read(
    input: impl Read,
    mut each: impl FnMut(u32, Result<Request, BadLine>),
) -> io::Result<()> {
    read_with(input, &mut NoNames, |line, request| {
        each(line, request.map_err(|error| BadLine::new(line, &error)));
    })
}

impl Target {
    /// The target that a rules file describes, read as by [`rules::read`](read).
    ///
    /// A file without rules gives a target without services, and a plan for it
    /// removes them all. `ipvsadm` refuses such a file unless it says `-C`.
    ///
    /// # Errors
    /// [`RulesError::BadLines`] has every wrong line.
    pub fn read(input: impl Read) -> Result<Target, RulesError> {
        let mut target = Target::default();
        let mut bad = Vec::new();
        read(input, |line, request| {
            let taken = request.and_then(|request| {
                let taken = target.take(&request, line);
                taken.map_err(|error| BadLine::new(line, &error))
            });
            bad.extend(taken.err());
        })?;
        match bad.is_empty() {
            true => Ok(target),
            false => Err(RulesError::BadLines(bad)),
        }
    }
}

/// Writes the rules that make the table, one a line, as `ipvsadm -Sn` does, with
/// the timeouts and the sync daemons.
///
/// # Errors
/// What the writer reports.
pub fn write(mut out: impl Write, table: &Table) -> io::Result<()> {
    table
        .changes()
        .try_for_each(|change| writeln!(out, "{change}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Change, SyncRole};
    use crate::table::Plan;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "-A -t 192.0.2.1:80 -s rr -p 300\n\
                    -a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 3\n\
                    -A -f 7 -6 -s wlc\n\
                    --set 1 2 3\n\
                    --start-daemon backup --mcast-interface lo --syncid 2\n";
        let target = Target::read(text.as_bytes()).unwrap();
        let mut out = Vec::new();
        write(&mut out, target.table()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
        let again = Target::from(target.table().clone());
        assert!(Plan::new(target.table(), &again).is_empty());
    }

    #[test]
    fn every_bad_line_is_told() {
        let text = "-A -t localhost:80\n-C\n-L\n-Z\n-A -f 1\n-A -f 1\n";
        let Err(RulesError::BadLines(bad)) = Target::read(text.as_bytes()) else {
            panic!("a target");
        };
        let lines: Vec<_> = bad.iter().map(BadLine::line).collect();
        assert_eq!(lines, [1, 3, 4, 6], "{bad:?}");
    }

    /// What a target says of a daemon is in the plan, however it came there.
    #[test]
    fn no_daemon_is_skipped() {
        let started = Target::read(b"--start-daemon master".as_slice()).unwrap();
        let empty = Table::new();
        for target in [&started, &Target::from(started.table().clone())] {
            assert_eq!(Plan::new(&empty, target).counts().added, 1);
        }
        let stop = Change::StopDaemon(SyncRole::Master, 0);
        let mut stopped = Target::default();
        stopped.apply(&stop).unwrap();
        assert_eq!(Plan::new(started.table(), &stopped).counts().removed, 1);
        let silent = Target::default();
        assert!(Plan::new(started.table(), &silent).is_empty());
    }
}
