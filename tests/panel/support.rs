//! What the tests share: panels in the document, and ways to look into them.

use std::cell::Cell;

use js_sys::Promise;
use perspective_session_info::panel::Sessions;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, ShadowRoot};

/// Puts a module beside the others, where modules.js finds it.
macro_rules! bring {
    ($($module:literal)*) => {$(
        const _: () = {
            #[wasm_bindgen(module = $module)]
            extern "C" {
                #[wasm_bindgen(js_name = default)]
                fn _unused();
            }
        };
    )*};
}

bring!(
    "/www/panel/words.js"
    "/www/panel/units.js"
    "/www/panel/visible.js"
    "/www/panel/dom.js"
    "/www/panel/kept.js"
    "/www/panel/columns.js"
    "/www/panel/scroll.js"
    "/www/panel/value.js"
    "/www/panel/request.js"
    "/www/panel/events.js"
    "/www/panel/feed.js"
    "/www/panel/pieces.js"
    "/www/panel/filters.js"
    "/www/panel/totals.js"
    "/www/panel/bar.js"
    "/www/panel/tree.js"
    "/www/panel/headings.js"
    "/www/panel/line.js"
    "/www/panel/grid.js"
    "/www/panel/panel.js"
    "/www/panel/element.js"
    "/www/panel/tools.js"
);

#[wasm_bindgen(module = "/tests/panel/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = defineSessionInfoPanel)]
    fn define_with(ready: &JsValue, style: &str) -> JsValue;
    #[wasm_bindgen(js_name = getSessionInfo)]
    pub fn get_session_info(username: &JsValue, project: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(catch, js_name = renderSessionInfo)]
    pub fn render_session_info(
        element: &JsValue,
        sessions: &JsValue,
        options: &JsValue,
    ) -> Result<SessionInfoPanel, JsValue>;
}

pub fn define(ready: &JsValue) -> JsValue {
    define_with(ready, include_str!("../../www/panel/panel.css"))
}

#[wasm_bindgen(module = "/tests/panel/stand_in.js")]
extern "C" {
    pub type StandIn;
    #[wasm_bindgen(constructor)]
    fn new() -> StandIn;
    #[wasm_bindgen(method)]
    fn restore(this: &StandIn);
    #[wasm_bindgen(method, js_name = pass)]
    fn pass_js(this: &StandIn, ms: u32);
    #[wasm_bindgen(method, js_name = hide)]
    fn hide_js(this: &StandIn, hidden: bool);
    #[wasm_bindgen(method)]
    pub fn answer(this: &StandIn, status: u16, content_type: &str, body: &str);
    #[wasm_bindgen(method)]
    pub fn fail(this: &StandIn);
    #[wasm_bindgen(method)]
    pub fn stream(this: &StandIn);
    #[wasm_bindgen(method)]
    pub fn piece(this: &StandIn, text: &str);
    #[wasm_bindgen(method, js_name = endStream)]
    pub fn end_stream(this: &StandIn);
    #[wasm_bindgen(method, js_name = breakStream)]
    pub fn break_stream(this: &StandIn);
    #[wasm_bindgen(method, getter)]
    pub fn requests(this: &StandIn) -> u32;
    #[wasm_bindgen(method, getter)]
    pub fn waiting(this: &StandIn) -> u32;
    #[wasm_bindgen(method, getter)]
    pub fn aborted(this: &StandIn) -> u32;
    #[wasm_bindgen(method, getter)]
    pub fn timers(this: &StandIn) -> u32;
    #[wasm_bindgen(method, getter)]
    pub fn listeners(this: &StandIn) -> i32;
    #[wasm_bindgen(method, js_name = lastUrl)]
    pub fn last_url(this: &StandIn) -> String;
    #[wasm_bindgen(method, js_name = lastHeader)]
    pub fn last_header(this: &StandIn, name: &str) -> Option<String>;

    #[wasm_bindgen(js_name = turns)]
    fn turns_js() -> Promise;
    #[wasm_bindgen(js_name = next)]
    fn next_js(target: &JsValue, name: &str) -> Promise;
    /// What a script makes of its text.
    pub fn js(expression: &str) -> JsValue;
    #[wasm_bindgen(js_name = changes)]
    pub fn changes(root: &ShadowRoot) -> u32;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = HtmlElement, extends = Element, extends = web_sys::Node)]
    #[derive(Clone, Debug, PartialEq)]
    pub type SessionInfoPanel;
    #[wasm_bindgen(method, getter)]
    pub fn sessions(this: &SessionInfoPanel) -> JsValue;
    #[wasm_bindgen(method, setter)]
    pub fn set_sessions(this: &SessionInfoPanel, sessions: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_token(this: &SessionInfoPanel, token: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_filter(this: &SessionInfoPanel, filter: &JsValue);
    #[wasm_bindgen(method, js_name = readJson)]
    pub fn read_json(this: &SessionInfoPanel, json: &str) -> Promise;
    #[wasm_bindgen(method)]
    pub fn pause(this: &SessionInfoPanel);
    #[wasm_bindgen(method)]
    pub fn resume(this: &SessionInfoPanel);
    #[wasm_bindgen(method, getter, js_name = selection)]
    pub fn selection(this: &SessionInfoPanel) -> Option<String>;
    #[wasm_bindgen(method, setter, js_name = selection)]
    pub fn set_selection(this: &SessionInfoPanel, id: Option<&str>);
}

/// The browser with its network and its clock in the test's hand, until the end of the test.
pub struct Browser(StandIn);

impl Browser {
    pub fn new() -> Self {
        Self(StandIn::new())
    }

    /// Lets time pass; what falls due runs.
    pub async fn pass(&self, ms: u32) {
        self.pass_js(ms);
        turns().await;
    }

    /// Puts the document in the background or the foreground.
    pub async fn hide(&self, hidden: bool) {
        self.hide_js(hidden);
        turns().await;
    }
}

impl std::ops::Deref for Browser {
    type Target = StandIn;
    fn deref(&self) -> &StandIn {
        &self.0
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.0.restore();
    }
}

/// Lets the browser do what it has begun.
pub async fn turns() {
    JsFuture::from(turns_js()).await.unwrap();
}

/// The next event of a panel: its detail. Begun before what causes the event.
pub fn next(panel: &SessionInfoPanel, name: &str) -> JsFuture {
    JsFuture::from(next_js(panel.as_ref(), name))
}

pub fn body() -> HtmlElement {
    web_sys::window().unwrap().document().unwrap().body().unwrap()
}

pub fn element(tag: &str) -> HtmlElement {
    body().owner_document().unwrap().create_element(tag).unwrap().unchecked_into()
}

/// Makes the sessions of a panel, as www/panel/index.js does once the WebAssembly has loaded.
pub fn opener() -> JsValue {
    Closure::<dyn Fn() -> JsValue>::new(|| Sessions::new().into()).into_js_value()
}

/// A panel that is in no document yet.
pub fn new_panel() -> SessionInfoPanel {
    thread_local!(static DEFINED: Cell<bool> = const { Cell::new(false) });
    if !DEFINED.replace(true) {
        define(&Promise::resolve(&opener()));
    }
    element("session-info-panel").unchecked_into()
}

/// A panel in the document, taken out at the end of the test.
pub struct Shown(pub SessionInfoPanel);

impl Shown {
    /// With what a JavaScript expression says as its sessions.
    pub async fn new(sessions: &str) -> Self {
        Self::of(&js(sessions)).await
    }

    pub async fn of(sessions: &JsValue) -> Self {
        let panel = new_panel();
        panel.set_sessions(sessions);
        Self::insert(panel).await
    }

    /// With attributes.
    pub async fn with(attributes: &[(&str, &str)]) -> Self {
        let panel = new_panel();
        for (name, value) in attributes {
            panel.set_attribute(name, value).unwrap();
        }
        Self::insert(panel).await
    }

    async fn insert(panel: SessionInfoPanel) -> Self {
        // What an earlier test has arranged is not this one's.
        web_sys::window().unwrap().local_storage().unwrap().unwrap().clear().unwrap();
        body().append_child(&panel).unwrap();
        turns().await;
        Self(panel)
    }

    pub fn root(&self) -> ShadowRoot {
        self.shadow_root().unwrap()
    }

    pub fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self.root().query_selector_all(selector).unwrap();
        (0..found.length()).map(|i| found.get(i).unwrap().unchecked_into()).collect()
    }

    /// The texts of what is there to be seen.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector)
            .iter()
            .filter(|element| !element.hidden())
            .map(|element| element.text_content().unwrap())
            .collect()
    }

    pub fn text(&self, selector: &str) -> String {
        let texts = self.texts(selector);
        assert_eq!(texts.len(), 1, "{selector}: {texts:?}");
        texts.into_iter().next().unwrap()
    }

    /// A column of the list.
    pub fn column(&self, class: &str) -> Vec<String> {
        self.texts(&format!(".cell.{class} .text"))
    }

    /// The names and values of the properties, of all levels, in their order.
    pub fn properties(&self) -> Vec<(String, String)> {
        self.texts(".name").into_iter().zip(self.texts(".value")).collect()
    }

    pub fn property(&self, name: &str) -> String {
        let found = self.properties().into_iter().find(|(found, _)| found == name);
        found.unwrap_or_else(|| panic!("no property {name}")).1
    }

    /// Selects a line as a user does.
    pub fn click(&self, line: usize) {
        self.all(".session")[line]
            .first_element_child()
            .unwrap()
            .unchecked_into::<HtmlElement>()
            .click();
    }
}

impl std::ops::Deref for Shown {
    type Target = SessionInfoPanel;
    fn deref(&self) -> &SessionInfoPanel {
        &self.0
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        Element::remove(self.0.as_ref());
    }
}
