//! The agent's JavaScript, and its wasm, in a real browser: `wasm-pack test --headless --chrome -- --test agent`.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod body;
mod channels;
mod machine;
mod patch;
mod perspective;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

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
    "/www/agent/facts.js"
    "/www/agent/body.js"
    "/www/agent/patch.js"
    "/www/agent/origins.js"
    "/www/agent/perspective.js"
    "/www/agent/channels/beacon.js"
    "/www/agent/channels/fetch.js"
    "/www/agent/channels/websocket.js"
    "/www/agent/channels/xhr.js"
);

#[wasm_bindgen(module = "/tests/agent/modules.js")]
extern "C" {
    /// All that the agent's modules export.
    async fn modules() -> JsValue;
}

/// Calls a function of the agent's.
fn call(modules: &JsValue, name: &str, arguments: &[&JsValue]) -> JsValue {
    let function: Function = Reflect::get(modules, &name.into()).unwrap().unchecked_into();
    let arguments = Array::from_iter(arguments.iter().copied());
    Reflect::apply(&function, &JsValue::UNDEFINED, &arguments).unwrap()
}

/// Runs the body of a JavaScript function of one argument, `x`.
fn js(body: &str, x: &JsValue) -> JsValue {
    Function::new_with_args("x", body).call1(&JsValue::UNDEFINED, x).unwrap()
}

/// The same for one that is `async`.
async fn js_async(body: &str, x: &JsValue) -> JsValue {
    let promise = js(&format!("return (async () => {{ {body} }})();"), x);
    JsFuture::from(Promise::from(promise)).await.unwrap()
}
