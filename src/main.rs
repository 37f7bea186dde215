//! `ipvsadm`: administers the Linux Virtual Server.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ipvs::commands::run(std::env::args_os()).into()
}
