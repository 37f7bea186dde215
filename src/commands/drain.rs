//! `--drain`: a server gets weight 0, and is deleted once its connections have ended.
//!
//! What is left is in `left`, which knows nothing of the kernel; `server` reads it, `wait`
//! waits, `records` keeps what `--undrain` needs.

mod after;
mod before;
mod drain_progress;
mod left;
pub mod records;
pub mod server;
mod wait;

use super::signals::{Signals, end_by};
use super::unblocked::complain_at_once;
use super::{Failure, complain, to_stdout};
use crate::ExitStatus;
use crate::cli::Drain;
use crate::kernel::{Error, Kernel, Refusal};
use crate::model::Change;
use crate::output::{DrainEvent, write_json_drain};
use crate::table::Lock;
use before::Switches;
use drain_progress::Progress;
use nix::sys::signal::Signal;
use records::Records;
use server::{End, Server, is_absent};
use std::time::Instant;
use wait::{Outcome, Wait};

/// Drains the servers, or says what would be done.
pub fn run(kernel: &mut Kernel, drain: &Drain, netns: Option<&str>) -> Result<ExitStatus, Failure> {
    let mut servers = find(kernel, drain)?;
    let switches = Switches::read(kernel);
    before::allow_force(drain, switches)?;
    before::say(&servers, drain, switches);
    if drain.dry_run {
        return plan(&servers, drain);
    }
    // While the drain waits for the lock, a signal still ends the program.
    let lock = records::lock(kernel)?;
    let mut signals = Signals::hold();
    let kept = begin(kernel, &mut servers, lock, netns)?;
    let mut progress = Progress::new(drain.json, servers.len());
    for server in servers.iter().filter(|server| server.end.is_some()) {
        progress.tell(server, DrainEvent::Gone);
    }
    let mut wait = Wait {
        kernel,
        drain,
        netns,
        switches,
        servers: &mut servers,
        progress: &mut progress,
        signals: &mut signals,
        kept,
        next_reading: Instant::now(),
    };
    let waited = wait.run();
    let are_noted = wait.kept;
    if let Ok(outcome) = waited {
        tell_outcome(&mut progress, &servers, outcome);
    }
    let told = progress.finish(&mut signals);
    // What is said from here on may wait for a reader, and can be ended by a signal.
    let caught = signals.release();
    let failure = match waited {
        Ok(Outcome::Done) => {
            return match caught {
                Some(signal) => Ok(end_by(signal)),
                None => told.map(|()| ExitStatus::Success),
            };
        }
        Ok(outcome) => after::failure(outcome, caught, &servers, drain),
        Err(failure) => failure,
    };
    let failure = after::with_ways(failure, &servers, drain, netns, are_noted);
    end_with(failure, caught)
}

/// Ends with the failure or, where a signal stopped the drain, by the signal once the
/// failure is told.
fn end_with(failure: Failure, caught: Option<Signal>) -> Result<ExitStatus, Failure> {
    let Some(signal) = caught else {
        return Err(failure);
    };
    failure.lines().iter().for_each(|line| complain(line));
    Ok(end_by(signal))
}

/// The servers that were chosen.
fn find(kernel: &mut Kernel, drain: &Drain) -> Result<Vec<Server>, Failure> {
    let servers = server::chosen(kernel, &drain.server).map_err(Failure::listing)?;
    if !servers.is_empty() {
        return Ok(servers);
    }
    let failure = server::no_server(kernel, &drain.server);
    Err(match Records::read(kernel)?.contains(&drain.server) {
        true => failure.with_help("it was drained before: --undrain adds it back"),
        false => failure,
    })
}

/// Tells, for each server whose drain has not ended, why the wait is over.
fn tell_outcome(progress: &mut Progress, servers: &[Server], outcome: Outcome) {
    for (number, server) in servers.iter().enumerate() {
        match outcome {
            Outcome::Weight(stranger) if stranger == number => {
                progress.tell(server, DrainEvent::Weight);
            }
            Outcome::Over if server.end.is_none() => progress.tell(server, DrainEvent::Left),
            Outcome::Signal if server.end.is_none() => progress.tell(server, DrainEvent::Stopped),
            _ => {}
        }
    }
}

/// Prints the changes of a drain.
fn plan(servers: &[Server], drain: &Drain) -> Result<ExitStatus, Failure> {
    to_stdout(|out| {
        for server in servers {
            if drain.json {
                write_json_drain(out, &drain_progress::row(server, DrainEvent::Planned))?;
                continue;
            }
            if server.before.weight != 0 {
                writeln!(out, "{}", server.edit(0))?;
            }
            if !drain.keep {
                writeln!(out, "{}", server.delete())?;
            }
        }
        Ok(())
    })
}

/// Records the servers as they are, and gives weight 0 to all of them or to none. Returns
/// whether the records could be written.
fn begin(
    kernel: &mut Kernel,
    servers: &mut [Server],
    lock: Option<Lock>,
    netns: Option<&str>,
) -> Result<bool, Failure> {
    let mut records = Records::read(kernel)?;
    server::read_counters(kernel, servers).map_err(Failure::listing)?;
    let mut idle = Vec::new();
    for server in servers.iter_mut().filter(|server| server.end.is_none()) {
        let now = server.status.destination;
        let noted = records.get(&server.key(), now.endpoint).copied();
        server.before = match noted {
            // An earlier drain that did not come to its end.
            Some(noted) if now.weight == 0 => server.with_weight(noted.weight),
            _ => now,
        };
        if server.before.weight == 0 {
            idle.push(format!(
                "{} of {} had weight 0 already",
                now.endpoint,
                server.key()
            ));
        }
        records.insert(server.key(), server.before);
    }
    let kept = records.write();
    set_weights(kernel, servers)?;
    // What is said may not be read for long: nobody has to wait for that.
    drop(lock);
    idle.iter().for_each(|line| complain_at_once(line));
    if !kept {
        let there = servers.iter().filter(|server| server.end.is_none());
        records::say_way_back(there, netns);
    }
    Ok(kept)
}

/// Gives weight 0 to the servers that have another weight. Where the kernel refuses, the
/// servers get their weights back.
fn set_weights(kernel: &mut Kernel, servers: &mut [Server]) -> Result<(), Failure> {
    let mut changing: Vec<&mut Server> = servers.iter_mut().collect();
    changing.retain(|server| server.end.is_none() && server.status.destination.weight != 0);
    let changes: Vec<Change> = changing.iter().map(|server| server.edit(0)).collect();
    let unknown = |error| {
        let help = "some of the servers may have weight 0: --drain goes on, --undrain goes back";
        Failure::change(error).with_help(help)
    };
    let mut refused: Option<(Change, Refusal)> = None;
    for (index, refusal) in kernel.apply_all(&changes).map_err(unknown)? {
        match (changing.get_mut(index), changes.get(index)) {
            (Some(server), _) if is_absent(&refusal) => server.end = Some(End::Gone),
            (_, Some(change)) => refused = Some((*change, refusal)),
            _ => {}
        }
    }
    let Some((change, refusal)) = refused else {
        return Ok(());
    };
    let back = changing
        .iter()
        .map(|server| Change::EditDestination(server.key(), server.status.destination));
    let back: Vec<Change> = back.collect();
    let mut stuck = kernel.apply_all(&back).map_err(unknown)?;
    stuck.retain(|(_, refusal)| !is_absent(refusal));
    let failure = Failure::change(Error::Refused(refusal)).with_help(change.to_string());
    Err(match stuck.is_empty() {
        true => failure.with_help("nothing was changed"),
        false => failure.with_help("look at the weights: not all could be set back"),
    })
}
