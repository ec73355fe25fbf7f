//! The browser, made safe to hold: each thing that must be undone is a guard that undoes it when it is
//! dropped, so that dropping a panel leaves nothing behind.

use wasm_bindgen::prelude::*;
use web_sys::{AbortController, Document, Element, Event, EventTarget, HtmlElement};

/// What came of a call to the browser; an error is what the browser threw.
pub type Dom<T> = Result<T, JsValue>;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, ms: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// The document that the panel runs in.
///
/// # Errors
/// Where there is none, as in a worker.
pub fn document() -> Dom<Document> {
    web_sys::window()
        .and_then(|window| window.document())
        .ok_or_else(|| js_sys::Error::new("The panel needs a document.").into())
}

/// A new element of a class, at the end of its parent.
///
/// # Errors
/// What the browser throws.
pub fn append(parent: &Element, tag: &str, class: &str) -> Dom<HtmlElement> {
    let element = create(tag, class)?;
    parent.append_child(&element)?;
    Ok(element)
}

/// A new element of a class.
///
/// # Errors
/// What the browser throws.
pub fn create(tag: &str, class: &str) -> Dom<HtmlElement> {
    let element: HtmlElement = document()?.create_element(tag)?.unchecked_into();
    if !class.is_empty() {
        element.set_class_name(class);
    }
    Ok(element)
}

/// Makes an element show a text, and does nothing where it does already.
pub fn show_text(element: &Element, shown: &mut String, text: &str) {
    if shown != text {
        element.set_text_content(Some(text));
        text.clone_into(shown);
    }
}

/// Gives an element an attribute, and does nothing where it has it already; an empty one is none.
///
/// # Errors
/// What the browser throws.
pub fn show_attribute(element: &Element, name: &str, value: &str) -> Dom<()> {
    match element.get_attribute(name) {
        Some(shown) if shown == value => Ok(()),
        None if value.is_empty() => Ok(()),
        _ if value.is_empty() => element.remove_attribute(name),
        _ => element.set_attribute(name, value),
    }
}

/// Shows or hides an element, and does nothing where it is so already.
pub fn show_if(element: &HtmlElement, shown: bool) {
    if element.hidden() == shown {
        element.set_hidden(!shown);
    }
}

/// A listener for an event, removed when dropped.
#[must_use]
pub struct Listener {
    target: EventTarget,
    event: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens to a target's event.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn new(
        target: &EventTarget,
        event: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Dom<Self> {
        let callback = Closure::new(callback);
        target.add_event_listener_with_callback(event, callback.as_ref().unchecked_ref())?;
        Ok(Self { target: target.clone(), event, callback })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A drop has nobody to tell; the closure that goes with it makes a listener that stays harmless.
        let _ = self.target.remove_event_listener_with_callback(
            self.event,
            self.callback.as_ref().unchecked_ref(),
        );
    }
}

/// One call in the future, cancelled when dropped.
#[must_use]
pub struct Timeout {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Timeout {
    /// Calls after so many milliseconds.
    pub fn new(ms: u32, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        Self { id: set_timeout(callback.as_ref(), ms), _callback: callback }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// A request on its way, aborted when dropped; of one that has been answered that is without effect.
#[must_use]
pub struct Abort(pub AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}
