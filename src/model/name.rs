//! Short kernel names, held without an allocation.

use super::ParseError;
use std::fmt;
use std::str::FromStr;

/// The longest name, in bytes: the kernel's `IP_VS_SCHEDNAME_MAXLEN`,
/// `IP_VS_PENAME_MAXLEN` and `IP_VS_IFNAME_MAXLEN` are 16 with the NUL.
const MAX: usize = 15;

/// The name of a scheduler, a persistence engine or a network interface: up to
/// 15 bytes.
///
/// A table of a million rules holds one or two of these a service, so they are
/// kept inline.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    bytes: [u8; MAX],
    len: u8,
}

impl Name {
    /// A name known when the program is compiled.
    ///
    /// # Panics
    /// When the name is too long; in a `const` that is a compile-time error.
    pub const fn from_static(text: &'static str) -> Self {
        assert!(text.len() <= MAX);
        let mut bytes = [0; MAX];
        let mut i = 0;
        while i < text.len() {
            bytes[i] = text.as_bytes()[i];
            i += 1;
        }
        Name {
            bytes,
            len: text.len() as u8,
        }
    }

    /// A name from the wire: up to the NUL, cut at the limit, every byte that is
    /// not printable ASCII replaced by `?`.
    pub fn from_wire(bytes: &[u8]) -> Self {
        let end = bytes
            .iter()
            .position(|b| *b == 0)
            .unwrap_or(bytes.len())
            .min(MAX);
        let mut name = Name {
            bytes: [0; MAX],
            len: end as u8,
        };
        for (to, from) in name.bytes.iter_mut().zip(&bytes[..end]) {
            *to = if from.is_ascii_graphic() { *from } else { b'?' };
        }
        name
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        // Both constructors copy whole UTF-8 strings or ASCII.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

/// A longer text is refused, and one with a NUL, which would end the name.
impl FromStr for Name {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX || text.contains('\0') {
            return Err(ParseError::new("a name of at most 15 bytes", text));
        }
        let mut bytes = [0; MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Name {
            bytes,
            len: text.len() as u8,
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_the_wire_are_printable() {
        assert_eq!(Name::from_wire(b"wlc\0junk").as_str(), "wlc");
        assert_eq!(Name::from_wire(b"a\x1b[2Jb").as_str(), "a?[2Jb");
        assert_eq!(Name::from_wire(&[b'x'; 40]).as_str(), "xxxxxxxxxxxxxxx");
        assert_eq!(Name::from_wire(b"").as_str(), "");
    }

    #[test]
    fn a_name_fits_with_its_nul_or_not_at_all() {
        assert_eq!(
            "123456789012345".parse::<Name>().unwrap().as_str(),
            "123456789012345"
        );
        assert!("1234567890123456".parse::<Name>().is_err());
    }
}
