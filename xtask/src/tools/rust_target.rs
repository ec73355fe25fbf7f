//! The standard library for browsers.

use crate::console::{ready, step};
use crate::error::Error;
use crate::workspace::Workspace;
use std::path::Path;
use xshell::cmd;

/// What browsers run.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Adds the target with rustup when this Rust does not have it.
///
/// # Errors
/// [`Error::Missing`] where there is no rustup or it fails.
pub fn ensure(workspace: &Workspace) -> Result<(), Error> {
    let shell = &workspace.shell;
    // Asked of rustc, not of rustup: a distribution's Rust has no rustup.
    let library = cmd!(shell, "rustc --print target-libdir --target {WASM}").quiet().read()?;
    if Path::new(&library).is_dir() {
        ready(&format!("Rust can compile to {WASM}"));
        return Ok(());
    }
    step(&format!("adding {WASM} to Rust (less than a minute)"), || {
        cmd!(shell, "rustup target add {WASM}").run().map_err(|error| Error::Missing {
            what: format!("This Rust can't compile to {WASM} ({error})."),
            by_hand: format!(
                "  with rustup:  rustup target add {WASM}\n\
                 \x20 Debian:       apt-get install libstd-rust-dev-wasm32\n\
                 \x20 otherwise:    https://rustup.rs"
            ),
        })
    })
}
