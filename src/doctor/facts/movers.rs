//! Programs that move addresses between machines.

use std::fs;

/// The names of such programs.
const MOVERS: [&str; 5] = ["keepalived", "vrrpd", "ucarp", "corosync", "pacemakerd"];

/// The name of such a program that runs. Where one runs, this machine may be a standby, which
/// has no addresses.
pub fn address_mover() -> Option<&'static str> {
    let processes = fs::read_dir("/proc").ok()?;
    processes.flatten().find_map(|process| {
        let name = process.file_name();
        let is_process = name.as_encoded_bytes().first()?.is_ascii_digit();
        let comm = is_process.then(|| fs::read_to_string(process.path().join("comm")))?;
        let comm = comm.ok()?;
        MOVERS.into_iter().find(|mover| *mover == comm.trim_end())
    })
}
