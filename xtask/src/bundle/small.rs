//! What makes a wasm that wasm-bindgen has made smaller than wasm-bindgen leaves it, with Binaryen's tools.

use super::GLUE;
use crate::error::Error;
use crate::tools::npm;
use crate::workspace::Workspace;
use serde::Deserialize;
use std::path::Path;
use xshell::cmd;

/// A stack four times as large as the agent's longest report needs, not the megabyte that each page would give by
/// default.
pub const CARGO_CONFIG: [&str; 2] =
    ["--config", r#"target.wasm32-unknown-unknown.rustflags=["-Clink-arg=-zstack-size=65536"]"#];

/// The module that connects the wasm with wasm-bindgen's glue. It stands in for the glue.
pub const LINKAGE: &str = "linkage.js";

/// What the glue takes from the wasm. wasm-bindgen exports more: what no agent needs.
const EXPORTS: [&str; 2] = ["memory", "agent_event"];

/// What wasm-opt calls the one module that it lets everything be imported from.
const MODULE: &str = "a";

/// What wasm-opt has renamed: imports as module, name and new name, exports as name and new name.
#[derive(Debug, Deserialize)]
struct Renamed {
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

/// Leaves out of the wasm what only wasm-bindgen asks for, gives its imports and exports names of one letter, and
/// writes [`LINKAGE`].
///
/// # Errors
/// That of the tool that failed, or [`Error::Renamed`] where wasm-opt says something else than which names it gave.
pub fn shrink(workspace: &Workspace, made: &Path) -> Result<(), Error> {
    let shell = &workspace.shell;
    let wasm_metadce = npm::program(workspace, "wasm-metadce")?;
    let wasm_opt = npm::program(workspace, "wasm-opt")?;
    let wasm = made.join(format!("{GLUE}_bg.wasm"));
    let graph = made.join("graph.json");
    shell.write_file(&graph, graph_of(&EXPORTS))?;
    cmd!(shell, "{wasm_metadce} --graph-file {graph} {wasm} --output {wasm}")
        .ignore_stdout()
        .run()?;
    cmd!(shell, "{wasm_opt} -Oz --converge --reorder-functions {wasm} --output {wasm}").run()?;
    let renamed = cmd!(
        shell,
        "{wasm_opt} --minify-imports-and-exports-and-modules --strip-producers --strip-target-features
            {wasm} --output {wasm}"
    )
    .read()?;
    let renamed: Renamed = serde_json::from_str(&renamed).map_err(Error::Renamed)?;
    shell.write_file(made.join(LINKAGE), linkage(&renamed))?;
    Ok(())
}

/// What wasm-metadce keeps: these exports, and what they need.
fn graph_of(exports: &[&str]) -> String {
    let mut graph = serde_json::json!([{ "name": "page", "root": true, "reaches": exports }]);
    if let Some(nodes) = graph.as_array_mut() {
        nodes
            .extend(exports.iter().map(|name| serde_json::json!({ "name": name, "export": name })));
    }
    graph.to_string()
}

/// The module: `imports` for WebAssembly.instantiate, `link` for the instance's exports, and the glue's own exports.
fn linkage(Renamed { imports, exports }: &Renamed) -> String {
    let list = |parts: &mut dyn Iterator<Item = String>| parts.collect::<Vec<_>>().join(", ");
    let taken = list(&mut imports.iter().map(|(_, name, short)| format!("{name} as {short}")));
    let passed = list(&mut imports.iter().map(|(_, _, short)| short.clone()));
    let links = list(&mut exports.iter().map(|(name, short)| format!("{name}: exports.{short}")));
    format!(
        "import {{ {taken}, __wbg_set_wasm }} from \"./{GLUE}_bg.js\";\n\
         export * from \"./{GLUE}_bg.js\";\n\
         export const imports = {{ {MODULE}: {{ {passed} }} }};\n\
         export const link = (exports) => __wbg_set_wasm({{ {links} }});\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linkage_gives_the_wasm_and_the_glue_what_they_ask_for_by_their_own_names() {
        let renamed: Renamed = serde_json::from_str(
            r#"{ "imports": [["./glue.js", "__wbg_text_1", "a"], ["./glue.js", "__wbg_act_2", "b"]],
                 "exports": [["memory", "c"], ["agent_event", "d"]] }"#,
        )
        .unwrap();
        assert_eq!(
            linkage(&renamed),
            "import { __wbg_text_1 as a, __wbg_act_2 as b, __wbg_set_wasm } from \"./perspective_session_info_bg.js\";\n\
             export * from \"./perspective_session_info_bg.js\";\n\
             export const imports = { a: { a, b } };\n\
             export const link = (exports) => __wbg_set_wasm({ memory: exports.c, agent_event: exports.d });\n"
        );
    }

    #[test]
    fn what_the_glue_takes_is_kept_and_nothing_else() {
        assert_eq!(
            graph_of(&["memory"]),
            r#"[{"name":"page","reaches":["memory"],"root":true},{"export":"memory","name":"memory"}]"#
        );
    }
}
