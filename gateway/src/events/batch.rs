//! What has changed, and how it is written (text/event-stream: HTML standard, section 9.2).

use std::collections::BTreeMap;

use serde::Serialize;

use super::Query;
use super::topic::Listed;
use crate::alerts::Alert;
use crate::gateway::{Gateway, PART};
use crate::registry::{Change, ChangeKind, Number, Time};

/// What has become of each session that has changed, in the order of the list.
#[derive(Debug)]
pub struct Changes {
    /// Each with the last that was told of it, where that is not only that it was heard of.
    sessions: Vec<(Number, ChangeKind)>,
    time: Time,
}

impl Changes {
    pub fn new(changes: Vec<Change>, time: Time) -> Self {
        let mut sessions = BTreeMap::new();
        for Change { session, kind } in changes {
            let known = sessions.entry(session).or_insert(ChangeKind::Heard);
            if kind != ChangeKind::Heard {
                *known = kind;
            }
        }
        Self { sessions: sessions.into_iter().collect(), time }
    }

    /// The event `changes` for this query; nothing where nothing of it has changed.
    pub fn write(&self, gateway: &Gateway, query: &Query, listed: &mut Listed) -> Vec<u8> {
        let mut batch = Batch::default();
        for part in self.sessions.chunks(PART) {
            let registry = gateway.registry();
            for (number, kind) in part {
                let (number, Query { filter, detail }) = (*number, query);
                match kind {
                    // Of the detail something else is new too: when which page reported last.
                    ChangeKind::Heard if !detail => {
                        batch.heard.add(|out| registry.write_heard(number, filter, self.time, out));
                    }
                    ChangeKind::Heard | ChangeKind::Changed => {
                        let write = |out: &mut _| {
                            registry.write_numbered(number, filter, *detail, self.time, out)
                        };
                        if batch.changed.add(write) {
                            listed.insert(number);
                        } else if listed.remove(number)
                            && let Some(id) = registry.id_of(number)
                        {
                            batch.gone.add(|out| json(id, out));
                        }
                    }
                    ChangeKind::Gone(id) => {
                        if listed.remove(number) {
                            batch.gone.add(|out| json(id, out));
                        }
                    }
                }
            }
        }
        batch.event(self.time)
    }
}

/// The parts of an event `changes`.
#[derive(Default)]
struct Batch {
    gone: Items,
    changed: Items,
    heard: Items,
}

impl Batch {
    fn event(self, time: Time) -> Vec<u8> {
        let Self { gone, changed, heard } = self;
        if [&gone, &changed, &heard].into_iter().all(|items| items.0.is_empty()) {
            return Vec::new();
        }
        let mut event =
            format!("event: changes\ndata: {{\"time\":{},\"gone\":[", time.millis()).into_bytes();
        event.extend(gone.0);
        event.extend_from_slice(b"],\"changed\":[");
        event.extend(changed.0);
        event.extend_from_slice(b"],\"heard\":[");
        event.extend(heard.0);
        event.extend_from_slice(b"]}\n\n");
        event
    }
}

/// What stands between the brackets of a JSON array.
#[derive(Default)]
struct Items(Vec<u8>);

impl Items {
    /// Adds what `write` writes, if it writes anything; whether it did.
    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let end = self.0.len();
        if end > 0 {
            self.0.push(b',');
        }
        let written = write(&mut self.0);
        if !written {
            self.0.truncate(end);
        }
        written
    }
}

fn json(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> bool {
    serde_json::to_writer(out, value).is_ok()
}

/// The event `alert`.
pub fn alert(alert: &Alert) -> Vec<u8> {
    let mut event = b"event: alert\ndata: ".to_vec();
    json(alert, &mut event);
    event.extend_from_slice(b"\n\n");
    event
}
