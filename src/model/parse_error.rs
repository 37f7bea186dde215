//! What can be wrong with the text of a value.

/// A text is not what it was to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}' is not {expected}")]
pub struct ParseError {
    expected: &'static str,
    text: String,
}

impl ParseError {
    pub(crate) fn new(expected: &'static str, text: &str) -> Self {
        let text = text.to_owned();
        ParseError { expected, text }
    }
}
