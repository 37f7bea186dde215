//! The one table of commands and options.
//!
//! clap's command, the reader of rules lines, the values, what is legal and the
//! help text are all made from it. A new option is a row here and a field of
//! `ParsedOptions`. The order of the options is that in which 1.31 complains
//! of them, and in which their values are parsed: a value may depend on those of
//! the rows above it, wherever they stand on the line.

use super::build_command;
use super::command::{Command, Program};
use super::parsed::{Forwarding, ParsedOptions};
use super::row::Build::{Alone, OfDaemon, OfServer, OfService, Other};
use super::row::Offers::{Files, Interfaces, Namespaces, SchedulerFlags, Servers, Services, Words};
use super::row::Value::{No, Optional, Required};
use super::row::{self, Row, SetValue, command, no_words, option, unexpected};
use super::sort_key::SORT_KEYS;
use super::usage_error::UsageError;
use super::value_kind;
use super::values;
use super::verbs::{Verb, Verbs};
use crate::model::{Change, Endpoint, Family, Protocol, SCHEDULERS, ServiceKey, Timeouts};
use crate::names::Lookup;
use std::sync::LazyLock;

const SERVICE: Verbs = Verbs::of(&[Verb::AddService, Verb::EditService]);
const SERVER: Verbs = Verbs::of(&[Verb::AddServer, Verb::EditServer]);
const DRAIN: Verbs = Verbs::of(&[Verb::Drain]);
const UNDRAIN: Verbs = Verbs::of(&[Verb::Undrain]);
const DRAINS: Verbs = DRAIN.union(UNDRAIN);
const NAMES_SERVER: Verbs = SERVER.union(Verbs::of(&[Verb::DeleteServer])).union(DRAINS);
const LIST: Verbs = Verbs::of(&[Verb::List]);
const NAMES_SERVICE: Verbs = SERVICE
    .union(NAMES_SERVER)
    .union(Verbs::of(&[
        Verb::DeleteService,
        Verb::List,
        Verb::Zero,
        Verb::Check,
    ]))
    .union(DOCTOR);
const START: Verbs = Verbs::of(&[Verb::StartDaemon]);
const DAEMONS: Verbs = START.union(Verbs::of(&[Verb::StopDaemon]));
const RESTORE: Verbs = Verbs::of(&[Verb::Restore]);
const SAVE: Verbs = Verbs::of(&[Verb::Save]);
const CHECK: Verbs = Verbs::of(&[Verb::Check]);
const DOCTOR: Verbs = Verbs::of(&[Verb::Doctor]);
const EVERY: Verbs = CHANGES
    .union(LIST)
    .union(SAVE)
    .union(RESTORE)
    .union(DRAINS)
    .union(DOCTOR)
    .union(CHECK);
const REPEATABLE: Verbs = DAEMONS.union(Verbs::of(&[
    Verb::AddService,
    Verb::DeleteService,
    Verb::AddServer,
    Verb::DeleteServer,
]));
const CHANGES: Verbs = REPEATABLE.union(Verbs::of(&[
    Verb::EditService,
    Verb::EditServer,
    Verb::Clear,
    Verb::Zero,
    Verb::SetTimeouts,
]));

/// The name of `-g`, `-i` and `-m` in messages.
const FORWARDING: &str = "forwarding-method";

/// The longest payload of a UDP packet over IPv4, in bytes.
const MAX_UDP_PAYLOAD: u64 = 65535 - 20 - 8;

/// The persistence of a `-p` without a value, in seconds.
const DEFAULT_PERSISTENCE: u32 = 360;

/// The table.
#[rustfmt::skip] // a line an option
pub static TABLE: &[Row] = &row::numbered([
    Row { words: service_word, ..command(Verb::AddService, "add-service", &['A'], OfService(|o, key| Ok(Change::AddService(build_command::service(o, key)?))), "add a virtual service") },
    Row { words: service_word, ..command(Verb::EditService, "edit-service", &['E'], OfService(|o, key| Ok(Change::EditService(build_command::service(o, key)?))), "change a virtual service") },
    Row { words: service_word, ..command(Verb::DeleteService, "delete-service", &['D'], OfService(|_, key| Ok(Change::DeleteService(key))), "delete a virtual service and its servers") },
    Row { name: "flush", ..command(Verb::Clear, "clear", &['C'], Alone(|_| Change::Clear), "delete every virtual service") },
    Row { words: file_word, ..command(Verb::Restore, "restore", &['R'], Other(build_command::restore), "read rules from standard input and apply them") },
    Row { words: file_word, ..command(Verb::Save, "save", &['S'], Other(build_command::save), "write the table as rules to standard output") },
    Row { words: server_word, ..command(Verb::AddServer, "add-server", &['a'], OfServer(|o, key, server| Ok(Change::AddDestination(key, build_command::destination(o, &key, server)?))), "add a real server to a virtual service") },
    Row { words: server_word, ..command(Verb::EditServer, "edit-server", &['e'], OfServer(|o, key, server| Ok(Change::EditDestination(key, build_command::destination(o, &key, server)?))), "change a real server") },
    Row { words: server_word, ..command(Verb::DeleteServer, "delete-server", &['d'], OfServer(|_, key, server| Ok(Change::DeleteDestination(key, build_command::endpoint(&key, server, true)))), "delete a real server") },
    Row { words: service_word, ..command(Verb::List, "list", &['L', 'l'], Other(build_command::list), "list the table") },
    Row { words: service_word, ..command(Verb::Zero, "zero", &['Z'], Alone(|o| Change::Zero(o.service)), "set the counters of one or all services to zero") },
    command(Verb::Check, "check", &[], Other(build_command::check), "check services, or the table: for monitoring"),
    Row { words: timeouts, ..command(Verb::SetTimeouts, "set", &[], Alone(|o| Change::SetTimeouts(o.timeouts)), "set the timeouts: TCP TCPFIN UDP, in seconds") },
    Row { value: Required("master|backup", |o, text, _| set(&mut o.role, values::role(text, &value_kind::STARTED_ROLE))), ..command(Verb::StartDaemon, "start-daemon", &[], OfDaemon(|o, role| Change::StartDaemon(build_command::daemon(o, role))), "start a sync daemon").offering(Words(|| vec!["master", "backup"])) },
    Row { value: Required("master|backup", |o, text, _| set(&mut o.role, values::role(text, &value_kind::STOPPED_ROLE))), ..command(Verb::StopDaemon, "stop-daemon", &[], OfDaemon(|o, role| Change::StopDaemon(role, o.sync_id.unwrap_or(0))), "stop a sync daemon").offering(Words(|| vec!["master", "backup"])) },
    command(Verb::Drain, "drain", &[], Other(build_command::drain), "take a server out once its connections end"),
    command(Verb::Undrain, "undrain", &[], Other(build_command::undrain), "give a drained server its weight back"),
    command(Verb::Doctor, "doctor", &[], Other(build_command::doctor), "say what keeps services from working"),
    command(Verb::Help, "help", &['h'], Other(|_| Ok(Command::Help(Program::Ipvsadm))), "show the commands; after a command, its options"),
    command(Verb::Version, "version", &['v'], Other(|_| Ok(Command::Version)), "show the version"),

    option("numeric", &['n'], LIST.union(SAVE), No(|o| on(&mut o.numeric)), "print addresses and ports as numbers"),
    option("connection", &['c'], LIST, No(|o| on(&mut o.connection)), "list the connections"),
    service("tcp-service", &['t'], "ADDR[:PORT]", |o, text, names| address(o, Protocol::TCP, text, names), "a TCP service").offering(Services(Some(Protocol::TCP))),
    Row { alternative: true, ..service("udp-service", &['u'], "ADDR[:PORT]", |o, text, names| address(o, Protocol::UDP, text, names), "a UDP service").offering(Services(Some(Protocol::UDP))) },
    Row { alternative: true, ..service("sctp-service", &[], "ADDR[:PORT]", |o, text, names| address(o, Protocol::SCTP, text, names), "an SCTP service").offering(Services(Some(Protocol::SCTP))) },
    Row { alternative: true, ..service("fwmark-service", &['f'], "MARK", |o, text, _| set(&mut o.service, values::fwmark(text)), "a service of firewall-marked packets").offering(Services(None)) },
    Row { unchecked: true, ..option("ipv6", &['6'], NAMES_SERVICE, No(ipv6), "the marked packets are IPv6") },
    option("scheduler", &['s'], SERVICE, Required("NAME", |o, text, _| set_unless_empty(&mut o.scheduler, text, values::module)), "rr, wrr, lc, wlc (the default), lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos, …").offering(Words(|| SCHEDULERS.to_vec())),
    option("persistent", &['p'], SERVICE, Optional("SECONDS", persistent), "clients keep their server for SECONDS, 360 by default"),
    option("netmask", &['M'], SERVICE, Required("MASK", netmask), "clients of one network keep together: an IPv4 mask, or an IPv6 prefix length"),
    Row { needs_connections: true, ..option("real-server", &['r'], NAMES_SERVER.union(LIST).union(DOCTOR), Required("ADDR[:PORT]", real_server), "the real server").offering(Servers).saying(&[(Verb::Doctor, "this machine is a real server, of the services at ADDR[:PORT][,…]")]) },
    Row { name: FORWARDING, ..option("gatewaying", &['g'], SERVER, No(|o| forward(o, Forwarding::Gatewaying)), "forward by direct routing (the default)") },
    Row { name: FORWARDING, alternative: true, ..option("ipip", &['i'], SERVER, No(|o| forward(o, Forwarding::Tunnel)), "forward through a tunnel") },
    Row { name: FORWARDING, alternative: true, ..option("masquerading", &['m'], SERVER, No(|o| forward(o, Forwarding::Masquerading)), "forward by masquerading (NAT)") },
    option("weight", &['w'], SERVER.union(UNDRAIN), Required("N", |o, text, _| set(&mut o.weight, values::count(text, &value_kind::WEIGHT))), "the server's weight, 1 by default; 0 takes no new connections").saying(&[(Verb::Undrain, "the weight that the server gets, rather than the one that it had")]),
    option("u-threshold", &['x'], SERVER, Required("N", |o, text, _| set(&mut o.upper_threshold, values::count(text, &value_kind::UPPER_THRESHOLD))), "take no more connections at N"),
    option("l-threshold", &['y'], SERVER, Required("N", |o, text, _| set(&mut o.lower_threshold, values::count(text, &value_kind::LOWER_THRESHOLD))), "take connections again below N; by default below three quarters of -x"),
    option("mcast-interface", &[], START, Required("NAME", |o, text, _| set_unless_empty(&mut o.interface, text, values::interface)), "the interface of the sync messages, eth0 by default").offering(Interfaces),
    option("timeout", &[], LIST, No(|o| on(&mut o.timeout)), "list the connection timeouts"),
    option("daemon", &[], LIST, No(|o| on(&mut o.daemon)), "list the sync daemons"),
    option("stats", &[], LIST, No(|o| on(&mut o.stats)), "list the counters"),
    option("rate", &[], LIST, No(|o| on(&mut o.rate)), "list the rates"),
    option("thresholds", &[], LIST, No(|o| on(&mut o.thresholds)), "list the connection thresholds"),
    option("persistent-conn", &[], LIST, No(|o| on(&mut o.persistent_conn)), "list the persistent connections; with -c, the engine's data"),
    option("nosort", &[], LIST, No(|o| on(&mut o.nosort)), "list in the kernel's order"),
    option("sort-by", &[], LIST, Required("KEY", |o, text, _| set(&mut o.sort_by, values::sort_key(text))), "list the servers of each service by KEY, the largest first: weight, active, conns, cps, inbps, …").offering(Words(|| SORT_KEYS.map(|key| key.word).to_vec())),
    Row { unchecked: true, ..option("sort", &[], LIST, No(|_| Ok(())), "list in ascending order (always so)") },
    option("syncid", &[], DAEMONS.union(LIST), Required("ID", |o, text, _| set(&mut o.sync_id, values::number(text, 0..=255, &value_kind::SYNC_ID))), "the id of the group of directors, 0 to 255").saying(&[(Verb::List, "taken and of no use, as in 1.31")]),
    option("exact", &['X'], LIST, No(|o| on(&mut o.exact)), "print counters in full"),
    option("color", &[], LIST.union(RESTORE), Optional("auto|always|never", |o, text| set(&mut o.colour, values::colour(text))), "colour servers that take no new connections, and plans: auto (the default, on a terminal), always, never").offering(Words(|| vec!["auto", "always", "never"])),
    option("ops", &['o'], SERVICE, No(|o| on(&mut o.one_packet)), "one-packet scheduling, for UDP"),
    option("pe", &[], SERVICE, Required("NAME", |o, text, _| set_unless_empty(&mut o.engine, text, values::module)), "the persistence engine: sip").offering(Words(|| vec!["sip"])),
    option("sched-flags", &['b'], SERVICE, Required("FLAGS", |o, text, _| set(&mut o.flag_names, Ok(text.to_owned()))), "the scheduler's flags, separated by commas: sh-fallback, sh-port, mh-fallback, mh-port").offering(SchedulerFlags),
    option("mcast-group", &[], START, Required("ADDR", |o, text, _| set(&mut o.mcast_group, values::mcast_group(text))), "their multicast group, 224.0.0.81 by default"),
    option("mcast-port", &[], START, Required("PORT", |o, text, _| set(&mut o.mcast_port, values::number(text, 1..=65535, &value_kind::MCAST_PORT))), "their UDP port, 8848 by default"),
    option("mcast-ttl", &[], START, Required("TTL", |o, text, _| set(&mut o.mcast_ttl, values::number(text, 1..=255, &value_kind::MCAST_TTL))), "their TTL, 1 by default"),
    option("sync-maxlen", &[], START, Required("BYTES", |o, text, _| set(&mut o.max_length, values::number(text, 1..=MAX_UDP_PAYLOAD, &value_kind::SYNC_MAXLEN))), "the longest sync message, 1 to 65507 bytes"),
    option("tun-info", &[], LIST, No(|o| on(&mut o.tun_info)), "list the tunnels"),
    option("tun-type", &[], SERVER, Required("TYPE", |o, text, _| set(&mut o.tunnel_type, values::tunnel_type(text))), "the tunnel: ipip (the default), gue, gre").offering(Words(|| vec!["ipip", "gue", "gre"])),
    option("tun-port", &[], SERVER, Required("PORT", |o, text, _| set(&mut o.tunnel_port, values::number(text, 1..=65535, &value_kind::TUNNEL_PORT))), "the UDP port of a gue tunnel"),
    option("tun-nocsum", &[], SERVER, No(|o| on(&mut o.tunnel_no_checksum)), "tunnelled packets carry no checksum (the default)"),
    option("tun-csum", &[], SERVER, No(|o| on(&mut o.tunnel_checksum)), "tunnelled packets carry a checksum"),
    option("tun-remcsum", &[], SERVER, No(|o| on(&mut o.tunnel_remote_checksum)), "remote checksum offload, for gue"),
    option("dry-run", &[], RESTORE.union(CHANGES).union(DRAINS), No(|o| on(&mut o.dry_run)), "print what would be done and do nothing").saying(&[(Verb::Restore, "print what would be done and do nothing; with --replace the exit status is 3 where the table differs")]),
    option("replace", &[], RESTORE, No(|o| on(&mut o.replace)), "make the table equal to the rules, touching only what differs"),
    option("exist", &[], RESTORE.union(REPEATABLE), No(|o| on(&mut o.exist)), "adding what exists edits it, deleting what does not exist succeeds"),
    option("file", &[], RESTORE.union(SAVE).union(LIST).union(CHECK), Required("PATH", |o, text, _| set(&mut o.file, values::path(text, "file path"))), "read from, or write to, PATH; - is standard input or output").offering(Files),
    option("all", &[], SAVE, No(|o| on(&mut o.all)), "save the timeouts and sync daemons too"),
    option("not-empty", &[], SAVE, No(|o| on(&mut o.not_empty)), "fail if the table is empty, and leave the file as it was"),
    option("wait", &[], RESTORE.union(DRAIN), Required("SECONDS", |o, text, _| set(&mut o.wait, values::seconds(text, 0, &value_kind::WAIT))), "wait at most SECONDS for another restore to end, 10 by default").saying(&[(Verb::Drain, "wait at most SECONDS for the connections to end; without it, as long as it takes")]),
    option("keep", &[], DRAIN, No(|o| on(&mut o.keep)), "keep the drained server at weight 0"),
    Row { repeatable: true, ..option("force", &[], DRAIN, No(force), "when the time of --wait is over, delete the server with the connections that it still has; twice: also where the kernel lets those hang") },
    option("connections-only", &[], DRAIN, No(|o| on(&mut o.connections_only)), "wait for no persistence templates"),
    option("json", &['j'], LIST.union(RESTORE).union(DRAIN).union(DOCTOR).union(CHECK), No(|o| on(&mut o.json)), "print JSON").saying(&[(Verb::Restore, "with --replace --dry-run: print JSON")]),
    option("metrics", &[], LIST, Optional("FORMAT", |o, text| set(&mut o.metrics, values::metrics_format(text))), "list as metrics: prometheus (the default) or openmetrics; --file PATH keeps them"),
    option("watch", &[], LIST, Optional("SECONDS", watch), "list again every SECONDS, 2 by default, in place on a terminal; with --rate: rates between two readings"),
    option("top", &[], LIST, Required("N", |o, text, _| set(&mut o.top, values::number(text, 1..=u64::from(u32::MAX), &value_kind::TOP))), "with --rate --watch: only N services"),
    option("by", &[], LIST, Required("COLUMN", |o, text, _| set(&mut o.by, values::sort_by(text))), "with --rate --watch: sort by cps, pps, bps or active, the largest first"),
    option("no-servers", &[], LIST, No(|o| on(&mut o.no_servers)), "with --metrics: only the services' own"),
    Row { needs_connections: true, ..option("client", &[], LIST, Required("ADDR[/LEN]", |o, text, _| set(&mut o.client, values::network(text))), "with -c: only the connections of ADDR, or of a network") },
    Row { needs_connections: true, ..option("count", &[], LIST, No(|o| on(&mut o.count)), "with -c: count the connections") },
    Row { needs_connections: true, ..option("stale", &[], LIST, No(|o| on(&mut o.stale)), "with -c: only the connections whose server is gone, has weight 0 or is at its upper threshold") },
    option("min-servers", &[], CHECK, Required("[WARN,]N", |o, text, _| set(&mut o.min_servers, values::limit(text, &value_kind::MIN_SERVERS))), "critical below N servers of weight above 0, 1 by default; a warning below WARN"),
    option("max-connections", &[], CHECK, Required("[WARN,]N", |o, text, _| set(&mut o.max_connections, values::limit(text, &value_kind::MAX_CONNECTIONS))), "critical above N active connections of a service; a warning above WARN"),
    option("resolve-timeout", &[], LIST.union(SAVE), Required("SECONDS", |o, text, _| set(&mut o.resolve_timeout, values::seconds(text, 0, &value_kind::RESOLVE_TIMEOUT))), "look names up for at most SECONDS, 5 by default"),
    option("director", &[], DOCTOR, Required("ADDR", |o, text, _| set(&mut o.director, values::director(text))), "with --doctor --real-server: the director that masquerades and must get the answers"),
    option("verbose", &[], DOCTOR, No(|o| on(&mut o.verbose)), "print hints, and what is as it should be"),
    option("netns", &[], EVERY, Required("NAME", |o, text, _| set(&mut o.netns, values::path(text, "network namespace"))), "work in the network namespace: a name of `ip netns', a path, or a process id").offering(Namespaces),
]);

const fn service(
    long: &'static str,
    short: &'static [char],
    value: &'static str,
    set: SetValue,
    help: &'static str,
) -> Row {
    let name = "service-address";
    Row {
        name,
        ..option(long, short, NAMES_SERVICE, Required(value, set), help)
    }
}

type Parsed = Result<(), UsageError>;

fn force(o: &mut ParsedOptions) -> Parsed {
    o.force += 1;
    Ok(())
}

fn on(flag: &mut bool) -> Parsed {
    *flag = true;
    Ok(())
}

fn set<T>(field: &mut Option<T>, value: Result<T, UsageError>) -> Parsed {
    *field = Some(value?);
    Ok(())
}

/// An empty text is a script's empty variable: the default stays.
fn set_unless_empty<T>(
    field: &mut Option<T>,
    text: &str,
    parse: fn(&str) -> Result<T, UsageError>,
) -> Parsed {
    if text.is_empty() {
        Ok(())
    } else {
        set(field, parse(text))
    }
}

fn address(
    o: &mut ParsedOptions,
    protocol: Protocol,
    text: &str,
    names: &mut dyn Lookup,
) -> Parsed {
    // Known even where the address is bad: the server's port may have a name.
    o.protocol = Some(protocol);
    let (address, port) = values::address(text, "virtual", protocol, names)?;
    let port = port.unwrap_or(0);
    let endpoint = Endpoint { address, port };
    o.service = Some(ServiceKey::Address { protocol, endpoint });
    Ok(())
}

fn ipv6(o: &mut ParsedOptions) -> Parsed {
    match &mut o.service {
        Some(ServiceKey::Fwmark { family, .. }) => {
            *family = Family::Inet6;
            Ok(())
        }
        _ => Err(UsageError::Ipv6WithoutMark),
    }
}

fn persistent(o: &mut ParsedOptions, text: Option<&str>) -> Parsed {
    let timeout = text.map_or(Ok(DEFAULT_PERSISTENCE), |text| {
        values::seconds(text, 1, &value_kind::TIMEOUT)
    });
    set(&mut o.persistent, timeout)
}

fn watch(o: &mut ParsedOptions, text: Option<&str>) -> Parsed {
    const DEFAULT: u32 = 2;
    let interval = text.map_or(Ok(DEFAULT), |text| {
        values::seconds(text, 1, &value_kind::WATCH)
    });
    set(&mut o.watch, interval)
}

fn netmask(o: &mut ParsedOptions, text: &str, _: &mut dyn Lookup) -> Parsed {
    let family = o.service.map_or(Family::Inet, |service| service.family());
    set(&mut o.netmask, values::netmask(text, family))
}

fn real_server(o: &mut ParsedOptions, text: &str, names: &mut dyn Lookup) -> Parsed {
    let protocol = o.protocol.unwrap_or(Protocol::TCP);
    if o.verb == Some(Verb::Doctor) {
        let parse = |text| values::address(text, "virtual", protocol, names);
        o.virtual_addresses = text.split(',').map(parse).collect::<Result<_, _>>()?;
        return Ok(());
    }
    set(
        &mut o.server,
        values::address(text, "real", protocol, names),
    )
}

fn forward(o: &mut ParsedOptions, forwarding: Forwarding) -> Parsed {
    o.forwarding = Some(forwarding);
    Ok(())
}

/// The words of `-R` and `-S`: a file is named by an option.
fn file_word(_: &mut ParsedOptions, words: &[&str]) -> Parsed {
    unexpected(words, UsageError::FileAsWord)
}

/// The words of `-A`, `-L` and the like: a service is named by an option.
fn service_word(_: &mut ParsedOptions, words: &[&str]) -> Parsed {
    unexpected(words, UsageError::ServiceAsWord)
}

/// The words of `-a`, `-e` and `-d`: a server is named by an option.
fn server_word(_: &mut ParsedOptions, words: &[&str]) -> Parsed {
    unexpected(words, UsageError::ServerAsWord)
}

/// The words of `--set`: three timeouts.
fn timeouts(o: &mut ParsedOptions, words: &[&str]) -> Parsed {
    let [tcp, tcp_fin, udp, others @ ..] = words else {
        return Err(UsageError::MissingTimeouts);
    };
    o.timeouts = Timeouts {
        tcp: values::seconds(tcp, 0, &value_kind::TIMEOUT)?,
        tcp_fin: values::seconds(tcp_fin, 0, &value_kind::TIMEOUT)?,
        udp: values::seconds(udp, 0, &value_kind::TIMEOUT)?,
    };
    no_words(o, others)
}

/// The row of a short letter.
pub fn by_short(letter: char) -> Option<&'static Row> {
    /// By the letter's number: a rules file asks for a few letters on each line.
    static BY_LETTER: LazyLock<[Option<&'static Row>; 128]> = LazyLock::new(|| {
        let named = |letter| TABLE.iter().find(|row| row.short.contains(&letter));
        std::array::from_fn(|number| named(char::from(number as u8)))
    });
    *BY_LETTER.get(letter as usize)?
}

/// The row of a long name; abbreviations do not count.
pub fn by_long(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.long == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (i, row) in TABLE.iter().enumerate() {
            for other in &TABLE[i + 1..] {
                assert_ne!(row.long, other.long);
                let shared = row.short.iter().any(|letter| other.short.contains(letter));
                assert!(!shared, "{}", row.long);
            }
        }
    }

    #[test]
    fn alternatives_follow_what_they_exclude() {
        for pair in TABLE.windows(2) {
            let [first, second] = pair else { continue };
            assert_eq!(
                first.name == second.name,
                second.alternative,
                "{}",
                second.long
            );
            assert_eq!(
                first.number == second.number,
                second.alternative,
                "{}",
                second.long
            );
            assert!(
                !second.alternative || first.legal == second.legal,
                "{}",
                second.long
            );
        }
    }
}
