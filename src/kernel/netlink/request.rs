//! Single requests, through genetlink.

use super::attributes::{FAMILY_NAME, FAMILY_VERSION};
use super::socket::KernelSocket;
use crate::kernel::error::Error;
use crate::kernel::refusal::{Operation, Refusal, unanswered};
use futures_util::StreamExt;
use genetlink::message::RawGenlMessage;
use genetlink::{GenetlinkError, GenetlinkHandle, new_connection_with_socket};
use netlink_packet_core::{
    DecodeError, Emitable, NLM_F_ACK, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
    ParseableParametrized,
};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};
use netlink_proto::Connection;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// The payload of a message of the IPVS family: a command and its attributes,
/// which [`message`](super::message) encodes and decodes.
#[derive(Debug)]
pub(crate) struct Payload {
    command: u8,
    attributes: Vec<u8>,
}

impl GenlFamily for Payload {
    fn family_name() -> &'static str {
        FAMILY_NAME
    }

    fn command(&self) -> u8 {
        self.command
    }

    fn version(&self) -> u8 {
        FAMILY_VERSION
    }
}

impl Emitable for Payload {
    fn buffer_len(&self) -> usize {
        self.attributes.len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.attributes);
    }
}

impl ParseableParametrized<[u8], GenlHeader> for Payload {
    fn parse_with_param(bytes: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        Ok(Payload {
            command: header.cmd,
            attributes: bytes.to_vec(),
        })
    }
}

/// genetlink's connection, and the requests that travel by it one at a time.
pub(crate) struct Requests {
    connection: Connection<RawGenlMessage, KernelSocket>,
    handle: GenetlinkHandle,
}

impl Requests {
    /// Opens a socket.
    pub(crate) fn open() -> io::Result<Self> {
        // Dropping the receiver makes genetlink drop what nobody asked for.
        let (mut connection, handle, _) = new_connection_with_socket()?;
        connection.set_forward_ack(true);
        Ok(Requests { connection, handle })
    }

    /// The socket, for dumps and batches.
    pub(crate) fn socket(&mut self) -> &KernelSocket {
        self.connection.socket_mut()
    }

    /// The number of the IPVS family; `NotFound` when the kernel has none.
    pub(crate) fn family(&mut self) -> io::Result<u16> {
        let resolved = drive(
            &mut self.connection,
            self.handle.resolve_family::<Payload>(),
        )?;
        match resolved {
            Ok(family) => Ok(family.id),
            Err(GenetlinkError::NetlinkError(error)) => Err(error),
            Err(other) => Err(io::Error::other(other)),
        }
    }

    /// Asks for something; returns the attributes of the reply.
    pub(crate) fn get(
        &mut self,
        family: u16,
        operation: Operation,
        attributes: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let answer = self.exchange(family, operation, NLM_F_REQUEST, attributes)?;
        answer.ok_or(Error::Malformed {
            operation,
            reason: "an acknowledgement in place of an answer",
        })
    }

    /// Has something done.
    pub(crate) fn set(
        &mut self,
        family: u16,
        operation: Operation,
        attributes: Vec<u8>,
    ) -> Result<(), Error> {
        self.exchange(family, operation, NLM_F_REQUEST | NLM_F_ACK, attributes)
            .map(drop)
    }

    /// Sends a request; returns the reply's attributes, or nothing for an
    /// acknowledgement.
    fn exchange(
        &mut self,
        family: u16,
        operation: Operation,
        flags: u16,
        attributes: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut message = GenlMessage::from_payload(Payload {
            command: operation as u8,
            attributes,
        });
        message.set_resolved_family_id(family);
        let mut message = NetlinkMessage::from(message);
        message.header.flags = flags;
        message.finalize();

        let fail = Error::transport(operation);
        let replies = self
            .handle
            .send_request(message)
            .map_err(|error| fail(io::Error::other(error)))?;
        let mut replies = pin!(replies);
        let reply = match drive(&mut self.connection, replies.next()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(unanswered(operation).map(|()| None)?);
            }
            reply => reply.map_err(&fail)?,
        };
        match reply {
            Some(Ok(reply)) => read_reply(operation, reply.payload),
            Some(Err(_)) => Err(Error::Malformed {
                operation,
                reason: "not a generic netlink message",
            }),
            None => Err(fail(io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

/// The attributes of a reply, or nothing for an acknowledgement.
pub(crate) fn read_reply(
    operation: Operation,
    payload: NetlinkPayload<GenlMessage<Payload>>,
) -> Result<Option<Vec<u8>>, Error> {
    match payload {
        NetlinkPayload::InnerMessage(message) => Ok(Some(message.payload.attributes)),
        NetlinkPayload::Error(error) => match error.code {
            None => Ok(None),
            Some(code) => Err(Error::Refused(Refusal {
                operation,
                errno: code.get().saturating_abs(),
            })),
        },
        _ => Err(Error::Malformed {
            operation,
            reason: "neither an answer nor an acknowledgement",
        }),
    }
}

/// Runs a future of genetlink's to its end.
///
/// The future and the connection take turns. Neither has to be woken: the
/// kernel's answer is there as soon as the request is sent.
fn drive<F: Future>(
    connection: &mut Connection<RawGenlMessage, KernelSocket>,
    future: F,
) -> io::Result<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
        let moves = connection.socket_mut().moves();
        let ended = Pin::new(&mut *connection).poll(&mut context).is_ready();
        let socket = connection.socket_mut();
        if let Some(failure) = socket.take_failure() {
            return Err(failure);
        }
        if ended {
            return Err(io::ErrorKind::NotConnected.into());
        }
        // genetlink drops an answer it cannot parse, and would wait for another.
        if socket.moves() == moves {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}
