//! The sessions, column by column: what is listed of each in numbers, and where its JSON lies. Pure.
//!
//! A session has a *slot* as long as it is listed, whatever changes of it and wherever it stands.

mod compact;

use alloc::vec::Vec;

use super::blocks::{Blocks, Piece};
use super::packed::{ID, unpack};
use super::texts::{NONE, Texts};

/// Columns of texts, by the key of the result that they hold.
pub const TEXTS: [&str; 6] =
    ["userAgent", "username", "project", "clientAddress", "sessionScope", "authorized"];
/// The column [`TEXTS`] has for `userAgent`; and so on.
pub const USER_AGENT: usize = 0;
/// `username`.
pub const USERNAME: usize = 1;
/// `project`.
pub const PROJECT: usize = 2;
/// `sessionScope`.
pub const SCOPE: usize = 4;
/// `authorized`: "true", "false", or whatever else stood there.
pub const AUTHORIZED: usize = 5;

/// How many columns of numbers there are.
///
/// A count is 0 … 2^53. What is missing is NaN, and what is no count is [`odd`].
pub const NUMBERS: usize = 6;
/// When the session began, in milliseconds since 1970: from `uptime`.
pub const START: usize = 0;
/// When it was heard of, in milliseconds since 1970: from `lastComm`.
pub const HEARD: usize = 1;
/// `activePages`, else the length of `pageIds`.
pub const PAGES: usize = 2;
/// `totalBytesSent`.
pub const SENT: usize = 3;
/// The sum of `detail.received`.
pub const RECEIVED: usize = 4;
/// Bytes a second, both ways, between the last two reports.
pub const RATE: usize = 5;

/// No slot has this number.
pub const NO_SLOT: u32 = u32::MAX;

/// Reports that are less apart, in milliseconds, say nothing of a rate: clocks differ, and so do ways.
const MIN_APART: f64 = 500.0;
/// A start that differs by less, in milliseconds, is the same one, told on another way.
const SAME_START: f64 = 2_000.0;

/// How a column of numbers holds a text, where the result has something else than a count.
#[must_use]
pub fn odd(text: u32) -> f64 {
    -f64::from(text)
}

/// The text of a number that is [`odd`].
#[must_use]
pub fn odd_text(number: f64) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a u32")]
    (number < 0.0).then_some(-number as u32)
}

/// What is listed of one session.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// By [`TEXTS`].
    pub texts: [u32; TEXTS.len()],
    /// By [`START`] and so on.
    pub numbers: [f64; NUMBERS],
    /// Whether the entry is a session at all: an object.
    pub is_session: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Self { texts: [NONE; TEXTS.len()], numbers: [f64::NAN; NUMBERS], is_session: true }
    }
}

/// What has changed of a slot with the last update: a bit for each column of texts, then of numbers, then this.
pub const NEW: u16 = 1 << (TEXTS.len() + NUMBERS);

/// One part of a `Vec`.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    len: u32,
}

impl Span {
    #[expect(clippy::cast_possible_truncation, reason = "a browser's memory ends at 2^32 bytes")]
    const fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, len: (end - start) as u32 }
    }

    fn of<T>(self, all: &[T]) -> &[T] {
        &all[self.start as usize..][..self.len as usize]
    }
}

/// The sessions.
#[derive(Default)]
pub struct Columns {
    /// What stands in the columns.
    pub texts: Texts,
    /// The ids of sessions.
    pub ids: Texts,
    /// The ids of pages, and paths.
    pub names: Texts,
    text: [Vec<u32>; TEXTS.len()],
    number: [Vec<f64>; NUMBERS],
    is_session: Vec<bool>,
    id: Vec<u32>,
    /// Where a session stands in the result.
    place: Vec<u32>,
    /// The update that told of the session last; 0 for a slot that is free.
    seen: Vec<u32>,
    changed: Vec<u16>,
    /// More texts of a session that a search looks into.
    more: Vec<Span>,
    more_texts: Vec<u32>,
    /// Where each session's JSON lies.
    raw: Vec<Piece>,
    /// The JSON of all sessions, packed.
    json: Blocks,
    live_json: usize,
    /// From which [size](Self::size) on it may be worth to [compact](Self::compact).
    crowded: usize,
    /// By the number of an id its first slot, and the one that was taken last in this update.
    chains: Vec<Chain>,
    /// Another slot of the same id.
    next: Vec<u32>,
    free: Vec<u32>,
    update: u32,
    places: u32,
    /// The slots that this update has changed.
    pub dirty: Vec<u32>,
    live: usize,
}

#[derive(Clone, Copy)]
struct Chain {
    first: u32,
    taken: u32,
    update: u32,
}

impl Columns {
    /// How many slots there are, free ones included.
    #[must_use]
    pub const fn slots(&self) -> usize {
        self.seen.len()
    }

    /// How many sessions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.live
    }

    /// Whether a slot holds a session.
    #[must_use]
    pub fn is_live(&self, slot: u32) -> bool {
        self.seen.get(slot as usize).is_some_and(|seen| *seen != 0)
    }

    /// A text of a slot.
    #[must_use]
    pub fn text(&self, column: usize, slot: u32) -> u32 {
        self.text[column][slot as usize]
    }

    /// A number of a slot.
    #[must_use]
    pub fn number(&self, column: usize, slot: u32) -> f64 {
        self.number[column][slot as usize]
    }

    /// The number of a session's id.
    #[must_use]
    pub fn id(&self, slot: u32) -> u32 {
        self.id[slot as usize]
    }

    /// Where a session stands in the result.
    #[must_use]
    pub fn place(&self, slot: u32) -> u32 {
        self.place[slot as usize]
    }

    /// Whether the entry is a session at all.
    #[must_use]
    pub fn is_session(&self, slot: u32) -> bool {
        self.is_session[slot as usize]
    }

    /// What the last update has changed of a slot, as [`NEW`] has it.
    #[must_use]
    pub fn changed(&self, slot: u32) -> u16 {
        self.changed[slot as usize]
    }

    /// The page ids and paths of a session.
    #[must_use]
    pub fn more(&self, slot: u32) -> &[u32] {
        self.more[slot as usize].of(&self.more_texts)
    }

    /// The JSON of a session, as it came.
    #[must_use]
    pub fn raw(&self, slot: u32) -> Vec<u8> {
        let packed = self.json.get(self.raw[slot as usize]);
        unpack(packed, |column| match column {
            ID => self.ids.get(self.id(slot)),
            column => self.texts.get(self.text(column, slot)),
        })
    }

    /// How many bytes the JSON of all sessions takes, and of some that were.
    #[cfg(test)]
    pub fn json_len(&self) -> usize {
        self.json.len()
    }

    /// The first slot of an id.
    #[must_use]
    pub fn slot_of(&self, id: &[u8]) -> u32 {
        self.ids
            .find(id)
            .map_or(NO_SLOT, |id| self.chains.get(id as usize).map_or(NO_SLOT, |it| it.first))
    }

    /// Begins an update: what is taken from now on belongs to it.
    pub fn begin(&mut self, list: bool) {
        self.update += 1;
        for slot in core::mem::take(&mut self.dirty) {
            self.changed[slot as usize] = 0;
        }
        if list {
            self.places = 0;
        }
    }

    /// The slot of a session of this id: of a list the next one that this update has not told of, since ids may
    /// come twice; else the first.
    pub fn take(&mut self, id: &[u8], list: bool) -> u32 {
        let id = self.ids.number(id);
        let none = Chain { first: NO_SLOT, taken: NO_SLOT, update: 0 };
        if self.chains.len() <= id as usize {
            self.chains.resize(id as usize + 1, none);
        }
        let Chain { first, taken, update } = self.chains[id as usize];
        let taken = if list && update == self.update { taken } else { NO_SLOT };
        let found = if taken == NO_SLOT { first } else { self.next[taken as usize] };
        let slot = if found == NO_SLOT {
            let slot = self.new_slot(id);
            if taken == NO_SLOT {
                self.chains[id as usize].first = slot;
            } else {
                self.next[taken as usize] = slot;
            }
            slot
        } else {
            found
        };
        let chain = &mut self.chains[id as usize];
        (chain.taken, chain.update) = (slot, self.update);
        if list || self.seen[slot as usize] == 0 {
            self.place[slot as usize] = self.places;
            self.places += 1;
        }
        if self.seen[slot as usize] == 0 {
            self.live += 1;
            self.mark(slot, NEW);
        }
        self.seen[slot as usize] = self.update;
        slot
    }

    fn new_slot(&mut self, id: u32) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            let slot = self.slots();
            self.text.iter_mut().for_each(|column| column.push(NONE));
            self.number.iter_mut().for_each(|column| column.push(f64::NAN));
            self.is_session.push(true);
            self.id.push(NONE);
            self.place.push(0);
            self.seen.push(0);
            self.changed.push(0);
            self.more.push(Span::default());
            self.raw.push(Piece::default());
            self.next.push(NO_SLOT);
            Span::new(0, slot).len
        });
        let at = slot as usize;
        self.id[at] = id;
        self.next[at] = NO_SLOT;
        self.number[RATE][at] = f64::NAN;
        slot
    }

    /// Says what is known of a session now, and how fast its bytes have come since it was told of last. `exact` for a
    /// list that does not age on its way.
    pub fn set(&mut self, slot: u32, fields: &Fields, exact: bool) {
        let at = slot as usize;
        let is_new = self.changed[at] & NEW != 0;
        let mut numbers = fields.numbers;
        numbers[RATE] = self.number[RATE][at];
        if !is_new {
            let old = |column: usize| self.number[column][at];
            if !exact && (numbers[START] - old(START)).abs() < SAME_START {
                numbers[START] = old(START);
            }
            let apart = numbers[HEARD] - old(HEARD);
            let bytes =
                |sent: f64, received: f64| sent + if received >= 0.0 { received } else { 0.0 };
            let more = bytes(numbers[SENT], numbers[RECEIVED]) - bytes(old(SENT), old(RECEIVED));
            if apart >= MIN_APART {
                numbers[RATE] = if more >= 0.0 { more * 1_000.0 / apart } else { f64::NAN };
            }
        }
        let mut changed = 0;
        for (column, value) in fields.texts.into_iter().enumerate() {
            let old = core::mem::replace(&mut self.text[column][at], value);
            changed |= u16::from(old != value) << column;
        }
        for (column, value) in numbers.into_iter().enumerate() {
            let old = core::mem::replace(&mut self.number[column][at], value);
            changed |= u16::from(old.to_bits() != value.to_bits()) << (TEXTS.len() + column);
        }
        self.is_session[at] = fields.is_session;
        if changed != 0 && !is_new {
            self.mark(slot, changed);
        }
    }

    /// Says when a session began and was heard of, and that nothing else is new.
    pub fn hear(&mut self, slot: u32, start: f64, heard: f64) {
        let mut fields = Fields { is_session: self.is_session(slot), ..Fields::default() };
        for (column, text) in fields.texts.iter_mut().enumerate() {
            *text = self.text(column, slot);
        }
        for (column, number) in fields.numbers.iter_mut().enumerate() {
            *number = self.number(column, slot);
        }
        for (column, number) in [(START, start), (HEARD, heard)] {
            if number >= 0.0 {
                fields.numbers[column] = number;
            }
        }
        self.set(slot, &fields, false);
    }

    /// Keeps the JSON of a session, packed, and which texts it has besides.
    pub fn keep(&mut self, slot: u32, packed: &[u8], more: &[u32]) {
        let at = slot as usize;
        self.live_json += packed.len();
        self.live_json -= self.raw[at].len();
        self.raw[at] = self.json.add(packed);
        let span = self.more[at];
        if span.len as usize == more.len() {
            self.more_texts[span.start as usize..][..more.len()].copy_from_slice(more);
        } else {
            let start = self.more_texts.len();
            self.more_texts.extend_from_slice(more);
            self.more[at] = Span::new(start, self.more_texts.len());
        }
    }

    fn mark(&mut self, slot: u32, changed: u16) {
        if self.changed[slot as usize] == 0 {
            self.dirty.push(slot);
        }
        self.changed[slot as usize] |= changed;
    }

    /// Takes the first session of this id out; whether there was one.
    pub fn remove(&mut self, id: &[u8]) -> bool {
        let slot = self.slot_of(id);
        if slot == NO_SLOT {
            return false;
        }
        let id = self.id(slot) as usize;
        self.chains[id].first = self.next[slot as usize];
        self.chains[id].update = 0;
        self.release(slot);
        true
    }

    /// Takes out what a list that has come to its end has not told of; whether there was any.
    pub fn remove_unseen(&mut self) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "slots are u32")]
        let gone: Vec<u32> = (0..self.slots() as u32)
            .filter(|slot| ![0, self.update].contains(&self.seen[*slot as usize]))
            .collect();
        if gone.is_empty() {
            return false;
        }
        for slot in &gone {
            self.release(*slot);
        }
        // Of an id the list has told of the first so many.
        for chain in &mut self.chains {
            if chain.update == self.update {
                self.next[chain.taken as usize] = NO_SLOT;
            } else {
                chain.first = NO_SLOT;
            }
        }
        true
    }

    fn release(&mut self, slot: u32) {
        let at = slot as usize;
        self.live -= 1;
        self.live_json -= self.raw[at].len();
        self.seen[at] = 0;
        self.raw[at] = Piece::default();
        self.more[at] = Span::default();
        self.free.push(slot);
    }
}
