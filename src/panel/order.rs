//! Which sessions are listed, and in which order. Pure.

use alloc::string::String;
use alloc::vec::Vec;

use super::columns::{
    AUTHORIZED, Columns, HEARD, PROJECT, SCOPE, START, TEXTS, USER_AGENT, USERNAME,
};
use super::search::Search;
use super::texts::{NONE, Texts};

/// Which sessions. An empty text matches all.
#[derive(Default)]
pub struct Filter {
    /// Equality.
    pub username: String,
    /// Equality.
    pub project: String,
    /// Equality, however it is spelled: "iOS", "ios".
    pub scope: String,
    /// "true" or "false".
    pub authorized: String,
    /// In any text.
    pub search: Search,
}

/// By what sessions are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// As the result has them.
    Place,
    /// A column of texts.
    Text(usize),
    /// The device in words.
    Device,
    /// A column of numbers.
    Number(usize),
}

/// Sorts behind everything, whichever way round.
const MISSING: u64 = u64::MAX;
/// Sorts behind all counts.
const ODD: u64 = u64::MAX - 1;

/// The sessions that are listed.
pub struct Order {
    /// Their slots.
    pub slots: Vec<u32>,
    /// Which.
    pub filter: Filter,
    column: Column,
    descending: bool,
    /// By slot, what it is sorted by.
    keys: Vec<u64>,
    /// By the number of a text where it stands among those of the column, as long as there are so many texts.
    ranks: Vec<u32>,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            filter: Filter::default(),
            column: Column::Place,
            descending: false,
            keys: Vec::new(),
            ranks: Vec::new(),
        }
    }
}

/// The devices in words, by the number of a user agent's text.
pub type Devices = Vec<u32>;

impl Order {
    /// Sorts by a column from now on.
    pub fn sort(&mut self, column: Column, descending: bool) {
        (self.column, self.descending) = (column, descending);
        self.ranks.clear();
    }

    /// Forgets what it knows of the texts: they have other numbers now.
    pub fn forget(&mut self) {
        self.ranks.clear();
        self.filter.search.forget();
    }

    /// Filters and sorts all sessions.
    pub fn all(&mut self, columns: &Columns, devices: &Devices) {
        self.prepare(columns, devices);
        #[expect(clippy::cast_possible_truncation, reason = "slots are u32")]
        let slots = 0..columns.slots() as u32;
        let passes = self.filter.passes(columns, devices);
        let listed = slots.filter(|slot| columns.is_live(*slot) && passes(*slot));
        let mut sorted = Vec::with_capacity(columns.len());
        sorted.extend(listed);
        radix(&mut sorted, |slot| u64::from(columns.place(slot)));
        if self.column != Column::Place || self.descending {
            radix(&mut sorted, |slot| self.keys[slot as usize]);
        }
        self.slots = sorted;
    }

    /// Does the same where only these slots have changed, and `gone` says whether any session has gone.
    pub fn some(&mut self, columns: &Columns, devices: &Devices, dirty: &[u32], gone: bool) {
        let by_text = matches!(self.column, Column::Text(_) | Column::Device);
        let ranks_are_old = by_text && self.ranks.len() != columns.texts.len();
        if ranks_are_old || dirty.len() > columns.len() / 4 {
            return self.all(columns, devices);
        }
        if dirty.is_empty() && !gone {
            return;
        }
        if self.filter.search.is_some() {
            self.filter.search.look(&columns.texts, &columns.ids, &columns.names);
        }
        self.keys.resize(columns.slots(), MISSING);
        let mut is_dirty = alloc::vec![false; columns.slots()];
        for slot in dirty {
            is_dirty[*slot as usize] = true;
            self.keys[*slot as usize] = self.key(columns, devices, *slot);
        }
        let passes = self.filter.passes(columns, devices);
        let key = |slot: u32| (self.keys[slot as usize], columns.place(slot));
        let mut changed: Vec<u32> =
            dirty.iter().copied().filter(|slot| columns.is_live(*slot) && passes(*slot)).collect();
        changed.sort_unstable_by_key(|slot| key(*slot));
        let mut merged = Vec::with_capacity(self.slots.len() + changed.len());
        let mut changed = changed.into_iter().peekable();
        for slot in &self.slots {
            if is_dirty[*slot as usize] || !columns.is_live(*slot) {
                continue;
            }
            let here = key(*slot);
            while let Some(next) = changed.next_if(|next| key(*next) < here) {
                merged.push(next);
            }
            merged.push(*slot);
        }
        merged.extend(changed);
        self.slots = merged;
    }

    fn prepare(&mut self, columns: &Columns, devices: &Devices) {
        if self.filter.search.is_some() {
            self.filter.search.look(&columns.texts, &columns.ids, &columns.names);
        }
        if matches!(self.column, Column::Text(_) | Column::Device)
            && self.ranks.len() != columns.texts.len()
        {
            let mut used = alloc::vec![false; columns.texts.len()];
            #[expect(clippy::cast_possible_truncation, reason = "slots are u32")]
            for slot in 0..columns.slots() as u32 {
                let text = match self.column {
                    Column::Text(column) => columns.text(column, slot),
                    _ => device(columns, devices, slot),
                };
                used[text as usize] = true;
            }
            self.ranks = ranks(&columns.texts, &used);
        }
        #[expect(clippy::cast_possible_truncation, reason = "slots are u32")]
        let slots = 0..columns.slots() as u32;
        let keys = slots.map(|slot| self.key(columns, devices, slot)).collect();
        self.keys = keys;
    }

    /// What a slot is sorted by; what is missing stands last either way.
    fn key(&self, columns: &Columns, devices: &Devices, slot: u32) -> u64 {
        let text = |text: u32| {
            if text == NONE { MISSING } else { u64::from(self.ranks[text as usize]) }
        };
        let key = match self.column {
            Column::Place => u64::from(columns.place(slot)),
            Column::Text(column) => text(columns.text(column, slot)),
            Column::Device => text(device(columns, devices, slot)),
            Column::Number(column) => {
                let number = columns.number(column, slot);
                if number.is_nan() {
                    MISSING
                } else if number < 0.0 {
                    ODD
                } else if matches!(column, START | HEARD) {
                    // What began last has lasted least. The bits of numbers from zero on are in their order.
                    MISSING / 2 - number.to_bits()
                } else {
                    number.to_bits()
                }
            }
        };
        if self.descending && key < ODD { ODD - 1 - key } else { key }
    }
}

impl Filter {
    /// What says of a live slot whether it is listed.
    fn passes<'a>(
        &'a self,
        columns: &'a Columns,
        devices: &'a Devices,
    ) -> impl Fn(u32) -> bool + 'a {
        let Self { username, project, scope, authorized, search } = self;
        // None where it matches all; a text that nobody has is no number at all.
        let equal = |text: &str| (!text.is_empty()).then(|| columns.texts.find(text.as_bytes()));
        let equals = [
            (USERNAME, equal(username)),
            (PROJECT, equal(project)),
            (AUTHORIZED, equal(authorized)),
        ];
        move |slot| {
            let is_equal = |(column, text): &(usize, Option<Option<u32>>)| {
                text.is_none_or(|text| Some(columns.text(*column, slot)) == text)
            };
            let scope_of = || columns.texts.get(columns.text(SCOPE, slot));
            let found = || {
                (0..TEXTS.len()).any(|column| search.hit(columns.text(column, slot)))
                    || search.hits_id(columns.id(slot))
                    || search.hit(device(columns, devices, slot))
                    || columns.more(slot).iter().any(|name| search.hits_name(*name))
            };
            equals.iter().all(is_equal)
                && (scope.is_empty() || scope_of().eq_ignore_ascii_case(scope.as_bytes()))
                && (!search.is_some() || found())
        }
    }
}

/// The device of a slot in words, else its user agent.
#[must_use]
pub fn device(columns: &Columns, devices: &Devices, slot: u32) -> u32 {
    let user_agent = columns.text(USER_AGENT, slot);
    match devices.get(user_agent as usize) {
        Some(&words) if words != NONE => words,
        _ => user_agent,
    }
}

/// Where each text that is used stands among these, large and small letters of ASCII side by side.
fn ranks(texts: &Texts, used: &[bool]) -> Vec<u32> {
    #[expect(clippy::cast_possible_truncation, reason = "numbers of texts are u32")]
    let count = texts.len() as u32;
    let prefix = |text: &[u8]| {
        (0..8).fold(0, |word: u64, at| {
            word << 8 | u64::from(text.get(at).map_or(0, u8::to_ascii_lowercase))
        })
    };
    let folded = |text: u32| texts.get(text).iter().map(u8::to_ascii_lowercase);
    let mut sorted: Vec<(u64, u32)> = (1..count)
        .filter(|text| used[*text as usize])
        .map(|text| (prefix(texts.get(text)), text))
        .collect();
    sorted.sort_unstable_by(|(a, one), (b, other)| {
        a.cmp(b)
            .then_with(|| folded(*one).cmp(folded(*other)))
            .then_with(|| texts.get(*one).cmp(texts.get(*other)))
    });
    let mut ranks = alloc::vec![0; texts.len()];
    for (rank, (_, text)) in (0..).zip(sorted) {
        ranks[text as usize] = rank;
    }
    ranks
}

/// Sorts by key, and leaves what has the same key in its order: byte by byte from the last, those left out that are
/// the same in all keys.
fn radix(slots: &mut Vec<u32>, key: impl Fn(u32) -> u64) {
    let mut other = slots.clone();
    for shift in (0..64).step_by(8) {
        let byte = |slot: u32| (key(slot) >> shift & 0xff) as usize;
        let mut starts = [0_usize; 256];
        for slot in &*slots {
            starts[byte(*slot)] += 1;
        }
        if starts.contains(&slots.len()) {
            continue;
        }
        let mut start = 0;
        for count in &mut starts {
            start += core::mem::replace(count, start);
        }
        for slot in &*slots {
            let start = &mut starts[byte(*slot)];
            other[*start] = *slot;
            *start += 1;
        }
        core::mem::swap(slots, &mut other);
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::{PAGES, SENT};
    use super::super::intake::{Intake, Kind};
    use super::*;

    /// The list of this JSON.
    fn columns(json: &str) -> Columns {
        let mut columns = Columns::default();
        take(&mut columns, Kind::List, json);
        columns
    }

    /// Whether any session has gone.
    fn take(columns: &mut Columns, kind: Kind, json: &str) -> bool {
        let mut intake = Intake::new(columns, kind, true);
        intake.push(columns, json.as_bytes(), 1e12).unwrap();
        intake.finish(columns, 1e12).unwrap();
        intake.any_gone()
    }

    fn ids(columns: &Columns, order: &Order) -> Vec<String> {
        order.slots.iter().map(|slot| columns.ids.text(columns.id(*slot))).collect()
    }

    fn sorted(columns: &Columns, column: Column, descending: bool) -> Vec<String> {
        let mut order = Order::default();
        order.sort(column, descending);
        order.all(columns, &Devices::new());
        ids(columns, &order)
    }

    const LIST: &str = r#"[
        { "id": "a", "username": "billy", "project": "P", "uptime": 5, "activePages": 10, "sessionScope": "ios",
          "authorized": true, "pageIds": ["2bf7"], "totalBytesSent": 9 },
        { "id": "b", "username": "Adam", "project": "P", "uptime": 7, "activePages": 2, "sessionScope": "browser",
          "authorized": false, "detail": { "pages": [{ "path": "/Pump" }] }, "totalBytesSent": "many" },
        { "id": "c", "username": "carl", "project": "Q", "uptime": 6, "activePages": 9 },
        { "id": "d" }]"#;

    #[test]
    fn sessions_are_sorted_by_what_a_column_holds_and_what_is_missing_stands_last() {
        let columns = columns(LIST);
        for (column, up, down) in [
            (Column::Place, ["a", "b", "c", "d"], ["d", "c", "b", "a"]),
            (Column::Text(USERNAME), ["b", "a", "c", "d"], ["c", "a", "b", "d"]),
            (Column::Number(START), ["a", "c", "b", "d"], ["b", "c", "a", "d"]),
            (Column::Number(PAGES), ["b", "c", "a", "d"], ["a", "c", "b", "d"]),
            // What is no count stands behind all counts.
            (Column::Number(SENT), ["a", "b", "c", "d"], ["a", "b", "c", "d"]),
            // What is equal keeps its place.
            (Column::Text(PROJECT), ["a", "b", "c", "d"], ["c", "a", "b", "d"]),
        ] {
            assert_eq!(sorted(&columns, column, false), up, "{column:?}");
            assert_eq!(sorted(&columns, column, true), down, "{column:?}");
        }
    }

    #[test]
    fn a_filter_is_equality_and_a_search_is_in_any_text() {
        let columns = columns(LIST);
        let found = |filter: Filter| {
            let mut order = Order { filter, ..Order::default() };
            order.all(&columns, &Devices::new());
            ids(&columns, &order).concat()
        };
        let filter = Filter::default;
        let search = |text| Filter { search: Search::new([text].into_iter()), ..filter() };
        assert_eq!(found(filter()), "abcd");
        assert_eq!(found(Filter { username: "billy".into(), ..filter() }), "a");
        assert_eq!(found(Filter { username: "Billy".into(), ..filter() }), "");
        assert_eq!(found(Filter { project: "P".into(), username: "Adam".into(), ..filter() }), "b");
        assert_eq!(found(Filter { scope: "iOS".into(), ..filter() }), "a");
        assert_eq!(found(Filter { authorized: "false".into(), ..filter() }), "b");
        assert_eq!(found(search("ADA")), "b");
        assert_eq!(found(search("2bf7")), "a");
        assert_eq!(found(search("pump")), "b");
        assert_eq!(found(search("nobody")), "");
    }

    #[test]
    fn what_changes_is_put_where_it_belongs_and_the_rest_stays_as_it_was() {
        let list: Vec<String> =
            (0..40).map(|i| format!(r#"{{"id":"{i}","totalBytesSent":{}}}"#, i * 10)).collect();
        let mut columns = columns(&format!("[{}]", list.join(",")));
        let mut order = Order::default();
        order.sort(Column::Number(SENT), true);
        order.all(&columns, &Devices::new());
        for changes in [
            r#"{"changed":[{"id":"3","totalBytesSent":205},{"id":"new","totalBytesSent":5}],"gone":["20"]}"#,
            r#"{"gone":["3","none"],"changed":[{"id":"20","totalBytesSent":999}]}"#,
            r#"{"heard":[{"id":"7","lastComm":5},{"id":"none","lastComm":5}]}"#,
        ] {
            let gone = take(&mut columns, Kind::Changes, changes);
            let dirty = columns.dirty.clone();
            order.some(&columns, &Devices::new(), &dirty, gone);
            let mut anew = Order::default();
            anew.sort(Column::Number(SENT), true);
            anew.all(&columns, &Devices::new());
            assert_eq!(ids(&columns, &order), ids(&columns, &anew), "{changes}");
        }
        assert_eq!(ids(&columns, &order)[0], "20");
        assert_eq!(columns.len(), 40);
    }
}
