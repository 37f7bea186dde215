//! What can be wrong with a command line or with a line of a rules file.
//!
//! The words are ipvsadm 1.31's where it has such an error: scripts see them.

use super::sort_key::SORT_KEYS;
use crate::ExitStatus;

/// A command line, or a line of a rules file, that can't be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // each says what it is
pub enum UsageError {
    // The words.
    /// A word, and the option that it was probably meant to be.
    #[error("{0}: unknown option")]
    UnknownOption(String, Option<String>),
    /// A word, and the long name of the option that has no value.
    #[error("{0}: missing argument")]
    MissingValue(String, &'static str),
    #[error("{0}: option does not take an argument")]
    UnwantedValue(String),
    #[error("unexpected argument {0}")]
    UnexpectedArgument(String),
    /// A word after a command that takes a file.
    #[error("unexpected argument {0}")]
    FileAsWord(String),
    /// A word after a command that takes a real server.
    #[error("unexpected argument {0}")]
    ServerAsWord(String),
    #[error("invalid option `{0}'")]
    SecondCommand(String),
    #[error("multiple '{0}' options specified")]
    Repeated(&'static str),
    #[error("no command is given, such as -A, -a or -D")]
    NoCommand,
    #[error("`{0}' is no command, such as -A, -a or -D")]
    NotACommand(String),
    /// The program that was called so was given no command.
    #[error("Try `{0} -h' or '{0} --help' for more information.")]
    TryHelp(String, Box<UsageError>),
    /// `ipvsadm-save` or `ipvsadm-restore` does not know an argument.
    #[error("{0}: {1}")]
    Misused(&'static str, Box<UsageError>),

    // The values.
    #[error("illegal {0} specified")]
    IllegalValue(&'static str),
    #[error("illegal {0} `{1}' specified")]
    IllegalText(&'static str, String),
    #[error("invalid {0} value `{1}' specified")]
    InvalidNumber(&'static str, String),
    #[error("illegal {0} server address[:port] specified")]
    UnknownAddress(&'static str, String),
    #[error("invalid {0} mcast-group `{1}'")]
    InvalidGroup(&'static str, String),
    #[error("illegal sort key `{0}' specified")]
    UnknownSortKey(String),
    #[error("invalid scheduler flag `{0}'")]
    UnknownFlag(String),
    #[error("incompatible scheduler flag `{0}'")]
    IncompatibleFlag(String),
    #[error("-6 used before -f")]
    Ipv6WithoutMark,
    #[error("--set option requires 3 timeout values")]
    MissingTimeouts,
    /// The name is longer than the kernel's names.
    #[error("Scheduler or persistence engine not found")]
    NoSuchModule,
    /// The name is longer than the kernel's names.
    #[error("No such device")]
    NoSuchDevice,

    // What goes together.
    #[error("Illegal '{0}' option with the '{1}' command")]
    Illegal(&'static str, &'static str),
    #[error("You need to supply the '{0}' option for the '{1}' command")]
    Missing(&'static str, &'static str),
    #[error("The option '{0}' conflicts with the '{1}' option in the '{2}' command")]
    Conflict(&'static str, &'static str, &'static str),
    #[error("Illegal '{0}' option with the 'list' command")]
    NeedsConnections(&'static str),
    #[error("options conflicts in the list command")]
    ListConflict,
    #[error(
        "The option 'service-address' conflicts with the 'connection' option in the 'list' command"
    )]
    ConnectionsOfMark,
    #[error("The 'json' option prints a plan: it needs 'replace' and 'dry-run'")]
    JsonWithoutPlan,
    #[error("Zero port specified for non-persistent service")]
    ZeroPort,
    #[error("One-Packet Scheduling is only for UDP virtual services")]
    OnePacketNotUdp,
    #[error("Different address family is allowed only for tunneling servers")]
    OtherFamily,
    #[error("Tunnel options conflict with forward method")]
    NotATunnel,
    #[error("Illegal '{0}' option with the '{1}' tunnel type")]
    IllegalInTunnel(&'static str, &'static str),
    #[error("You need to supply the 'tun-port' option for the 'gue' tunnel type")]
    MissingTunnelPort,
    #[error("The option '{0}' conflicts with the '{1}' option in the '{2}' tunnel type")]
    TunnelConflict(&'static str, &'static str, &'static str),

    // The lines of rules files.
    #[error("longer than {0} bytes")]
    LongLine(usize),
    #[error("not UTF-8 text")]
    NotUtf8,
    #[error("a line with `ipvsadm' alone changes nothing")]
    NameAlone,
    #[error("--{0} goes with -R, for all lines")]
    ForAllLines(&'static str),
    #[error("a rules file holds changes, and this line {0}")]
    NotAChange(&'static str),
    #[error("this is a listing: -S writes rules")]
    Listing,
}

impl UsageError {
    /// The exit status of a program with such a command line.
    pub fn status(&self) -> ExitStatus {
        match self {
            UsageError::UnknownOption(..)
            | UsageError::MissingValue(..)
            | UsageError::UnwantedValue(_)
            | UsageError::TryHelp(..)
            | UsageError::NoSuchModule
            | UsageError::NoSuchDevice => ExitStatus::Refused,
            // The scripts ended with 1 at an argument that they did not know.
            UsageError::Misused(..) => ExitStatus::Failure,
            _ => ExitStatus::Usage,
        }
    }

    /// What may help: the line after the message.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            UsageError::UnknownOption(_, option) => format!("did you mean `{}'?", option.as_ref()?),
            UsageError::TryHelp(_, reason) => reason.hint().unwrap_or_else(|| reason.to_string()),
            UsageError::Misused(program, _) => format!("Try `{program} -h' for more information."),
            UsageError::UnknownAddress(_, text) => {
                format!("`{text}' is neither an address[:port] nor a known host name")
            }
            UsageError::Ipv6WithoutMark => {
                "-6 goes with -f MARK; an address says its family itself".to_owned()
            }
            UsageError::NeedsConnections(_) => {
                "it goes with -c, the listing of connections".to_owned()
            }
            UsageError::ConnectionsOfMark => {
                "connections carry addresses, not marks: choose by -r or --client".to_owned()
            }
            UsageError::UnknownSortKey(_) => {
                let keys = SORT_KEYS.map(|key| key.word).join(", ");
                format!("a sort key is one of {keys}")
            }
            UsageError::ZeroPort => {
                "give a port (of IPv6 as [address]:port), or -p for a service of all ports"
                    .to_owned()
            }
            UsageError::NotATunnel => "they go with -i".to_owned(),
            UsageError::FileAsWord(word) => format!("to name a file, use --file {word}"),
            UsageError::ServerAsWord(word) => format!("to name a real server, use -r {word}"),
            UsageError::Illegal(option, command) => illegal(option, command)?.to_owned(),
            UsageError::InvalidNumber(_, text) => number(text)?,
            UsageError::IllegalValue(what) | UsageError::IllegalText(what, _) => {
                range(what)?.to_owned()
            }
            _ => return None,
        };
        Some(hint)
    }
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
        ("file", _) => "only -R and -S take a file",
        _ => return None,
    })
}

/// What a number should look like.
fn number(text: &str) -> Option<String> {
    if let Some(value) = text.strip_prefix("0x")
        && let Ok(value) = u32::from_str_radix(value, 16)
    {
        return Some(format!("only decimal numbers are taken: {value}"));
    }
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let seconds = digits.parse::<u64>().ok().filter(|_| digits != text)?;
    let unit = match text.as_bytes().last()? {
        b'm' => 60,
        b'h' => 3600,
        b'd' => 86400,
        _ => 1,
    };
    Some(format!("times are seconds: {}", seconds.checked_mul(unit)?))
}

/// The values that an option takes.
fn range(what: &str) -> Option<&'static str> {
    Some(match what {
        "weight" => "a weight is a number from 0 to 2147483647",
        "u_threshold" | "l_threshold" => "a threshold is a number from 0 to 2147483647",
        "syncid" => "a sync id is a number from 0 to 255",
        "sync-maxlen" => "a length is a number from 1 to 65507",
        "mcast-port" | "tunnel port" => "a port is a number from 1 to 65535",
        "mcast-ttl" => "a TTL is a number from 1 to 255",
        "tunnel type" => "a tunnel is ipip, gue or gre",
        "ipv6 netmask" => "of IPv6 the mask is a prefix length from 1 to 128",
        "virtual server persistent mask" => "of IPv4 the mask is an address, such as 255.255.255.0",
        "color" => "--color is auto, always or never",
        "start-daemon parameter" | "start_daemon" => "a sync daemon is master or backup",
        _ => return None,
    })
}
