//! Takes sessions out of JSON that comes piece by piece: a list, or what has changed of one. Pure.

use alloc::vec::Vec;

use super::columns::{Columns, HEARD, NO_SLOT, START, USERNAME};
use super::json::{Fault, Reader, Value};
use super::packed::Cuts;
use super::session::{Session, cut, key_text, written};

/// What the JSON is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All sessions: an array; or an object that has it under `items` (Ignition's REST interface) or `sessions` (the
    /// gateway's event `snapshot`).
    List,
    /// The gateway's event `changes`: an object with sessions under `changed`, ids under `gone`, and under `heard`
    /// what has no other news of a session than its times.
    Changes,
}

/// Why there is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no JSON, or not all of it.
    NotJson,
    /// It is JSON, but not the list that it should be.
    NoList,
}

/// A value of which more bytes than this have come is not looked at again with each piece.
const PATIENCE: usize = 1 << 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Object { first: bool },
    Items { of: Items, first: bool, within: bool },
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Items {
    Sessions,
    Gone,
    Heard,
}

/// One JSON that is being read.
pub struct Intake {
    kind: Kind,
    /// Whether the result does not age on its way: it was given, not sent.
    exact: bool,
    state: State,
    /// What has come and has not been read yet, and where in it it goes on.
    json: Vec<u8>,
    at: usize,
    /// The length from which it is worth to look again.
    again: usize,
    found: bool,
    gone: bool,
    scratch: Scratch,
}

#[derive(Default)]
struct Scratch {
    text: Vec<u8>,
    more: Vec<u32>,
    cuts: Cuts,
    packed: Vec<u8>,
}

impl Intake {
    /// Begins to read.
    #[must_use]
    pub fn new(columns: &mut Columns, kind: Kind, exact: bool) -> Self {
        columns.begin(kind == Kind::List);
        Self {
            kind,
            exact,
            state: State::Start,
            json: Vec::new(),
            at: 0,
            again: 0,
            found: false,
            gone: false,
            scratch: Scratch::default(),
        }
    }

    /// Reads on, at a time in milliseconds since 1970.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn push(&mut self, columns: &mut Columns, piece: &[u8], now: f64) -> Result<(), Refusal> {
        self.json.extend_from_slice(piece);
        if self.json.len() < self.again {
            return Ok(());
        }
        // Taken out, so that the rest can be written to meanwhile.
        let mut json = core::mem::take(&mut self.json);
        let read = self.read(columns, &json, now);
        json.drain(..self.at);
        (self.json, self.at) = (json, 0);
        match read {
            Ok(()) => Ok(()),
            Err(Fault::Incomplete) => {
                let rest = self.json.len();
                self.again = if rest > PATIENCE { rest + rest / 2 } else { 0 };
                Ok(())
            }
            Err(Fault::Invalid) => Err(Refusal::NotJson),
        }
    }

    /// Ends: whether the JSON was all there, and a list. Then what a list has not told of is gone.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn finish(&mut self, columns: &mut Columns, now: f64) -> Result<(), Refusal> {
        self.again = 0;
        // A number ends with what follows it.
        self.push(columns, b" ", now)?;
        if self.state != State::End {
            return Err(Refusal::NotJson);
        }
        if !self.found && self.kind == Kind::List {
            return Err(Refusal::NoList);
        }
        if self.kind == Kind::List && columns.remove_unseen() {
            self.gone = true;
        }
        Ok(())
    }

    /// Whether it is a list, which says anew where each session stands.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.kind == Kind::List
    }

    /// Whether sessions were taken out.
    #[must_use]
    pub const fn any_gone(&self) -> bool {
        self.gone
    }

    fn read(&mut self, columns: &mut Columns, json: &[u8], now: f64) -> Result<(), Fault> {
        loop {
            let mut reader = Reader::new(json, self.at);
            self.state = match self.state {
                State::End => return Ok(()),
                State::Start => match reader.peek()? {
                    b'[' if self.kind == Kind::List => {
                        reader.expect(b'[')?;
                        self.found = true;
                        State::Items { of: Items::Sessions, first: true, within: false }
                    }
                    b'{' => {
                        reader.expect(b'{')?;
                        State::Object { first: true }
                    }
                    _ => {
                        reader.value()?;
                        State::End
                    }
                },
                State::Object { first } => {
                    if reader.item(first, b'}')? {
                        let of = self.items(reader.key()?);
                        match of {
                            Some(of) if reader.peek()? == b'[' => {
                                reader.expect(b'[')?;
                                self.found = true;
                                State::Items { of, first: true, within: true }
                            }
                            _ => {
                                reader.value()?;
                                State::Object { first: false }
                            }
                        }
                    } else {
                        State::End
                    }
                }
                State::Items { of, first, within } => {
                    if reader.item(first, b']')? {
                        self.entry(columns, json, &mut reader, of, now)?;
                        State::Items { of, first: false, within }
                    } else if within {
                        State::Object { first: false }
                    } else {
                        State::End
                    }
                }
            };
            self.at = reader.at();
        }
    }

    /// What stands under a key of the outermost object.
    fn items(&self, key: &[u8]) -> Option<Items> {
        match (self.kind, key) {
            (Kind::List, b"items" | b"sessions") if !self.found => Some(Items::Sessions),
            (Kind::Changes, b"changed") => Some(Items::Sessions),
            (Kind::Changes, b"gone") => Some(Items::Gone),
            (Kind::Changes, b"heard") => Some(Items::Heard),
            _ => None,
        }
    }

    fn entry(
        &mut self,
        columns: &mut Columns,
        json: &[u8],
        reader: &mut Reader,
        of: Items,
        now: f64,
    ) -> Result<(), Fault> {
        reader.peek()?;
        let start = reader.at();
        let Scratch { more, cuts, .. } = &mut self.scratch;
        let mut session = Session::new(now, core::mem::take(more), core::mem::take(cuts));
        let text = &mut self.scratch.text;
        if of != Items::Gone && reader.peek()? == b'{' {
            session.read(json, &mut columns.texts, &mut columns.names, reader, text)?;
        } else {
            match (of, reader.value()?) {
                (Items::Gone, Value::Text(id)) => {
                    key_text(id, text);
                    self.gone |= columns.remove(text);
                }
                (Items::Sessions, other) => {
                    session.fields.is_session = false;
                    session.fields.texts[USERNAME] = columns.texts.number(cut(written(other)));
                }
                _ => {}
            }
        }
        match of {
            Items::Gone => {}
            Items::Heard => {
                let slot = columns.slot_of(&session.id);
                if slot != NO_SLOT {
                    let [start, heard] = [START, HEARD].map(|it| session.fields.numbers[it]);
                    columns.hear(slot, start, heard);
                }
            }
            Items::Sessions => {
                let slot = columns.take(&session.id, self.kind == Kind::List);
                columns.set(slot, &session.fields, self.exact);
                let packed = &mut self.scratch.packed;
                packed.clear();
                session.cuts.pack(json, start, reader.at(), packed);
                columns.keep(slot, packed, &session.more);
            }
        }
        (self.scratch.more, self.scratch.cuts) = (session.more, session.cuts);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::{NEW, PAGES, RATE, RECEIVED, SCOPE, SENT, USER_AGENT, odd_text};
    use super::*;

    const NOW: f64 = 1_763_900_000_000.0;

    fn take(columns: &mut Columns, kind: Kind, json: &str, piece: usize) -> Result<(), Refusal> {
        take_at(columns, kind, json, piece, NOW)
    }

    fn take_at(
        columns: &mut Columns,
        kind: Kind,
        json: &str,
        piece: usize,
        now: f64,
    ) -> Result<(), Refusal> {
        let mut intake = Intake::new(columns, kind, false);
        for piece in json.as_bytes().chunks(piece) {
            intake.push(columns, piece, now)?;
        }
        intake.finish(columns, now)
    }

    fn list(json: &str) -> Columns {
        let mut columns = Columns::default();
        take(&mut columns, Kind::List, json, usize::MAX).unwrap();
        columns
    }

    const SESSION: &str = r#"{ "userAgent": "Mozilla/5.0 \"π\"", "id": "s 1/2", "username": "billy",
        "project": "P", "uptime": 252000, "clientAddress": "10.0.0.7", "lastComm": 1500, "sessionScope": "browser",
        "activePages": 2, "recentBytesSent": 1, "totalBytesSent": 1536, "pageIds": ["a", "b"], "authorized": true,
        "detail": { "received": { "webSocket": 10, "http": 5 }, "pages": [{ "path": "/a" }, 5] } }"#;

    #[test]
    fn a_list_is_the_same_in_however_many_pieces_it_comes() {
        for wrapped in [
            format!("[{SESSION}]"),
            format!(r#"{{ "items": [{SESSION}], "metadata": {{}} }}"#),
            format!(r#"{{ "time": 5, "sessions": [{SESSION}] }}"#),
        ] {
            for piece in [1, 2, 7, 100, usize::MAX] {
                let mut columns = Columns::default();
                take(&mut columns, Kind::List, &wrapped, piece).unwrap();
                assert_eq!(columns.len(), 1);
                let text = |column| columns.texts.text(columns.text(column, 0));
                assert_eq!(text(USER_AGENT), "Mozilla/5.0 \"π\"");
                assert_eq!(text(USERNAME), "billy");
                assert_eq!(columns.ids.text(columns.id(0)), "s 1/2");
                let numbers = [START, HEARD, PAGES, SENT, RECEIVED].map(|it| columns.number(it, 0));
                assert_eq!(numbers, [NOW - 252_000.0, NOW - 1_500.0, 2.0, 1_536.0, 15.0]);
                let more: Vec<_> =
                    columns.more(0).iter().map(|id| columns.names.text(*id)).collect();
                assert_eq!(more, ["a", "b", "/a"]);
                assert_eq!(columns.raw(0), SESSION.as_bytes());
            }
        }
    }

    #[test]
    fn what_is_no_list_is_told_from_what_is_no_json() {
        for (json, refusal) in [
            ("", Refusal::NotJson),
            ("<html>", Refusal::NotJson),
            ("[{}", Refusal::NotJson),
            ("[{} {}]", Refusal::NotJson),
            ("[1,", Refusal::NotJson),
            ("null", Refusal::NoList),
            ("5", Refusal::NoList),
            ("{}", Refusal::NoList),
            (r#"{"items":5}"#, Refusal::NoList),
        ] {
            let result = take(&mut Columns::default(), Kind::List, json, 3);
            assert_eq!(result, Err(refusal), "{json}");
        }
    }

    #[test]
    fn values_of_the_wrong_type_are_shown_as_what_they_are() {
        let columns = list(
            r#"[{ "username": ["a"], "project": 5, "uptime": "long", "activePages": -5, "totalBytesSent": null,
                  "sessionScope": null, "authorized": {} }, null, "text", 7, []]"#,
        );
        let text = |column, slot| columns.texts.text(columns.text(column, slot));
        assert_eq!([text(USERNAME, 0), text(1, 0), text(2, 0)], [r#"["a"]"#, r#"["a"]"#, "5"]);
        let odd = |column| columns.texts.text(odd_text(columns.number(column, 0)).unwrap());
        assert_eq!([odd(START), odd(PAGES)], ["long", "-5"]);
        assert!(columns.number(SENT, 0).is_nan());
        assert_eq!(columns.text(SCOPE, 0), 0);
        let rest: Vec<_> =
            (1..5).map(|slot| (columns.is_session(slot), text(USERNAME, slot))).collect();
        assert_eq!(rest, ["null", "text", "7", "[]"].map(|it| (false, it.to_owned())));
    }

    #[test]
    fn last_comm_may_be_an_epoch_time_and_pages_are_counted_where_their_number_is_missing() {
        let columns = list(r#"[{ "lastComm": 1763899991683, "pageIds": ["a", 5, null] }]"#);
        assert_eq!(columns.number(HEARD, 0), 1_763_899_991_683.0);
        assert_eq!(columns.number(PAGES, 0), 3.0);
    }

    #[test]
    fn a_megabyte_is_cut_and_two_that_begin_alike_stay_two() {
        let id = |end| format!(r#"{{"id":"{}{end}"}}"#, "π".repeat(1 << 19));
        let columns = list(&format!("[{},{}]", id("x"), id("yy")));
        assert_eq!(columns.len(), 2);
        assert_ne!(columns.id(0), columns.id(1));
        let shown = columns.ids.text(columns.id(0));
        assert!(shown.starts_with(&"π".repeat(500)) && shown.ends_with("…1048577"), "{shown}");
    }

    #[test]
    fn a_session_keeps_its_slot_as_long_as_it_is_listed_and_the_same_id_twice_is_two() {
        let mut columns = list(r#"[{"id":"a"},{"id":"b"},{"id":"a"},{}]"#);
        let slot = |columns: &Columns, place| {
            (0..9).find(|slot| columns.is_live(*slot) && columns.place(*slot) == place)
        };
        take(&mut columns, Kind::List, r#"[{},{"id":"a"},{"id":"a"},{"id":"c"}]"#, 9).unwrap();
        assert_eq!([0, 1, 2].map(|place| slot(&columns, place)), [Some(3), Some(0), Some(2)]);
        assert_eq!(columns.changed(3) | columns.changed(0), 0);
        take(&mut columns, Kind::List, r#"[{"id":"a"}]"#, 9).unwrap();
        assert_eq!((columns.len(), slot(&columns, 0)), (1, Some(0)));
        take(&mut columns, Kind::List, r#"[{"id":"a"},{"id":"a"}]"#, 9).unwrap();
        assert_eq!(columns.len(), 2);
    }

    #[test]
    fn changes_say_what_is_gone_what_is_new_and_how_fast_bytes_come() {
        let mut columns = list(r#"[{"id":"a","lastComm":0,"totalBytesSent":100},{"id":"b"}]"#);
        let changes = r#"{"time":1,"gone":["b"],"changed":[{"id":"a","lastComm":0,"totalBytesSent":600},{"id":"c"}],
            "heard":[{"id":"c","uptime":5,"lastComm":1}]}"#;
        take_at(&mut columns, Kind::Changes, changes, 4, NOW + 1_000.0).unwrap();
        let [a, c] = ["a", "c"].map(|id| columns.slot_of(id.as_bytes()));
        assert_eq!(columns.number(RATE, a), 500.0);
        assert_eq!(columns.changed(c) & NEW, NEW);
        assert_eq!(columns.number(HEARD, c), NOW + 999.0);
        assert_eq!(columns.slot_of(b"b"), NO_SLOT);
        assert_eq!(columns.len(), 2);
    }

    #[test]
    fn the_json_of_a_session_is_kept_in_less_room_and_comes_back_as_it_was() {
        let compact = SESSION.replace(['\n', ' '], "");
        for session in [
            compact.as_str(),
            r#"{"username":"a","project":"P","username":"b","username":"c","userAgent":"X"}"#,
            r#"{"username":"a","username":5,"userAgent":"\u0041","detail":{"username":"z","id":"q"}}"#,
            r#"{ "username" : "a" , "id": "b","project":["P"],"authorized":"true" }"#,
            "\"text\"",
            "[1]",
        ] {
            let columns = list(&format!("[5, {session}]"));
            assert_eq!(String::from_utf8(columns.raw(1)).unwrap(), session);
        }
        let columns = list(&format!("[{compact}]"));
        assert!(columns.json_len() * 2 < compact.len());
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod any {
        use proptest::collection::{btree_map, vec};
        use proptest::prelude::*;
        use serde_json::Value as Json;

        use super::*;
        use crate::panel::columns::TEXTS;

        /// Values as foreign results have them, and keys that are listed as often as others.
        fn json() -> impl Strategy<Value = Json> {
            let scalar = prop_oneof![
                Just(Json::Null),
                any::<bool>().prop_map(Json::from),
                any::<f64>().prop_map(Json::from),
                any::<u32>().prop_map(Json::from),
                ".*".prop_map(Json::from),
            ];
            let key = prop_oneof![
                proptest::sample::select(&TEXTS[..]).prop_map(str::to_owned),
                proptest::sample::select(
                    &["id", "uptime", "lastComm", "pageIds", "detail", "pages", "received"][..]
                )
                .prop_map(str::to_owned),
                ".*",
            ];
            scalar.prop_recursive(3, 24, 6, move |inner| {
                prop_oneof![
                    vec(inner.clone(), 0..6).prop_map(Json::from),
                    btree_map(key.clone(), inner, 0..6)
                        .prop_map(|map| Json::Object(map.into_iter().collect())),
                ]
            })
        }

        proptest! {
            #[test]
            fn every_session_of_a_list_comes_back_as_it_was(
                sessions in vec(json(), 0..8), again in vec(json(), 0..8), piece in 1..40_usize,
            ) {
                let mut columns = Columns::default();
                for sessions in [&sessions, &again] {
                    let written = serde_json::to_string(sessions).unwrap();
                    prop_assert_eq!(take(&mut columns, Kind::List, &written, piece), Ok(()));
                    prop_assert_eq!(columns.len(), sessions.len());
                    for slot in (0..16).filter(|slot| columns.is_live(*slot)) {
                        let session = &sessions[columns.place(slot) as usize];
                        prop_assert_eq!(columns.raw(slot), serde_json::to_vec(session).unwrap());
                    }
                }
            }

            #[test]
            fn whatever_comes_is_read_or_refused(
                bytes in vec(prop_oneof![any::<u8>(), proptest::sample::select(&b"[]{}\":,\\u0 1"[..])], 0..80),
                list in any::<bool>(), piece in 1..9_usize,
            ) {
                let mut columns = super::list(r#"[{"id":"a"}]"#);
                let kind = if list { Kind::List } else { Kind::Changes };
                let mut intake = Intake::new(&mut columns, kind, false);
                for piece in bytes.chunks(piece) {
                    if intake.push(&mut columns, piece, NOW).is_err() {
                        break;
                    }
                }
                let _ = intake.finish(&mut columns, NOW);
                columns.compact();
            }
        }
    }

    #[test]
    fn a_list_that_breaks_off_takes_nothing_away() {
        let mut columns = list(r#"[{"id":"a"},{"id":"b"}]"#);
        assert_eq!(take(&mut columns, Kind::List, r#"[{"id":"a"},"#, 5), Err(Refusal::NotJson));
        assert_eq!(columns.len(), 2);
    }

    #[test]
    fn what_is_listed_no_more_takes_no_room_for_ever() {
        let mut columns = Columns::default();
        for round in 0..60 {
            let sessions: Vec<String> = (0..500)
                .map(|i| format!(r#"{{"id":"{round} {i}","username":"{round} {i}","pageIds":["p{round}{i}"]}}"#))
                .collect();
            take(&mut columns, Kind::List, &format!("[{}]", sessions.join(",")), usize::MAX)
                .unwrap();
            columns.compact();
            assert_eq!(columns.len(), 500);
        }
        assert!(columns.json_len() < 2_000_000, "{}", columns.json_len());
        assert!(columns.texts.len() < 20_000, "{}", columns.texts.len());
        assert!(columns.slots() <= 1_000);
        let slot = columns.slot_of(b"59 7");
        assert_eq!(columns.texts.text(columns.text(USERNAME, slot)), "59 7");
        assert_eq!(columns.names.text(columns.more(slot)[0]), "p597");
    }
}
