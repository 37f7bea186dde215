//! Rates between two readings of the counters: what `--watch --rate` shows.

use super::columns::{pad, push_right};
use super::numbers::push_counter;
use super::table_text::{LABEL, push_cut_endpoint, push_key};
use crate::model::{Endpoint, ServiceKey, Stats};
use crate::names::Names;
use std::io::{self, Write};
use std::time::Duration;

/// What went through in a second, between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Connections.
    pub connections: u64,
    /// Packets from clients.
    pub in_packets: u64,
    /// Packets to clients.
    pub out_packets: u64,
    /// Bits from clients.
    pub in_bits: u64,
    /// Bits to clients.
    pub out_bits: u64,
}

impl Rates {
    /// The rates between two readings. `None` where a counter has gone back: it was set to
    /// zero, or is another one's that came in the place of the first.
    pub fn between(old: &Stats, new: &Stats, elapsed: Duration) -> Option<Self> {
        let rate = |old: u64, new: u64, times: u128| {
            let nanoseconds = elapsed.as_nanos();
            let count = u128::from(new.checked_sub(old)?) * times * 1_000_000_000;
            let rounded = (count + nanoseconds / 2).checked_div(nanoseconds)?;
            u64::try_from(rounded).ok()
        };
        Some(Rates {
            connections: rate(old.connections, new.connections, 1)?,
            in_packets: rate(old.in_packets, new.in_packets, 1)?,
            out_packets: rate(old.out_packets, new.out_packets, 1)?,
            in_bits: rate(old.in_bytes, new.in_bytes, 8)?,
            out_bits: rate(old.out_bytes, new.out_bytes, 8)?,
        })
    }
}

/// A service or a server, and its rates where two readings can be compared.
#[derive(Debug, Clone)]
pub struct Live<Name> {
    /// What it is.
    pub name: Name,
    /// Its rates.
    pub rates: Option<Rates>,
    /// Its active connections.
    pub active: u64,
    /// Its weight, or those of all servers together.
    pub weight: u64,
}

/// The lines over the columns.
pub const LIVE_HEADING: &str = "\
Prot LocalAddress:Port                 CPS    InPPS   OutPPS  InBit/s OutBit/s ActiveConn Conn% Weight%
  -> RemoteAddress:Port
";

/// Writes a service and its servers.
///
/// # Errors
/// What the writer reports.
pub fn write_live(
    out: &mut (impl Write + ?Sized),
    service: &Live<ServiceKey>,
    servers: &[Live<Endpoint>],
) -> io::Result<()> {
    let names = Names::numeric();
    let mut line = Vec::with_capacity(128);
    push_key(&mut line, &service.name, &names);
    push_numbers(&mut line, service.rates.as_ref(), service.active);
    line.push(b'\n');
    out.write_all(&line)?;
    for server in servers {
        line.clear();
        line.extend_from_slice(b"  -> ");
        push_cut_endpoint(&mut line, &names, service.name.protocol(), server.name);
        push_numbers(&mut line, server.rates.as_ref(), server.active);
        push_share(&mut line, server.active, service.active, 6);
        push_share(&mut line, server.weight, service.weight, 8);
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}

fn push_numbers(line: &mut Vec<u8>, rates: Option<&Rates>, active: u64) {
    pad(line, 0, LABEL);
    match rates {
        None => line.extend_from_slice("        -".repeat(5).as_bytes()),
        Some(rates) => {
            for rate in [
                rates.connections,
                rates.in_packets,
                rates.out_packets,
                rates.in_bits,
                rates.out_bits,
            ] {
                push_counter(line, rate);
            }
        }
    }
    push_right(line, active, 11);
}

/// A part of a whole, in percent; nothing where there is no whole.
fn push_share(line: &mut Vec<u8>, part: u64, whole: u64, width: usize) {
    let percent = (u128::from(part) * 100 + u128::from(whole) / 2).checked_div(whole.into());
    match percent {
        None => line.extend_from_slice(format!("{:>width$}", '-').as_bytes()),
        // A part is not more than its whole.
        Some(percent) => push_right(line, u64::try_from(percent).unwrap_or(100), width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(connections: u64, in_bytes: u64) -> Stats {
        Stats {
            connections,
            in_bytes,
            ..Stats::default()
        }
    }

    #[test]
    fn rates_are_of_the_true_time() {
        let (old, new) = (stats(100, 0), stats(350, 1000));
        let rates = Rates::between(&old, &new, Duration::from_millis(2500)).unwrap();
        assert_eq!((rates.connections, rates.in_bits), (100, 3200));
        let half = Rates::between(&old, &new, Duration::from_millis(500)).unwrap();
        assert_eq!((half.connections, half.in_bits), (500, 16_000));
        let most = Rates::between(&stats(0, 0), &stats(u64::MAX, 0), Duration::from_secs(1));
        assert_eq!(most.unwrap().connections, u64::MAX);
    }

    #[test]
    fn a_counter_that_went_back_has_no_rate() {
        let second = Duration::from_secs(1);
        assert_eq!(Rates::between(&stats(5, 0), &stats(4, 9), second), None);
        assert_eq!(Rates::between(&stats(5, 9), &stats(6, 0), second), None);
        assert_eq!(
            Rates::between(&stats(5, 9), &stats(6, 9), Duration::ZERO),
            None
        );
    }

    #[test]
    fn servers_have_shares() {
        let key = ServiceKey::tcp("10.0.0.1:80".parse().unwrap());
        let live = |active, weight| (active, weight);
        let row = |(active, weight)| Live {
            name: "10.0.0.2:80".parse::<Endpoint>().unwrap(),
            rates: Some(Rates::default()),
            active,
            weight,
        };
        let service = |active, weight| Live {
            name: key,
            rates: None,
            active,
            weight,
        };
        let mut out = Vec::new();
        write_live(
            &mut out,
            &service(3, 4),
            &[row(live(2, 1)), row(live(1, 3))],
        )
        .unwrap();
        write_live(&mut out, &service(0, 0), &[row(live(0, 0))]).unwrap();
        let service_row = |active: &str| {
            format!(
                "{:<33}{}{active:>11}\n",
                "TCP  10.0.0.1:80",
                "        -".repeat(5)
            )
        };
        let server_row = |active: u64, shares: &str| {
            format!(
                "{:<33}{}{active:>11}{shares}\n",
                "  -> 10.0.0.2:80",
                "        0".repeat(5)
            )
        };
        let expected = service_row("3")
            + &server_row(2, "    67      25")
            + &server_row(1, "    33      75")
            + &service_row("0")
            + &server_row(0, "     -       -");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
