//! Keeps a list of sessions fresh: asks `src`, and while `live` asks again and again.
//!
//! One request at a time; none while the document is hidden; after a failure at growing distances.
//! Dropping the feed ends all of it.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::dom::{Abort, Dom, Listener, Timeout, document};
use super::error::RequestError;
use super::request::Request;
use crate::session::SessionFilter;

/// From one answer to the next question, in milliseconds.
const INTERVAL_MS: u32 = 2_000;
/// How often that doubles, at most, while requests fail.
const MAX_DOUBLINGS: u32 = 3;

/// Where the list comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address of the list.
    pub src: String,
    /// Which sessions.
    pub filter: SessionFilter,
    /// The gateway's read token; empty for none.
    pub token: String,
    /// Whether to ask again and again.
    pub live: bool,
}

type Deliver = dyn Fn(Result<JsValue, RequestError>);

/// A list that is kept fresh as long as this is kept.
#[must_use]
pub struct Feed {
    state: Rc<State>,
    _visibility: Listener,
}

struct State {
    source: Source,
    deliver: Box<Deliver>,
    failures: Cell<u32>,
    /// The request that is on its way.
    request: RefCell<Option<Abort>>,
    next: RefCell<Option<Timeout>>,
}

impl Feed {
    /// Starts. Each answer is handed to `deliver`, the first one not before this returns.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn new(
        source: Source,
        deliver: impl Fn(Result<JsValue, RequestError>) + 'static,
    ) -> Dom<Self> {
        let state = Rc::new(State {
            source,
            deliver: Box::new(deliver),
            failures: Cell::new(0),
            request: RefCell::new(None),
            next: RefCell::new(None),
        });
        let weak = Rc::downgrade(&state);
        let visibility = Listener::new(document()?.as_ref(), "visibilitychange", move |_| {
            if let Some(state) = weak.upgrade() {
                state.visibility_changed();
            }
        })?;
        // Attributes that are set one after the other restart the feed each time: only the last
        // restart gets to ask.
        state.ask_after(0);
        Ok(Self { state, _visibility: visibility })
    }

    /// Where the list comes from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.state.source
    }
}

impl State {
    fn ask_after(self: &Rc<Self>, ms: u32) {
        let weak = Rc::downgrade(self);
        let next = Timeout::new(ms, move || {
            if let Some(state) = weak.upgrade() {
                state.ask();
            }
        });
        self.next.replace(Some(next));
    }

    fn ask(self: &Rc<Self>) {
        self.next.take();
        if self.request.borrow().is_some() || (self.source.live && is_hidden()) {
            return;
        }
        let request =
            Request::to_source(&self.source.src, &self.source.filter, self.source.token.clone());
        let weak = Rc::downgrade(self);
        match request {
            Ok(request) => {
                self.request.replace(Some(Abort(request.abort())));
                spawn_local(async move {
                    let answer = request.send().await;
                    State::answered(&weak, answer);
                });
            }
            // What is wrong with the address or the token stays wrong: no use to ask again.
            Err(error) => (self.deliver)(Err(error)),
        }
    }

    fn answered(weak: &Weak<Self>, answer: Result<JsValue, RequestError>) {
        // A feed that was dropped in the meantime wants no answer.
        let Some(state) = weak.upgrade() else { return };
        state.request.take();
        state.failures.set(if answer.is_ok() { 0 } else { state.failures.get() + 1 });
        if state.source.live && !is_hidden() {
            state.ask_after(INTERVAL_MS << state.failures.get().min(MAX_DOUBLINGS));
        }
        (state.deliver)(answer);
    }

    fn visibility_changed(self: &Rc<Self>) {
        if !self.source.live {
            return;
        }
        if is_hidden() {
            self.next.take();
        } else {
            self.ask();
        }
    }
}

fn is_hidden() -> bool {
    document().is_ok_and(|document| document.hidden())
}
