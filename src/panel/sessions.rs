//! What JavaScript sees of the sessions. Everything here takes and gives text and numbers; the work is elsewhere.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::wasm_bindgen;

use super::columns::{Columns, NO_SLOT, NUMBERS, RATE, TEXTS, USER_AGENT, odd_text};
use super::intake::{Intake, Kind, Refusal};
use super::order::{Column, Devices, Filter, Order, device};
use super::search::Search;
use super::texts::NONE;

/// Rates of sessions that were last heard of longer ago, in milliseconds, are of the past.
const RECENT: f64 = 60_000.0;

/// The sessions of one panel: read from JSON, filtered, searched, sorted, compared with what they were.
///
/// A column is a number: those of texts, then the device in words, then those of numbers, in the order of
/// `columns`. A session is known by its slot, and has a line where it is listed.
#[wasm_bindgen]
#[derive(Default)]
pub struct Sessions {
    columns: Columns,
    order: Order,
    devices: Devices,
    intake: Option<Intake>,
}

/// What came of reading, as JavaScript gets it.
const fn outcome(result: Result<(), Refusal>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(Refusal::NotJson) => 1,
        Err(Refusal::NoList) => 2,
    }
}

#[wasm_bindgen]
impl Sessions {
    /// No sessions yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins to read a list, or changes of one; `exact` says that a list does not age on its way.
    pub fn begin(&mut self, list: bool, exact: bool) {
        let kind = if list { Kind::List } else { Kind::Changes };
        self.intake = Some(Intake::new(&mut self.columns, kind, exact));
    }

    /// Reads a piece of JSON, at a time in milliseconds since 1970: 0, or 1 where it is no JSON.
    pub fn push(&mut self, piece: &[u8], now: f64) -> u8 {
        let Self { intake, columns, .. } = self;
        intake.as_mut().map_or(0, |intake| outcome(intake.push(columns, piece, now)))
    }

    /// Ends the JSON, and takes out what a list does not have: 0, or 1 where it is no JSON, or 2 where it is no list.
    pub fn finish(&mut self, now: f64) -> u8 {
        let Some(mut intake) = self.intake.take() else { return 0 };
        let result = intake.finish(&mut self.columns, now);
        let renumbered = self.columns.compact();
        if renumbered {
            self.order.forget();
            self.devices.clear();
        }
        if renumbered || intake.is_list() {
            self.list();
        } else {
            let Self { columns, order, devices, .. } = self;
            order.some(columns, devices, &columns.dirty, intake.any_gone());
        }
        outcome(result)
    }

    /// Lists what has been read so far.
    pub fn list(&mut self) {
        self.order.all(&self.columns, &self.devices);
    }

    /// Lists only some sessions. What is searched for is given in all ways of writing it, one below the other.
    pub fn filter(
        &mut self,
        username: String,
        project: String,
        scope: String,
        authorized: String,
        search: &str,
    ) {
        let search = Search::new(search.split('\n'));
        self.order.filter = Filter { username, project, scope, authorized, search };
        self.list();
    }

    /// Sorts by a column; by none, as the result has them.
    pub fn sort(&mut self, column: Option<usize>, descending: bool) {
        let column = match column {
            Some(column) if column < TEXTS.len() => Column::Text(column),
            Some(column) if column == TEXTS.len() => Column::Device,
            Some(column) if column <= TEXTS.len() + NUMBERS => {
                Column::Number(column - TEXTS.len() - 1)
            }
            _ => Column::Place,
        };
        self.order.sort(column, descending);
        self.list();
    }

    /// How many sessions there are.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn total(&self) -> usize {
        self.columns.len()
    }

    /// How many of them are listed.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn lines(&self) -> usize {
        self.order.slots.len()
    }

    /// The slots of all sessions, in the order of the result.
    #[must_use]
    pub fn all(&self) -> Vec<u32> {
        let mut order = Order::default();
        order.all(&self.columns, &self.devices);
        order.slots
    }

    /// The slot at a line, from 0; −1 beyond the end.
    #[must_use]
    pub fn slot(&self, line: usize) -> i32 {
        self.order.slots.get(line).map_or(-1, |slot| slot.cast_signed())
    }

    /// The line of a slot; −1 where it is not listed.
    #[must_use]
    pub fn line(&self, slot: u32) -> i32 {
        let line = self.order.slots.iter().position(|listed| *listed == slot);
        line.and_then(|line| i32::try_from(line).ok()).unwrap_or(-1)
    }

    /// The slot of the first session of an id; −1 where there is none.
    #[wasm_bindgen(js_name = slotOf)]
    #[must_use]
    pub fn slot_of(&self, id: &str) -> i32 {
        match self.columns.slot_of(id.as_bytes()) {
            NO_SLOT => -1,
            slot => slot.cast_signed(),
        }
    }

    /// The id of a slot.
    #[must_use]
    pub fn id(&self, slot: u32) -> String {
        self.columns.ids.text(self.columns.id(slot))
    }

    /// Whether a slot holds a session that is there.
    #[wasm_bindgen(js_name = isLive)]
    #[must_use]
    pub fn is_live(&self, slot: u32) -> bool {
        self.columns.is_live(slot)
    }

    /// Whether the entry of a slot is an object.
    #[wasm_bindgen(js_name = isSession)]
    #[must_use]
    pub fn is_session(&self, slot: u32) -> bool {
        self.columns.is_session(slot)
    }

    /// What stands in a column as text; nothing where nothing stands there, or a count.
    #[must_use]
    pub fn text(&self, slot: u32, column: usize) -> Option<String> {
        let text = match column.checked_sub(TEXTS.len()) {
            None => self.columns.text(column, slot),
            Some(0) => device(&self.columns, &self.devices, slot),
            Some(number) => odd_text(self.columns.number(number - 1, slot))?,
        };
        (text != NONE).then(|| self.columns.texts.text(text))
    }

    /// What stands in a column of numbers: a count, or NaN where nothing stands there, or below zero where it is text.
    #[must_use]
    pub fn number(&self, slot: u32, column: usize) -> f64 {
        self.columns.number(column - TEXTS.len() - 1, slot)
    }

    /// What the last update has changed of a slot: a bit for each column without the device, then one for a session
    /// that is new.
    #[must_use]
    pub fn changed(&self, slot: u32) -> u16 {
        self.columns.changed(slot)
    }

    /// Where a slot's session stands in the result.
    #[must_use]
    pub fn place(&self, slot: u32) -> u32 {
        self.columns.place(slot)
    }

    /// The JSON of a slot's session, as it came.
    #[must_use]
    pub fn json(&self, slot: u32) -> String {
        String::from_utf8_lossy(&self.columns.raw(slot)).into_owned()
    }

    /// Of what is listed: pages, users, bytes a second.
    #[must_use]
    pub fn totals(&self, now: f64) -> Vec<f64> {
        use super::columns::{HEARD, PAGES, USERNAME};
        let Self { columns, order, .. } = self;
        let mut seen = alloc::vec![false; columns.texts.len()];
        let (mut pages, mut users, mut rate) = (0.0, 0_u32, 0.0);
        for slot in &order.slots {
            pages += columns.number(PAGES, *slot).max(0.0);
            let user = columns.text(USERNAME, *slot) as usize;
            users += u32::from(!core::mem::replace(&mut seen[user], true) && user != 0);
            if now - columns.number(HEARD, *slot) < RECENT {
                rate += columns.number(RATE, *slot).max(0.0);
            }
        }
        alloc::vec![pages, f64::from(users), rate]
    }

    /// The texts of a column that differ, of the first sessions that have so many.
    #[must_use]
    pub fn values(&self, column: usize, limit: usize) -> Vec<String> {
        let mut seen = alloc::vec![false; self.columns.texts.len()];
        let mut values = Vec::new();
        #[expect(clippy::cast_possible_truncation, reason = "slots are u32")]
        let slots = 0..self.columns.slots() as u32;
        for slot in slots.filter(|slot| self.columns.is_live(*slot)) {
            let text = self.columns.text(column, slot);
            if text != NONE && !core::mem::replace(&mut seen[text as usize], true) {
                values.push(self.columns.texts.text(text));
                if values.len() == limit {
                    break;
                }
            }
        }
        values
    }

    /// User agents, at most so many, that nobody has named the device of.
    #[must_use]
    pub fn unnamed(&mut self, limit: usize) -> Vec<String> {
        let Self { columns, devices, .. } = self;
        devices.resize(columns.texts.len(), NONE);
        let mut asked = alloc::vec![false; columns.texts.len()];
        let mut user_agents = Vec::new();
        #[expect(clippy::cast_possible_truncation, reason = "slots are u32")]
        let slots = 0..columns.slots() as u32;
        for slot in slots {
            let text = columns.text(USER_AGENT, slot);
            if text == NONE
                || devices[text as usize] != NONE
                || core::mem::replace(&mut asked[text as usize], true)
            {
                continue;
            }
            user_agents.push(columns.texts.text(text));
            if user_agents.len() == limit {
                break;
            }
        }
        user_agents
    }

    /// Names the device of a user agent; with the user agent itself, where it says nothing.
    pub fn name(&mut self, user_agent: &str, words: &str) {
        let words = self.columns.texts.number(words.as_bytes());
        if let Some(text) = self.columns.texts.find(user_agent.as_bytes()) {
            self.devices.resize(self.columns.texts.len(), NONE);
            self.devices[text as usize] = words;
        }
    }
}
