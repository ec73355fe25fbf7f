//! The gateway's events: a list that changes as it comes, and what is said when it does not.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Browser, Shown, next, turns};

const JSON: &str = "application/json";
const SNAPSHOT: &str = r#"retry: 700

event: snapshot
data: {"time":5,"sessions":[{"id":"a","username":"billy","uptime":60000,"totalBytesSent":5},{"id":"b","username":"carl"}]}

"#;

/// A panel that follows the events of a gateway, whose snapshot has come.
async fn following(browser: &Browser) -> Shown {
    let panel = Shown::with(&[("src", "/v1/sessions?detail=true"), ("live", "")]).await;
    browser.pass(0).await;
    assert!(browser.last_url().ends_with("/v1/events?detail=true"), "{}", browser.last_url());
    assert_eq!(browser.last_header("Accept").as_deref(), Some("text/event-stream"));
    browser.stream();
    let update = next(&panel, "session-info-update");
    // However it is cut into pieces.
    let (start, end) = SNAPSHOT.split_at(100);
    browser.piece(start);
    browser.piece(end);
    update.await.unwrap();
    panel
}

async fn told(browser: &Browser, panel: &Shown, event: &str) {
    let update = next(panel, "session-info-update");
    browser.piece(event);
    update.await.unwrap();
}

#[wasm_bindgen_test]
async fn what_changes_is_shown_and_nothing_is_asked_again() {
    let browser = Browser::new();
    let panel = following(&browser).await;
    assert_eq!(panel.column("user"), ["billy", "carl"]);
    assert_eq!(panel.all("[data-feed=live]").len(), 1);
    let changes = r#"event: changes
data: {"time":6,"gone":["b"],"changed":[{"id":"a","username":"billy","totalBytesSent":9},{"id":"c","username":"dora"}],"heard":[]}

"#;
    told(&browser, &panel, changes).await;
    assert_eq!(panel.column("user"), ["billy", "dora"]);
    assert_eq!(panel.column("sent"), ["9 B", "–"]);
    browser.piece(":\n\nevent: alert\ndata: {\"alert\":\"pages\"}\n\n");
    turns().await;
    assert_eq!(panel.column("user"), ["billy", "dora"]);
    assert_eq!(browser.requests(), 1);
}

#[wasm_bindgen_test]
async fn a_gateway_without_events_is_asked_for_its_list() {
    let browser = Browser::new();
    for status in [404, 405, 501] {
        let panel = Shown::with(&[("src", "/v1/sessions"), ("live", "")]).await;
        browser.pass(0).await;
        let asked = browser.requests();
        browser.answer(status, JSON, "{}");
        while browser.requests() == asked {
            turns().await;
        }
        assert!(browser.last_url().ends_with("/v1/sessions"));
        let update = next(&panel, "session-info-update");
        browser.answer(200, JSON, r#"[{"username":"billy"}]"#);
        update.await.unwrap();
        assert_eq!(panel.column("user"), ["billy"]);
        browser.pass(2_000).await;
        assert!(browser.last_url().ends_with("/v1/sessions"), "and not for events again");
    }
}

#[wasm_bindgen_test]
async fn a_stream_that_breaks_is_taken_up_again_and_one_that_ends_too() {
    let browser = Browser::new();
    let panel = following(&browser).await;
    let error = next(&panel, "session-info-error");
    browser.break_stream();
    error.await.unwrap();
    assert!(panel.text(".status").contains("Trying again in"), "{}", panel.text(".status"));
    assert_eq!(panel.column("user"), ["billy", "carl"], "the last list stays");
    browser.pass(4_000).await;
    assert_eq!(browser.waiting(), 1);
    browser.stream();
    told(&browser, &panel, SNAPSHOT).await;
    assert_eq!(panel.texts(".problem"), [""; 0]);
    browser.end_stream();
    turns().await;
    browser.pass(699).await;
    assert_eq!(browser.waiting(), 0);
    browser.pass(1).await;
    assert_eq!(browser.waiting(), 1, "as soon as the gateway said");
}

#[wasm_bindgen_test]
async fn a_refusal_is_said_with_what_to_do_and_not_asked_again_until_somebody_does() {
    let browser = Browser::new();
    let panel = Shown::with(&[("src", "/v1/sessions"), ("live", "")]).await;
    browser.pass(0).await;
    let error = next(&panel, "session-info-error");
    browser.answer(401, JSON, "{}");
    error.await.unwrap();
    assert!(panel.text(".problem").contains("asks for its read token"));
    browser.pass(600_000).await;
    assert_eq!(browser.requests(), 1);
    panel.set_token("t");
    browser.pass(0).await;
    assert_eq!(browser.requests(), 2);
}

#[wasm_bindgen_test]
async fn paused_it_takes_nothing_and_resumed_it_begins_anew() {
    let browser = Browser::new();
    let panel = following(&browser).await;
    panel.pause();
    turns().await;
    assert!(panel.text(".status").contains("Paused"));
    browser.pass(600_000).await;
    assert_eq!((browser.requests(), browser.timers()), (1, 0));
    panel.resume();
    turns().await;
    browser.stream();
    told(&browser, &panel, SNAPSHOT).await;
    assert_eq!(panel.all("[data-feed=live]").len(), 1);
}

#[wasm_bindgen_test]
async fn nothing_is_followed_while_the_document_is_hidden() {
    let browser = Browser::new();
    let panel = following(&browser).await;
    browser.hide(true).await;
    assert_eq!((browser.waiting(), browser.timers()), (0, 0));
    browser.hide(false).await;
    assert_eq!((browser.requests(), browser.waiting()), (2, 1));
    browser.stream();
    told(&browser, &panel, SNAPSHOT).await;
}
