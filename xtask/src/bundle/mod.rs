//! `build`: what browsers load, as two npm packages in dist/.
//!
//! src/ ─ wasm-pack (cargo, wasm-bindgen, wasm-opt) ─► target/bundle/ ─ esbuild and terser, with www/ ─► dist/
//!
//! The agent's wasm is made smaller on the way (mod `small`): every page downloads it.

mod budget;
mod manifest;
pub mod peers;
mod small;

use crate::console::{ready, step};
use crate::error::Error;
use crate::freshness::{self, is_fresh};
use crate::tools::{self, npm};
use crate::workspace::Workspace;
use manifest::Manifest;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use xshell::cmd;

/// What wasm-bindgen names its files after; www/ imports them by `perspective-session-info/glue`.
const GLUE: &str = "perspective_session_info";

/// How esbuild makes what a browser loads.
const ESBUILD: [&str; 4] = ["--bundle", "--minify", "--target=es2022", "--log-level=warning"];

/// How terser is called. Not its `unsafe` options: they save ten bytes.
const TERSER: [&str; 5] = [
    "--ecma=2022",
    "--compress=passes=3,lhs_constants=false",
    "--mangle",
    "--comments=false",
    "--output",
];

/// Go with each package.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// One of the two builds of the browser crate.
struct Part {
    /// Also the cargo feature, the folder in www/ and dist/, and the end of the npm package's name.
    name: &'static str,
    /// What the wasm is called in the package.
    wasm: &'static str,
    /// What the npm package says of itself.
    description: &'static str,
    /// The modules in www/ that browsers start from, with esbuild's name for what becomes of them.
    entries: &'static [(&'static str, &'static str)],
    /// The modules that those load when they are first needed.
    later: &'static [&'static str],
    /// The licences of what npm's packages bring into it, by package, with the file's name beside ours.
    licences: &'static [(&'static str, &'static str)],
    /// Those that do something when loaded, which a bundler must not leave out.
    side_effects: &'static [&'static str],
    /// How cargo compiles it.
    profile: &'static str,
    /// Whether the wasm is made smaller than wasm-bindgen leaves it.
    small: bool,
    /// The most bytes that a page may download at first, a script with the wasm, after brotli.
    budget: usize,
}

const PARTS: [Part; 2] = [
    Part {
        name: "agent",
        wasm: "agent.wasm",
        description: "Reports a page to the Perspective Session Info gateway",
        entries: &[("agent.js", "iife"), ("index.js", "esm")],
        later: &[],
        licences: &[],
        side_effects: &["./agent.js"],
        profile: "browser",
        small: true,
        budget: 8192,
    },
    Part {
        name: "panel",
        wasm: "panel.wasm",
        description: "getSessionInfo for JavaScript, and a panel that shows what it returns",
        entries: &[("index.js", "esm")],
        later: &["device.js", "tools.js"],
        licences: &[("bowser", "LICENSE-bowser")],
        side_effects: &["./index.js"],
        profile: "panel",
        small: false,
        budget: 51_200,
    },
];

/// Makes dist/, and does nothing when no input changed since.
///
/// # Errors
/// [`Error::Missing`] for a tool that is not there, or that of the tool that failed.
pub fn build(workspace: &Workspace) -> Result<(), Error> {
    let mut stale = Vec::new();
    for part in &PARTS {
        if part.is_fresh(workspace)? {
            ready(&format!("dist/{} is up to date", part.name));
        } else {
            stale.push(part);
        }
    }
    if !stale.is_empty() {
        tools::ensure_browser_build(workspace)?;
    }
    stale.iter().try_for_each(|part| part.build(workspace))
}

impl Part {
    fn is_fresh(&self, workspace: &Workspace) -> Result<bool, Error> {
        let dist = self.dist(workspace);
        let complete =
            self.files().iter().chain(&["package.json"]).all(|file| dist.join(file).is_file());
        Ok(complete && is_fresh(&self.stamp(workspace), &self.inputs(workspace))?)
    }

    fn build(&self, workspace: &Workspace) -> Result<(), Error> {
        let (shell, Self { name, .. }) = (&workspace.shell, self);
        let (made, dist, stamp) =
            (self.made(workspace), self.dist(workspace), self.stamp(workspace));
        step(&format!("building dist/{name} (under a minute at first, then seconds)"), || {
            let start = SystemTime::now();
            self.compile(workspace, &made)?;
            shell.remove_path(&dist)?;
            shell.create_dir(&dist)?;
            self.bundle(workspace, &made)?;
            self.package(workspace, &made, &dist)?;
            let sets = self.entries.iter().map(|(entry, _)| [*entry, self.wasm]);
            budget::check(&dist, sets, self.budget)?;
            freshness::stamp(&stamp, start)
        })
    }

    /// Where the npm package is put together.
    fn dist(&self, workspace: &Workspace) -> PathBuf {
        workspace.path("dist").join(self.name)
    }

    /// Where wasm-pack writes.
    fn made(&self, workspace: &Workspace) -> PathBuf {
        workspace.target("bundle").join(self.name)
    }

    /// The file that says when dist/ was made.
    fn stamp(&self, workspace: &Workspace) -> PathBuf {
        self.made(workspace).join("made")
    }

    /// What the npm package holds besides package.json.
    fn files(&self) -> Vec<&str> {
        let entries = self.entries.iter().map(|(entry, _)| entry).chain(self.later).copied();
        let licences = self.licences.iter().map(|(_, file)| *file);
        entries.chain([self.wasm, "index.d.ts"]).chain(LICENCES).chain(licences).collect()
    }

    fn inputs(&self, workspace: &Workspace) -> Vec<PathBuf> {
        let www = format!("www/{}", self.name);
        let inputs =
            ["src", &www, "xtask/src/bundle", "Cargo.toml", "Cargo.lock", "package-lock.json"];
        inputs.iter().chain(&LICENCES).map(|input| workspace.path(input)).collect()
    }

    fn compile(&self, workspace: &Workspace, made: &Path) -> Result<(), Error> {
        let (shell, Self { name, profile, .. }) = (&workspace.shell, self);
        // What is small is optimized when it is shrunk.
        let (target, no_opt, config) = if self.small {
            ("bundler", Some("--no-opt"), &small::CARGO_CONFIG[..])
        } else {
            ("web", None, &[][..])
        };
        // How wasm-opt and wasm-bindgen are called stands in Cargo.toml, under package.metadata.wasm-pack.
        cmd!(
            shell,
            "wasm-pack --quiet build . --target {target} --profile {profile} --mode no-install --no-pack --no-gitignore
                {no_opt...} --out-dir {made} --out-name {GLUE}
                -- --no-default-features --features {name} {config...}"
        )
        .run()?;
        if self.small {
            small::shrink(workspace, made)?;
        }
        Ok(())
    }

    fn bundle(&self, workspace: &Workspace, made: &Path) -> Result<(), Error> {
        let (shell, dist, Self { name, .. }) = (&workspace.shell, self.dist(workspace), self);
        let esbuild = npm::program(workspace, "esbuild")?;
        let glue = if self.small {
            made.join(small::LINKAGE)
        } else {
            made.join(GLUE).with_extension("js")
        };
        // What the glue calls without importing it.
        let host = self.small.then(|| format!("--inject:www/{name}/host.js"));
        let host = host.as_slice();
        let style = format!("www/{name}/{name}.css");
        let minified = made.join("style.css");
        if shell.path_exists(&style) {
            cmd!(shell, "{esbuild} {style} --outfile={minified} {ESBUILD...}").run()?;
        }
        let later: Vec<_> =
            self.later.iter().map(|module| format!("--external:./{module}")).collect();
        let later = later.as_slice();
        let modules = self.later.iter().map(|module| (*module, "esm"));
        for (entry, format) in self.entries.iter().copied().chain(modules) {
            cmd!(
                shell,
                "{esbuild} www/{name}/{entry} --outfile=dist/{name}/{entry} --format={format}
                    --alias:perspective-session-info/glue={glue} --alias:perspective-session-info/style={minified}
                    --loader:.css=text {later...} {host...} {ESBUILD...}"
            )
            .run()?;
            if self.small {
                minify(workspace, &dist.join(entry), format == "esm")?;
            }
        }
        Ok(())
    }

    /// Puts beside the scripts what makes them a package for npm.
    fn package(&self, workspace: &Workspace, made: &Path, dist: &Path) -> Result<(), Error> {
        let (shell, Self { name, .. }) = (&workspace.shell, self);
        shell.copy_file(made.join(format!("{GLUE}_bg.wasm")), dist.join(self.wasm))?;
        shell.copy_file(workspace.path("www").join(name).join("index.d.ts"), dist)?;
        for licence in LICENCES {
            shell.copy_file(workspace.path(licence), dist)?;
        }
        for (package, file) in self.licences {
            let licence = workspace.path("node_modules").join(package).join("LICENSE");
            shell.copy_file(licence, dist.join(file))?;
        }
        let manifest = Manifest::new(name, self.description, self.files(), self.side_effects);
        let file = dist.join("package.json");
        let written =
            File::create(&file).and_then(|to| Ok(serde_json::to_writer_pretty(to, &manifest)?));
        written.map_err(Error::file(file))?;
        Ok(())
    }
}

/// Makes a script smaller than esbuild leaves it.
fn minify(workspace: &Workspace, script: &Path, is_module: bool) -> Result<(), Error> {
    let (shell, terser) = (&workspace.shell, npm::program(workspace, "terser")?);
    let module = is_module.then_some("--module");
    cmd!(shell, "{terser} {script} {module...} {TERSER...} {script}").run()?;
    Ok(())
}
