//! The package.json of what stands in dist/.

use serde::Serialize;

/// What npm and bundlers read; its fields in the order in which package.json has them by custom.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest<'a> {
    name: String,
    version: &'a str,
    description: &'a str,
    license: &'a str,
    r#type: &'a str,
    exports: Exports<'a>,
    files: Vec<&'a str>,
    side_effects: &'a [&'a str],
}

#[derive(Serialize)]
struct Exports<'a> {
    #[serde(rename = ".")]
    module: Conditions<'a>,
    /// The wasm, and the script for a tag.
    #[serde(rename = "./*")]
    files: &'a str,
}

/// A reader takes the first condition that it knows, so that `default` must be the last.
#[derive(Serialize)]
struct Conditions<'a> {
    types: &'a str,
    default: &'a str,
}

impl<'a> Manifest<'a> {
    /// The manifest of `@perspective-session-info/<name>`, with the workspace's version and licence.
    pub fn new(
        name: &str,
        description: &'a str,
        files: Vec<&'a str>,
        side_effects: &'a [&'a str],
    ) -> Self {
        Self {
            name: format!("@perspective-session-info/{name}"),
            version: env!("CARGO_PKG_VERSION"),
            description,
            license: env!("CARGO_PKG_LICENSE"),
            r#type: "module",
            exports: Exports {
                module: Conditions { types: "./index.d.ts", default: "./index.js" },
                files: "./*",
            },
            files,
            side_effects,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_the_package_its_module_with_types_first_and_its_files() {
        let manifest =
            Manifest::new("agent", "Reports", vec!["index.js", "index.d.ts"], &["./agent.js"]);
        assert_eq!(
            serde_json::to_string(&manifest).unwrap(),
            format!(
                r#"{{"name":"@perspective-session-info/agent","version":"{}","description":"Reports","#,
                env!("CARGO_PKG_VERSION")
            ) + r#""license":"MIT OR Apache-2.0","type":"module","#
                + r#""exports":{".":{"types":"./index.d.ts","default":"./index.js"},"./*":"./*"},"#
                + r#""files":["index.js","index.d.ts"],"sideEffects":["./agent.js"]}"#
        );
    }
}
