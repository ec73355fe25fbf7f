//! The rules of the registry, one by one.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use perspective_session_info::report::{Count, PageReport};
use perspective_session_info::session::{SessionFilter, VouchedBy};
use session_gateway::limits::Limits;
use session_gateway::registry::{Arrival, ChangeKind, Joined, Refusal, Registry, Time};

use crate::listed::{Listed, list};
use crate::reports::{closing, report, sent};

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const OTHER_KEY: &str = "11111111111111111111111111111111";

/// A registry whose sessions end a minute after their last page, and the time of its latest report.
struct Gateway {
    registry: Registry,
    now: u64,
}

impl Gateway {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self { registry: Registry::new(limits, Duration::from_mins(1)), now: 0 }
    }

    fn at(&mut self, now: u64) -> &mut Self {
        self.now = now;
        self
    }

    fn try_join(&mut self, report: &PageReport, user: Option<&str>) -> Result<Joined, Refusal> {
        let at = Time::from_millis(self.now);
        self.registry.join(&Arrival { report, address: ADDRESS, user, at })
    }

    fn join(&mut self, report: &PageReport) -> &mut Self {
        self.try_join(report, None).unwrap();
        self
    }

    fn list(&self) -> Vec<Listed> {
        self.filtered("", "")
    }

    fn filtered(&self, username: &str, project: &str) -> Vec<Listed> {
        let filter = SessionFilter { username: username.into(), project: project.into() };
        list(&self.registry, &filter, false, self.now)
    }

    fn only(&self) -> Listed {
        let [session] = <[Listed; 1]>::try_from(self.list()).unwrap();
        session
    }

    fn ids(&self) -> Vec<String> {
        self.list().into_iter().map(|session| session.id).collect()
    }
}

fn with_key(key: &str, report: PageReport) -> PageReport {
    PageReport { key: key.into(), ..report }
}

fn in_project(project: &str, report: PageReport) -> PageReport {
    PageReport { project: project.into(), ..report }
}

#[test]
fn two_tabs_are_one_session_with_two_pages_and_the_sum_of_their_bytes() {
    let mut gateway = Gateway::new();
    gateway.at(1_000).join(&sent(10, 10, 0, report("s", "a", "1", 0)));
    gateway.at(3_000).join(&sent(5, 5, 2_500, report("s", "b", "2", 0)));
    gateway.at(4_000);
    let session = gateway.only();
    assert_eq!(session.page_ids, ["a", "b"]);
    assert_eq!((session.active_pages, session.total_bytes_sent), (2, 15));
    assert_eq!(session.recent_bytes_sent, 10, "the tab that reported first has sent later");
    assert_eq!((session.uptime, session.last_comm), (3_000, 1_000));
    assert_eq!(session.client_address, "192.0.2.7");
}

#[test]
fn a_reload_keeps_the_page_its_place_and_all_bytes_whichever_report_arrives_first() {
    let old = sent(10, 10, 0, report("s", "a", "old", 4));
    let new = sent(3, 3, 0, report("s", "a", "new", 0));
    let ended = closing(report("s", "a", "old", 5));
    for reports in [[&old, &ended, &new], [&old, &new, &ended]] {
        let mut gateway = Gateway::new();
        gateway.join(&report("s", "first", "1", 0));
        for report in reports {
            gateway.join(report);
        }
        gateway.join(&report("s", "last", "2", 0));
        assert_eq!(gateway.only().page_ids, ["first", "a", "last"]);
        assert_eq!(gateway.only().total_bytes_sent, 13);
    }
}

#[test]
fn a_page_leaves_at_once_when_it_closes_and_after_its_lease_when_it_falls_silent() {
    let mut gateway = Gateway::new();
    gateway.join(&report("s", "closes", "1", 0)).join(&report("s", "falls silent", "2", 0));
    gateway.at(5_000).join(&closing(report("s", "closes", "1", 1)));
    assert_eq!(gateway.only().page_ids, ["falls silent"]);
    assert_eq!(gateway.at(9_999).only().active_pages, 1);
    assert_eq!(gateway.at(10_000).only().active_pages, 0);
    gateway.join(&report("s", "falls silent", "2", 1));
    assert_eq!(gateway.only().page_ids, ["falls silent"]);
}

#[test]
fn a_late_copy_neither_reopens_a_page_nor_prolongs_its_lease() {
    let mut gateway = Gateway::new();
    let open = report("s", "a", "1", 0);
    gateway.join(&open);
    gateway.at(9_000).join(&open);
    assert_eq!(gateway.at(10_000).only().active_pages, 0);
    gateway.join(&closing(report("s", "a", "1", 1))).join(&open);
    assert_eq!(gateway.only().active_pages, 0);
}

#[test]
fn a_session_without_a_page_ends_after_the_timeout_and_a_returning_page_reopens_it() {
    let mut gateway = Gateway::new();
    gateway.at(1_000).join(&sent(10, 10, 0, report("s", "a", "1", 0)));
    gateway.at(2_000).join(&closing(sent(11, 1, 0, report("s", "a", "1", 1))));
    assert_eq!(gateway.at(61_999).only().active_pages, 0);
    assert_eq!(gateway.at(62_000).ids(), [""; 0]);
    gateway.at(500_000).join(&sent(4, 4, 0, report("s", "a", "2", 0)));
    assert_eq!(gateway.only().total_bytes_sent, 15);
    assert_eq!(gateway.only().uptime, 499_000);
}

#[test]
fn the_oldest_session_is_first_and_both_filters_must_match() {
    let mut gateway = Gateway::new();
    gateway.try_join(&report("z", "a", "1", 0), Some("billy")).unwrap();
    gateway.join(&report("y", "a", "2", 0));
    gateway.try_join(&in_project("Other", report("x", "a", "3", 0)), Some("billy")).unwrap();
    gateway.at(1).join(&report("z", "a", "1", 1));
    assert_eq!(gateway.ids(), ["z", "y", "x"]);
    let ids = |username, project| -> Vec<String> {
        gateway.filtered(username, project).into_iter().map(|session| session.id).collect()
    };
    assert_eq!(ids("billy", ""), ["x"], "z reported without a token since");
    assert_eq!(ids("Unauthenticated", "MyProject"), ["z", "y"]);
    assert_eq!(ids("billy", "Other"), ["x"]);
    assert_eq!(ids("billy", "MyProject"), [""; 0]);
}

#[test]
fn the_user_follows_arrival_but_a_closing_report_changes_none() {
    let mut gateway = Gateway::new();
    gateway.try_join(&report("s", "a", "1", 0), Some("billy")).unwrap();
    gateway.join(&closing(report("s", "a", "1", 1)));
    assert_eq!((gateway.only().username.as_str(), gateway.only().authorized), ("billy", true));
    gateway.join(&report("s", "a", "2", 0));
    assert_eq!(gateway.only().username, "Unauthenticated");
    assert!(!gateway.only().authorized);
}

#[test]
fn nobody_without_the_key_reports_for_a_session_that_has_an_open_page() {
    let mut gateway = Gateway::new();
    gateway.try_join(&report("s", "a", "1", 0), Some("billy")).unwrap();
    let before = gateway.list();
    let foreign = with_key(OTHER_KEY, closing(sent(99, 99, 0, report("s", "a", "1", 1))));
    assert_eq!(gateway.try_join(&foreign, None), Err(Refusal::WrongKey));
    assert_eq!(gateway.try_join(&foreign, Some("bob")), Err(Refusal::WrongKey));
    assert_eq!(gateway.list(), before);
}

#[test]
fn a_new_key_replaces_the_old_when_no_page_is_open_or_the_sessions_own_user_brings_it() {
    let mut gateway = Gateway::new();
    gateway.try_join(&report("s", "a", "1", 0), Some("billy")).unwrap();
    gateway.try_join(&with_key(OTHER_KEY, report("s", "b", "2", 0)), Some("billy")).unwrap();
    assert_eq!(gateway.try_join(&report("s", "a", "1", 1), None), Err(Refusal::WrongKey));
    gateway.at(10_000).join(&report("s", "a", "1", 2));
    assert_eq!(gateway.only().page_ids, ["a"]);
}

#[test]
fn one_id_under_two_projects_is_refused_until_the_first_has_ended() {
    let mut gateway = Gateway::new();
    gateway.join(&sent(10, 10, 0, report("s", "a", "1", 0)));
    let other = in_project("Other", report("s", "b", "2", 0));
    let before = gateway.list();
    assert_eq!(gateway.try_join(&other, None), Err(Refusal::OtherProject));
    assert_eq!(gateway.list(), before);
    gateway.at(70_000).join(&other);
    assert_eq!(gateway.only().project, "Other");
    assert_eq!((gateway.only().total_bytes_sent, gateway.only().uptime), (0, 0));
}

#[test]
fn ended_loads_beyond_the_limit_are_folded_without_a_byte_lost_or_counted_twice() {
    let mut gateway = Gateway::with(Limits { loads_per_session: 4, ..Limits::default() });
    let last = |load: u64| closing(sent(load, load, 0, report("s", "a", &load.to_string(), 1)));
    for load in 1..=20 {
        gateway.at(load).join(&report("s", "a", &load.to_string(), 0)).join(&last(load));
    }
    gateway.at(21).join(&report("s", "a", "open", 0));
    assert_eq!(gateway.only().total_bytes_sent, 210);
    assert_eq!(gateway.only().recent_bytes_sent, 20);
    gateway.join(&last(1)).join(&report("s", "a", "2", 7));
    assert_eq!(gateway.only().total_bytes_sent, 210);
    assert_eq!(gateway.only().page_ids, ["a"]);
}

#[test]
fn an_open_page_is_never_folded_and_those_beyond_the_limit_are_refused() {
    let mut gateway =
        Gateway::with(Limits { loads_per_session: 2, pages_per_session: 3, ..Limits::default() });
    for page in ["a", "b", "c"] {
        gateway.join(&report("s", page, page, 0));
    }
    assert_eq!(gateway.try_join(&report("s", "d", "d", 0), None), Err(Refusal::TooManyPages));
    gateway.join(&report("s", "a", "a", 1));
    assert_eq!(gateway.only().page_ids, ["a", "b", "c"]);
}

#[test]
fn a_new_session_takes_the_place_of_an_ended_one_but_never_of_a_live_one() {
    let mut gateway = Gateway::with(Limits { sessions: 2, ..Limits::default() });
    gateway.join(&report("ends", "a", "1", 0));
    gateway.at(69_000).join(&report("lives", "a", "2", 0));
    let new = report("new", "a", "3", 0);
    assert_eq!(gateway.try_join(&new, None), Err(Refusal::TooManySessions));
    gateway.at(70_000).join(&new);
    assert_eq!(gateway.ids(), ["lives", "new"]);
}

#[test]
fn detail_comes_only_when_asked_for_and_holds_the_open_pages_and_the_channels() {
    let mut gateway = Gateway::new();
    gateway.at(1_000).join(&closing(sent(10, 10, 0, report("s", "a", "1", 0))));
    gateway.at(2_000).join(&sent(5, 5, 0, report("s", "b", "2", 0)));
    assert_eq!(gateway.only().detail, None);
    let detail = list(&gateway.registry, &SessionFilter::default(), true, 2_500)[0].detail.clone();
    assert_eq!(
        serde_json::to_value(detail).unwrap(),
        serde_json::json!({
            "pages": [{"id": "b", "path": "/", "visible": true, "uptime": 500,
                       "lastReport": 500, "leaseMs": 10_000,
                       "sent": {"webSocket": 5, "fetch": 0, "xhr": 0, "beacon": 0},
                       "received": {"webSocket": 0, "http": 0}, "unmeasured": 0}],
            "sent": {"webSocket": 15, "fetch": 0, "xhr": 0, "beacon": 0},
            "received": {"webSocket": 0, "http": 0},
            "unmeasured": 0,
            "vouchedBy": VouchedBy,
        })
    );
}

#[test]
fn who_follows_is_told_of_what_there_is_to_see_and_else_only_that_a_session_was_heard() {
    let open = || sent(10, 5, 100, report("s", "a", "1", 1));
    let again = |seq| PageReport { seq: Count::saturating(seq), ..open() };
    let elsewhere = PageReport { path: "/other".into(), ..again(2) };
    let hidden = PageReport { visible: false, ..again(2) };
    let lasting = PageReport { lease_ms: 20_000, ..again(2) };
    let later_send = PageReport { recent_sent: Count::saturating(6), ..again(2) };
    let other_browser = PageReport { user_agent: "Other".into(), ..again(2) };
    for (next, kind) in [
        (open(), ChangeKind::Heard),
        (again(2), ChangeKind::Heard),
        (elsewhere, ChangeKind::Changed),
        (hidden, ChangeKind::Changed),
        (lasting, ChangeKind::Changed),
        (later_send, ChangeKind::Changed),
        (other_browser, ChangeKind::Changed),
        (sent(11, 5, 100, again(2)), ChangeKind::Changed),
        (closing(again(2)), ChangeKind::Changed),
        (report("s", "b", "2", 0), ChangeKind::Changed),
    ] {
        let mut gateway = Gateway::new();
        gateway.registry.observe(true);
        gateway.at(1_000).join(&open());
        let version = gateway.registry.version();
        gateway.at(2_000).join(&next);
        let changes: Vec<_> = gateway.registry.changes_since(version).unwrap().collect();
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].kind, kind, "{next:?}");
        assert_eq!(gateway.registry.id_of(changes[0].session), Some("s"));
    }
}

#[test]
fn who_follows_is_told_of_what_time_alone_brings_about() {
    let mut gateway = Gateway::new();
    gateway.registry.observe(true);
    gateway.join(&report("s", "a", "1", 1));
    let version = gateway.registry.version();
    let kinds = |gateway: &Gateway| -> Vec<ChangeKind> {
        gateway.registry.changes_since(version).unwrap().map(|one| one.kind.clone()).collect()
    };
    gateway.registry.advance(Time::from_millis(9_999));
    assert_eq!(kinds(&gateway), []);
    gateway.registry.advance(Time::from_millis(10_000));
    assert_eq!(kinds(&gateway), [ChangeKind::Changed]);
    gateway.registry.advance(Time::from_millis(70_000));
    assert_eq!(kinds(&gateway), [ChangeKind::Changed, ChangeKind::Gone("s".into())]);
}
