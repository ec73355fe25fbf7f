//! getSessionInfo, a part at a time.

use perspective_session_info::session::SessionFilter;
use roaring::RoaringTreemap;

use super::Registry;
use super::index::{Index, Numbers};
use super::info;
use super::number::Number;
use super::session::Session;
use super::time::Time;

/// A part of a list ends where it has so many bytes, for sessions can be long where they have their detail.
const PART_BYTES: usize = 256 * 1024;

/// A list that is being written: what is asked for, and how far it is.
///
/// The parts together hold every session that is open all the while and passes the filter exactly once,
/// oldest first; each stands as it was when its part was written.
#[derive(Clone, Debug)]
pub struct Listing {
    filter: SessionFilter,
    detail: bool,
    after: Number,
    is_empty: bool,
}

impl Listing {
    /// A list of the sessions that pass the filter, of which nothing is written yet.
    #[must_use]
    pub fn new(filter: SessionFilter, detail: bool) -> Self {
        Self { filter, detail, after: Number::default(), is_empty: true }
    }
}

impl Registry {
    /// Writes the next sessions of a list as JSON, with commas between and no brackets around. It looks at
    /// `max` at most, and ends with the session that brings it to 256 KiB. Whether there may be more.
    pub fn write_list(
        &self,
        listing: &mut Listing,
        now: Time,
        max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let candidates = self.candidates(&listing.filter, listing.after);
        let start = out.len();
        for (looked_at, (number, session)) in candidates.enumerate() {
            if looked_at == max || out.len() - start >= PART_BYTES {
                return true;
            }
            listing.after = number;
            if self.is_listed(session, &listing.filter, now) {
                if !listing.is_empty {
                    out.push(b',');
                }
                listing.is_empty = false;
                info::write(session, listing.detail, now, out);
            }
        }
        false
    }

    /// Writes the session of this id as JSON; whether there is one.
    pub fn write_session(&self, id: &str, detail: bool, now: Time, out: &mut Vec<u8>) -> bool {
        let number = self.sessions.find(id).map_or_else(Number::default, |found| found.number);
        self.write_numbered(number, &SessionFilter::default(), detail, now, out)
    }

    /// Writes the session of this number as JSON; whether there is one and it passes the filter.
    pub fn write_numbered(
        &self,
        number: Number,
        filter: &SessionFilter,
        detail: bool,
        now: Time,
        out: &mut Vec<u8>,
    ) -> bool {
        let session = self.listed(number, filter, now);
        session.inspect(|session| info::write(session, detail, now, out)).is_some()
    }

    /// Writes `id`, `uptime` and `lastComm` of the session of this number as a JSON object; whether there is
    /// one and it passes the filter.
    pub fn write_heard(
        &self,
        number: Number,
        filter: &SessionFilter,
        now: Time,
        out: &mut Vec<u8>,
    ) -> bool {
        let session = self.listed(number, filter, now);
        session.inspect(|session| info::write_heard(session, now, out)).is_some()
    }

    /// The id of the session of this number, open or ended.
    #[must_use]
    pub fn id_of(&self, number: Number) -> Option<&str> {
        self.sessions.get(number).map(|session| &*session.id)
    }

    /// The numbers of the open sessions that pass the filter; none where the filter matches all.
    #[must_use]
    pub fn matching(&self, filter: &SessionFilter) -> Option<RoaringTreemap> {
        let of = |index: &Index, text: &str| {
            (!text.is_empty()).then(|| index.get(text).map(Numbers::to_bitmap).unwrap_or_default())
        };
        match (
            of(&self.books.by_user, &filter.username),
            of(&self.books.by_project, &filter.project),
        ) {
            (Some(users), Some(projects)) => Some(users & projects),
            (users, projects) => users.or(projects),
        }
    }

    fn listed(&self, number: Number, filter: &SessionFilter, now: Time) -> Option<&Session> {
        let session = self.sessions.open(number)?;
        self.is_listed(session, filter, now).then_some(session)
    }

    fn is_listed(&self, session: &Session, filter: &SessionFilter, now: Time) -> bool {
        filter.matches(session.user.as_str(), session.project.as_str())
            && !self.has_ended(session, now)
    }

    /// Open sessions after this one, oldest first, among them all that pass the filter: by the index that has
    /// fewer of them.
    fn candidates(
        &self,
        filter: &SessionFilter,
        after: Number,
    ) -> Box<dyn Iterator<Item = (Number, &Session)> + '_> {
        let by_user =
            (!filter.username.is_empty()).then(|| self.books.by_user.get(&filter.username));
        let by_project =
            (!filter.project.is_empty()).then(|| self.books.by_project.get(&filter.project));
        let by_size = |numbers: &Option<&Numbers>| numbers.map_or(0, Numbers::len);
        match by_user.into_iter().chain(by_project).min_by_key(by_size) {
            None => Box::new(self.sessions.open_after(after)),
            Some(None) => Box::new(std::iter::empty()),
            Some(Some(numbers)) => Box::new(
                numbers
                    .after(after)
                    .filter_map(|number| Some((number, self.sessions.open(number)?))),
            ),
        }
    }
}
