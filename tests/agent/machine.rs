//! The state machine in wasm, with a made-up host: the joint between JavaScript and Rust.

use js_sys::{Array, Reflect};
use perspective_session_info::agent::bindings::{
    PageHost, agent_answered, agent_hide, agent_show, agent_start, agent_tick, agent_told,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::js;

/// A host that writes down what is done through it.
fn host() -> JsValue {
    js(
        r#"const texts = ["http://gateway/", "Mozilla/5.0", "MyProject", "π session", "page"];
           texts[12] = "/path";
           const did = [];
           return {
             did,
             text: (what) => texts[what],
             number: (what) => [1.5, 2, 3, 4, 5, 6, 7, 100, -1, 1, NaN][what],
             read: () => undefined,
             write: () => false,
             random: () => 0xffffffff,
             zero() {},
             keep: (record) => did.push(["keep", record]),
             ask: () => did.push(["ask"]),
             post: (report, own) => did.push(["post", report, own]),
             beacon: (report) => did.push(["beacon", report]),
             settle: (problem) => did.push(["settle", problem]),
             say: (message) => did.push(["say", message]),
             tell: (...identity) => did.push(["tell", ...identity]),
           };"#,
        &JsValue::NULL,
    )
}

/// What was done since the last look, as JSON.
fn did(host: &JsValue) -> String {
    let did = Reflect::get(host, &"did".into()).unwrap();
    js("return JSON.stringify(x.splice(0))", &did).as_string().unwrap()
}

#[wasm_bindgen_test]
fn a_page_is_started_reported_put_away_and_shown_again() {
    let host = host();
    let wake = agent_start(host.clone().unchecked_into::<PageHost>(), 250.9);
    assert_eq!(
        did(&host),
        r#"[["tell","π session"],["ask"]]"#
            .replace("\"π session\"", r#""MyProject","π session","page","browser""#)
    );
    assert_eq!(wake, 1_000);
    assert_eq!(agent_told(250.9), 1_000);
    let did_post = did(&host);
    assert!(did_post.starts_with(
        r#"[["post","{\"v\":1,\"project\":\"MyProject\",\"sessionId\":\"π session\""#
    ));
    for part in [
        r#"\"key\":\"ffffffffffffffffffffffffffffffff\""#,
        r#"\"sent\":{\"webSocket\":1,\"fetch\":2,\"xhr\":3,\"beacon\":4}"#,
        r#"\"received\":{\"webSocket\":5,\"http\":6}"#,
        r#"\"recentSent\":7,\"recentAgeMs\":100,\"unmeasured\":0}",true]]"#,
    ] {
        assert!(did_post.contains(part), "{did_post} lacks {part}");
    }
    agent_answered(300.0, 200, 0.0);
    assert_eq!(did(&host), r#"[["settle",null]]"#);
    assert_eq!(agent_hide(400.0), -1);
    let hidden = did(&host);
    assert!(hidden.contains("beacon") && hidden.contains("keep") && hidden.contains("settle"));
    assert_eq!(agent_tick(500.0, false), -1);
    did(&host);
    agent_show(600.0);
    assert_eq!(did(&host), r#"[["ask"]]"#);
}

#[wasm_bindgen_test]
fn a_later_start_takes_the_place_of_an_earlier_one() {
    let first = host();
    agent_start(first.clone().unchecked_into::<PageHost>(), 0.0);
    let second = host();
    agent_start(second.clone().unchecked_into::<PageHost>(), 0.0);
    did(&first);
    did(&second);
    agent_told(1.0);
    assert_eq!(did(&first), "[]");
    assert!(did(&second).contains("post"));
}

#[wasm_bindgen_test]
fn what_goes_wrong_with_the_gateway_is_said_and_settled() {
    let host = host();
    agent_start(host.clone().unchecked_into::<PageHost>(), 0.0);
    agent_told(0.0);
    did(&host);
    let wake = agent_answered(10.0, 503, 700.0);
    assert_eq!(wake, 1_000.min(wake));
    assert!(wake >= 700);
    let done = Array::from(&js_sys::JSON::parse(&did(&host)).unwrap());
    let said = Array::from(&done.get(0));
    assert_eq!(said.get(0), "say");
    assert!(said.get(1).as_string().unwrap().contains("http://gateway/"));
    assert_eq!(Array::from(&done.get(1)).get(1), said.get(1));
}
