//! Whose a request is, as a proxy says that signs users in (oauth2-proxy and the like).

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, header};
use perspective_session_info::report::MAX_ID_BYTES;

/// Headers that mean something else, to the gateway or to what is between: a proxy that passes them on says nothing
/// of the user with them. A client can set all of them.
const OTHERS: [HeaderName; 20] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::FORWARDED,
    header::HOST,
    header::IF_NONE_MATCH,
    header::ORIGIN,
    header::PROXY_AUTHORIZATION,
    header::REFERER,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
    HeaderName::from_static("x-forwarded-for"),
];

/// The header in which trusted proxies name the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserHeader(HeaderName);

/// Why what a trusted proxy says is no user, for a person to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserProblem {
    /// The header is there more than once: one of them may be the client's.
    Several,
    /// It is longer than 256 bytes.
    TooLong,
    /// It is not UTF-8.
    NotUtf8,
}

impl fmt::Display for UserProblem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Several => "the proxy names the user in more than one header",
            Self::TooLong => "the user that the proxy names is too long",
            Self::NotUtf8 => "the user that the proxy names is not UTF-8",
        })
    }
}

impl std::error::Error for UserProblem {}

impl UserHeader {
    /// This header; `None` where it has another meaning.
    #[must_use]
    pub fn new(name: HeaderName) -> Option<Self> {
        if OTHERS.contains(&name) { None } else { Some(Self(name)) }
    }

    /// The user that is named. An empty name is nobody's: so some proxies say that nobody is signed in.
    ///
    /// # Errors
    /// Why what the header says is no user.
    pub fn user(&self, headers: &HeaderMap) -> Result<Option<Arc<str>>, UserProblem> {
        let mut lines = headers.get_all(&self.0).iter();
        let Some(line) = lines.next() else { return Ok(None) };
        if lines.next().is_some() {
            return Err(UserProblem::Several);
        }
        let user = line.as_bytes();
        if user.len() > MAX_ID_BYTES {
            return Err(UserProblem::TooLong);
        }
        let user = str::from_utf8(user).map_err(|_| UserProblem::NotUtf8)?;
        Ok(Some(user).filter(|user| !user.is_empty()).map(Into::into))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn user(lines: &[&[u8]]) -> Result<Option<Arc<str>>, UserProblem> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-user", HeaderValue::from_bytes(line).unwrap());
        }
        UserHeader::new(HeaderName::from_static("x-forwarded-user")).unwrap().user(&headers)
    }

    #[test]
    fn the_user_is_what_one_header_says_in_utf8() {
        assert_eq!(user(&[b"billy"]), Ok(Some("billy".into())));
        assert_eq!(user(&["Bräunlich, π".as_bytes()]), Ok(Some("Bräunlich, π".into())));
        assert_eq!(user(&[]), Ok(None));
        assert_eq!(user(&[b""]), Ok(None));
        assert_eq!(user(&[b"billy", b"admin"]), Err(UserProblem::Several));
        assert_eq!(user(&[b"", b"admin"]), Err(UserProblem::Several));
        assert_eq!(user(&[&[b'x'; MAX_ID_BYTES + 1]]), Err(UserProblem::TooLong));
        assert_eq!(user(&[b"br\xe4unlich"]), Err(UserProblem::NotUtf8));
    }

    #[test]
    fn a_header_with_another_meaning_names_no_user() {
        for name in ["authorization", "cookie", "host", "x-forwarded-for", "forwarded", "origin"] {
            assert_eq!(UserHeader::new(HeaderName::from_static(name)), None, "{name}");
        }
        assert!(UserHeader::new(HeaderName::from_static("remote-user")).is_some());
    }
}
