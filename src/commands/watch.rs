//! `-L --watch`: a listing again and again, in place on a terminal.

use super::drawing::{self, Event, Terminal};
use super::live_readings::LiveRates;
use super::signals::end_by;
use super::{Failure, complain, list};
use crate::ExitStatus;
use crate::cli::{Colour, List, Listing, TableFormat, Watch};
use crate::kernel::Kernel;
use crate::output::{Picture, Screen};
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

/// Lists until somebody has seen enough.
pub fn run(kernel: &mut Kernel, list: &List, watch: &Watch) -> Result<ExitStatus, Failure> {
    let draws = drawing::can_draw();
    let mut list = list.clone();
    if draws {
        // A picture is cut at the terminal's columns, and marks what has changed.
        list.colour = Colour::Never;
    }
    let mut source = Source {
        kernel,
        rates: has_rates(&list).then(|| LiveRates::new(watch)),
        list,
    };
    // What fails at once would fail for ever, and is told without a screen.
    let begun = Instant::now();
    let first = source.read(draws.then(|| drawing::size().rows))?;
    let mut ticks = Ticks::new(watch.interval, begun);
    match Terminal::open() {
        Some(terminal) => on_terminal(&mut source, first, &mut ticks, &terminal),
        None => match into_pipe(&mut source, first, &mut ticks) {
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                Ok(ExitStatus::Success)
            }
            failure => Err(failure),
        },
    }
}

/// Whether the rates are those between two pictures, rather than the kernel's.
fn has_rates(list: &List) -> bool {
    matches!(list.what, Listing::Table(_, TableFormat::Rate)) && !list.json
}

/// Where pictures come from.
struct Source<'a> {
    kernel: &'a mut Kernel,
    list: List,
    rates: Option<LiveRates>,
}

impl Source<'_> {
    /// The next picture; of `rows` lines, no more is read than they show. After a failure
    /// the next one is of the module that may have been loaded anew.
    fn read(&mut self, rows: Option<usize>) -> Result<Picture, Failure> {
        let picture = self.picture(rows);
        if picture.is_err() {
            // Where there is no module, the next picture says so.
            let _ = self.kernel.reopen();
        }
        picture
    }

    fn picture(&mut self, rows: Option<usize>) -> Result<Picture, Failure> {
        if let (Some(rates), Listing::Table(service, _)) = (&mut self.rates, &self.list.what) {
            return rates.read(self.kernel, service.as_ref(), rows);
        }
        let mut text = Vec::new();
        let lines = match rows {
            // The last line is the screen's own.
            Some(rows) if !self.list.json => rows.saturating_sub(1),
            _ => usize::MAX,
        };
        let hidden = list::write_first(self.kernel, &self.list, lines, &mut text)?;
        Ok(Picture { text, hidden })
    }
}

/// The times of the pictures.
struct Ticks {
    interval: Duration,
    next: Instant,
    /// How long the last reading took, where that is longer than the interval.
    late: Option<Duration>,
}

impl Ticks {
    fn new(seconds: u32, begun: Instant) -> Self {
        let mut ticks = Ticks {
            interval: Duration::from_secs(seconds.into()),
            next: begun,
            late: None,
        };
        ticks.pass(begun);
        ticks
    }

    /// A reading that began then is done. The next begins at its time, or at once.
    fn pass(&mut self, begun: Instant) {
        let took = begun.elapsed();
        self.late = (took > self.interval).then_some(took);
        self.next = (self.next + self.interval).max(Instant::now());
    }

    fn lateness(&self) -> Option<String> {
        let (took, interval) = (self.late?.as_secs_f32(), self.interval.as_secs());
        Some(format!(
            "a reading took {took:.1} s, longer than {interval} s"
        ))
    }
}

fn on_terminal(
    source: &mut Source<'_>,
    first: Picture,
    ticks: &mut Ticks,
    terminal: &Terminal,
) -> Result<ExitStatus, Failure> {
    let mut screen = Screen::default();
    let mut picture = first;
    loop {
        let every = format!("every {} s; Ctrl-C ends", ticks.interval.as_secs());
        let status = ticks.lateness().unwrap_or(every);
        terminal.draw(&screen.draw(&picture, drawing::size(), &status))?;
        let is_due = match terminal.wait(ticks.next)? {
            Event::Redraw => false,
            Event::Due => true,
            Event::End(signal) => return Ok(end_by(signal)),
        };
        // A terminal that has grown has room for more. Rates are those of the ticks.
        if is_due || picture.hidden > 0 && source.rates.is_none() {
            let begun = Instant::now();
            picture = source.read(Some(drawing::size().rows)).unwrap_or_else(gone);
            if is_due {
                ticks.pass(begun);
            }
        }
    }
}

/// The picture of a service that is gone, and may come again.
fn gone(failure: Failure) -> Picture {
    Picture {
        text: failure.lines().join("\n").into_bytes(),
        hidden: 0,
    }
}

/// A listing a tick, until the reader has gone.
fn into_pipe(source: &mut Source<'_>, first: Picture, ticks: &mut Ticks) -> Failure {
    let mut picture: Result<Picture, Failure> = Ok(first);
    loop {
        match &picture {
            Ok(picture) => {
                let mut out = io::stdout().lock();
                let written = out.write_all(&picture.text).and_then(|()| out.flush());
                if let Err(error) = written {
                    return Failure::Output(error);
                }
            }
            Err(failure) => failure.lines().iter().for_each(|line| complain(line)),
        }
        if let Some(lateness) = ticks.lateness() {
            complain(&lateness);
        }
        thread::sleep(ticks.next.saturating_duration_since(Instant::now()));
        let begun = Instant::now();
        picture = source.read(None);
        ticks.pass(begun);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_longer_than_its_interval_is_said() {
        let now = Instant::now();
        let mut ticks = Ticks::new(2, now);
        assert_eq!(ticks.lateness(), None);
        assert_eq!(ticks.next, now + Duration::from_secs(2));
        ticks.next = now;
        ticks.pass(now.checked_sub(Duration::from_millis(3100)).unwrap());
        let said = ticks.lateness().unwrap();
        assert!(
            said.starts_with("a reading took 3.1 s, longer than 2 s"),
            "{said}"
        );
        ticks.pass(Instant::now());
        assert_eq!(ticks.lateness(), None);
    }
}
