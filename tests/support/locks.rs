//! Children that wait for a file's lock, which a test holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

/// Waits until the child has opened the file: it asks for the lock time and again.
///
/// # Panics
/// When the child has ended without it.
#[track_caller]
pub fn wait_until_open(child: &mut Child, file: &Path) {
    while child.try_wait().expect("a child").is_none() {
        if has_opened(child, file) {
            return;
        }
    }
    panic!("it has ended without {}", file.display());
}

/// What the test holds is the child's, too, until its start has closed it: that file has a lock already.
fn has_opened(child: &Child, file: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let open = fs::read_dir(process.join("fd")).into_iter().flatten();
    open.flatten().any(|entry| {
        let info = process.join("fdinfo").join(entry.file_name());
        let info = fs::read_to_string(info).unwrap_or_default();
        fs::read_link(entry.path()).is_ok_and(|path| path == file)
            && info.contains("flags:")
            && !info.contains("lock:")
    })
}
