//! What the tests take from the system: browsers, Jython, Python, nginx.

use crate::console::{ready, step};
use crate::error::Error;
use crate::workspace::Workspace;
use std::fmt::Write;
use std::path::PathBuf;
use xshell::cmd;

/// A program that a system's package manager installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemTool {
    /// What people call it.
    name: &'static str,
    /// The names that it goes by, the likeliest first; a path where it is as a rule not on PATH.
    programs: &'static [&'static str],
    /// Debian's package.
    debian: &'static str,
    /// Where others get it.
    elsewhere: &'static str,
}

/// A browser; ChromeDriver finds it by itself.
pub const CHROMIUM: SystemTool = SystemTool {
    name: "Chromium",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    ],
    debian: "chromium",
    elsewhere: "https://www.chromium.org/getting-involved/download-chromium, or Google Chrome",
};

/// Steers Chromium for wasm-pack.
pub const CHROMEDRIVER: SystemTool = SystemTool {
    name: "ChromeDriver, of the browser's version",
    programs: &["chromedriver"],
    debian: "chromium-driver",
    elsewhere: "https://googlechromelabs.github.io/chrome-for-testing, on PATH",
};

/// Another browser; geckodriver finds it by itself.
pub const FIREFOX: SystemTool = SystemTool {
    name: "Firefox",
    programs: &[
        "firefox",
        "firefox-esr",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        r"C:\Program Files\Mozilla Firefox\firefox.exe",
        r"C:\Program Files (x86)\Mozilla Firefox\firefox.exe",
    ],
    debian: "firefox-esr",
    elsewhere: "https://www.mozilla.org/firefox",
};

/// Asks web servers as fast as they answer.
pub const WRK: SystemTool = SystemTool {
    name: "wrk",
    programs: &["wrk"],
    debian: "wrk",
    elsewhere: "https://github.com/wg/wrk",
};

/// Python 2.7 as Ignition has it.
pub const JYTHON: SystemTool = SystemTool {
    name: "Jython 2.7",
    programs: &["jython"],
    debian: "jython",
    elsewhere: "https://www.jython.org/download, with its bin folder on PATH",
};

/// Python 3.
pub const PYTHON: SystemTool = SystemTool {
    name: "Python 3",
    programs: &["python3", "python"],
    debian: "python3",
    elsewhere: "https://www.python.org/downloads",
};

/// A proxy in front of the gateway; and a web server to measure ours by.
pub const NGINX: SystemTool = SystemTool {
    name: "nginx",
    // Debian has it where only root's PATH leads.
    programs: &["nginx", "/usr/sbin/nginx"],
    debian: "nginx-light",
    elsewhere: "https://nginx.org/en/download.html, on PATH",
};

impl SystemTool {
    fn find(self, workspace: &Workspace) -> Option<PathBuf> {
        self.programs.iter().find_map(|program| workspace.program(program))
    }

    /// Where the program is.
    ///
    /// # Errors
    /// [`Error::Missing`] where it is not there.
    pub fn path(self, workspace: &Workspace) -> Result<PathBuf, Error> {
        self.find(workspace).ok_or_else(|| missing(&[self]))
    }
}

/// Installs those of `tools` that are not there, on Debian and as root; says what to install elsewhere.
///
/// # Errors
/// [`Error::Missing`] with all that is missing, [`Error::Command`] when apt-get fails.
pub fn ensure(workspace: &Workspace, tools: &[SystemTool]) -> Result<(), Error> {
    let absent = absent(workspace, tools);
    if !absent.is_empty() && is_debian_root(workspace) {
        let packages: Vec<_> = absent.iter().map(|tool| tool.debian).collect();
        step(&format!("installing {} from Debian (a minute or two)", packages.join(", ")), || {
            install(workspace, &packages)
        })?;
    }
    let absent = self::absent(workspace, tools);
    if !absent.is_empty() {
        return Err(missing(&absent));
    }
    for tool in tools {
        ready(&format!("{} is {}", tool.name, tool.path(workspace)?.display()));
    }
    Ok(())
}

fn absent(workspace: &Workspace, tools: &[SystemTool]) -> Vec<SystemTool> {
    tools.iter().copied().filter(|tool| tool.find(workspace).is_none()).collect()
}

/// Whether packages can be installed without asking anybody.
pub fn is_debian_root(workspace: &Workspace) -> bool {
    let shell = &workspace.shell;
    workspace.program("apt-get").is_some()
        && cmd!(shell, "id -u").quiet().ignore_stderr().read().is_ok_and(|id| id == "0")
}

/// Installs packages of Debian's.
///
/// # Errors
/// [`Error::Command`] when apt-get fails.
pub fn install(workspace: &Workspace, packages: &[&str]) -> Result<(), Error> {
    let shell = &workspace.shell;
    let _quiet = shell.push_env("DEBIAN_FRONTEND", "noninteractive");
    cmd!(shell, "apt-get -qq update").run()?;
    // Its progress is hundreds of lines that tell nothing when all goes well; errors go to stderr.
    cmd!(shell, "apt-get -qq --yes install --no-install-recommends {packages...}")
        .ignore_stdout()
        .run()?;
    Ok(())
}

fn missing(tools: &[SystemTool]) -> Error {
    let names: Vec<_> = tools.iter().map(|tool| tool.name).collect();
    let packages: Vec<_> = tools.iter().map(|tool| tool.debian).collect();
    let mut by_hand = format!("  Debian:     sudo apt-get install {}", packages.join(" "));
    for SystemTool { name, elsewhere, .. } in tools {
        // Writing to a String can't fail.
        let _ = write!(by_hand, "\n  otherwise:  {name}: {elsewhere}");
    }
    Error::Missing { what: format!("Not on this machine: {}.", names.join("; ")), by_hand }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_one_command_for_debian_and_an_address_for_each() {
        let message = missing(&[CHROMEDRIVER, JYTHON]).to_string();
        assert!(message.contains("sudo apt-get install chromium-driver jython"), "{message}");
        for tool in [CHROMEDRIVER, JYTHON] {
            assert!(message.contains(tool.name) && message.contains(tool.elsewhere), "{message}");
        }
    }
}
