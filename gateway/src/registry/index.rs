//! Which open sessions have a text in common: the same user, or the same project.

use std::collections::HashMap;

use roaring::RoaringTreemap;

use super::number::Number;
use super::text::Text;

/// Open sessions by one text of theirs.
#[derive(Debug, Default)]
pub(super) struct Index(HashMap<Text, RoaringTreemap>);

impl Index {
    pub(super) fn insert(&mut self, text: &Text, number: Number) {
        match self.0.get_mut(text) {
            Some(numbers) => {
                numbers.insert(number.get());
            }
            None => {
                self.0.insert(text.clone(), RoaringTreemap::from_iter([number.get()]));
            }
        }
    }

    pub(super) fn remove(&mut self, text: &Text, number: Number) {
        if let Some(numbers) = self.0.get_mut(text) {
            numbers.remove(number.get());
            if numbers.is_empty() {
                self.0.remove(text);
                if self.0.capacity() > 64.max(8 * self.0.len()) {
                    self.0.shrink_to(2 * self.0.len());
                }
            }
        }
    }

    /// The numbers of the sessions with this text, if there is any.
    pub(super) fn get(&self, text: &str) -> Option<&RoaringTreemap> {
        self.0.get(text)
    }
}
