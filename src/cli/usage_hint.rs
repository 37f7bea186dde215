//! What may help with a wrong command line: the line after the message.

use super::sort_key::SORT_KEYS;
use super::usage_error::UsageError;
use super::value_kind::ValueKind;
use super::values::MAX_TIMEOUT;

impl UsageError {
    /// What may help: the line after the message.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            UsageError::UnknownOption(_, option) => format!("did you mean `{}'?", option.as_ref()?),
            UsageError::TryHelp(_, reason) => reason.hint().unwrap_or_else(|| reason.to_string()),
            UsageError::Misused(program, _) => format!("Try `{program} -h' for more information."),
            UsageError::UnknownAddress(_, text) => {
                format!("`{text}' is neither an address[:port] nor a known host name")
            }
            UsageError::UnknownSortKey(_) => {
                let keys = SORT_KEYS.map(|key| key.word).join(", ");
                format!("a sort key is one of {keys}")
            }
            UsageError::NoCommand(Some(only)) => {
                format!("no command is given; only --{only} takes that")
            }
            UsageError::ServiceAsWord(word) => {
                format!("to name a service, use -t {word} (TCP), -u {word} (UDP) or -f MARK")
            }
            UsageError::Missing(what, _) => missing(what)?.to_owned(),
            UsageError::IncompatibleFlag(flag) => format!(
                "{flag} goes with -s {}",
                flag.split('-').next().unwrap_or_default()
            ),
            UsageError::FileAsWord(word) => format!("to name a file, use --file {word}"),
            UsageError::ServerAsWord(word) => format!("to name a real server, use -r {word}"),
            UsageError::Illegal(option, command) => illegal(option, command)?.to_owned(),
            UsageError::InvalidNumber(kind, text) => {
                number(kind, text).unwrap_or_else(|| kind.taken.to_owned())
            }
            UsageError::IllegalValue(kind) => kind.taken.to_owned(),
            other => fixed(other)?.to_owned(),
        };
        Some(hint)
    }
}

/// What helps whatever was typed.
fn fixed(error: &UsageError) -> Option<&'static str> {
    Some(match error {
        UsageError::Ipv6WithoutMark => "-6 goes with -f MARK; an address says its family itself",
        UsageError::NeedsConnections(_) => "it goes with -c, the listing of connections",
        UsageError::NeedsLiveRates(_) => "it goes with --rate --watch",
        UsageError::NeedsMetrics(_) => "it goes with --metrics",
        UsageError::ConnectionsOfMark => {
            "connections carry addresses, not marks: choose by -r or --client"
        }
        UsageError::ZeroPort => {
            "give a port (of IPv6 as [address]:port), or -p for a service of all ports"
        }
        UsageError::UnknownColour(_) => "--color is auto, always or never",
        UsageError::NotATunnel => "they go with -i",
        UsageError::MissingTimeouts => TIMEOUTS,
        _ => return None,
    })
}

/// The command that an option was probably meant for.
fn illegal(option: &str, command: &str) -> Option<&'static str> {
    Some(match (option, command) {
        ("real-server" | "weight" | "forwarding-method", "add-service") => {
            "to add a server, use -a"
        }
        ("real-server" | "weight" | "forwarding-method", "edit-service") => {
            "to change a server, use -e"
        }
        ("real-server", "delete-service") => "to delete a server, use -d",
        ("scheduler" | "persistent", "add-server" | "edit-server") => {
            "it is the service's: -A and -E take it"
        }
        ("file", _) => "only -R, -S, --check and -L --metrics take a file",
        _ => return None,
    })
}

/// The option that names what is missing.
fn missing(what: &str) -> Option<&'static str> {
    Some(match what {
        "service-address" => {
            "name the service: -t, -u or --sctp-service with ADDR:PORT, or -f MARK"
        }
        "real-server" => "name the server: -r ADDR[:PORT]",
        _ => return None,
    })
}

const TIMEOUTS: &str =
    "--set TCP TCPFIN UDP: seconds, at most 2678400 (31 days); 0 keeps a timeout";

/// The number that was probably meant, where the option takes it.
fn number(kind: &ValueKind, text: &str) -> Option<String> {
    if let Some(value) = text.strip_prefix("0x")
        && let Ok(value @ 1..) = u32::from_str_radix(value, 16)
    {
        return Some(format!("only decimal numbers are taken: {value}"));
    }
    if !kind.is_time {
        return None;
    }
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let number = digits.parse::<u64>().ok().filter(|_| digits != text)?;
    let unit = match text.as_bytes().last()? {
        b'm' => 60,
        b'h' => 3600,
        b'd' => 86400,
        _ => 1,
    };
    let seconds = number.checked_mul(unit)?;
    (seconds <= MAX_TIMEOUT).then(|| format!("times are seconds: {seconds}"))
}
