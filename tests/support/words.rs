//! Shell-like words: blanks part them, '…' takes everything as it is, "…" knows \n \r \t \\ \" and \xHH.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

pub fn split(line: &str) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = line.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' => words.extend(word.take().map(OsString::from_vec)),
            b'\'' => word
                .get_or_insert_default()
                .extend(bytes.by_ref().take_while(|byte| *byte != b'\'')),
            b'"' => quoted(&mut bytes, word.get_or_insert_default()),
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word.map(OsString::from_vec));
    words
}

/// The words as lines of a text.
pub fn lines(line: &str) -> Vec<u8> {
    split(line)
        .into_iter()
        .flat_map(|word| [word.into_vec(), b"\n".to_vec()].concat())
        .collect()
}

fn quoted(bytes: &mut impl Iterator<Item = u8>, word: &mut Vec<u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => word.push(escape(bytes)),
            byte => word.push(byte),
        }
    }
    panic!("a quote without its end");
}

fn escape(bytes: &mut impl Iterator<Item = u8>) -> u8 {
    let mut next = || bytes.next().expect("something after a backslash");
    match next() {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => {
            let digits = [next(), next()];
            let digits = std::str::from_utf8(&digits).expect("two hexadecimal digits");
            u8::from_str_radix(digits, 16).expect("two hexadecimal digits")
        }
        byte => byte,
    }
}
