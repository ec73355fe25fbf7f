use std::rc::Rc;

use super::browser::{Did, Page, local_storage, page, page_in, tab};
use crate::agent::delivery::VISIBLE_EVERY_MS;
use crate::agent::host::{Number, Text};
use crate::agent::lifecycle::Event;

fn settled_page() -> Page {
    let mut page = page();
    page.run(1_000);
    page
}

#[test]
fn a_page_that_closes_says_so_by_beacon_without_waiting_for_a_report_in_flight() {
    let mut page = settled_page();
    page.gateway = None;
    page.happen(Event::Wanted);
    page.tab.count(Number::SentFetch, 5);
    page.hide();
    let beacons = page.beacons();
    let [closing] = beacons.as_slice() else { panic!("{beacons:?}") };
    assert!(closing.closing && closing.seq > page.posted().seq);
    assert_eq!(closing.sent.fetch.get(), 5);
}

#[test]
fn a_page_that_goes_away_asks_nothing_of_local_storage_which_could_hold_it_up() {
    let mut page = settled_page();
    let storage = Rc::clone(page.storage());
    // Whoever looks at it from here on panics.
    let _locked = storage.borrow_mut();
    page.tab.count(Number::Visible, 0);
    page.happen(Event::Tick);
    page.hide();
    let closing: Vec<_> = page.beacons().iter().map(|report| report.closing).collect();
    assert_eq!(closing, [false, true]);
}

#[test]
fn a_page_that_is_hidden_unnoticed_and_asks_for_a_report_gets_it_at_once() {
    let mut page = settled_page();
    page.forget();
    page.tab.count(Number::Visible, 0);
    page.happen(Event::Wanted);
    page.run(0);
    assert_eq!((page.beacons().len(), page.posts().len()), (1, 1));
    assert_eq!(page.settled(), [None]);
}

#[test]
fn nothing_is_reported_after_a_page_was_put_away() {
    let mut page = settled_page();
    page.hide();
    page.forget();
    page.tab.count(Number::Visible, 0);
    page.happen(Event::Wanted);
    page.happen(Event::Told);
    page.answer(200, 0);
    page.hide();
    assert_eq!((page.posts(), page.beacons()), (vec![], vec![]));
    assert!(page.settled().iter().all(Option::is_some));
}

#[test]
fn a_page_that_comes_back_is_the_same_page_and_the_same_load() {
    let mut page = settled_page();
    let before = page.posted();
    page.hide();
    page.forget();
    page.run(60_000);
    page.show();
    let reports = page.posts();
    let [back] = reports.as_slice() else { panic!("{reports:?}") };
    assert!(!back.closing && back.seq.get() > before.seq.get() + 1);
    assert_eq!(
        (&back.session_id, &back.page_id, &back.load),
        (&before.session_id, &before.page_id, &before.load)
    );
}

#[test]
fn a_reload_keeps_the_ids_and_sends_the_closing_report_again_before_its_own() {
    let mut before = settled_page();
    before.tab.count(Number::SentFetch, 5);
    before.hide();
    let closing = before.beacons().pop().unwrap();
    before.forget();
    let after = Page::load(&before.tab, Some(200));
    let reports = after.posts();
    let [again, own] = reports.as_slice() else { panic!("{reports:?}") };
    assert_eq!(*again, closing);
    assert_eq!((&own.session_id, &own.page_id), (&closing.session_id, &closing.page_id));
    assert_ne!(own.load, closing.load);
    assert_eq!(own.seq.get(), 1);
}

#[test]
fn a_duplicated_tab_takes_a_new_page_id() {
    let storage = local_storage();
    let mut original = page_in(&storage, 1);
    original.run(1_000);
    // The record was taken out when the page loaded: the copy of sessionStorage has none.
    let duplicate = page_in(&storage, 2);
    assert_ne!(duplicate.posted().page_id, original.posted().page_id);
    assert_eq!(duplicate.posted().session_id, original.posted().session_id);
}

#[test]
fn the_identity_token_is_not_kept_in_storage() {
    let mut page = page();
    page.tab.set(Text::Token, "a.credential");
    page.run(1_000);
    page.hide();
    assert_eq!(page.beacons()[0].token.as_deref(), Some("a.credential"));
    let kept = page.tab.session_storage.borrow().clone().unwrap();
    assert!(kept.contains(r#""closing":true"#) && !kept.contains("credential"));
}

#[test]
fn closing_reports_are_kept_while_the_gateway_is_away_but_not_without_bound() {
    let mut page = settled_page();
    let tab = std::rc::Rc::clone(&page.tab);
    for _ in 0..100 {
        page.hide();
        page = Page::load(&tab, Some(0));
    }
    page.forget();
    page.gateway = Some(200);
    page.run(60_000);
    let (kept, own): (Vec<_>, Vec<_>) = page.posts().into_iter().partition(|report| report.closing);
    assert!((20..100).contains(&kept.len()), "{}", kept.len());
    assert!(!own.is_empty());
}

#[test]
fn a_kept_report_that_is_refused_is_dropped_and_does_not_hold_up_the_page() {
    let mut page = settled_page();
    page.hide();
    let mut page = Page::load(&page.tab, None);
    page.answer(403, 0);
    assert!(!page.posted().closing);
    assert_eq!(page.said(), [""; 0]);
}

#[test]
fn a_page_that_closes_before_its_first_report_is_reported_all_the_same() {
    let mut page = page();
    page.tab.count(Number::SentFetch, 5);
    page.run(10);
    page.hide();
    let beacons = page.beacons();
    let [closing] = beacons.as_slice() else { panic!("{beacons:?}") };
    assert!(closing.closing && closing.sent.fetch.get() == 5);
    assert!(!page.tab.did.borrow().contains(&Did::Ask));
}

#[test]
fn a_record_that_another_document_of_the_tab_keeps_late_is_taken_out_all_the_same() {
    let mut first = settled_page();
    // The next document loads, in another process, before this one is told that it is put away.
    let next_tab = tab(first.storage(), 2);
    next_tab.set(Text::OptionProject, "MyProject");
    let mut next = Page::load(&next_tab, None);
    first.hide();
    *next_tab.session_storage.borrow_mut() = first.tab.session_storage.take();
    next.run(1_000);
    assert_eq!(*next_tab.session_storage.borrow(), None);
    next.gateway = Some(200);
    next.answer(200, 0);
    next.run(VISIBLE_EVERY_MS);
    assert!(next.posts().contains(&first.beacons()[0]));
}

#[test]
fn a_page_id_that_is_kept_late_is_taken_over_while_nothing_was_reported() {
    let mut first = settled_page();
    let next_tab = tab(first.storage(), 2);
    next_tab.set(Text::UrlProject, "Plant");
    next_tab.count(Number::Perspective, 1);
    next_tab.count(Number::SentFetch, 5);
    let mut next = Page::load(&next_tab, Some(200));
    first.hide();
    *next_tab.session_storage.borrow_mut() = first.tab.session_storage.take();
    next_tab.set(Text::ClientSession, "s");
    next.run(1_000);
    assert_eq!(next.posted().page_id, first.posted().page_id);
    assert_eq!(next.posted().sent.fetch.get(), 5);
}

#[test]
fn a_page_that_is_discarded_without_a_word_is_the_same_page_when_it_loads_again() {
    let mut page = settled_page();
    page.tab.count(Number::SentFetch, 5);
    page.happen(Event::Freeze);
    assert_eq!(page.beacons(), [], "it has not closed");
    let before = page.posted();
    page.tab.session_storage.swap(&page.tab.kept_for_discard);
    let after = Page::load(&page.tab, Some(200));
    let reports = after.posts();
    let [.., closing, own] = reports.as_slice() else { panic!("{reports:?}") };
    assert!(closing.closing && closing.load == before.load && closing.sent.fetch.get() == 5);
    assert!(closing.seq > before.seq);
    assert_eq!((&own.session_id, &own.page_id), (&before.session_id, &before.page_id));
    assert_ne!(own.load, before.load);
}

#[test]
fn a_page_that_is_only_hidden_or_frozen_goes_on_as_if_nothing_had_been() {
    let mut page = settled_page();
    let before = page.posted();
    page.happen(Event::Freeze);
    page.forget();
    page.run(2 * VISIBLE_EVERY_MS);
    assert_eq!(page.posts().len(), 2);
    assert!(page.posts().iter().all(|report| !report.closing && report.load == before.load));
    assert_eq!(*page.tab.session_storage.borrow(), None, "a duplicate of the tab finds nothing");
}

#[test]
fn what_a_page_keeps_in_case_it_is_discarded_is_not_lost_when_it_is_not() {
    let mut page = settled_page();
    page.hide();
    let mut page = Page::load(&page.tab, Some(0));
    page.happen(Event::Freeze);
    page.gateway = Some(200);
    page.forget();
    page.run(60_000);
    assert!(page.posts()[0].closing);
}

#[test]
fn a_page_that_is_hidden_before_its_session_has_settled_is_of_one_session_all_the_same() {
    let mut page = page();
    page.happen(Event::Freeze);
    // Another tab was first.
    let other = local_storage();
    page_in(&other, 2).run(1_000);
    *page.storage().borrow_mut() = other.borrow().clone();
    page.run(60_000);
    let session = page_in(&other, 3).posted().session_id;
    assert!(!page.posts().is_empty());
    assert!(page.posts().iter().all(|report| report.session_id == session && !report.closing));
}
