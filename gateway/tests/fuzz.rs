//! What strangers send: each fuzz target on its corpus, and on what is near it. `cargo xtask soak` goes on for longer.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// Edits of one input.
const MOST_EDITS: usize = 4;

/// Runs a target on each file of its corpus, then on files that were cut up and put together anew.
fn try_near_corpus(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    // Of an order that is the same everywhere, so that a seed makes the same inputs.
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(!corpus.is_empty());
    for input in &corpus {
        target(input);
    }
    let test = |input: Vec<u8>| {
        target(&input);
        Ok(())
    };
    TestRunner::default().run(&near(corpus), test).unwrap();
}

/// Inputs in which parts of one file are replaced by parts of others, or by a few bytes of any value.
fn near(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let file = select(corpus);
    let part = (file.clone(), any::<[Index; 2]>()).prop_map(|(file, ends)| {
        let (start, end) = range(&file, ends);
        file[start..end].to_vec()
    });
    let put = proptest::prop_oneof![part, vec(any::<u8>(), 0..3)];
    let edit = (any::<[Index; 2]>(), put);
    (file, vec(edit, 1..=MOST_EDITS)).prop_map(|(mut file, edits)| {
        for (ends, put) in edits {
            let (start, end) = range(&file, ends);
            file.splice(start..end, put);
        }
        file
    })
}

fn range(file: &[u8], ends: [Index; 2]) -> (usize, usize) {
    let [a, b] = ends.map(|end| end.index(file.len() + 1));
    (a.min(b), a.max(b))
}

#[test]
fn a_report_is_read_or_refused_with_a_field() {
    try_near_corpus("report", targets::report);
}

#[test]
fn a_token_holds_only_if_it_is_signed_and_names_a_user() {
    try_near_corpus("token", targets::token);
}

#[test]
fn no_client_chooses_the_address_that_proxies_tell_of_it() {
    try_near_corpus("forwarding", targets::forwarding);
}
