//! Gives back the room of what is listed no more. Pure.

use alloc::vec::Vec;

use super::{Chain, Columns, NO_SLOT, Span, odd, odd_text};
use crate::panel::blocks::Blocks;
use crate::panel::texts::NONE;

impl Columns {
    /// Gives back the room of what is listed no more, once that is most of it. Not within an update; afterwards
    /// texts have other numbers, where this says so.
    pub fn compact(&mut self) -> bool {
        if self.size() < self.crowded {
            return false;
        }
        if self.json.len() > 2 * self.live_json {
            let mut json = Blocks::default();
            for piece in &mut self.raw {
                *piece = json.add(self.json.get(*piece));
            }
            self.json = json;
        }
        let mut used = alloc::vec![false; self.texts.len()];
        let mut count = 0;
        let mut uses =
            |text: u32| count += usize::from(!core::mem::replace(&mut used[text as usize], true));
        let columns = self.text.iter().flatten().copied();
        columns.for_each(&mut uses);
        let numbers = self.number.iter().flatten();
        numbers.filter_map(|number| odd_text(*number)).for_each(&mut uses);
        let names = self.more.iter().map(|span| span.len as usize).sum();
        let wasted = [(&self.texts, count), (&self.ids, self.live), (&self.names, names)]
            .into_iter()
            .any(|(texts, used)| texts.len() > 2 * used + 4_096);
        if wasted {
            self.renumber();
        }
        self.crowded = 2 * self.size() + (1 << 18);
        wasted
    }

    /// What grows as long as sessions come, in bytes.
    fn size(&self) -> usize {
        let texts = [&self.texts, &self.ids, &self.names].map(|texts| texts.bytes().len());
        self.json.len() + texts.iter().sum::<usize>()
    }

    fn renumber(&mut self) {
        let old = core::mem::take(&mut self.texts);
        let texts = &mut self.texts;
        let mut renumbered =
            |text: u32| if text == NONE { NONE } else { texts.number(old.get(text)) };
        for at in 0..self.seen.len() {
            if self.seen[at] == 0 {
                self.text.iter_mut().for_each(|column| column[at] = NONE);
                self.number.iter_mut().for_each(|column| column[at] = f64::NAN);
                continue;
            }
            self.text.iter_mut().for_each(|column| column[at] = renumbered(column[at]));
            for column in &mut self.number {
                if let Some(text) = odd_text(column[at]) {
                    column[at] = odd(renumbered(text));
                }
            }
        }
        let old = core::mem::take(&mut self.names);
        let mut more_texts = Vec::new();
        for span in &mut self.more {
            let start = more_texts.len();
            let names = &mut self.names;
            let new = |name: &u32| if *name == NONE { NONE } else { names.number(old.get(*name)) };
            more_texts.extend(span.of(&self.more_texts).iter().map(new));
            *span = Span::new(start, more_texts.len());
        }
        self.more_texts = more_texts;
        let old = core::mem::take(&mut self.ids);
        let chains = core::mem::take(&mut self.chains);
        for chain in chains {
            if chain.first == NO_SLOT {
                continue;
            }
            let id = self.ids.number(old.get(self.id[chain.first as usize]));
            self.chains.resize(self.ids.len(), Chain { first: NO_SLOT, taken: NO_SLOT, update: 0 });
            self.chains[id as usize] = Chain { update: 0, ..chain };
            let mut slot = chain.first;
            while slot != NO_SLOT {
                self.id[slot as usize] = id;
                slot = self.next[slot as usize];
            }
        }
    }
}
