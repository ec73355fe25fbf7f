//! What is taken from Perspective's own client, whatever shape it has.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{call, js, modules};

const UNKNOWN: [Option<&str>; 4] = [None; 4];

/// Looks at a client: is it there, and its project, session, page and scope.
async fn look(setup: &str) -> (bool, [Option<String>; 4]) {
    let modules = modules().await;
    js("x.texts.length = 0; x.numbers.fill(0)", &modules);
    look_again(setup, &modules)
}

/// Looks at what has become of the client.
fn look_again(setup: &str, modules: &JsValue) -> (bool, [Option<String>; 4]) {
    js(setup, &JsValue::NULL);
    call(modules, "lookAtClient", &[]);
    js("delete window.__client; delete window._designerStore", &JsValue::NULL);
    let there = js("return x.numbers[x.PERSPECTIVE] === 1", modules).is_truthy();
    let text = |what| js(&format!("return x.texts[x.CLIENT_{what}]"), modules).as_string();
    let [project, session, page] = ["PROJECT", "SESSION", "PAGE"].map(text);
    let scope = "return ['browser', 'designer', 'iOS', 'Android'][x.numbers[x.CLIENT_SCOPE] - 1]";
    (there, [project, session, page, js(scope, modules).as_string()])
}

fn texts(texts: [Option<&str>; 4]) -> [Option<String>; 4] {
    texts.map(|text| text.map(str::to_owned))
}

#[wasm_bindgen_test]
async fn the_recorded_shape_is_read() {
    let (there, seen) = look(
        "window.__client = new (class {
           projectName = 'Plant'; sessionId = 's'; tabIdUrlSafe = '2bf737f8';
           get isDesigner() { return false } static get nativeType() { return 'ios' }
         })()",
    )
    .await;
    assert!(there);
    assert_eq!(seen, texts([Some("Plant"), Some("s"), Some("2bf737f8"), Some("iOS")]));
}

#[wasm_bindgen_test]
async fn the_page_id_is_read_from_the_page_properties_where_the_tab_has_none() {
    let (_, seen) = look(
        "window.__client = { page: { pageProps: { read: (path) => path === 'pageId' ? 'a view/1' : null } } }",
    )
    .await;
    assert_eq!(seen[2].as_deref(), Some("a view/1"));
}

#[wasm_bindgen_test]
async fn the_designer_is_recognised_with_and_without_a_client() {
    let (there, seen) = look("window.__client = { sessionId: 's', isDesigner: true }").await;
    assert_eq!((there, seen), (true, texts([None, Some("s"), None, Some("designer")])));
    let (there, seen) =
        look("window._designerStore = { projectName: 'Plant', sessionId: 'd' }").await;
    assert_eq!((there, seen), (true, texts([Some("Plant"), Some("d"), None, Some("designer")])));
}

#[wasm_bindgen_test]
async fn a_scope_is_known_in_every_spelling() {
    for (native_type, scope) in [
        ("none", None),
        ("workstation", None),
        ("ios", Some("iOS")),
        ("android", Some("Android")),
        ("Android", Some("Android")),
    ] {
        let client =
            format!("window.__client = {{ constructor: {{ nativeType: '{native_type}' }} }}");
        assert_eq!(look(&client).await.1[3].as_deref(), scope, "{native_type}");
    }
}

#[wasm_bindgen_test]
async fn what_the_client_has_shown_stands_while_it_shows_nothing_as_when_it_reconnects() {
    let ids = "projectName: 'Plant', sessionId: 's', tabIdUrlSafe: 'p'";
    let (_, before) = look(&format!("window.__client = {{ {ids} }}")).await;
    let modules = modules().await;
    for client in ["window.__client = { sessionId: undefined }", ""] {
        assert_eq!(look_again(client, &modules).1, before);
    }
    let (_, after) = look_again("window.__client = { sessionId: 'another' }", &modules);
    assert_eq!(after[1].as_deref(), Some("another"));
}

#[wasm_bindgen_test]
async fn without_a_client_nothing_is_known() {
    assert_eq!(look("").await, (false, texts(UNKNOWN)));
}

#[wasm_bindgen_test]
async fn what_is_missing_throws_or_has_another_type_is_not_there() {
    for client in [
        "{}",
        "{ projectName: 1, sessionId: null, tabIdUrlSafe: {}, page: 3 }",
        "{ projectName: '', sessionId: ['s'], page: { pageProps: { read() { throw 1 } } } }",
        "new Proxy({}, { get() { throw new Error('no') } })",
        "document.createElement('form')",
    ] {
        let (there, seen) = look(&format!("window.__client = {client}")).await;
        assert_eq!((there, seen), (true, texts(UNKNOWN)), "{client}");
    }
    let throwing =
        "Object.defineProperty(window, '__client', { configurable: true, get() { throw 1 } })";
    assert_eq!(look(throwing).await, (false, texts(UNKNOWN)));
}

#[wasm_bindgen_test]
async fn a_perspective_url_names_the_project() {
    let modules = modules().await;
    let before = js("return location.href", &JsValue::NULL);
    for (path, project) in [
        ("/data/perspective/client/My%20Project", Some("My Project")),
        ("/proxy/data/perspective/client/P/page/1", Some("P")),
        ("/data/perspective/client/100%", Some("100%")),
        ("/data/perspective/client/", None),
        ("/demo/MyProject", None),
    ] {
        js("history.replaceState(null, '', x)", &path.into());
        call(&modules, "lookAtUrl", &[]);
        let seen = js("return x.texts[x.URL_PROJECT] || undefined", &modules).as_string();
        assert_eq!(seen.as_deref(), project, "{path}");
    }
    js("history.replaceState(null, '', x)", &before);
}
