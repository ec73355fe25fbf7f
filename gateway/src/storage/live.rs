//! The sessions of the registry, open and ended, as they are written: everything that a restart needs.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Transaction, params};

use super::number;
use crate::registry::{KeptSession, Number};

/// How a session is written, its first byte: postcard's form of [`KeptSession`]. A form that differs takes another
/// number, and this one stays readable.
const FORM: u8 = 1;
/// The longest session that is read back, in bytes: the registry's limits keep them far below.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Writes a session, over itself where it is there already. `buffer` is for reuse.
pub(super) fn write(
    transaction: &Transaction,
    kept: &KeptSession,
    buffer: &mut Vec<u8>,
) -> rusqlite::Result<()> {
    encode(kept, buffer)?;
    transaction
        .prepare_cached(
            "INSERT INTO live (number, kept) VALUES (?1, ?2)
             ON CONFLICT (number) DO UPDATE SET kept = excluded.kept",
        )?
        .execute(params![number::sql(kept.number), &*buffer])?;
    Ok(())
}

/// Removes a session that the registry holds no longer.
pub(super) fn remove(connection: &Connection, session: Number) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM live WHERE number = ?1")?
        .execute([number::sql(session)])?;
    Ok(())
}

/// Reads all sessions, earlier numbers before later ones. A row that can not be read is told by its number.
pub(super) fn each(
    connection: &Connection,
    mut take: impl FnMut(Result<KeptSession, i64>),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT number, kept FROM live ORDER BY number")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let kept = match row.get_ref(1)? {
            ValueRef::Blob(bytes) if bytes.len() <= MAX_BYTES => decode(bytes),
            _ => None,
        };
        take(kept.filter(|kept| number::sql(kept.number) == number).ok_or(number));
    }
    Ok(())
}

fn encode(kept: &KeptSession, buffer: &mut Vec<u8>) -> rusqlite::Result<()> {
    buffer.clear();
    buffer.push(FORM);
    postcard::to_io(kept, buffer)
        .map(drop)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn decode(bytes: &[u8]) -> Option<KeptSession> {
    let (FORM, body) = bytes.split_first().map(|(form, body)| (*form, body))? else { return None };
    match postcard::take_from_bytes(body) {
        Ok((kept, [])) => Some(kept),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use perspective_session_info::report::PageReport;
    use serde_json::json;

    use super::*;
    use crate::limits::Limits;
    use crate::registry::{Arrival, Registry, Time, Unsaved};

    /// [`session`] as form 1 has it, for ever.
    const WRITTEN: &str = concat!(
        "0101017301503eb1bd439947eb762998e566ccc2e099e807b81700c0000201010562696c6c7902074d6f7a696c",
        "6c61010163b8170101630102030405ffffffffffffff0f09ac02b817b01707032fcf80074d6f7a696c6c61a8c3",
        "01a8c30102000101020406080affffffffffffff0f12c80f07d00f02cafbeed0aca2e0cbca01cab2e581e082fa",
        "913e02cafbeed0aca2e0cbca01cab2e581e082fa913e0000",
    );

    /// A session with a bit of everything.
    fn session() -> KeptSession {
        let limits = Limits { loads_per_session: 1, ..Limits::default() };
        let mut registry = Registry::new(limits, Duration::from_secs(60));
        registry.track_unsaved(true);
        for (at, load, closing) in [(1_000, "a", true), (2_000, "b", true), (3_000, "c", false)] {
            let report: PageReport = serde_json::from_value(json!({
                "v": 1, "project": "P", "sessionId": "s", "key": "0123456789abcdef0123456789abcdef",
                "token": null, "pageId": load, "load": load, "seq": 300, "leaseMs": 25_000,
                "closing": closing, "scope": "iOS", "userAgent": "Mozilla", "path": "/π", "visible": true,
                "sent": {"webSocket": 1, "fetch": 2, "xhr": 3, "beacon": 4},
                "received": {"webSocket": 5, "http": 9_007_199_254_740_991_u64},
                "recentSent": 7, "recentAgeMs": 8, "unmeasured": 9
            }))
            .unwrap();
            let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
            let at = Time::from_millis(at);
            registry.join(&Arrival { report: &report, address, user: Some("billy"), at }).unwrap();
        }
        let Some(Unsaved::Session { kept, .. }) = registry.take_unsaved(1).pop() else { panic!() };
        *kept
    }

    #[test]
    fn what_form_1_has_written_is_read_for_ever() {
        let mut written = Vec::new();
        encode(&session(), &mut written).unwrap();
        let hex: String = written.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, WRITTEN);
        assert_eq!(decode(&written), Some(session()));
    }

    #[test]
    fn what_is_no_session_is_none() {
        let mut written = Vec::new();
        encode(&session(), &mut written).unwrap();
        for end in 0..written.len() {
            assert_eq!(decode(&written[..end]), None, "{end}");
        }
        let other_form = [&[FORM + 1], &written[1..]].concat();
        let longer = [&written[..], &[0]].concat();
        // An array that says that it is longer than anything can be.
        let endless = [FORM, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        for wrong in [&other_form[..], &longer, &endless] {
            assert_eq!(decode(wrong), None);
        }
    }
}
