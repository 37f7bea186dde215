//! Build script: links the unwinder statically.
//!
//! A start of this program is mostly the loader's work, and libgcc_s would be half of the libraries it loads, for
//! functions that are never called (panics abort). The standard library asks the linker for `-lgcc_s`; a linker script
//! of that name, found first, gives it the static twin. Where the compiler has none, nothing is changed.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    let Some(out) = env::var_os("OUT_DIR") else {
        return;
    };
    if has_static_unwinder() {
        let script = Path::new(&out).join("libgcc_s.so");
        if fs::write(script, "INPUT(-l:libgcc_eh.a)\n").is_ok() {
            println!(
                "cargo:rustc-link-search=native={}",
                Path::new(&out).display()
            );
        }
    }
}

/// The compiler prints a path where it has the file, and the bare name where not.
fn has_static_unwinder() -> bool {
    let asked = Command::new("cc")
        .arg("-print-file-name=libgcc_eh.a")
        .output();
    asked.is_ok_and(|answer| answer.stdout.starts_with(b"/"))
}
