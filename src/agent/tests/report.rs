use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{collection, option, prop_assert_eq};

use super::browser::{Page, local_storage, page, tab};
use crate::agent::host::{Number, Text};
use crate::report::{Count, MAX_PATH_BYTES, MAX_TOKEN_BYTES, MAX_USER_AGENT_BYTES};

#[test]
fn a_report_says_all_that_was_counted_each_in_its_place() {
    let mut page = page();
    let counters = [
        Number::SentWebSocket,
        Number::SentFetch,
        Number::SentXhr,
        Number::SentBeacon,
        Number::ReceivedWebSocket,
        Number::ReceivedHttp,
        Number::RecentSent,
        Number::RecentAge,
        Number::Unmeasured,
    ];
    for (n, counter) in (1..).zip(counters) {
        page.tab.count(counter, n);
    }
    page.run(1_000);
    let report = page.posted();
    let (sent, received) = (report.sent, report.received);
    let said = [
        sent.web_socket,
        sent.fetch,
        sent.xhr,
        sent.beacon,
        received.web_socket,
        received.http,
        report.recent_sent,
        report.recent_age_ms,
        report.unmeasured,
    ];
    assert_eq!(said.map(Count::get), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

proptest! {
    #![proptest_config(ProptestConfig::default())]
    #[test]
    fn any_text_and_any_count_is_read_as_it_was_written(
        project in collection::vec(any::<char>(), 1..60),
        page_id in "\\PC{1,60}",
        path in ".*",
        user_agent in ".*",
        token in option::of("[!-~]{1,200}"),
        beacon: u64,
        visible: bool,
    ) {
        let project: String = project.into_iter().collect();
        let tab = tab(&local_storage(), 1);
        for (what, text) in [
            (Text::OptionProject, &project),
            (Text::OptionPage, &page_id),
            (Text::Path, &path),
            (Text::UserAgent, &user_agent),
        ] {
            tab.set(what, text);
        }
        tab.set(Text::Token, token.as_deref().unwrap_or_default());
        tab.count(Number::SentBeacon, beacon);
        tab.count(Number::Visible, u64::from(visible));
        let mut page = Page::load(&tab, Some(200));
        page.run(1_000);
        let report = page.posted();
        prop_assert_eq!(report.project, project);
        prop_assert_eq!(report.page_id, page_id);
        prop_assert_eq!(report.path, path);
        prop_assert_eq!(report.user_agent, user_agent);
        prop_assert_eq!(report.token, token);
        prop_assert_eq!(report.sent.beacon, Count::saturating(beacon));
        prop_assert_eq!(report.visible, visible);
    }
}

#[test]
fn the_longest_texts_that_can_come_fit_into_a_report() {
    let tab = tab(&local_storage(), 1);
    for what in [Text::OptionProject, Text::OptionSession, Text::OptionPage] {
        tab.set(what, &"\u{1}".repeat(256));
    }
    tab.set(Text::Path, &"\u{1}".repeat(MAX_PATH_BYTES));
    tab.set(Text::UserAgent, &"\u{1}".repeat(MAX_USER_AGENT_BYTES));
    tab.set(Text::Token, &"\"".repeat(MAX_TOKEN_BYTES));
    let mut page = Page::load(&tab, Some(200));
    page.run(1_000);
    assert_eq!(page.posted().token.map(|token| token.len()), Some(MAX_TOKEN_BYTES));
    page.hide();
    assert_eq!(page.beacons().len(), 1);
}

#[test]
fn what_can_be_no_token_is_left_out() {
    for text in ["", "two words", "π", "line\nbreak", &"x".repeat(MAX_TOKEN_BYTES + 1)] {
        let mut page = page();
        page.tab.set(Text::Token, text);
        page.run(1_000);
        assert_eq!(page.posted().token, None, "{text:?}");
    }
}
