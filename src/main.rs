//! `ipvsadm`: administers the Linux Virtual Server.
#![deny(unsafe_code)]

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::fcntl_getfd;
use rustix::stdio::{stderr, stdin, stdout};
use std::fs::File;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::process::ExitCode;

fn main() -> ExitCode {
    // The build script sets this for the program alone: who uses the library links as they like.
    if cfg!(static_libc) {
        ipvs::names::c_library_is_static();
    }
    ipvs::commands::run(std::env::args_os()).into()
}

/// Runs before Rust's start-up, which opens `/dev/null` for each standard stream that is closed, and aborts where there is none,
/// as in a bare chroot. The attribute is the program's only unsafe code.
#[expect(unsafe_code, reason = "nothing else runs as early")]
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_THE_START: extern "C" fn() = replace_closed_streams;

/// Lets empty files in memory stand for closed streams where there is no `/dev/null`: nothing to read, and nothing that is
/// written goes anywhere.
extern "C" fn replace_closed_streams() {
    let is_closed = fcntl_getfd(stdin()).is_err()
        || fcntl_getfd(stdout()).is_err()
        || fcntl_getfd(stderr()).is_err();
    if !is_closed
        || File::options()
            .read(true)
            .write(true)
            .open("/dev/null")
            .is_ok()
    {
        return;
    }
    // A new file gets the lowest number that is free.
    while let Ok(memory) = memfd_create("closed", MemfdFlags::empty())
        && memory.as_raw_fd() <= stderr().as_raw_fd()
    {
        let _ = memory.into_raw_fd();
    }
}
