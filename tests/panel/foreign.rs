//! Any result of getSessionInfo is shown, whoever made it; and what is none says so.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Shown, js, turns};

#[wasm_bindgen_test]
async fn the_result_of_this_gateway_is_shown_with_every_key_in_its_order() {
    let panel = Shown::new(
        r#"[{ userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0", id: "s", username: "billy",
             project: "MyProject", uptime: 252001, clientAddress: "10.0.0.7", lastComm: 1500,
             sessionScope: "browser", activePages: 2, recentBytesSent: 12, totalBytesSent: 1536,
             pageIds: ["2bf737f8", "A view/with spaces"], authorized: true }]"#,
    )
    .await;
    assert_eq!(panel.text(".status"), "1 session");
    assert_eq!(
        panel.texts(".cell .text"),
        [
            "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0",
            "billy",
            "MyProject",
            "4 min 12 s",
            "1 s",
            "10.0.0.7",
            "browser",
            "yes",
            "2",
            "1.5 KiB",
            "–",
            "–",
        ]
    );
    panel.click(0);
    let expected = [
        ("userAgent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0"),
        ("id", "s"),
        ("username", "billy"),
        ("project", "MyProject"),
        ("uptime", "252001"),
        ("clientAddress", "10.0.0.7"),
        ("lastComm", "1500"),
        ("sessionScope", "browser"),
        ("activePages", "2"),
        ("recentBytesSent", "12"),
        ("totalBytesSent", "1536"),
        ("pageIds", "2 items"),
        ("0", "2bf737f8"),
        ("1", "A view/with spaces"),
        ("authorized", "true"),
    ];
    assert_eq!(
        panel.properties(),
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[wasm_bindgen_test]
async fn the_rest_list_of_ignition_is_shown() {
    let panel = Shown::new(
        r#"({ items: [{ id: "a", username: "billy", project: "P", lastComm: Date.now() - 8317,
                        sessionScope: "ios", activePages: 1, totalBytesSent: 0 }],
              metadata: { total: 1 } })"#,
    )
    .await;
    assert_eq!(panel.column("user"), ["billy"]);
    assert_eq!(panel.column("scope"), ["iOS"]);
    assert_eq!(panel.column("last-comm"), ["8 s"]);
    // Neither key is in that list.
    assert_eq!(panel.column("uptime"), ["–"]);
    assert_eq!(panel.column("authorized"), ["–"]);
}

#[wasm_bindgen_test]
async fn unknown_keys_and_nested_values_are_shown_as_a_tree() {
    let panel = Shown::new("[{ id: 's', custom: { theme: 'dark', sizes: [1, [2]] } }]").await;
    panel.click(0);
    let names: Vec<_> = panel.properties().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["id", "custom", "theme", "sizes", "0", "1", "0"]);
    assert_eq!(panel.all("[aria-expanded=true]").len(), 3);
}

#[wasm_bindgen_test]
async fn a_value_of_any_javascript_type_is_shown_as_what_it_is() {
    let panel = Shown::new(
        r#"[{ id: 7, none: null, missing: undefined, flag: false, big: 12345678901234567890n, nan: NaN,
             infinite: -Infinity, large: 1e21, call() {}, symbol: Symbol("s"), later: Promise.resolve(),
             map: new Map([["k", 1], [{}, 2]]), [Symbol("key")]: 1 }]"#,
    )
    .await;
    panel.click(0);
    let expected = [
        ("id", "7"),
        ("none", "null"),
        ("missing", "undefined"),
        ("flag", "false"),
        ("big", "12345678901234567890n"),
        ("nan", "NaN"),
        ("infinite", "-Infinity"),
        ("large", "1e+21"),
        ("call", "a function"),
        ("symbol", "a symbol"),
        ("later", "a Promise, which has to be awaited first"),
        ("map", "2 keys"),
        ("k", "1"),
        ("0 keys", "2"),
    ];
    assert_eq!(
        panel.properties(),
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[wasm_bindgen_test]
async fn types_are_told_apart() {
    let panel =
        Shown::new("[{ text: '5', number: 5, flag: true, none: null, list: [], map: {} }]").await;
    panel.click(0);
    let kinds: Vec<_> =
        panel.all(".value").iter().map(|value| value.get_attribute("data-kind").unwrap()).collect();
    assert_eq!(kinds, ["text", "number", "boolean", "nothing", "list", "object"]);
}

#[wasm_bindgen_test]
async fn a_property_that_throws_says_so_and_hides_no_other() {
    let panel = Shown::new(
        r#"[{ id: "a", get username() { throw new Error("no access"); }, project: "P" },
            new Proxy({}, { ownKeys() { throw new Error("closed"); } }),
            { id: "b", get project() { throw 5; } }]"#,
    )
    .await;
    assert_eq!(panel.column("user")[0], "not readable: no access");
    assert_eq!(panel.column("project")[0], "P");
    assert_eq!(panel.column("user")[1], "no session: not readable: closed");
    assert_eq!(panel.column("project")[2], "not readable");
}

#[wasm_bindgen_test]
async fn a_cycle_ends() {
    let panel =
        Shown::new("(() => { const s = { id: 's' }; s.self = s; s.list = [s, s]; return [s]; })()")
            .await;
    panel.click(0);
    assert_eq!(panel.properties()[0], ("id".into(), "s".into()));
    assert!(panel.texts(".omitted").iter().any(|text| text.contains("more keys not shown")));
    assert!(panel.all(".property").len() <= 2_000);
}

#[wasm_bindgen_test]
async fn a_nesting_without_end_ends() {
    let panel = Shown::new(
        "(() => { const s = { id: 's' }; let at = s; for (let i = 0; i < 100000; i++) at = at.in = {}; return [s]; })()",
    )
    .await;
    panel.click(0);
    assert_eq!(panel.all(".property[aria-expanded]").len(), 12);
}

#[wasm_bindgen_test]
async fn what_is_too_large_is_cut_and_says_how_much_is_not_shown() {
    let panel = Shown::new(
        r#"[{ id: "x".repeat(2 ** 20), username: "😀".repeat(501),
             pageIds: Array.from({ length: 10000 }, (_, i) => `page ${i}`) }]"#,
    )
    .await;
    panel.click(0);
    assert_eq!(panel.property("id"), "x".repeat(1_000));
    assert_eq!(panel.property("username"), "😀".repeat(500));
    assert_eq!(panel.property("pageIds"), "10,000 items");
    // That many lines are not opened unasked.
    assert_eq!(panel.all("[aria-expanded=true]").len(), 0);
    panel.all("[aria-expanded] .name")[0].click();
    assert_eq!(panel.property("199"), "page 199");
    let notes: Vec<_> =
        panel.texts(".omitted").into_iter().filter(|note| !note.is_empty()).collect();
    assert_eq!(
        notes,
        [
            "1,047,576 more characters not shown",
            "2 more characters not shown",
            "9,800 more items not shown",
        ]
    );
    assert_eq!(panel.column("pages"), ["10,000"]);
}

#[wasm_bindgen_test]
async fn of_very_many_sessions_only_the_lines_in_view_are_there() {
    let panel = Shown::new("Array.from({ length: 10000 }, (_, i) => ({ id: String(i) }))").await;
    while panel.text(".status") != "10,000 sessions" {
        turns().await;
    }
    assert!((5..60).contains(&panel.all(".session").len()));
    let grid = &panel.all("[role=grid]")[0];
    assert_eq!(grid.get_attribute("aria-rowcount").unwrap(), "10001");
}

#[wasm_bindgen_test]
async fn an_entry_that_is_no_session_is_a_line_of_its_own() {
    let panel = Shown::new("[null, 5, 'text', [], , { id: 's', username: 'billy' }]").await;
    assert_eq!(
        panel.column("user"),
        [
            "no session: null",
            "no session: 5",
            "no session: text",
            "no session: 0 items",
            "no session: null",
            "billy",
        ]
    );
    panel.click(1);
    assert_eq!(panel.properties(), [("value".to_owned(), "5".to_owned())]);
}

#[wasm_bindgen_test]
async fn what_is_no_list_is_an_error_in_words_and_never_a_blank_panel() {
    for (wrong, words) in [
        ("null", "null"),
        ("5", "a number"),
        ("true", "a boolean"),
        ("'[]'", "text"),
        ("Symbol()", "a symbol"),
        ("() => []", "a function"),
        ("Promise.resolve([])", "a Promise, which has to be awaited first"),
        ("({})", "an empty object"),
        ("({ items: 5 })", "an object with the keys items"),
        (
            "({ userAgent: '', id: '', username: '', project: '', uptime: 0 })",
            "an object with the keys userAgent, id, username, project, …",
        ),
    ] {
        let panel = Shown::new(wrong).await;
        assert_eq!(panel.text(".problem"), format!("This is no list of sessions but {words}."));
        assert_eq!(panel.text("[role=alert]"), panel.text(".problem"));
        assert_eq!(panel.all(".session").len(), 0);
    }
}

#[wasm_bindgen_test]
async fn what_can_not_even_be_looked_at_is_an_error_with_the_browsers_own_reason() {
    let revoked = "const { proxy, revoke } = Proxy.revocable([], {}); revoke();";
    let reason = js(&format!(
        "(() => {{ {revoked} try {{ Array.isArray(proxy) }} catch (error) {{ return error.message }} }})()"
    ));
    let panel = Shown::new(&format!("(() => {{ {revoked} return proxy; }})()")).await;
    assert_eq!(
        panel.text(".problem"),
        format!("This is no list of sessions but not readable: {}.", reason.as_string().unwrap())
    );
}

#[wasm_bindgen_test]
async fn without_sessions_the_panel_says_what_is_to_be_done() {
    let panel = Shown::of(&JsValue::UNDEFINED).await;
    assert!(panel.text(".status").contains("set the property sessions, or the attribute src"));
    panel.set_sessions(&js("[]"));
    assert_eq!(panel.text(".status"), "0 sessions");
}
