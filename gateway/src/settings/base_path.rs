//! Below which path the gateway answers.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

use super::WrongText;

/// The path below which all routes are; empty where they are below the root. It begins with a slash and does
/// not end in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes the path off the beginning of a URL. Where it does not stand there the URL stays as it is, and
    /// the answer is `false`.
    pub fn strip_from(&self, uri: &mut Uri) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let rest = uri
            .path_and_query()
            .and_then(|path| path.as_str().strip_prefix(&self.0))
            .filter(|rest| rest.starts_with('/'))
            .and_then(|rest| PathAndQuery::try_from(rest).ok());
        let Some(rest) = rest else { return false };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(rest);
        match Uri::from_parts(parts) {
            Ok(stripped) => {
                *uri = stripped;
                true
            }
            Err(_) => false,
        }
    }
}

impl FromStr for BasePath {
    type Err = WrongText;

    fn from_str(text: &str) -> Result<Self, WrongText> {
        // As browsers and proxies write it already, so that nobody has to decode or normalise anything.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        let is_segment =
            |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(plain);
        match text.strip_suffix('/').unwrap_or(text) {
            "" => Ok(Self::default()),
            path if path.strip_prefix('/').is_some_and(|path| path.split('/').all(is_segment)) => {
                Ok(Self(path.to_owned()))
            }
            _ => Err(WrongText("a path of plain segments, such as /session-info")),
        }
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_of_plain_segments() {
        for (text, path) in
            [("", ""), ("/", ""), ("/session-info", "/session-info"), ("/a/b.c/", "/a/b.c")]
        {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), path);
        }
        for text in
            ["a", "//", "/a//b", "/..", "/a/.", "/a b", "/%61", "/a?b", "/a#b", "/ä", "/{a}"]
        {
            assert!(text.parse::<BasePath>().is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_taken_off_whole_or_not_at_all() {
        let base: BasePath = "/a".parse().unwrap();
        for (given, rest) in [
            ("/a/", Some("/")),
            ("/a/b?c=/a/", Some("/b?c=/a/")),
            ("http://host:1/a/b", Some("http://host:1/b")),
            ("/a", None),
            ("/a?b", None),
            ("/ab/", None),
            ("/A/", None),
            ("/", None),
            ("*", None),
        ] {
            let mut uri: Uri = given.parse().unwrap();
            assert_eq!(base.strip_from(&mut uri), rest.is_some(), "{given}");
            assert_eq!(uri.to_string(), rest.unwrap_or(given));
        }
    }
}
