//! What is listed of the sessions, in which words, and what is taken elsewhere.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Shown, js, next, turns};

#[wasm_bindgen(module = "/tests/panel/modules.js")]
extern "C" {
    fn csv(panel: &JsValue) -> String;
    fn json(panel: &JsValue) -> String;
    fn python(panel: &JsValue) -> String;
    fn javascript(panel: &JsValue) -> String;
}

const SESSIONS: &str = r#"[
    { id: "a", username: "billy", project: "P", sessionScope: "ios", authorized: true, pageIds: ["2bf7"] },
    { id: "b", username: "carl", project: "P", sessionScope: "browser", authorized: false },
    { id: "c", username: "dora", project: "Q", sessionScope: "browser", authorized: false },
]"#;

#[wasm_bindgen_test]
async fn a_filter_lists_only_what_passes_and_says_how_many() {
    let panel = Shown::new(SESSIONS).await;
    for (filter, users) in [
        ("{ username: 'billy' }", &["billy"][..]),
        ("{ project: 'P' }", &["billy", "carl"]),
        ("{ project: 'P', authorized: false }", &["carl"]),
        ("{ scope: 'iOS' }", &["billy"]),
        ("{ search: 'RL' }", &["carl"]),
        ("{ search: '2BF7' }", &["billy"]),
        ("{ search: 'nobody' }", &[]),
        ("{}", &["billy", "carl", "dora"]),
        ("null", &["billy", "carl", "dora"]),
    ] {
        panel.set_filter(&js(&format!("({filter})")));
        assert_eq!(panel.column("user"), users, "{filter}");
    }
    panel.set_filter(&js("({ project: 'Q' })"));
    assert_eq!(panel.text(".status"), "1 of 3 sessions");
    panel.set_filter(&js("({ search: 'nobody' })"));
    assert_eq!(panel.text(".empty"), "No session passes the filters.");
}

#[wasm_bindgen_test]
async fn a_click_on_a_value_filters_by_it_and_is_heard() {
    let panel = Shown::new(SESSIONS).await;
    let heard = next(&panel, "session-info-filter");
    panel.all(".session .project .by")[0].click();
    assert_eq!(panel.column("user"), ["billy", "carl"]);
    let filter = heard.await.unwrap();
    assert_eq!(Reflect::get(&filter, &"project".into()).unwrap(), "P");
    panel.all(".session .authorized .by")[1].click();
    assert_eq!(panel.column("user"), ["carl"]);
    panel.all(".clear")[0].click();
    assert_eq!(panel.column("user").len(), 3);
}

#[wasm_bindgen_test]
async fn without_room_or_where_it_is_asked_for_each_session_is_a_block() {
    let panel = Shown::new(SESSIONS).await;
    let blocks = || panel.all(".grid.blocks").len() == 1;
    assert!(!blocks());
    panel.set_attribute("compact", "").unwrap();
    assert!(blocks());
    let line = &panel.all(".session")[0];
    assert!(line.offset_height() > 50, "three lines");
    panel.remove_attribute("compact").unwrap();
    assert!(!blocks());
    panel.set_attribute("style", "inline-size: 320px").unwrap();
    while !blocks() {
        turns().await;
    }
    assert_eq!(panel.column("user"), ["billy", "carl", "dora"]);
}

#[wasm_bindgen_test]
async fn a_list_in_another_order_is_shown_in_it() {
    let list = |ids: &str| js(&format!("[...'{ids}'].map((id) => ({{ id, username: id }}))"));
    let panel = Shown::of(&list("abcdefghij")).await;
    panel.set_sessions(&list("jabcdefghi"));
    assert_eq!(panel.column("user").concat(), "jabcdefghi");
}

#[wasm_bindgen_test]
async fn the_exact_value_is_there_for_who_points_at_it() {
    let panel =
        Shown::new("[{ uptime: 252001, totalBytesSent: 1536, userAgent: 'X/1 (Linux)' }]").await;
    let title = |class: &str| {
        let cell = &panel.all(&format!(".cell.{class}"))[0];
        let event = js("new PointerEvent('pointerover', { bubbles: true })");
        cell.dispatch_event(event.unchecked_ref()).unwrap();
        cell.get_attribute("title").unwrap()
    };
    assert_eq!(title("uptime"), "252,001 ms");
    assert_eq!(title("sent"), "1,536 bytes");
    assert_eq!(title("device"), "X/1 (Linux)");
    assert_eq!(title("user"), "username is not in the result");
}

#[wasm_bindgen_test]
async fn a_property_is_copied_alone_or_as_json_and_with_the_expression_that_reads_it() {
    let panel = Shown::new("[{ id: 'a\"b', pageIds: ['x', 'y'], n: 5 }]").await;
    panel.click(0);
    js("globalThis.copied = [], Object.defineProperty(navigator, 'clipboard', { configurable: true,
        value: { writeText: async (text) => { globalThis.copied.push(text); } } })");
    let lines = panel.all(".property");
    for (line, expression, value, as_json) in [
        (0, r#"session["id"]"#, "a\"b", r#""a\"b""#),
        (3, r#"session["pageIds"][1]"#, "y", r#""y""#),
        (4, r#"session["n"]"#, "5", "5"),
    ] {
        lines[line].click();
        assert_eq!(panel.text(".expression"), expression);
        for button in panel.all(".copying button") {
            button.click();
        }
        JsFuture::from(Promise::resolve(&JsValue::NULL)).await.unwrap();
        let copied = js("globalThis.copied.splice(0).join('|')").as_string().unwrap();
        assert_eq!(copied, format!("{value}|{as_json}|{expression}"));
    }
}

/// What tools.js sees of a panel.
fn tooled(sessions: &str, filter: &str, attributes: &str) -> JsValue {
    js(&format!(
        "(() => {{ const list = {sessions}; const attributes = {attributes};
            return {{ sessions: {{ lines: list.length, slot: (line) => line }}, session: (slot) => list[slot],
                filter: {{ username: '', project: '', scope: '', authorized: null, search: '', ...{filter} }},
                host: {{ getAttribute: (name) => attributes[name] ?? null }} }}; }})()"
    ))
}

#[wasm_bindgen_test]
fn csv_has_the_manuals_keys_and_no_formula() {
    let panel = tooled(
        r#"[{ id: "a,b", username: '=cmd|"x"', project: "@SUM(1)", uptime: -5, pageIds: ["x", "y"], authorized: true,
              clientAddress: "\t=1", sessionScope: " lead" }, null, { get id() { throw 1 } }]"#,
        "{}",
        "{}",
    );
    let lines: Vec<String> = csv(&panel).split("\r\n").map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "\u{feff}userAgent,id,username,project,uptime,clientAddress,lastComm,sessionScope,activePages,\
             recentBytesSent,totalBytesSent,pageIds,authorized",
            "\"\",\"a,b\",\"'=cmd|\"\"x\"\"\",\"'@SUM(1)\",-5,\"'\t=1\",,\" lead\",,,,x y,true",
            ",,,,,,,,,,,,",
            ",,,,,,,,,,,,",
            "",
        ]
        .map(|line| line.replacen("\"\",\"a,b\"", ",\"a,b\"", 1))
    );
}

#[wasm_bindgen_test]
fn json_is_what_is_listed() {
    let panel = tooled("[{ id: 'a', extra: [1] }, null, 5n]", "{}", "{}");
    assert_eq!(json(&panel), "[\n{\"id\":\"a\",\"extra\":[1]},\nnull,\nnull\n]\n");
}

#[wasm_bindgen_test]
fn the_call_that_gives_the_list_is_there_in_python_and_javascript() {
    let plain = tooled(
        "[]",
        "{ project: 'a\"b' }",
        "{ src: 'http://gw/x/v1/sessions', 'username-filter': 'π' }",
    );
    assert_eq!(
        python(&plain),
        "sessions = system.perspective.getSessionInfo(u\"\\u03c0\", \"a\\\"b\")\n"
    );
    assert_eq!(
        javascript(&plain),
        "const sessions = await getSessionInfo(\"\\u03c0\", \"a\\\"b\", { gateway: \"http://gw/x\", token });\n"
    );
    let more = tooled("[]", "{ scope: 'iOS', authorized: false, search: 'Pump' }", "{}");
    assert!(python(&more).contains("if session[\"sessionScope\"].lower() == \"ios\"\n    and not session[\"authorized\"]\n    and \"pump\" in"));
    assert!(javascript(&more).contains(
        "session.sessionScope.toLowerCase() === \"ios\"\n  && session.authorized === false\n  && JSON"
    ));
}
