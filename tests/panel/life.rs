//! The element in the hands of a page: early, twice, many, gone.

use js_sys::{Function, Promise, Reflect, TypeError};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{
    Browser, SessionInfoPanel, Shown, body, define, element, js, new_panel, opener,
    render_session_info, turns,
};

#[wasm_bindgen_test]
async fn what_is_set_before_the_element_is_in_a_document_is_shown_when_it_is() {
    let panel = new_panel();
    let sessions = js("[{ id: 'a', username: 'billy' }]");
    panel.set_sessions(&sessions);
    panel.set_selection(Some("a"));
    assert_eq!(panel.sessions(), sessions);
    assert_eq!(panel.selection().as_deref(), Some("a"));
    body().append_child(&panel).unwrap();
    let panel = Shown(panel);
    turns().await;
    assert_eq!(panel.column("user"), ["billy"]);
    assert_eq!(panel.property("username"), "billy");
}

/// The class as a page sees it whose WebAssembly is still loading.
fn class_that_waits(name: &str) -> Function {
    let defined = js(r#"(name, define) => {
             const own = customElements;
             const registry = { get: () => undefined, define: (_, it) => own.define(name, it) };
             Object.defineProperty(globalThis, "customElements", { value: registry, configurable: true });
             try {
               const ready = new Promise((resolve) => { globalThis.loaded = resolve; });
               return define(ready);
             } finally {
               Object.defineProperty(globalThis, "customElements", { value: own, configurable: true });
             }
           }"#);
    let define = Closure::<dyn Fn(JsValue) -> JsValue>::new(|ready| define(&ready)).into_js_value();
    defined
        .unchecked_into::<Function>()
        .call2(&JsValue::NULL, &name.into(), &define)
        .unwrap()
        .unchecked_into()
}

fn loaded(open: &JsValue) {
    let resolve: Function =
        Reflect::get(&js_sys::global(), &"loaded".into()).unwrap().unchecked_into();
    resolve.call1(&JsValue::NULL, open).unwrap();
}

#[wasm_bindgen_test]
async fn an_element_that_is_used_before_the_webassembly_has_loaded_renders_when_it_has() {
    // Set before the class is known, as by a script above the module's.
    let early = element("waiting-panel");
    Reflect::set(&early, &"sessions".into(), &js("[{ username: 'early' }]")).unwrap();
    body().append_child(&early).unwrap();
    class_that_waits("waiting-panel");
    let late = element("waiting-panel");
    Reflect::set(&late, &"sessions".into(), &js("[{ username: 'late' }]")).unwrap();
    body().append_child(&late).unwrap();
    let gone = element("waiting-panel");
    body().append_child(&gone).unwrap();
    gone.remove();

    let [early, late] = [early, late].map(|it| Shown(it.unchecked_into::<SessionInfoPanel>()));
    turns().await;
    assert_eq!(early.all("*").len(), 0);
    loaded(&opener());
    turns().await;
    assert_eq!(early.column("user"), ["early"]);
    assert_eq!(late.column("user"), ["late"]);
    assert_eq!(gone.shadow_root().unwrap().child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn a_webassembly_that_does_not_load_is_said_in_the_panel() {
    class_that_waits("broken-panel");
    loaded(&Promise::reject(&js_sys::Error::new("404").into()));
    let panel = element("broken-panel");
    body().append_child(&panel).unwrap();
    turns().await;
    assert_eq!(
        panel.shadow_root().unwrap().text_content().unwrap(),
        "The panel could not start: 404"
    );
    panel.remove();
}

#[wasm_bindgen_test]
fn the_element_is_defined_once_however_often_the_module_is_loaded() {
    new_panel();
    let class = define(&Promise::resolve(&JsValue::NULL));
    assert_eq!(class, define(&Promise::resolve(&JsValue::NULL)));
    assert_eq!(class, js("customElements.get('session-info-panel')"));
}

#[wasm_bindgen_test]
async fn render_session_info_gives_an_element_one_panel_and_shows_each_result_in_it() {
    new_panel();
    let home = element("div");
    body().append_child(&home).unwrap();
    let render = |sessions: &str, options: &str| {
        render_session_info(&home, &js(sessions), &js(options)).unwrap()
    };
    let panel = render("[{ id: 'a', username: '1' }]", "{ selection: 'a' }");
    assert_eq!(panel.parent_element().as_ref(), Some(home.as_ref()), "at once");
    turns().await;
    let again = render("[{ id: 'a', username: '2' }]", "undefined");
    assert_eq!(again, panel);
    let panel = Shown(panel);
    assert_eq!(panel.property("username"), "2", "and the selection stays");
    // A panel shows it itself.
    let same = render_session_info(&panel, &js("[{ username: '3' }]"), &JsValue::NULL).unwrap();
    assert_eq!(same, *panel);
    assert_eq!(panel.column("user"), ["3"]);
    assert_eq!(home.child_element_count(), 1);
    home.remove();
}

#[wasm_bindgen_test]
fn render_session_info_refuses_what_is_no_element() {
    for wrong in ["null", "undefined", "'#id'", "document", "{}"] {
        let error = render_session_info(&js(wrong), &js("[]"), &JsValue::UNDEFINED).err().unwrap();
        let error: TypeError = error.dyn_into().unwrap();
        assert!(String::from(error.message()).contains("element must be an Element"));
    }
}

#[wasm_bindgen_test]
async fn the_style_needs_no_leave_of_the_pages_policy() {
    let panel = Shown::new("[]").await;
    let sheets = panel.root().adopted_style_sheets();
    assert_eq!(sheets.length(), 1);
    let other = Shown::new("[]").await;
    assert_eq!(sheets.get(0), other.root().adopted_style_sheets().get(0), "one for all panels");
    assert_eq!(panel.all("style, link").len(), 0);
}

#[wasm_bindgen_test]
async fn five_hundred_panels_come_and_go_and_leave_nothing() {
    let browser = Browser::new();
    let memory = || {
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
        buffer.byte_length()
    };
    let sessions =
        js("Array.from({ length: 20 }, (_, i) => ({ id: String(i), pageIds: ['x', 'y'] }))");
    let mut before = 0;
    for round in 0..10 {
        for _ in 0..50 {
            let panel = new_panel();
            panel.set_attribute("src", "/v1/sessions").unwrap();
            panel.set_attribute("live", "").unwrap();
            panel.set_sessions(&sessions);
            panel.set_selection(Some("3"));
            let panel = {
                body().append_child(&panel).unwrap();
                Shown(panel)
            };
            wasm_bindgen_futures::JsFuture::from(Promise::resolve(&JsValue::NULL)).await.unwrap();
            drop(panel);
        }
        turns().await;
        if round == 0 {
            before = memory();
        }
    }
    assert_eq!((browser.timers(), browser.listeners(), browser.waiting()), (0, 0, 0));
    assert!(memory() <= before + 64 * 1024, "{before} bytes grew to {}", memory());
}
