use super::browser::{Page, local_storage, page, page_in, tab};
use crate::agent::host::{Number, Text};
use crate::agent::identity::{PERSPECTIVE_MS, PROJECT_MS, SETTLE_MS};
use crate::agent::lifecycle::Event;
use crate::report::{KEY_DIGITS, MAX_ID_BYTES};
use crate::session::SessionScope;

/// As www/agent/perspective.js numbers the scopes.
const NO_SCOPE: u64 = 0;
const IOS: u64 = 3;
const ANDROID: u64 = 4;

#[test]
fn the_first_tab_ever_waits_a_moment_and_then_reports() {
    let mut page = page();
    assert_eq!(page.posts(), []);
    page.run(SETTLE_MS - 1);
    assert_eq!(page.posts(), []);
    page.run(100);
    let report = page.posted();
    assert_eq!((report.project.as_str(), report.scope), ("MyProject", SessionScope::Browser));
    assert_eq!((report.session_id.len(), report.key.len()), (32, KEY_DIGITS));
    assert_eq!((report.page_id.len(), report.seq.get()), (16, 1));
}

#[test]
fn a_later_tab_shares_session_and_key_and_does_not_wait() {
    let storage = local_storage();
    let mut first = page_in(&storage, 1);
    first.run(1_000);
    let second = page_in(&storage, 2);
    assert_eq!(second.posted().session_id, first.posted().session_id);
    assert_eq!(second.posted().key, first.posted().key);
    assert_ne!(second.posted().page_id, first.posted().page_id);
}

#[test]
fn tabs_that_open_at_once_make_one_session_with_one_key() {
    let storage = local_storage();
    // Each has read and found nothing before the others have written.
    let mut pages: Vec<_> = (1..=5)
        .map(|random| {
            let page = page_in(&local_storage(), random);
            let written = page.storage().borrow().clone();
            (page, written)
        })
        .collect();
    for (_, written) in &pages {
        storage.borrow_mut().as_mut().unwrap().extend(written.clone().unwrap());
    }
    for (page, _) in &mut pages {
        *page.storage().borrow_mut() = storage.borrow().clone();
        page.run(1_000);
    }
    let who = |page: &Page| (page.posted().session_id, page.posted().key);
    for (page, _) in &pages {
        assert_eq!(who(page), who(&pages[0].0));
    }
}

#[test]
fn a_tab_that_was_overtaken_after_it_had_settled_joins_the_stored_session() {
    let storage = local_storage();
    let mut slow = page_in(&storage, 1);
    slow.run(1_000);
    let before = slow.posted();
    let other = storage.borrow().as_ref().map(|_| local_storage()).unwrap();
    let mut fast = page_in(&other, 2);
    fast.run(1_000);
    *storage.borrow_mut() = other.borrow().clone();
    slow.run(2_000);
    let reports = slow.posts();
    let [.., closing, joined] = reports.as_slice() else { panic!("{reports:?}") };
    assert!(closing.closing && closing.session_id == before.session_id);
    assert_eq!((&joined.session_id, &joined.key), (&fast.posted().session_id, &fast.posted().key));
}

#[test]
fn a_browser_that_refuses_storage_has_a_session_in_memory() {
    let storage = local_storage();
    *storage.borrow_mut() = None;
    let mut page = page_in(&storage, 1);
    let first = page.posted();
    page.run(60_000);
    assert_eq!(page.posts().len(), 7);
    assert!(page.posts().iter().all(|report| report.session_id == first.session_id
        && report.key == first.key
        && report.page_id == first.page_id));
}

#[test]
fn storage_that_is_cleared_meanwhile_changes_nothing() {
    let storage = local_storage();
    let mut page = page_in(&storage, 1);
    page.run(1_000);
    let before = page.posted();
    storage.borrow_mut().as_mut().unwrap().clear();
    page.run(20_000);
    let after = page.posted();
    assert_eq!(
        (&after.session_id, &after.key, &after.load),
        (&before.session_id, &before.key, &before.load)
    );
    assert!(after.seq > before.seq);
    let mut next = page_in(&storage, 2);
    next.run(1_000);
    assert_eq!((next.posted().session_id, next.posted().key), (before.session_id, before.key));
}

#[test]
fn storage_that_someone_wrote_rubbish_to_is_as_good_as_empty() {
    let storage = local_storage();
    let mut page = page_in(&storage, 1);
    for value in storage.borrow_mut().as_mut().unwrap().values_mut() {
        *value = "π rubbish".repeat(9_000);
    }
    page.run(1_000);
    assert_eq!(page.posted().session_id.len(), 32);
}

#[test]
fn on_a_perspective_url_nothing_is_reported_until_the_session_is_known() {
    let tab = tab(&local_storage(), 1);
    tab.set(Text::UrlProject, "Plant");
    tab.count(Number::Perspective, 1);
    tab.count(Number::SentFetch, 5);
    let mut page = Page::load(&tab, Some(200));
    page.run(20_000);
    assert_eq!(page.posts(), []);
    tab.count(Number::Perspective, 1);
    tab.set(Text::ClientProject, "Plant 2");
    page.run(5_000);
    assert_eq!(page.posts(), []);
    tab.set(Text::ClientSession, "their session");
    tab.set(Text::ClientPage, "a view/with spaces");
    tab.count(Number::ClientScope, IOS);
    page.run(1_000);
    let report = page.posted();
    assert_eq!(report.project, "Plant 2");
    assert_eq!(report.session_id, "their session");
    assert_eq!(report.page_id, "a view/with spaces");
    assert_eq!(report.scope, SessionScope::Ios);
    assert_eq!(report.sent.fetch.get(), 5);
}

#[test]
fn a_perspective_page_without_a_session_is_on_its_own_after_30_seconds() {
    let tab = tab(&local_storage(), 1);
    tab.set(Text::UrlProject, "Plant");
    tab.count(Number::Perspective, 1);
    let mut page = Page::load(&tab, Some(200));
    page.run(PERSPECTIVE_MS - 100);
    assert_eq!(page.posts(), []);
    page.run(1_000);
    let own = page.posted();
    assert_eq!((own.project.as_str(), own.session_id.len()), ("Plant", 32));
    tab.set(Text::ClientSession, "late");
    page.run(2_000);
    assert_eq!(page.posted().session_id, "late");
    assert!(
        page.posts().iter().any(|report| report.closing && report.session_id == own.session_id)
    );
}

#[test]
fn a_client_without_ids_leaves_each_field_to_the_next_source() {
    let tab = tab(&local_storage(), 1);
    tab.set(Text::UrlProject, "Plant");
    tab.count(Number::Perspective, 1);
    tab.count(Number::Perspective, 1);
    tab.set(Text::ClientSession, "s");
    tab.set(Text::ClientPage, &"x".repeat(MAX_ID_BYTES + 1));
    tab.count(Number::ClientScope, NO_SCOPE);
    let mut page = Page::load(&tab, Some(200));
    page.run(1_000);
    let report = page.posted();
    assert_eq!((report.project.as_str(), report.session_id.as_str()), ("Plant", "s"));
    assert_eq!((report.page_id.len(), report.scope), (16, SessionScope::Browser));
}

#[test]
fn options_go_before_everything() {
    let tab = tab(&local_storage(), 1);
    tab.set(Text::UrlProject, "Plant");
    tab.count(Number::Perspective, 1);
    tab.set(Text::ClientProject, "theirs");
    tab.set(Text::ClientPage, "theirs");
    tab.count(Number::ClientScope, IOS);
    for what in [Text::OptionProject, Text::OptionSession, Text::OptionPage] {
        tab.set(what, "given");
    }
    tab.count(Number::OptionScope, ANDROID);
    let mut page = Page::load(&tab, Some(200));
    page.run(1_000);
    let report = page.posted();
    assert_eq!([report.project, report.session_id, report.page_id], ["given", "given", "given"]);
    assert_eq!(report.scope, SessionScope::Android);
}

#[test]
fn a_page_that_nothing_names_a_project_for_says_so_once_and_reports_nothing() {
    let tab = tab(&local_storage(), 1);
    let mut page = Page::load(&tab, Some(200));
    page.run(PROJECT_MS - 100);
    assert_eq!(page.said(), [""; 0]);
    page.run(60_000);
    assert_eq!(page.said().len(), 1);
    assert!(page.said()[0].contains("data-project"));
    page.happen(Event::Wanted);
    assert!(page.settled().pop().unwrap().unwrap().contains("data-project"));
    assert_eq!(page.posts(), []);
    page.hide();
    assert_eq!(page.beacons(), []);
}
