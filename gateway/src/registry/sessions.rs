//! Where the sessions stand, and how one is found: by its id, by its number, in their order.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Bound;

use hashbrown::HashTable;

use super::number::Number;
use super::session::Session;

/// Sessions that there is room for from the start, if so many are allowed: to make room for more takes the
/// longer the more there are, and nothing is joined meanwhile.
const ROOM: usize = 1 << 20;

/// A session that was found, until one is added or forgotten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub number: Number,
    slot: Slot,
}

/// The place of a session in [`Sessions::slots`].
type Slot = u32;

/// All sessions, open and ended.
///
/// What it takes to find a session is mostly to wait for memory. So the ids lead to the sessions themselves,
/// past the trees that keep the order.
#[derive(Debug)]
pub(super) struct Sessions {
    slots: Vec<Option<(Number, Box<Session>)>>,
    free: Vec<Slot>,
    /// By their ids, which stand in the sessions only.
    ids: HashTable<Slot>,
    hasher: RandomState,
    /// Sessions that had not ended when they were last looked at.
    open: BTreeMap<Number, Slot>,
    ended: BTreeMap<Number, Slot>,
}

impl Sessions {
    /// None yet, with room for so many.
    pub(super) fn with_room_for(sessions: usize) -> Self {
        let room = sessions.min(ROOM);
        Self {
            slots: Vec::with_capacity(room),
            free: Vec::new(),
            ids: HashTable::with_capacity(room),
            hasher: RandomState::new(),
            open: BTreeMap::new(),
            ended: BTreeMap::new(),
        }
    }

    /// The session of this id.
    pub(super) fn find(&self, id: &str) -> Option<Found> {
        let is_it = |slot: &Slot| self.at(*slot).is_some_and(|session| *session.id == *id);
        let slot = *self.ids.find(self.hasher.hash_one(id), is_it)?;
        let (number, _) = self.slots.get(slot as usize)?.as_ref()?;
        Some(Found { number: *number, slot })
    }

    /// The session that was found.
    pub(super) fn found(&self, found: Found) -> Option<&Session> {
        self.at(found.slot)
    }

    /// The session that was found.
    pub(super) fn found_mut(&mut self, found: Found) -> Option<&mut Session> {
        self.at_mut(found.slot)
    }

    /// The session of this number, open or ended.
    pub(super) fn get(&self, number: Number) -> Option<&Session> {
        self.at(self.slot(number)?)
    }

    /// The session of this number, open or ended.
    pub(super) fn get_mut(&mut self, number: Number) -> Option<&mut Session> {
        self.at_mut(self.slot(number)?)
    }

    /// The session of this number, if it is open.
    pub(super) fn open(&self, number: Number) -> Option<&Session> {
        self.at(*self.open.get(&number)?)
    }

    /// The session of this number, if it is open.
    pub(super) fn open_mut(&mut self, number: Number) -> Option<&mut Session> {
        self.at_mut(*self.open.get(&number)?)
    }

    pub(super) fn is_open(&self, number: Number) -> bool {
        self.open.contains_key(&number)
    }

    pub(super) fn has_ended(&self, number: Number) -> bool {
        self.ended.contains_key(&number)
    }

    pub(super) fn open_len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn ended_len(&self) -> usize {
        self.ended.len()
    }

    /// The open sessions after this one, in their order.
    pub(super) fn open_after(&self, after: Number) -> impl Iterator<Item = (Number, &Session)> {
        let range = (Bound::Excluded(after), Bound::Unbounded);
        self.open.range(range).filter_map(|(number, slot)| Some((*number, self.at(*slot)?)))
    }

    /// All sessions, in no order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (Number, &mut Session)> {
        self.slots.iter_mut().flatten().map(|(number, session)| (*number, &mut **session))
    }

    /// Adds an open session; none of its id or number may be there.
    pub(super) fn add_open(&mut self, number: Number, session: Box<Session>) {
        let slot = self.add(number, session);
        self.open.insert(number, slot);
    }

    /// Adds a session that has ended; none of its id or number may be there.
    pub(super) fn add_ended(&mut self, number: Number, session: Box<Session>) {
        let slot = self.add(number, session);
        self.ended.insert(number, slot);
    }

    /// An open session counts as ended from now on.
    pub(super) fn end(&mut self, number: Number) -> Option<&mut Session> {
        let slot = self.open.remove(&number)?;
        self.ended.insert(number, slot);
        self.at_mut(slot)
    }

    /// An ended session counts as open from now on.
    pub(super) fn reopen(&mut self, number: Number) -> Option<&mut Session> {
        let slot = self.ended.remove(&number)?;
        self.open.insert(number, slot);
        self.at_mut(slot)
    }

    /// Takes out a session that has ended.
    pub(super) fn forget(&mut self, number: Number) -> Option<Box<Session>> {
        let slot = self.ended.remove(&number)?;
        let (_, session) = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        let hash = self.hasher.hash_one(&*session.id);
        if let Ok(entry) = self.ids.find_entry(hash, |one| *one == slot) {
            entry.remove();
        }
        Some(session)
    }

    fn add(&mut self, number: Number, session: Box<Session>) -> Slot {
        let hash = self.hasher.hash_one(&*session.id);
        let content = Some((number, session));
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = content;
                slot
            }
            None => {
                self.slots.push(content);
                // No setting allows as many sessions as there are slots.
                Slot::try_from(self.slots.len() - 1).unwrap_or(Slot::MAX)
            }
        };
        let Self { ids, slots, hasher, .. } = self;
        let hash_of = |slot: &Slot| {
            let content = slots[*slot as usize].as_ref();
            content.map_or(0, |(_, session)| hasher.hash_one(&*session.id))
        };
        ids.insert_unique(hash, slot, hash_of);
        slot
    }

    fn slot(&self, number: Number) -> Option<Slot> {
        self.open.get(&number).or_else(|| self.ended.get(&number)).copied()
    }

    fn at(&self, slot: Slot) -> Option<&Session> {
        self.slots.get(slot as usize)?.as_ref().map(|(_, session)| &**session)
    }

    fn at_mut(&mut self, slot: Slot) -> Option<&mut Session> {
        self.slots.get_mut(slot as usize)?.as_mut().map(|(_, session)| &mut **session)
    }
}
