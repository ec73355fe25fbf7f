use super::browser::{Did, Page, local_storage, page, page_in, tab};
use crate::agent::delivery::{
    HIDDEN_EVERY_MS, HIDDEN_LEASE_MS, TIME_OUT_MS, VISIBLE_EVERY_MS, VISIBLE_LEASE_MS,
};
use crate::agent::host::{Number, Text};
use crate::agent::lifecycle::Event;
use crate::agent::store::Store;
use crate::agent::text::Id;
use crate::report::{MAX_PATH_BYTES, MAX_TOKEN_BYTES, MAX_USER_AGENT_BYTES};

fn id_of(text: &str) -> Id {
    let mut id = Id::NONE;
    id.set(text.as_bytes());
    id
}

fn settled_page() -> Page {
    let mut page = page();
    page.run(1_000);
    page
}

#[test]
fn a_visible_page_reports_every_ten_seconds() {
    let mut page = settled_page();
    page.run(10 * VISIBLE_EVERY_MS);
    assert_eq!(page.posts().len(), 11);
    assert!(
        page.posts().iter().all(|report| report.visible && report.lease_ms == VISIBLE_LEASE_MS)
    );
}

#[test]
fn a_page_that_is_hidden_says_so_by_beacon_and_takes_a_longer_lease() {
    let mut page = settled_page();
    page.tab.count(Number::Visible, 0);
    page.happen(Event::Tick);
    let beacons = page.beacons();
    let [hidden] = beacons.as_slice() else { panic!("{beacons:?}") };
    assert!(!hidden.visible && !hidden.closing && hidden.lease_ms == HIDDEN_LEASE_MS);
    page.forget();
    page.run(5 * HIDDEN_EVERY_MS);
    assert_eq!(page.posts().len(), 5);
    page.tab.count(Number::Visible, 1);
    page.happen(Event::Tick);
    assert!(page.posted().visible);
    assert_eq!(page.posts().len(), 6);
}

#[test]
fn a_change_of_path_is_reported_within_a_second() {
    let mut page = settled_page();
    page.tab.set(Text::Path, "/elsewhere");
    page.run(1_000);
    assert_eq!(page.posted().path, "/elsewhere");
}

#[test]
fn each_report_is_absolute_and_has_a_higher_number() {
    let mut page = settled_page();
    page.tab.count(Number::SentWebSocket, 7);
    page.tab.count(Number::RecentSent, 7);
    page.tab.count(Number::RecentAge, 5);
    page.run(VISIBLE_EVERY_MS);
    page.run(VISIBLE_EVERY_MS);
    let reports = page.posts();
    let numbers: Vec<_> = reports.iter().map(|report| report.seq.get()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(reports.iter().all(|report| report.load == reports[0].load));
    assert_eq!([reports[1].sent.web_socket.get(), reports[2].sent.web_socket.get()], [7, 7]);
    let recent = |n: usize| (reports[n].recent_sent.get(), reports[n].recent_age_ms.get());
    assert_eq!([recent(0), recent(1)], [(0, 0), (7, 5)]);
}

#[test]
fn counters_beyond_what_a_report_can_say_saturate() {
    let page = {
        let mut page = page();
        page.tab.count(Number::SentBeacon, u64::MAX);
        page.run(1_000);
        page
    };
    assert_eq!(page.posted().sent.beacon, crate::report::Count::MAX);
}

#[test]
fn long_texts_are_cut_between_characters_and_a_token_too_long_is_left_out() {
    let tab = tab(&local_storage(), 1);
    tab.set(Text::OptionProject, "P");
    tab.set(Text::Path, &format!("/{}", "π".repeat(MAX_PATH_BYTES)));
    tab.set(Text::UserAgent, &"x".repeat(MAX_USER_AGENT_BYTES + 1));
    tab.set(Text::Token, &"x".repeat(MAX_TOKEN_BYTES + 1));
    let mut page = Page::load(&tab, Some(200));
    page.run(1_000);
    let report = page.posted();
    assert_eq!(report.path.len(), MAX_PATH_BYTES - 1);
    assert_eq!(report.user_agent.len(), MAX_USER_AGENT_BYTES);
    assert_eq!(report.token, None);
}

#[test]
fn one_report_is_in_flight_however_much_happens() {
    let mut page = settled_page();
    page.gateway = None;
    page.run(VISIBLE_EVERY_MS);
    let sent = page.posts().len();
    page.tab.set(Text::Path, "/elsewhere");
    page.happen(Event::Wanted);
    page.run(TIME_OUT_MS - 1_000);
    assert_eq!(page.posts().len(), sent);
    page.gateway = Some(200);
    page.answer(200, 0);
    assert_eq!(page.posted().path, "/elsewhere");
}

#[test]
fn a_report_without_an_answer_is_given_up_after_ten_seconds_and_made_anew_after_a_pause() {
    let mut page = page();
    page.gateway = None;
    page.run(1_000);
    assert_eq!(page.posts().len(), 1);
    page.tab.count(Number::SentFetch, 9);
    page.run(TIME_OUT_MS + 2_000);
    assert_eq!(page.posts().len(), 2);
    assert_eq!(page.posted().sent.fetch.get(), 9);
}

#[test]
fn a_gateway_that_is_away_for_a_day_is_asked_once_a_minute_and_complained_of_once() {
    let mut page = page();
    page.gateway = Some(0);
    page.run(24 * 3_600_000);
    let posts = page.posts().len();
    assert!((1_440..3_000).contains(&posts), "{posts}");
    assert_eq!(page.said().len(), 1);
    assert!(page.said()[0].contains("http://gateway/"));
    page.gateway = Some(200);
    page.run(60_000);
    page.forget();
    page.run(10 * VISIBLE_EVERY_MS);
    assert_eq!(page.posts().len(), 10);
}

#[test]
fn a_gateway_says_how_long_to_wait() {
    let mut page = page();
    page.gateway = None;
    page.run(1_000);
    page.answer(503, 40_000);
    page.run(39_999);
    assert_eq!(page.posts().len(), 1);
    page.run(1);
    assert_eq!(page.posts().len(), 2);
}

#[test]
fn a_refusal_is_not_repeated_until_the_identity_changes() {
    let tab = tab(&local_storage(), 1);
    tab.set(Text::OptionProject, "P");
    tab.set(Text::ClientSession, "one");
    let mut page = Page::load(&tab, Some(400));
    page.run(600_000);
    assert_eq!(page.posts().len(), 1);
    assert_eq!(page.said().len(), 1);
    page.hide();
    assert_eq!(page.beacons(), []);
    page.show();
    tab.set(Text::ClientSession, "two");
    page.gateway = Some(200);
    page.run(2_000);
    assert_eq!(page.posted().session_id, "two");
}

#[test]
fn a_conflict_is_tried_again() {
    let mut page = page();
    page.gateway = Some(409);
    page.run(10_000);
    assert!(page.posts().len() > 2);
    assert_eq!(page.said().len(), 1);
}

#[test]
fn a_tab_with_a_wrong_key_takes_the_one_that_the_gateway_has_accepted() {
    let storage = local_storage();
    let mut wrong = page_in(&storage, 1);
    wrong.gateway = Some(403);
    wrong.run(1_000);
    assert_eq!(wrong.posts().len(), 1);
    // Another tab's was accepted, and stored.
    let other = local_storage();
    let mut right = page_in(&other, 2);
    right.run(1_000);
    let session = wrong.posted().session_id;
    let mut stored = Store::EMPTY;
    stored.read(&id_of("MyProject"), &wrong.tab);
    stored.add_key(&id_of(&session), right.posted().key.as_bytes().try_into().unwrap());
    stored.write(&id_of("MyProject"), &wrong.tab);
    wrong.gateway = Some(200);
    wrong.run(2_000);
    assert_eq!(wrong.posted().key, right.posted().key);
    assert_eq!(wrong.posted().session_id, session);
}

#[test]
fn a_report_that_the_page_asks_for_goes_at_once_even_after_trouble() {
    let mut page = page();
    page.gateway = Some(0);
    page.run(30_000);
    page.gateway = Some(200);
    page.forget();
    page.happen(Event::Wanted);
    assert_eq!(page.posts().len(), 1);
    assert_eq!(page.settled(), [None]);
}

#[test]
fn a_report_that_the_page_asks_for_says_why_it_came_to_nothing() {
    let mut page = settled_page();
    page.gateway = Some(503);
    page.problem = "starting";
    page.happen(Event::Wanted);
    assert!(page.settled().pop().unwrap().unwrap().contains("503 starting"));
}

#[test]
fn a_page_that_does_not_say_its_token_in_time_reports_with_the_latest() {
    let mut page = page();
    page.tab.set(Text::Token, "first");
    page.run(1_000);
    page.tells = false;
    page.forget();
    page.run(VISIBLE_EVERY_MS + TIME_OUT_MS - 1_000);
    assert_eq!(*page.tab.did.borrow(), [Did::Ask]);
    page.run(1_000);
    assert_eq!(page.posted().token.as_deref(), Some("first"));
}

#[test]
fn a_token_that_does_not_hold_is_complained_of_once() {
    let mut page = page();
    page.problem = "the token has expired";
    page.run(60_000);
    assert_eq!(page.said().len(), 1);
    assert!(page.said()[0].contains("the token has expired"));
    assert!(page.settled().iter().all(Option::is_none), "the reports were accepted");
}
