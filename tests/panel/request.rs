//! `getSessionInfo(usernameFilter?, projectFilter?, options?)`: the list, or an `Error` that says which.

use js_sys::{Error, Promise, Reflect, TypeError};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Browser, get_session_info, js, turns};

/// Calls getSessionInfo with what JavaScript expressions say.
fn call(username: &str, project: &str, options: &str) -> Promise {
    get_session_info(&js(username), &js(project), &js(options))
}

/// The error of a call that the gateway answers so.
async fn error_of(browser: &Browser, status: u16, content_type: &str, body: &str) -> Error {
    let answer = call("null", "null", "{ gateway: 'http://gw.example' }");
    turns().await;
    browser.answer(status, content_type, body);
    JsFuture::from(answer).await.unwrap_err().dyn_into().unwrap()
}

fn message(error: &Error) -> String {
    error.message().into()
}

#[wasm_bindgen_test]
async fn the_gateways_list_is_returned_as_it_is() {
    let browser = Browser::new();
    let answer = call("undefined", "undefined", "undefined");
    turns().await;
    let origin = web_sys::window().unwrap().location().origin().unwrap();
    assert_eq!(browser.last_url(), format!("{origin}/v1/sessions"));
    assert_eq!(browser.last_header("Authorization"), None);
    browser.answer(200, "application/json", r#"[{"id":"a","extra":[1]},{"id":"b"}]"#);
    let sessions = JsFuture::from(answer).await.unwrap();
    assert_eq!(
        js_sys::JSON::stringify(&sessions).unwrap(),
        r#"[{"id":"a","extra":[1]},{"id":"b"}]"#
    );
    assert_eq!(browser.timers(), 0);
}

#[wasm_bindgen_test]
async fn filters_and_detail_stand_in_the_query_and_the_token_in_the_header_only() {
    let browser = Browser::new();
    let answer = call(
        "'billy/π'",
        "''",
        "{ gateway: 'https://gw.example/base', token: 'secret', detail: true }",
    );
    turns().await;
    assert_eq!(
        browser.last_url(),
        "https://gw.example/base/v1/sessions?detail=true&username=billy%2F%CF%80"
    );
    assert_eq!(browser.last_header("Authorization").as_deref(), Some("Bearer secret"));
    browser.answer(200, "application/json", "[]");
    JsFuture::from(answer).await.unwrap();
}

#[wasm_bindgen_test]
async fn an_argument_of_the_wrong_type_is_a_type_error_that_names_it_and_asks_nothing() {
    let browser = Browser::new();
    for (username, project, options, words) in [
        ("5", "null", "null", "usernameFilter must be text, not a number."),
        ("['a']", "null", "null", "usernameFilter must be text, not a list."),
        ("null", "true", "null", "projectFilter must be text, not a boolean."),
        ("null", "null", "'token'", "options must be an object, not text."),
        ("null", "null", "{ gateway: 5 }", "gateway must be text, not a number."),
        ("null", "null", "{ token: {} }", "token must be text, not an empty object."),
        ("null", "null", "{ detail: 'yes' }", "detail must be true or false, not text."),
        (
            "null",
            "null",
            "{ token: 'a\\nb' }",
            "token must be what the gateway printed, not text that no HTTP header can hold.",
        ),
        (
            "null",
            "null",
            "{ gateway: 'ftp://gw' }",
            "gateway must be an http or https address without a user in it, not “ftp://gw/”.",
        ),
    ] {
        let error = JsFuture::from(call(username, project, options)).await.unwrap_err();
        let error: TypeError = error.dyn_into().unwrap();
        assert_eq!(message(&error), words);
    }
    assert_eq!(browser.requests(), 0);
}

#[wasm_bindgen_test]
async fn a_gateway_that_is_not_there_is_an_error_that_says_so() {
    let browser = Browser::new();
    let answer = call("null", "null", "{ gateway: 'http://gw.example' }");
    turns().await;
    browser.fail();
    let error: Error = JsFuture::from(answer).await.unwrap_err().dyn_into().unwrap();
    assert!(
        message(&error)
            .starts_with("The gateway at http://gw.example/v1/sessions can not be reached")
    );
    assert_eq!(browser.timers(), 0);
}

#[wasm_bindgen_test]
async fn a_gateway_that_does_not_answer_is_given_up() {
    let browser = Browser::new();
    let answer = call("null", "null", "{ gateway: 'http://gw.example' }");
    turns().await;
    browser.pass(10_000).await;
    let error: Error = JsFuture::from(answer).await.unwrap_err().dyn_into().unwrap();
    assert_eq!(
        message(&error),
        "The gateway at http://gw.example/v1/sessions did not answer within 10 s."
    );
    assert_eq!(browser.aborted(), 1);
}

#[wasm_bindgen_test]
async fn a_refusal_says_why_and_carries_its_status_and_field() {
    let browser = Browser::new();
    let problem = r#"{"status":400,"title":"Bad Request","detail":"detail must be true or false","field":"detail"}"#;
    let error = error_of(&browser, 400, "application/problem+json", problem).await;
    assert_eq!(
        message(&error),
        "The gateway at http://gw.example/v1/sessions refused the request (400): detail must be true or false (field detail)."
    );
    assert_eq!(Reflect::get(&error, &"status".into()).unwrap(), 400);
    assert_eq!(Reflect::get(&error, &"field".into()).unwrap(), "detail");

    let error = error_of(&browser, 401, "application/problem+json", "{}").await;
    assert!(message(&error).contains("asks for its read token (401)"));
    assert_eq!(Reflect::get(&error, &"status".into()).unwrap(), 401);

    // Whatever stands in the body.
    for body in ["", "null", "<html>", "[1]", r#"{"detail":5}"#] {
        let error = error_of(&browser, 503, "text/html", body).await;
        assert_eq!(
            message(&error),
            "The gateway at http://gw.example/v1/sessions refused the request (503)."
        );
    }
}

#[wasm_bindgen_test]
async fn an_answer_that_is_no_json_or_no_list_is_an_error_that_says_what_it_is() {
    let browser = Browser::new();
    for (content_type, body, words) in [
        ("text/html", "<!doctype html>", "is not JSON but text/html"),
        ("application/json", "", "is not JSON but application/json"),
        ("application/json", "[1,", "is not JSON but application/json"),
        ("application/json", "null", "is not a list of sessions but null"),
        ("application/json", "{}", "is not a list of sessions but an empty object"),
        ("application/json", "\"[]\"", "is not a list of sessions but text"),
    ] {
        let error = error_of(&browser, 200, content_type, body).await;
        assert!(message(&error).contains(words), "{body}: {}", message(&error));
    }
}
