//! Build script: links the program statically where the system can.
//!
//! A start of this program is mostly the loader's work: mapping and binding the C library takes longer than listing a
//! table. rustc's own switch for it, `crt-static`, needs a target triple on cargo's command line, because of procedural
//! macros, and fails where the C library comes without its archive. So the linker is told here, for the program alone, and
//! only where the archives are there. `src/names/system.rs` sees to what a static C library must not do.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

/// Libraries that rustc asks for by name, and the archives that are linked instead: a linker script of the name, found
/// first, gives the archive. Not one shared library may be left, or the linker makes a program that needs a loader after all.
const LIBRARIES: [(&str, &str); 7] = [
    ("gcc_s", "libgcc_eh.a"),
    ("util", "libutil.a"),
    ("rt", "librt.a"),
    ("pthread", "libpthread.a"),
    ("m", "libm.a"),
    ("dl", "libdl.a"),
    ("c", "libc.a"),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rustc-check-cfg=cfg(static_libc)");
    let variable = |name| env::var(name).unwrap_or_default();
    let native = variable("HOST") == variable("TARGET");
    let gnu =
        variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu";
    if !native
        || !gnu
        || !["libgcc_eh.a", "libc.a", "rcrt1.o"]
            .iter()
            .all(|file| has(file))
    {
        return Ok(());
    }
    let out = variable("OUT_DIR");
    for (name, archive) in LIBRARIES {
        let script = Path::new(&out).join(format!("lib{name}.so"));
        fs::write(script, format!("INPUT(-l:{archive})\n"))?;
    }
    println!("cargo::rustc-link-arg-bins=-L{out}");
    println!("cargo::rustc-link-arg-bins=-static-pie");
    if packs_relocations(Path::new(&out)) {
        println!("cargo::rustc-link-arg-bins={PACKED}");
    }
    println!("cargo::rustc-cfg=static_libc");
    Ok(())
}

/// Relocations in a tenth of the space: fewer pages to load.
const PACKED: &str = "-Wl,-z,pack-relative-relocs";

/// Whether a static program with packed relocations starts: the C library relocates itself, and learned this form in 2.36.
fn packs_relocations(out: &Path) -> bool {
    let (source, probe) = (out.join("probe.c"), out.join("probe"));
    let text = "int main(void) { return 0; } int (*relocated)(void) = main;\n";
    let linked = fs::write(&source, text).and_then(|()| {
        Command::new("cc")
            .args(["-static-pie", "-fPIE", PACKED, "-o"])
            .arg(&probe)
            .arg(&source)
            .output()
    });
    linked.is_ok_and(|linked| linked.status.success())
        && Command::new(&probe).status().is_ok_and(|run| run.success())
}

/// Whether the compiler has the file: it prints its path then, and the bare name otherwise.
fn has(file: &str) -> bool {
    let asked = Command::new("cc")
        .arg(format!("-print-file-name={file}"))
        .output();
    asked.is_ok_and(|answer| answer.stdout.starts_with(b"/"))
}
