//! `ipvsadm`: administers the Linux Virtual Server.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    // The build script sets this for the program alone: who uses the library links as they like.
    if cfg!(static_libc) {
        ipvs::names::c_library_is_static();
    }
    ipvs::commands::run(std::env::args_os()).into()
}
