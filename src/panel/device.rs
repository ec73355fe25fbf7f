//! What a user agent string says about the device, in two words. Pure.

/// Tokens that name a browser, the more telling first: nearly all of them also claim to be Safari.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// Tokens that name a system, the more telling first: Android also claims to be Linux.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The browser with its major version and the system: "Chrome 140, Windows". `None` where the string
/// says neither in a known way.
#[must_use]
pub fn device(user_agent: &str) -> Option<String> {
    // Token by token: the standard library's search for a substring weighs more than this module.
    let tokens = || user_agent.split([' ', '(', ')', ';']);
    let browser = BROWSERS.iter().find_map(|(start, name)| {
        let version = tokens().find_map(|token| token.strip_prefix(start))?;
        let major = version.split(|c: char| !c.is_ascii_digit()).next()?;
        Some(if major.is_empty() { (*name).into() } else { format!("{name} {major}") })
    });
    let system = SYSTEMS.iter().find(|(name, _)| tokens().any(|token| token == *name));
    match (browser, system) {
        (Some(browser), Some((_, system))) => Some(format!("{browser}, {system}")),
        (Some(browser), None) => Some(browser),
        (None, system) => system.map(|(_, system)| (*system).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn the_common_browsers_are_told_apart() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome 140, Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge 140, Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
                "Firefox 144, Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome 140, Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari 26, iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
                "Safari 18, macOS",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
                "Chrome 140, Linux",
            ),
        ] {
            assert_eq!(device(user_agent).as_deref(), Some(expected));
        }
    }

    #[test]
    fn an_unknown_string_is_not_guessed_at() {
        assert_eq!(device(""), None);
        assert_eq!(device("curl/8.5.0"), None);
        assert_eq!(device("Chrome/"), Some("Chrome".into()));
    }
}
