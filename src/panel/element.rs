//! What the custom element `<session-info-panel>` delegates to while it is in a document.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, Event, HtmlElement, KeyboardEvent, Node};

use super::dom::{Dom, Listener};
use super::error::RequestError;
use super::feed::{Feed, Source};
use super::read::{Limits, optional_text, read};
use super::row::{RowKey, identity};
use super::view::{FeedState, Model, View};
use crate::session::SessionFilter;

/// One panel, from the element's insertion into a document to its removal. Closed, it does nothing more
/// and holds nothing.
#[wasm_bindgen]
pub struct Panel(RefCell<Option<Rc<Open>>>);

/// An open panel. What can be asked for from within an event stands in cells of its own, each borrowed
/// only for a moment: the page's listeners may call back at any time.
struct Open {
    host: HtmlElement,
    model: RefCell<Model>,
    token: RefCell<String>,
    feed: RefCell<Option<Feed>>,
    view: RefCell<View>,
    /// Whether the model has changed since it was shown.
    changed: Cell<bool>,
    listeners: RefCell<Vec<Listener>>,
}

#[wasm_bindgen]
impl Panel {
    /// Opens a panel in the shadow root of an element, with what the element's attributes say.
    ///
    /// # Errors
    /// What the browser throws; or that the element has no shadow root.
    #[wasm_bindgen(constructor)]
    pub fn new(host: HtmlElement) -> Result<Panel, JsValue> {
        let root = host
            .shadow_root()
            .ok_or_else(|| js_sys::TypeError::new("The panel's element has no shadow root."))?;
        let open = Rc::new(Open {
            host,
            model: RefCell::new(Model {
                result: JsValue::UNDEFINED,
                problem: None,
                selected: None,
                feed: FeedState::None,
            }),
            token: RefCell::default(),
            feed: RefCell::default(),
            view: RefCell::new(View::new(&root)?),
            changed: Cell::new(false),
            listeners: RefCell::default(),
        });
        open.listen()?;
        open.attributes_changed()?;
        open.show()?;
        Ok(Self(RefCell::new(Some(open))))
    }

    /// Ends the panel: its requests, timers and listeners.
    pub fn close(&self) {
        self.0.take();
    }

    /// The result that is shown: as it was set, or as the gateway has answered.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn sessions(&self) -> JsValue {
        self.open().map_or(JsValue::UNDEFINED, |open| open.model.borrow().result.clone())
    }

    /// Shows a result of getSessionInfo, whoever made it.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(setter)]
    pub fn set_sessions(&self, result: JsValue) -> Result<(), JsValue> {
        let Some(open) = self.open() else { return Ok(()) };
        open.change(|model| {
            model.result = result;
            model.problem = None;
        })
    }

    /// The gateway's read token.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn token(&self) -> String {
        self.open().map_or_else(String::new, |open| open.token.borrow().clone())
    }

    /// Asks `src` with this read token from now on.
    ///
    /// # Errors
    /// A `TypeError` where it is no text; what the browser throws.
    #[wasm_bindgen(setter)]
    pub fn set_token(&self, token: &JsValue) -> Result<(), JsValue> {
        let token = optional_text("token", token).map_err(|error| error.to_js())?;
        let Some(open) = self.open() else { return Ok(()) };
        open.token.replace(token);
        open.attributes_changed()
    }

    /// The id of the selected session, or null. It need not be in the list.
    #[wasm_bindgen(getter, js_name = selectedId)]
    #[must_use]
    pub fn selected_id(&self) -> JsValue {
        let selected = self.open().and_then(|open| open.model.borrow().selected.clone());
        selected.map_or(JsValue::NULL, |key| key.id.into())
    }

    /// Selects the first session of this id; null selects none.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(setter, js_name = selectedId)]
    pub fn set_selected_id(&self, id: &JsValue) -> Result<(), JsValue> {
        let Some(open) = self.open() else { return Ok(()) };
        let id = read(id, Limits::ROW);
        open.change(|model| {
            model.selected = (!id.is_missing()).then(|| RowKey { id: identity(&id), nth: 0 });
        })
    }

    /// Says that the element's attributes may have changed.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(js_name = attributesChanged)]
    pub fn attributes_changed(&self) -> Result<(), JsValue> {
        self.open().map_or(Ok(()), |open| open.attributes_changed())
    }

    fn open(&self) -> Option<Rc<Open>> {
        self.0.borrow().clone()
    }
}

impl Open {
    fn listen(self: &Rc<Self>) -> Dom<()> {
        let body = self.view.borrow().table().body().clone();
        let on = |event, handle: fn(&Rc<Self>, &Event) -> Option<()>| {
            let weak = Rc::downgrade(self);
            Listener::new(&body, event, move |event| {
                if let Some(open) = weak.upgrade() {
                    handle(&open, &event);
                }
            })
        };
        self.listeners
            .replace(vec![on("click", Self::clicked)?, on("keydown", Self::key_pressed)?]);
        Ok(())
    }

    fn clicked(self: &Rc<Self>, event: &Event) -> Option<()> {
        let key = self.hit(event)?;
        self.choose(key);
        Some(())
    }

    fn key_pressed(self: &Rc<Self>, event: &Event) -> Option<()> {
        let pressed: &KeyboardEvent = event.unchecked_ref();
        if pressed.alt_key() || pressed.ctrl_key() || pressed.meta_key() {
            return None;
        }
        let from = self.hit(event)?;
        let to = self.view.try_borrow().ok()?.table().led_by(&pressed.key(), &from)?;
        event.prevent_default();
        self.choose(to);
        Some(())
    }

    fn hit(&self, event: &Event) -> Option<RowKey> {
        let target: Node = event.target()?.dyn_into().ok()?;
        self.view.try_borrow().ok()?.table().hit(&target)
    }

    /// The user chooses a session.
    fn choose(&self, key: RowKey) {
        let known = self.model.borrow().selected.as_ref() == Some(&key);
        let id = key.id.clone();
        // There is nobody to tell what the browser throws here but its console, where it stands anyway.
        let _ = self.change(|model| model.selected = Some(key));
        if let Ok(view) = self.view.try_borrow() {
            let _ = view.table().focus_selected();
        }
        if !known {
            self.dispatch("session-info-select", &id.into());
        }
    }

    fn change(&self, change: impl FnOnce(&mut Model)) -> Dom<()> {
        change(&mut self.model.borrow_mut());
        self.show()
    }

    /// Shows the model. A call from within itself (a getter of the result, a listener to a focus event)
    /// leaves the work to the call that is under way.
    fn show(&self) -> Dom<()> {
        self.changed.set(true);
        let Ok(mut view) = self.view.try_borrow_mut() else { return Ok(()) };
        while self.changed.replace(false) {
            let model = self.model.borrow().clone();
            view.show(&model, now_ms())?;
        }
        Ok(())
    }

    fn source(&self) -> Option<Source> {
        let attribute = |name| self.host.get_attribute(name).unwrap_or_default();
        let src = attribute("src");
        (!src.is_empty()).then(|| Source {
            src,
            filter: SessionFilter {
                username: attribute("username-filter"),
                project: attribute("project-filter"),
            },
            token: self.token.borrow().clone(),
            live: self.host.has_attribute("live"),
        })
    }

    /// Starts, restarts or ends the feed where the attributes or the token ask for it.
    fn attributes_changed(self: &Rc<Self>) -> Dom<()> {
        let source = self.source();
        if self.feed.borrow().as_ref().map(Feed::source) == source.as_ref() {
            return Ok(());
        }
        let state = match &source {
            None => FeedState::None,
            Some(source) if source.live => FeedState::Live,
            Some(_) => FeedState::Loading,
        };
        let feed = source
            .map(|source| {
                let weak = Rc::downgrade(self);
                Feed::new(source, move |answer| Self::answered(&weak, answer))
            })
            .transpose()?;
        self.feed.replace(feed);
        self.change(|model| model.feed = state)
    }

    fn answered(weak: &Weak<Self>, answer: Result<JsValue, RequestError>) {
        let Some(open) = weak.upgrade() else { return };
        let (event, detail) = match &answer {
            Ok(result) => ("session-info-update", result.clone()),
            Err(error) => ("session-info-error", error.to_js()),
        };
        let shown = open.change(|model| match answer {
            Ok(result) => {
                model.result = result;
                model.problem = None;
            }
            // The last good list stays.
            Err(error) => model.problem = Some(error.to_string()),
        });
        match shown {
            Ok(()) => open.dispatch(event, &detail),
            Err(error) => open.dispatch("session-info-error", &error),
        }
    }

    fn dispatch(&self, event: &str, detail: &JsValue) {
        let init = CustomEventInit::new();
        init.set_detail(detail);
        // The names are valid, and an event that was made just now can be dispatched.
        if let Ok(event) = CustomEvent::new_with_event_init_dict(event, &init) {
            let _ = self.host.dispatch_event(&event);
        }
    }
}

fn now_ms() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time since 1970"
    )]
    let now = js_sys::Date::now() as u64;
    now
}
