//! Network namespaces that others can find: by a name, or by a process in them.

use super::ip;
use std::process::{Child, Command};

/// A namespace of `ip netns`, deleted at the end.
pub struct Named(pub String);

impl Named {
    /// Makes it of the present namespace, whose table is then seen under both.
    pub fn of_this(name: String) -> Named {
        ip(&format!("netns attach {name} {}", thread()));
        Named(name)
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        ip(&format!("netns delete {}", self.0));
    }
}

/// The thread's own id: namespaces are a thread's.
fn thread() -> String {
    let link = std::fs::read_link("/proc/thread-self").expect("this thread");
    link.file_name()
        .expect("its id")
        .to_string_lossy()
        .into_owned()
}

/// A name that no other test uses.
pub fn unique(word: &str) -> String {
    format!("ipvsadm-{word}-{}", thread())
}

/// A process that stays in the present namespace.
pub struct Sleeper(Child);

impl Sleeper {
    pub fn new() -> Sleeper {
        Sleeper(
            Command::new("sleep")
                .arg("1000")
                .spawn()
                .expect("a process"),
        )
    }

    pub fn id(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}
