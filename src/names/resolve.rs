//! Many questions to the resolver at once, with one deadline for all.

use super::system;
use crate::model::Protocol;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// The most questions on their way at a time. They wait, they do not compute:
/// more would hurt the name server, not this machine.
const MAX_THREADS: usize = 64;

/// What is asked for its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    /// An address.
    Host(IpAddr),
    /// A port of a protocol.
    Port(Protocol, u16),
}

/// Asks every question, at most [`MAX_THREADS`] at a time, until `timeout` is
/// over. Returns the names found and the number of questions left open.
///
/// A thread that still waits then is left behind, not joined: it ends with its
/// answer or with the process, whichever is first.
pub fn ask_all<F>(
    questions: Vec<Question>,
    timeout: Duration,
    look_up: F,
) -> (Vec<(Question, String)>, usize)
where
    F: Fn(Question) -> Option<String> + Send + Sync + 'static,
{
    let deadline = Instant::now().checked_add(timeout);
    let mut open = questions.len();
    let mut names = Vec::new();
    if open == 0 || timeout.is_zero() {
        return (names, open);
    }
    let answers = start(questions, look_up);
    while open > 0 {
        let answer = match deadline {
            Some(at) => answers
                .recv_timeout(at.saturating_duration_since(Instant::now()))
                .ok(),
            None => answers.recv().ok(),
        };
        let Some((question, name)) = answer else {
            break;
        };
        open -= 1;
        names.extend(name.map(|name| (question, name)));
    }
    (names, open)
}

/// Starts the threads. Each takes the next question until none is left or
/// nobody listens any more.
fn start<F>(questions: Vec<Question>, look_up: F) -> mpsc::Receiver<(Question, Option<String>)>
where
    F: Fn(Question) -> Option<String> + Send + Sync + 'static,
{
    let (sender, receiver) = mpsc::channel();
    let threads = questions.len().min(MAX_THREADS);
    let shared = Arc::new((questions, AtomicUsize::new(0), look_up));
    for _ in 0..threads {
        let (sender, shared) = (sender.clone(), Arc::clone(&shared));
        let work = move || {
            let (questions, next, look_up) = &*shared;
            while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                if sender.send((*question, look_up(*question))).is_err() {
                    break;
                }
            }
        };
        // Those that could start do all the work; if none could, the channel
        // closes and every question stays open.
        if thread::Builder::new().spawn(work).is_err() {
            break;
        }
    }
    receiver
}

/// Asks the system.
pub fn look_up(question: Question) -> Option<String> {
    match question {
        Question::Host(address) => system::host_name(address),
        Question::Port(protocol, port) => system::port_name(protocol, port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn hosts(count: u32) -> Vec<Question> {
        (1..=count)
            .map(|i| Question::Host(Ipv4Addr::from(i).into()))
            .collect()
    }

    fn echo(question: Question) -> Option<String> {
        match question {
            Question::Host(IpAddr::V4(address)) if address.octets()[3] != 7 => {
                Some(address.to_string())
            }
            _ => None,
        }
    }

    #[test]
    fn every_question_is_answered_once() {
        let (names, open) = ask_all(hosts(1000), Duration::from_secs(60), echo);
        assert_eq!(open, 0);
        // 7, 263, 519 and 775 have no name.
        assert_eq!(names.len(), 996);
        for (question, name) in names {
            assert_eq!(echo(question), Some(name));
        }
    }

    #[test]
    fn the_slow_ones_are_left_behind() {
        let begin = Instant::now();
        let slow = |question| {
            if question == Question::Host(Ipv4Addr::from(3).into()) {
                thread::sleep(Duration::from_secs(20));
            }
            echo(question)
        };
        let (names, open) = ask_all(hosts(6), Duration::from_millis(300), slow);
        assert_eq!((names.len(), open), (5, 1));
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn questions_wait_side_by_side() {
        let begin = Instant::now();
        let slow = |question| {
            thread::sleep(Duration::from_millis(200));
            echo(question)
        };
        let (_, open) = ask_all(hosts(60), Duration::from_secs(60), slow);
        assert_eq!(open, 0);
        assert!(begin.elapsed() < Duration::from_secs(6));
    }

    #[test]
    fn no_limit_is_no_overflow() {
        let (names, open) = ask_all(hosts(2), Duration::MAX, echo);
        assert_eq!((names.len(), open), (2, 0));
    }

    #[test]
    fn the_systems_resolver() {
        let port = |protocol, port| look_up(Question::Port(protocol, port));
        assert_eq!(port(Protocol::SCTP, 80), None);
        assert_eq!(port(Protocol::TCP, 0), None);
    }
}
