//! The pages and bundles that the gateway's binary carries.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use rust_embed::RustEmbed;

/// What `cargo xtask build` makes. The gateway compiles without it too.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// The pages; what the bundles are made from stays out.
#[derive(RustEmbed)]
#[folder = "../www"]
#[include = "*.html"]
#[include = "*.css"]
#[include = "*.js"]
#[exclude = "agent/*"]
#[exclude = "panel/*"]
struct Www;

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// What is in it.
    pub bytes: Cow<'static, [u8]>,
    /// Its entity tag (RFC 9110, section 8.8.3). Weak, because a compressed answer carries it too.
    pub tag: String,
}

/// Finds a file by its name: `dist/…` or `www/…`.
#[derive(Clone, Copy)]
pub struct Files(fn(&str) -> Option<File>);

impl Files {
    /// The files in the gateway's binary.
    #[must_use]
    pub fn embedded() -> Self {
        Self(|name| {
            let file = match name.split_once('/')? {
                ("dist", name) => Dist::get(name),
                ("www", name) => Www::get(name),
                _ => None,
            }?;
            let mut tag = String::from("W/\"");
            for byte in file.metadata.sha256_hash().iter().take(16) {
                // Writing to a String does not fail.
                let _ = write!(tag, "{byte:02x}");
            }
            tag.push('"');
            Some(File { bytes: file.data, tag })
        })
    }

    /// Other files, for tests.
    #[must_use]
    pub const fn new(find: fn(&str) -> Option<File>) -> Self {
        Self(find)
    }

    /// The file of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<File> {
        (self.0)(name)
    }

    /// Whether `cargo xtask build` has run before the gateway was compiled.
    #[must_use]
    pub fn built(&self) -> bool {
        self.get("dist/agent/agent.js").is_some() && self.get("dist/panel/index.js").is_some()
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Files").field("built", &self.built()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_page_is_embedded_and_keeps_its_tag() {
        let page = Files::embedded().get("www/index.html").unwrap();
        assert!(page.bytes.starts_with(b"<!doctype html>"));
        assert_eq!(page.tag, Files::embedded().get("www/index.html").unwrap().tag);
        assert!(page.tag.starts_with("W/\"") && page.tag.len() == 36, "{}", page.tag);
    }

    #[test]
    fn nothing_else_is_found() {
        for name in [
            "",
            "index.html",
            "www/",
            "www/../Cargo.toml",
            "www/agent/agent.js",
            "www/panel/index.js",
            "src/lib.rs",
        ] {
            assert!(Files::embedded().get(name).is_none(), "{name}");
        }
    }
}
