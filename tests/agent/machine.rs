//! The state machine in wasm, with a made-up host: the joint between JavaScript and Rust.

use js_sys::Array;
use perspective_session_info::agent::bindings::agent_event;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::js;

/// The events as www/agent/events.js numbers them.
const START: usize = 0;
const TICK: usize = 1;
const WANTED: usize = 2;
const TOLD: usize = 3;
const ANSWERED: usize = 4;
const HIDE: usize = 5;
const FREEZE: usize = 6;
const SHOW: usize = 7;

/// Makes a host that writes down what is done through it the one that the state machine finds.
fn host() -> JsValue {
    js(
        r#"const texts = ["MyProject", "π session", "page"];
           texts[7] = "Mozilla/5.0 π";
           texts[8] = "/path";
           const numbers = [1.5, 2, 3, 4, 5, 6, 7, -1, 100, 1, 0, 0, 3, 250.9, NaN, 0];
           const acts = ["ask", "postKept", "postOwn", "beacon", "keep", "discard", "settle", "giveUp", "say", "zero"];
           const did = [];
           const write = (text, into) => new TextEncoder().encodeInto(text, into).written;
           globalThis.agentHost = {
             text: (what, into) => write(texts[what] ?? "", into),
             number: (what) => numbers[what],
             read: () => 0,
             write: () => false,
             random: () => 0xffffffff,
             act: (what, text) => did.push([acts[what], new TextDecoder().decode(text)]),
           };
           return { did, texts, numbers };"#,
        &JsValue::NULL,
    )
}

/// What was done since the last look, as JSON.
fn did(host: &JsValue) -> String {
    js("return JSON.stringify(x.did.splice(0))", host).as_string().unwrap()
}

#[wasm_bindgen_test]
fn a_page_is_started_reported_put_away_and_shown_again() {
    let host = host();
    assert_eq!(agent_event(START), 1_000);
    assert_eq!(did(&host), r#"[["ask",""]]"#);
    assert_eq!(agent_event(TOLD), 1_000);
    let posted = did(&host);
    assert!(posted.starts_with(
        r#"[["postOwn","{\"v\":1,\"project\":\"MyProject\",\"sessionId\":\"π session\""#
    ));
    for part in [
        r#"\"key\":\"ffffffffffffffffffffffffffffffff\""#,
        r#"\"scope\":\"iOS\",\"userAgent\":\"Mozilla/5.0 π\",\"path\":\"/path\""#,
        r#"\"sent\":{\"webSocket\":1,\"fetch\":2,\"xhr\":3,\"beacon\":4}"#,
        r#"\"received\":{\"webSocket\":5,\"http\":6}"#,
        r#"\"recentSent\":7,\"recentAgeMs\":100,\"unmeasured\":0}"]]"#,
    ] {
        assert!(posted.contains(part), "{posted} lacks {part}");
    }
    js("x.numbers[14] = 200", &host);
    agent_event(ANSWERED);
    assert_eq!(did(&host), r#"[["settle",""]]"#);
    agent_event(FREEZE);
    let frozen = did(&host);
    assert!(
        frozen.starts_with(r#"[["discard","ffffffffffffffff\n{"#)
            && !frozen.contains(r#"["beacon""#)
    );
    agent_event(HIDE);
    let hidden = did(&host);
    assert!(["beacon", "keep", "giveUp"].iter().all(|act| hidden.contains(&format!("[\"{act}\""))));
    agent_event(WANTED);
    assert!(did(&host).starts_with(r#"[["giveUp","#));
    agent_event(SHOW);
    assert_eq!(did(&host), r#"[["ask",""]]"#);
}

#[wasm_bindgen_test]
fn a_later_start_takes_the_place_of_an_earlier_one() {
    host();
    agent_event(START);
    agent_event(HIDE);
    let host = host();
    agent_event(START);
    assert_eq!(did(&host), r#"[["ask",""]]"#);
}

#[wasm_bindgen_test]
fn what_goes_wrong_with_the_gateway_is_said_and_settled() {
    let host = host();
    agent_event(START);
    agent_event(TOLD);
    did(&host);
    js("x.texts[12] = 'the gateway says 503'; x.numbers[14] = 503; x.numbers[15] = 700", &host);
    assert!((700..=1_000).contains(&agent_event(ANSWERED)));
    let problem = r#"[["say","the gateway says 503"],["giveUp","the gateway says 503"]]"#;
    assert_eq!(did(&host), problem);
}

#[wasm_bindgen_test]
fn an_event_that_nobody_knows_does_nothing() {
    let host = host();
    agent_event(START);
    did(&host);
    agent_event(99);
    assert_eq!(did(&host), "[]");
    assert_eq!(agent_event(TICK), 1_000);
}

#[wasm_bindgen_test]
fn texts_and_numbers_are_numbered_alike_on_both_sides() {
    use perspective_session_info::agent::host::{Act, Number, Text};
    let names = Array::of3(
        &(Text::Problem as u32).into(),
        &(Number::RetryAfter as u32).into(),
        &(Act::Zero as u32).into(),
    );
    assert!(js("return x[0] === 12 && x[1] === 15 && x[2] === 9", &names).is_truthy());
}
