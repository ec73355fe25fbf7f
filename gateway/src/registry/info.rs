//! One session as getSessionInfo returns it: the JSON of a [`SessionInfo`], written from the registry itself.

use std::sync::LazyLock;

use perspective_session_info::report::{Received, Sent};
#[cfg(doc)]
use perspective_session_info::session::SessionInfo;
use perspective_session_info::session::VouchedBy;

use super::counters::Counters;
use super::json;
use super::load::Load;
use super::page::Page;
use super::session::Session;
use super::time::Time;

/// The same for every session.
static VOUCHED_BY: LazyLock<Vec<u8>> =
    LazyLock::new(|| serde_json::to_vec(&VouchedBy).unwrap_or_default());

/// Writes the session.
pub(super) fn write(session: &Session, detail: bool, now: Time, out: &mut Vec<u8>) {
    out.reserve(512);
    out.extend_from_slice(b"{\"userAgent\":");
    out.extend_from_slice(session.user_agent.json());
    out.extend_from_slice(b",\"id\":");
    json::text(out, &session.id);
    out.extend_from_slice(b",\"username\":");
    out.extend_from_slice(session.user.json());
    out.extend_from_slice(b",\"project\":");
    out.extend_from_slice(session.project.json());
    out.extend_from_slice(b",\"uptime\":");
    json::integer(out, now.millis_since(session.start));
    out.extend_from_slice(b",\"clientAddress\":");
    json::plain(out, session.address);
    out.extend_from_slice(b",\"lastComm\":");
    json::integer(out, now.millis_since(session.last_arrival));
    out.extend_from_slice(b",\"sessionScope\":\"");
    out.extend_from_slice(session.scope.as_str().as_bytes());
    out.extend_from_slice(b"\",\"activePages\":");
    let open = || session.pages.iter().filter(|page| page.is_open(now));
    json::integer(out, open().count() as u64);
    out.extend_from_slice(b",\"recentBytesSent\":");
    json::integer(out, session.recent().bytes.get());
    out.extend_from_slice(b",\"totalBytesSent\":");
    let counters = session.counters();
    json::integer(out, counters.sent.total().get());
    out.extend_from_slice(b",\"pageIds\":[");
    separated(out, open(), |out, page| json::text(out, &page.id));
    out.extend_from_slice(b"],\"authorized\":");
    json::boolean(out, session.authorized);
    if detail {
        write_detail(session, &counters, now, out);
    }
    out.push(b'}');
}

/// Writes what changes by a report that says nothing new.
pub(super) fn write_heard(session: &Session, now: Time, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":");
    json::text(out, &session.id);
    out.extend_from_slice(b",\"uptime\":");
    json::integer(out, now.millis_since(session.start));
    out.extend_from_slice(b",\"lastComm\":");
    json::integer(out, now.millis_since(session.last_arrival));
    out.push(b'}');
}

fn write_detail(session: &Session, counters: &Counters, now: Time, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"detail\":{\"pages\":[");
    let open = session.pages.iter().filter_map(|page| Some((page, page.open_load(now)?)));
    separated(out, open, |out, (page, load)| write_page(page, load, now, out));
    out.push(b']');
    write_counters(counters, out);
    out.extend_from_slice(b",\"vouchedBy\":");
    out.extend_from_slice(&VOUCHED_BY);
    out.push(b'}');
}

fn write_page(page: &Page, load: &Load, now: Time, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":");
    json::text(out, &page.id);
    out.extend_from_slice(b",\"path\":");
    out.extend_from_slice(load.path.json());
    out.extend_from_slice(b",\"visible\":");
    json::boolean(out, load.visible);
    out.extend_from_slice(b",\"uptime\":");
    json::integer(out, now.millis_since(page.since));
    out.extend_from_slice(b",\"lastReport\":");
    json::integer(out, now.millis_since(load.arrived));
    out.extend_from_slice(b",\"leaseMs\":");
    json::integer(out, load.lease_ms.into());
    write_counters(&page.counters(), out);
    out.push(b'}');
}

fn write_counters(counters: &Counters, out: &mut Vec<u8>) {
    let Counters { sent, received, unmeasured } = counters;
    let Sent { web_socket, fetch, xhr, beacon } = sent;
    out.extend_from_slice(b",\"sent\":{\"webSocket\":");
    json::integer(out, web_socket.get());
    out.extend_from_slice(b",\"fetch\":");
    json::integer(out, fetch.get());
    out.extend_from_slice(b",\"xhr\":");
    json::integer(out, xhr.get());
    out.extend_from_slice(b",\"beacon\":");
    json::integer(out, beacon.get());
    let Received { web_socket, http } = received;
    out.extend_from_slice(b"},\"received\":{\"webSocket\":");
    json::integer(out, web_socket.get());
    out.extend_from_slice(b",\"http\":");
    json::integer(out, http.get());
    out.extend_from_slice(b"},\"unmeasured\":");
    json::integer(out, unmeasured.get());
}

fn separated<T>(
    out: &mut Vec<u8>,
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
}
