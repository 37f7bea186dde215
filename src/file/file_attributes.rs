//! What a new file takes over from the one that it replaces.

use rustix::buffer::spare_capacity;
use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

/// The most bytes that the kernel has in a list of extended attributes, and in
/// the value of one.
const MOST_BYTES: usize = 65536;
/// The access list. A new file inherits one from its folder.
const ACCESS_LIST: &CStr = c"system.posix_acl_access";

/// Gives `new` the owner, the group, the mode, the access list and the other
/// extended attributes of `old`. False says that this process may not.
///
/// # Errors
/// When the attributes can't be read.
pub fn copy(old: &File, new: &File) -> io::Result<bool> {
    let wanted = old.metadata()?;
    let present = new.metadata()?;
    let owners = (wanted.uid(), wanted.gid());
    if owners != (present.uid(), present.gid())
        && fchown(new, Some(owners.0), Some(owners.1)).is_err()
    {
        return Ok(false);
    }
    let names = names(old)?;
    if !names.iter().any(|name| name.as_c_str() == ACCESS_LIST) {
        // There may be none.
        let _ = fremovexattr(new, ACCESS_LIST);
    }
    for name in &names {
        let wanted = value(old, name)?;
        if value(new, name).ok().as_ref() != Some(&wanted)
            && fsetxattr(new, name, &wanted, XattrFlags::empty()).is_err()
        {
            return Ok(false);
        }
    }
    let mode = wanted.mode() & 0o7777;
    if new.set_permissions(Permissions::from_mode(mode)).is_err() {
        return Ok(false);
    }
    let now = new.metadata()?;
    Ok(
        (now.uid(), now.gid(), now.mode()) == (wanted.uid(), wanted.gid(), wanted.mode())
            && value(new, ACCESS_LIST).ok() == value(old, ACCESS_LIST).ok(),
    )
}

fn names(file: &File) -> rustix::io::Result<Vec<CString>> {
    let mut list = Vec::with_capacity(MOST_BYTES);
    match flistxattr(file, spare_capacity(&mut list)) {
        // The file system has none.
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        listed => listed?,
    };
    let names = list.split_inclusive(|byte| *byte == 0);
    let names = names.filter_map(|name| CStr::from_bytes_with_nul(name).ok());
    Ok(names.map(CStr::to_owned).collect())
}

fn value(file: &File, name: &CStr) -> rustix::io::Result<Vec<u8>> {
    let mut value = Vec::with_capacity(MOST_BYTES);
    fgetxattr(file, name, spare_capacity(&mut value))?;
    Ok(value)
}
