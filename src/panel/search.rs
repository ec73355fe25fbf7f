//! Which texts hold what is searched for. Pure.

use alloc::vec::Vec;

use super::texts::Texts;

/// A search, and what it has found so far.
#[derive(Default)]
pub struct Search {
    /// The ways to write what is searched for, the letters of ASCII as small ones. None searches for nothing.
    needles: Vec<Vec<u8>>,
    /// Whether the text of each number holds it: of texts, of ids, of names.
    hits: [Vec<bool>; 3],
}

impl Search {
    /// A search for a text in any of these ways of writing it. Letters of ASCII are the same, large or small.
    #[must_use]
    pub fn new<'a>(ways: impl Iterator<Item = &'a str>) -> Self {
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for way in ways.filter(|way| !way.is_empty()) {
            let needle = way.as_bytes().to_ascii_lowercase();
            if !needles.contains(&needle) {
                needles.push(needle);
            }
        }
        Self { needles, ..Self::default() }
    }

    /// Whether anything is searched for.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        !self.needles.is_empty()
    }

    /// Forgets what was found: texts have other numbers now.
    pub fn forget(&mut self) {
        self.hits.iter_mut().for_each(Vec::clear);
    }

    /// Looks into the texts that are new since the last time.
    pub fn look(&mut self, texts: &Texts, ids: &Texts, names: &Texts) {
        for (texts, hits) in [texts, ids, names].into_iter().zip(&mut self.hits) {
            let looked = hits.len();
            hits.resize(texts.len(), false);
            for needle in &self.needles {
                find_all(needle, texts, looked, hits);
            }
        }
    }

    /// Whether the text of this number holds it.
    #[must_use]
    pub fn hit(&self, text: u32) -> bool {
        self.hits[0][text as usize]
    }

    /// Whether the id of this number holds it.
    #[must_use]
    pub fn hits_id(&self, id: u32) -> bool {
        self.hits[1][id as usize]
    }

    /// Whether the name of this number holds it.
    #[must_use]
    pub fn hits_name(&self, name: u32) -> bool {
        self.hits[2][name as usize]
    }
}

/// All texts at once, from the first that is new: one pass over their bytes.
fn find_all(needle: &[u8], texts: &Texts, looked: usize, hits: &mut [bool]) {
    let bytes = texts.bytes();
    let Some((&first, rest)) = needle.split_first() else { return };
    let upper = first.to_ascii_uppercase();
    #[expect(clippy::cast_possible_truncation, reason = "numbers of texts are u32")]
    let mut text = looked.max(1) as u32;
    if text as usize >= texts.len() {
        return;
    }
    let mut at = texts.end(text - 1);
    while let Some(found) = bytes
        .get(at..)
        .and_then(|left| left.iter().position(|byte| *byte == first || *byte == upper))
    {
        let start = at + found;
        at = start + 1;
        let Some(candidate) = bytes.get(at..at + rest.len()) else { return };
        if !candidate.eq_ignore_ascii_case(rest) {
            continue;
        }
        while texts.end(text) <= start {
            text += 1;
        }
        if texts.end(text) >= at + rest.len() {
            hits[text as usize] = true;
            at = texts.end(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_anywhere_in_another_large_or_small_and_not_across_two() {
        let mut texts = Texts::default();
        let numbers =
            ["Billy", "bill", "y", "", "ÜBER", "xxbILLYxx"].map(|it| texts.number(it.as_bytes()));
        let ids = Texts::default();
        let found = |ways: &[&str]| {
            let mut search = Search::new(ways.iter().copied());
            search.look(&texts, &ids, &ids);
            numbers.map(|number| search.hit(number))
        };
        assert_eq!(found(&["billy"]), [true, false, false, false, false, true]);
        assert_eq!(found(&["LL"]), [true, true, false, false, false, true]);
        assert_eq!(found(&["über", "ÜBER"]), [false, false, false, false, true, false]);
        assert_eq!(found(&["none"]), [false; 6]);
    }

    #[test]
    fn texts_that_come_later_are_looked_into_later() {
        let (mut texts, ids) = (Texts::default(), Texts::default());
        let first = texts.number(b"pump 1");
        let mut search = Search::new(["PUMP"].into_iter());
        search.look(&texts, &ids, &ids);
        let second = texts.number(b"the pump");
        let third = texts.number(b"valve");
        search.look(&texts, &ids, &ids);
        assert_eq!([first, second, third].map(|it| search.hit(it)), [true, true, false]);
    }
}
