//! What the panel promises, in a real browser: `wasm-pack test --headless --chrome -- --test panel`.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod events;
mod foreign;
mod hostile;
mod large;
mod life;
mod live;
mod request;
mod shown;
mod support;
mod updates;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
