//! seeds FOLDER CASES… writes seeds for the targets `arguments` and `rules` below a folder, one for each line of tests/cases, and a
//! dictionary of the words in them. tests/fuzz/run compiles it, by itself as it must not be watched by the fuzzer.

#[path = "../support/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let folder = arguments.next().expect("seeds FOLDER CASES…");
    let folder = Path::new(&folder);
    let (mut lists, mut texts, mut dictionary) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for file in arguments {
        for line in fs::read_to_string(file)?.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "" | "#" | "@empty" | "@differs" | "@like" => continue,
                "@stdin" => texts.extend([words::lines(rest)]),
                "@raw" => texts.extend([split(rest).concat()]),
                _ => {
                    let line = if word == "@setup" { rest } else { line };
                    let words = split(line);
                    texts.insert([words.join(&b' '), b"\n".to_vec()].concat());
                    lists.insert([b"ipvsadm\0".to_vec(), words.join(&0)].concat());
                    dictionary.extend(words);
                }
            }
        }
    }
    write_all(&folder.join("arguments"), &lists)?;
    write_all(&folder.join("rules"), &texts)?;
    let lines: Vec<String> = dictionary
        .iter()
        .filter(|word| (2..=60).contains(&word.len()))
        .map(|word| quoted(word))
        .collect();
    fs::write(folder.join("words.dict"), lines.concat())
}

fn split(line: &str) -> Vec<Vec<u8>> {
    words::split(line)
        .into_iter()
        .map(OsString::into_vec)
        .collect()
}

fn write_all(folder: &Path, seeds: &BTreeSet<Vec<u8>>) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(number.to_string()), seed)?;
    }
    Ok(())
}

/// A word as libFuzzer's dictionaries have it.
fn quoted(word: &[u8]) -> String {
    let bytes: String = word.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("\"{bytes}\"\n")
}
