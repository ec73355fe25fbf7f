//! `src` and `live`: a list that keeps itself fresh, and stops when nobody looks.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Browser, Shown, body, js, new_panel, next, turns};

const JSON: &str = "application/json";
const ONE: &str = r#"[{ "id": "a", "username": "billy" }]"#;
const INTERVAL: u32 = 2_000;

/// A live panel whose first request waits for its answer.
async fn live(browser: &Browser) -> Shown {
    let panel = Shown::with(&[("src", "/list"), ("live", "")]).await;
    browser.pass(0).await;
    panel
}

async fn answered(browser: &Browser, panel: &Shown, body: &str) {
    let update = next(panel, "session-info-update");
    browser.answer(200, JSON, body);
    update.await.unwrap();
}

async fn failed(browser: &Browser, panel: &Shown) {
    let error = next(panel, "session-info-error");
    browser.fail();
    error.await.unwrap();
}

#[wasm_bindgen_test]
async fn the_list_is_asked_for_with_its_filters_and_the_token_in_the_header_only() {
    let browser = Browser::new();
    let panel = new_panel();
    panel.set_attribute("src", "/list?detail=true").unwrap();
    panel.set_attribute("username-filter", "billy & co").unwrap();
    panel.set_attribute("project-filter", "π").unwrap();
    panel.set_token("secret");
    body().append_child(&panel).unwrap();
    let panel = Shown(panel);
    turns().await;
    browser.pass(0).await;
    assert_eq!(browser.requests(), 1);
    assert!(
        browser.last_url().ends_with("/list?detail=true&username=billy+%26+co&project=%CF%80"),
        "{}",
        browser.last_url()
    );
    assert!(!browser.last_url().contains("secret"));
    assert_eq!(browser.last_header("Authorization").as_deref(), Some("Bearer secret"));
    assert_eq!(panel.text(".status"), "Loading …");
    answered(&browser, &panel, ONE).await;
    assert_eq!(panel.column("user"), ["billy"]);
    assert_eq!(
        js_sys::JSON::stringify(&panel.sessions()).unwrap(),
        ONE.replace(": ", ":").replace(", ", ",").replace("{ ", "{").replace(" }", "}")
    );
}

#[wasm_bindgen_test]
async fn without_live_it_is_asked_once() {
    let browser = Browser::new();
    let panel = Shown::with(&[("src", "/list")]).await;
    browser.pass(0).await;
    answered(&browser, &panel, ONE).await;
    browser.pass(100 * INTERVAL).await;
    assert_eq!((browser.requests(), browser.timers()), (1, 0));
}

#[wasm_bindgen_test]
async fn with_live_it_is_asked_again_after_each_answer_and_never_twice_at_once() {
    let browser = Browser::new();
    let panel = live(&browser).await;
    for asked in 1..5 {
        assert_eq!((browser.requests(), browser.waiting()), (asked, 1));
        browser.pass(INTERVAL).await;
        browser.hide(true).await;
        browser.hide(false).await;
        assert_eq!(browser.requests(), asked, "not before the answer");
        answered(&browser, &panel, ONE).await;
        browser.pass(INTERVAL - 1).await;
        assert_eq!(browser.waiting(), 0);
        browser.pass(1).await;
    }
}

#[wasm_bindgen_test]
async fn nothing_is_asked_while_the_document_is_hidden() {
    let browser = Browser::new();
    let panel = live(&browser).await;
    answered(&browser, &panel, ONE).await;
    browser.hide(true).await;
    assert_eq!(browser.timers(), 0);
    browser.pass(100 * INTERVAL).await;
    assert_eq!(browser.requests(), 1);
    browser.hide(false).await;
    assert_eq!(browser.requests(), 2, "and at once when it is seen again");
    browser.hide(true).await;
    answered(&browser, &panel, "[]").await;
    assert_eq!(
        browser.timers(),
        0,
        "an answer that arrives while hidden is shown, and is the last"
    );
}

#[wasm_bindgen_test]
async fn an_error_is_shown_in_words_above_the_last_good_list_and_outlived() {
    let browser = Browser::new();
    let panel = live(&browser).await;
    answered(&browser, &panel, ONE).await;
    browser.pass(INTERVAL).await;
    failed(&browser, &panel).await;
    assert!(panel.text(".problem").contains("can not be reached"));
    assert!(panel.text(".problem").ends_with("Below is the last list that came."));
    assert_eq!(panel.column("user"), ["billy"]);
    assert_eq!(panel.all("[data-feed=stale]").len(), 1);
    // After failures at growing distances.
    browser.pass(2 * INTERVAL).await;
    failed(&browser, &panel).await;
    browser.pass(4 * INTERVAL - 1).await;
    assert_eq!(browser.waiting(), 0);
    browser.pass(1).await;
    answered(&browser, &panel, "[]").await;
    assert_eq!(panel.texts(".problem"), [""; 0]);
    assert_eq!(panel.column("user"), [""; 0]);
    assert_eq!(panel.all("[data-feed=live]").len(), 1);
    browser.pass(INTERVAL).await;
    assert_eq!(browser.waiting(), 1);
}

#[wasm_bindgen_test]
async fn a_first_request_that_fails_leaves_no_blank_panel() {
    let browser = Browser::new();
    let panel = live(&browser).await;
    failed(&browser, &panel).await;
    assert!(panel.text(".problem").contains("can not be reached"));
}

#[wasm_bindgen_test]
async fn another_filter_or_token_ends_the_request_for_the_old_one() {
    let browser = Browser::new();
    let panel = live(&browser).await;
    panel.set_attribute("username-filter", "billy").unwrap();
    panel.set_attribute("project-filter", "P").unwrap();
    panel.set_token("t");
    browser.pass(0).await;
    turns().await;
    assert_eq!((browser.requests(), browser.aborted(), browser.waiting()), (2, 1, 1));
    assert!(browser.last_url().ends_with("?username=billy&project=P"));
    assert_eq!(panel.texts(".problem"), [""; 0], "an aborted request is no error");
    panel.set_token("t");
    browser.pass(0).await;
    assert_eq!(browser.requests(), 2, "what stays the same asks nothing");
    panel.remove_attribute("src").unwrap();
    assert_eq!(browser.aborted(), 2);
}

#[wasm_bindgen_test]
async fn an_address_that_is_none_is_said() {
    let browser = Browser::new();
    for (src, words) in [
        ("javascript:alert(1)", "an http or https address"),
        ("http://user:password@gateway.example/", "without a user in it"),
        ("http://", "src must be"),
    ] {
        let panel = Shown::with(&[("src", src), ("live", "")]).await;
        browser.pass(0).await;
        assert!(panel.text(".problem").contains(words), "{src}: {}", panel.text(".problem"));
    }
    assert_eq!(browser.requests(), 0);
}

#[wasm_bindgen_test]
async fn removed_it_asks_nothing_and_holds_nothing_and_inserted_it_starts_again() {
    let browser = Browser::new();
    let panel = live(&browser).await;
    panel.set_selection(Some("a"));
    answered(&browser, &panel, ONE).await;
    browser.pass(INTERVAL).await;
    assert_eq!((browser.waiting(), browser.listeners()), (1, 2));

    web_sys::Element::remove(panel.as_ref());
    turns().await;
    assert_eq!((browser.waiting(), browser.aborted()), (0, 1));
    assert_eq!((browser.timers(), browser.listeners()), (0, 0));
    browser.pass(100 * INTERVAL).await;
    browser.hide(true).await;
    browser.hide(false).await;
    assert_eq!(browser.requests(), 2);

    body().append_child(&panel).unwrap();
    turns().await;
    assert_eq!(panel.column("user"), ["billy"], "the last list is still there");
    assert_eq!(panel.property("id"), "a");
    browser.pass(0).await;
    assert_eq!(browser.waiting(), 1);
    answered(&browser, &panel, "[]").await;
}

#[wasm_bindgen_test]
async fn a_listener_may_remove_the_panel_from_within_its_event() {
    let browser = Browser::new();
    let panel = live(&browser).await;
    js("(panel) => panel.addEventListener('session-info-update', () => panel.remove())")
        .unchecked_into::<js_sys::Function>()
        .call1(&wasm_bindgen::JsValue::NULL, &panel)
        .unwrap();
    answered(&browser, &panel, ONE).await;
    turns().await;
    assert_eq!((browser.waiting(), browser.timers(), browser.listeners()), (0, 0, 0));
}
