use super::browser::{Did, Page, local_storage, page, page_in, tab};
use crate::agent::host::{Number, Text};

fn perspective() -> Page {
    let tab = tab(&local_storage(), 1);
    tab.set(Text::ClientProject, "Plant");
    tab.set(Text::ClientSession, "one");
    tab.set(Text::ClientPage, "page");
    tab.count(Number::Perspective, 1);
    let mut page = Page::load(&tab, Some(200));
    page.run(1_000);
    page
}

fn sign_in(page: &Page, user: &str) {
    page.tab.set(Text::Token, user);
    page.tab.set(Text::User, user);
}

#[test]
fn another_session_of_perspectives_closes_the_old_one_and_counts_from_zero() {
    let mut page = perspective();
    page.tab.count(Number::SentFetch, 5);
    page.tab.set(Text::ClientSession, "two");
    page.run(2_000);
    let reports = page.posts();
    let [first, closing, new] = reports.as_slice() else { panic!("{reports:?}") };
    assert!(closing.closing && closing.session_id == "one" && closing.sent.fetch.get() == 5);
    assert_eq!((&closing.load, closing.seq.get()), (&first.load, 2));
    assert!(!new.closing && new.session_id == "two" && new.sent.fetch.get() == 0);
    assert!(new.load != first.load && new.key != first.key && new.seq.get() == 1);
    assert!(page.tab.did.borrow().contains(&Did::Zero));
}

#[test]
fn the_old_sessions_closing_report_is_not_lost_when_the_gateway_is_away() {
    let mut page = perspective();
    page.gateway = Some(0);
    page.tab.set(Text::ClientSession, "two");
    page.run(30_000);
    page.gateway = Some(200);
    page.run(60_000);
    let reports = page.posts();
    let answered: Vec<_> = reports.iter().rev().take_while(|report| !report.closing).collect();
    assert!(answered.iter().all(|report| report.session_id == "two"));
    assert!(reports.iter().any(|report| report.closing && report.session_id == "one"));
}

#[test]
fn a_user_who_signs_in_keeps_the_session() {
    let mut page = page();
    sign_in(&page, "");
    page.run(1_000);
    let before = page.posted();
    sign_in(&page, "billy");
    page.run(20_000);
    assert_eq!(page.posted().token.as_deref(), Some("billy"));
    assert_eq!(page.posted().session_id, before.session_id);
}

#[test]
fn another_user_or_none_is_another_session() {
    for next in ["anna", ""] {
        let mut page = page();
        sign_in(&page, "billy");
        page.run(1_000);
        let before = page.posted();
        sign_in(&page, next);
        page.run(12_000);
        let after = page.posted();
        assert_ne!(after.session_id, before.session_id, "{next:?}");
        let closing = page.posts().into_iter().find(|report| report.closing).unwrap();
        assert_eq!(closing.session_id, before.session_id);
    }
}

#[test]
fn all_tabs_follow_into_the_session_of_the_next_user() {
    let storage = local_storage();
    let mut pages = [page_in(&storage, 1), page_in(&storage, 2)];
    for page in &mut pages {
        sign_in(page, "billy");
        page.run(1_000);
    }
    let before = pages[0].posted().session_id;
    for page in &mut pages {
        sign_in(page, "");
        page.run(15_000);
    }
    for page in &mut pages {
        page.run(60_000);
    }
    assert_eq!(pages[0].posted().session_id, pages[1].posted().session_id);
    assert_ne!(pages[0].posted().session_id, before);
    let sessions: std::collections::BTreeSet<_> =
        pages.iter().flat_map(|page| page.posts()).map(|report| report.session_id).collect();
    assert_eq!(sessions.len(), 2);
}

#[test]
fn two_tabs_with_different_users_do_not_replace_each_others_session_for_ever() {
    let storage = local_storage();
    let mut pages = [page_in(&storage, 1), page_in(&storage, 2)];
    for (page, user) in pages.iter_mut().zip(["billy", "anna"]) {
        sign_in(page, user);
        page.run(2_000);
    }
    for _ in 0..20 {
        for page in &mut pages {
            page.run(10_000);
        }
    }
    let sessions: std::collections::BTreeSet<_> =
        pages.iter().flat_map(|page| page.posts()).map(|report| report.session_id).collect();
    assert!(sessions.len() <= 2, "{sessions:?}");
}

#[test]
fn a_load_that_does_not_know_its_user_yet_keeps_the_session_but_another_user_does_not() {
    let mut page = page();
    sign_in(&page, "billy");
    page.run(1_000);
    let before = page.posted().session_id;
    let tab = std::rc::Rc::clone(&page.tab);
    page.hide();
    sign_in(&page, "");
    let mut reloaded = Page::load(&tab, Some(200));
    assert_eq!(reloaded.posted().session_id, before);
    sign_in(&reloaded, "billy");
    reloaded.run(20_000);
    assert_eq!(reloaded.posted().session_id, before);
    reloaded.hide();
    sign_in(&reloaded, "anna");
    let mut other = Page::load(&tab, Some(200));
    other.run(1_000);
    assert_ne!(other.posted().session_id, before);
}

#[test]
fn a_user_does_not_end_a_session_of_perspectives() {
    let mut page = perspective();
    sign_in(&page, "billy");
    page.run(20_000);
    sign_in(&page, "anna");
    page.run(20_000);
    assert!(page.posts().iter().all(|report| report.session_id == "one" && !report.closing));
    assert_eq!(page.posted().token.as_deref(), Some("anna"));
}
