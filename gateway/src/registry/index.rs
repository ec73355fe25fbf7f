//! Which open sessions have a text in common: the same user, or the same project.

use std::collections::HashMap;

use roaring::RoaringTreemap;

use super::number::Number;
use super::text::Text;

/// Up to so many numbers a list takes less room than a bitmap, and no more time.
const FEW: usize = 32;

/// Open sessions by one text of theirs.
#[derive(Debug, Default)]
pub(super) struct Index(HashMap<Text, Numbers>);

/// The numbers of some sessions, in their order.
#[derive(Debug)]
pub(super) enum Numbers {
    Few(Vec<Number>),
    Many(RoaringTreemap),
}

impl Index {
    pub(super) fn insert(&mut self, text: &Text, number: Number) {
        match self.0.get_mut(text) {
            Some(numbers) => numbers.insert(number),
            None => {
                self.0.insert(text.clone(), Numbers::Few(vec![number]));
            }
        }
    }

    pub(super) fn remove(&mut self, text: &Text, number: Number) {
        let Some(numbers) = self.0.get_mut(text) else { return };
        numbers.remove(number);
        if numbers.len() == 0 {
            self.0.remove(text);
            if self.0.capacity() > 64.max(8 * self.0.len()) {
                self.0.shrink_to(2 * self.0.len());
            }
        }
    }

    /// The sessions with this text, if there is any.
    pub(super) fn get(&self, text: &str) -> Option<&Numbers> {
        self.0.get(text)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Numbers {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Few(few) => few.len() as u64,
            Self::Many(many) => many.len(),
        }
    }

    /// Those after this one.
    pub(super) fn after(&self, number: Number) -> Box<dyn Iterator<Item = Number> + '_> {
        match self {
            Self::Few(few) => {
                let start = few.partition_point(|one| *one <= number);
                Box::new(few[start..].iter().copied())
            }
            Self::Many(many) => {
                let mut numbers = many.iter();
                numbers.advance_to(number.next().get());
                Box::new(numbers.map(Number::new))
            }
        }
    }

    /// All of them, to be kept elsewhere.
    pub(super) fn to_bitmap(&self) -> RoaringTreemap {
        match self {
            Self::Few(few) => few.iter().map(|number| number.get()).collect(),
            Self::Many(many) => many.clone(),
        }
    }

    fn insert(&mut self, number: Number) {
        match self {
            Self::Few(few) => {
                if let Err(position) = few.binary_search(&number) {
                    few.insert(position, number);
                }
                if few.len() > FEW {
                    *self = Self::Many(few.iter().map(|number| number.get()).collect());
                }
            }
            Self::Many(many) => {
                many.insert(number.get());
            }
        }
    }

    fn remove(&mut self, number: Number) {
        match self {
            Self::Few(few) => few.retain(|one| *one != number),
            Self::Many(many) => {
                many.remove(number.get());
                if many.len() <= FEW as u64 / 2 {
                    *self = Self::Few(many.iter().map(Number::new).collect());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::text::Texts;
    use super::*;

    proptest! {
        #[test]
        fn an_index_is_a_set_in_order(
            steps in vec((any::<bool>(), 0..90_u64), 1..400),
            after in 0..90_u64,
        ) {
            let text = Texts::default().get("billy");
            let (mut index, mut expected) = (Index::default(), BTreeSet::new());
            for (inserts, number) in steps {
                if inserts {
                    index.insert(&text, Number::new(number));
                    expected.insert(number);
                } else {
                    index.remove(&text, Number::new(number));
                    expected.remove(&number);
                }
            }
            let numbers = index.get("billy");
            prop_assert_eq!(numbers.is_some(), !expected.is_empty());
            prop_assert_eq!(numbers.map_or(0, Numbers::len), expected.len() as u64);
            let rest: Vec<u64> = numbers
                .into_iter()
                .flat_map(|numbers| numbers.after(Number::new(after)))
                .map(Number::get)
                .collect();
            let expected: Vec<u64> = expected.range(after + 1..).copied().collect();
            prop_assert_eq!(rest, expected);
        }
    }
}
