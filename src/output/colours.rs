//! The colours of a terminal: the sequences that begin them, and the sequence that ends them.

pub(super) const GREEN: &str = "\x1b[32m";
pub(super) const YELLOW: &str = "\x1b[33m";
pub(super) const RED: &str = "\x1b[31m";
/// Bold, so that its hue is not all that tells it from the other colours.
pub(super) const BOLD_RED: &str = "\x1b[1;31m";
pub(super) const PLAIN: &str = "\x1b[0m";
