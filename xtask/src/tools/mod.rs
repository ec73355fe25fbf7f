//! Finds or installs what the commands need beyond Rust and Node.
//!
//! Each `ensure` is quick when the thing is there, and else installs it or ends with
//! [`Error::Missing`], which says what to install by hand.

pub mod cargo_tool;
pub mod npm;
pub mod rust_target;
pub mod schemathesis;
pub mod system;

use crate::error::Error;
use crate::workspace::Workspace;
use cargo_tool::CargoTool;

/// What it takes to build for browsers, by `cargo xtask build` or by wasm-pack by hand.
///
/// # Errors
/// [`Error::Missing`] with what to install by hand, or that of the program that failed.
pub fn ensure_browser_build(workspace: &Workspace) -> Result<(), Error> {
    rust_target::ensure(workspace)?;
    CargoTool::wasm_bindgen(workspace)?.ensure(workspace)?;
    CargoTool::wasm_pack().ensure(workspace)?;
    npm::ensure(workspace)
}
