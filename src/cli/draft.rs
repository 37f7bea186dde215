//! Tokens to values: one field for each thing that options can say.

use super::command::{Network, UsageError};
use super::groups::Groups;
use super::options::{Group, Meaning, Opt};
use super::reader::{Token, Tokens};
use super::value::{self, HostAndPort};
use super::verbs::Verb;
use crate::model::{Family, Name, Netmask, Protocol, ServiceKey, SyncRole};
use crate::names::Lookup;
use std::net::IpAddr;

/// What the options said, their values parsed, their combination not yet
/// checked.
#[derive(Debug)]
pub struct Draft<'a> {
    pub verb: Verb,
    /// The groups of which an option was given.
    pub given: Groups,
    pub service: Option<ServiceKey>,
    pub scheduler: Option<Name>,
    pub scheduler_flags: Option<&'a str>,
    pub persistent: Option<u32>,
    pub netmask: Option<Netmask>,
    pub engine: Option<Name>,
    pub server: Option<HostAndPort>,
    pub forward: Option<Opt>,
    pub weight: Option<i32>,
    pub upper_threshold: Option<u32>,
    pub lower_threshold: Option<u32>,
    pub tunnel: TunnelType,
    pub tunnel_port: Option<u16>,
    pub role: Option<SyncRole>,
    pub sync_id: Option<u32>,
    pub max_length: Option<u16>,
    pub interface: Option<Name>,
    pub mcast_group: Option<IpAddr>,
    pub mcast_port: Option<u16>,
    pub mcast_ttl: Option<u8>,
    pub file: Option<&'a str>,
    pub wait: Option<u32>,
    pub client: Option<Network>,
    pub resolve_timeout: Option<u32>,
    pub netns: Option<&'a str>,
}

/// The value of `--tun-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TunnelType {
    #[default]
    Ipip,
    Gue,
    Gre,
}

impl TunnelType {
    pub fn name(self) -> &'static str {
        match self {
            TunnelType::Ipip => "ipip",
            TunnelType::Gue => "gue",
            TunnelType::Gre => "gre",
        }
    }
}

/// What other options' values depend on, wherever it stands on the line.
struct Context<'a> {
    service: Option<(Opt, &'a str)>,
    family: Family,
}

impl<'a> Context<'a> {
    fn of(tokens: &[Token<'a>]) -> Self {
        let options = || {
            tokens.iter().filter_map(|token| match token.entry.meaning {
                Meaning::Option(option) => Some((option, token)),
                Meaning::Command(_) => None,
            })
        };
        let service = options()
            .find(|(_, token)| token.entry.group == Some(Group::ServiceAddress))
            .map(|(option, token)| (option, token.value.unwrap_or_default()));
        let six = options().any(|(option, _)| option == Opt::Ipv6);
        Context {
            service,
            family: if six { Family::Inet6 } else { Family::Inet },
        }
    }

    /// The protocol whose port names count.
    fn protocol(&self) -> Protocol {
        match self.service {
            Some((Opt::UdpService, _)) => Protocol::UDP,
            Some((Opt::SctpService, _)) => Protocol::SCTP,
            _ => Protocol::TCP,
        }
    }

    fn service(&self, names: &mut dyn Lookup) -> Option<Result<ServiceKey, UsageError>> {
        self.service.map(|(option, text)| match option {
            Opt::FwmarkService => value::fwmark(text, self.family),
            _ => value::service(text, self.protocol(), names),
        })
    }
}

impl<'a> Draft<'a> {
    /// Parses the tokens' values, in order: the first fault is reported.
    ///
    /// `None` where no command was given.
    pub fn new(tokens: &Tokens<'a>, names: &mut dyn Lookup) -> Option<Result<Self, UsageError>> {
        let verb = tokens
            .tokens
            .iter()
            .find_map(|token| match token.entry.meaning {
                Meaning::Command(verb) => Some(verb),
                Meaning::Option(_) => None,
            })?;
        let mut draft = Draft::empty(verb);
        if matches!(verb, Verb::Help | Verb::Version) {
            return Some(Ok(draft));
        }
        Some(draft.take_all(tokens, names).map(|()| draft))
    }

    fn empty(verb: Verb) -> Self {
        Draft {
            verb,
            given: Groups::default(),
            service: None,
            scheduler: None,
            scheduler_flags: None,
            persistent: None,
            netmask: None,
            engine: None,
            server: None,
            forward: None,
            weight: None,
            upper_threshold: None,
            lower_threshold: None,
            tunnel: TunnelType::default(),
            tunnel_port: None,
            role: None,
            sync_id: None,
            max_length: None,
            interface: None,
            mcast_group: None,
            mcast_port: None,
            mcast_ttl: None,
            file: None,
            wait: None,
            client: None,
            resolve_timeout: None,
            netns: None,
        }
    }

    /// Whether an option of the group was given.
    pub fn has(&self, group: Group) -> bool {
        self.given.contain(group)
    }

    fn take_all(&mut self, tokens: &Tokens<'a>, names: &mut dyn Lookup) -> Result<(), UsageError> {
        let context = Context::of(&tokens.tokens);
        let service = context.service(names);
        if let Some(Ok(key)) = service {
            self.service = Some(key);
        }
        let mut commands = 0;
        for token in &tokens.tokens {
            match token.entry.meaning {
                Meaning::Command(_) if commands > 0 => {
                    return Err(UsageError::new(format!(
                        "invalid option `{}'",
                        token.last_word()
                    )));
                }
                Meaning::Command(verb) => {
                    commands += 1;
                    self.take_role(verb, token.value.unwrap_or_default())?;
                }
                Meaning::Option(option) => {
                    self.mark_given(token)?;
                    if let Some(Err(error)) = &service
                        && token.entry.group == Some(Group::ServiceAddress)
                    {
                        return Err(error.clone());
                    }
                    self.take(option, token.value, &context, names)?;
                }
            }
        }
        Ok(())
    }

    fn mark_given(&mut self, token: &Token<'_>) -> Result<(), UsageError> {
        if let Some(group) = token.entry.group {
            if self.has(group) {
                let name = token.entry.group_name();
                return Err(UsageError::new(format!(
                    "multiple '{name}' options specified"
                )));
            }
            self.given.insert(group);
        }
        Ok(())
    }

    fn take_role(&mut self, verb: Verb, text: &str) -> Result<(), UsageError> {
        let message = match verb {
            Verb::StartDaemon => "illegal start-daemon parameter specified",
            Verb::StopDaemon => "illegal start_daemon specified",
            _ => return Ok(()),
        };
        self.role = Some(value::role(text, message)?);
        Ok(())
    }

    fn take(
        &mut self,
        option: Opt,
        given: Option<&'a str>,
        context: &Context<'_>,
        names: &mut dyn Lookup,
    ) -> Result<(), UsageError> {
        let text = given.unwrap_or_default();
        match option {
            Opt::Ipv6 if !matches!(context.service, Some((Opt::FwmarkService, _))) => {
                return Err(UsageError::new("-6 used before -f")
                    .with_hint("-6 goes with -f MARK; an address says its family itself"));
            }
            Opt::Scheduler if !text.is_empty() => self.scheduler = Some(value::module(text)?),
            Opt::SchedulerFlags => self.scheduler_flags = Some(text),
            Opt::Persistent => {
                self.persistent =
                    Some(given.map_or(Ok(DEFAULT_PERSISTENCE), |t| value::timeout(t, 1))?);
            }
            Opt::Netmask => {
                let family = self
                    .service
                    .map_or(Family::Inet, |service| service.family());
                self.netmask = Some(value::netmask(text, family)?);
            }
            Opt::Engine if !text.is_empty() => self.engine = Some(value::module(text)?),
            Opt::RealServer => {
                self.server = Some(value::server(text, context.protocol(), names)?);
            }
            Opt::Gatewaying | Opt::Ipip | Opt::Masquerading => self.forward = Some(option),
            Opt::Weight => self.weight = Some(value::count(text, "weight")?),
            Opt::UpperThreshold => self.upper_threshold = Some(value::count(text, "u_threshold")?),
            Opt::LowerThreshold => self.lower_threshold = Some(value::count(text, "l_threshold")?),
            Opt::TunnelType => self.tunnel = tunnel_type(text)?,
            Opt::TunnelPort => self.tunnel_port = Some(value::tunnel_port(text)?),
            Opt::SyncId => self.sync_id = Some(value::sync_id(text)?),
            Opt::SyncMaxLength => self.max_length = Some(value::sync_max_length(text)?),
            // A script's empty variable: the default, as with the scheduler.
            Opt::McastInterface if !text.is_empty() => {
                self.interface = Some(value::interface(text)?);
            }
            Opt::McastGroup => self.mcast_group = Some(value::mcast_group(text)?),
            Opt::McastPort => self.mcast_port = Some(value::mcast_port(text)?),
            Opt::McastTtl => self.mcast_ttl = Some(value::mcast_ttl(text)?),
            Opt::File => self.file = Some(value::path(text)?).filter(|path| *path != "-"),
            Opt::Wait => self.wait = Some(value::wait(text)?),
            Opt::Client => self.client = Some(value::network(text)?),
            Opt::ResolveTimeout => self.resolve_timeout = Some(value::resolve_timeout(text)?),
            Opt::Netns => self.netns = Some(value::netns(text)?),
            // Those without a value of their own: `given` knows them.
            _ => {}
        }
        Ok(())
    }
}

/// The persistence of a `-p` without a value, in seconds.
const DEFAULT_PERSISTENCE: u32 = 360;

fn tunnel_type(text: &str) -> Result<TunnelType, UsageError> {
    match text {
        "ipip" => Ok(TunnelType::Ipip),
        "gue" => Ok(TunnelType::Gue),
        "gre" => Ok(TunnelType::Gre),
        _ => Err(UsageError::new("illegal tunnel type specified")),
    }
}
