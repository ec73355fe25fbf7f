//! What can go wrong when sessions are asked for, in words that a person can act on. Pure but for the
//! last step, the JavaScript `Error`.

use std::fmt;

use wasm_bindgen::JsValue;

/// Why getSessionInfo has no list to give. `url` is where it asked, without its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// An argument is not what it has to be.
    Argument {
        /// Which.
        name: &'static str,
        /// What it has to be.
        expected: &'static str,
        /// What it is.
        given: String,
    },
    /// No answer came, or the browser did not let it through.
    Unreachable {
        /// Where.
        url: String,
    },
    /// No answer came in time.
    TimedOut {
        /// Where.
        url: String,
        /// How long was waited, in seconds.
        seconds: u32,
    },
    /// The gateway wants a read token, or another one (401).
    Unauthorized {
        /// Where.
        url: String,
        /// Whether a token was given.
        token_given: bool,
    },
    /// The gateway said no.
    Refused {
        /// Where.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the gateway said about it: the problem details' `detail`, else `title`; or nothing.
        reason: String,
        /// The field at fault, where the problem details name one.
        field: Option<String>,
    },
    /// The answer is no JSON.
    NotJson {
        /// Where.
        url: String,
        /// The answer's Content-Type; empty where it has none.
        content_type: String,
    },
    /// The answer is JSON, but no list.
    NotAList {
        /// Where.
        url: String,
        /// What it is.
        found: String,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Argument { name, expected, given } => {
                write!(f, "{name} must be {expected}, not {given}.")
            }
            Self::Unreachable { url } => write!(
                f,
                "The gateway at {url} can not be reached: it is not running, the address is wrong, \
                 or it does not allow this page's origin."
            ),
            Self::TimedOut { url, seconds } => {
                write!(f, "The gateway at {url} did not answer within {seconds} s.")
            }
            Self::Unauthorized { url, token_given: false } => write!(
                f,
                "The gateway at {url} asks for its read token (401), which it prints when it starts."
            ),
            Self::Unauthorized { url, token_given: true } => write!(
                f,
                "The gateway at {url} does not accept this read token (401); it prints the right one \
                 when it starts."
            ),
            Self::Refused { url, status: 404, reason, .. } if reason.is_empty() => {
                write!(
                    f,
                    "There is no session list at {url} (404): it must be a gateway's address."
                )
            }
            Self::Refused { url, status, reason, field } => {
                write!(f, "The gateway at {url} refused the request ({status})")?;
                if !reason.is_empty() {
                    write!(f, ": {}", reason.trim_end_matches('.'))?;
                }
                match field {
                    Some(field) => write!(f, " (field {field})."),
                    None => f.write_str("."),
                }
            }
            Self::NotJson { url, content_type } if content_type.is_empty() => {
                write!(f, "What {url} answered is not JSON: it must be a gateway's address.")
            }
            Self::NotJson { url, content_type } => write!(
                f,
                "What {url} answered is not JSON but {content_type}: it must be a gateway's address."
            ),
            Self::NotAList { url, found } => {
                write!(f, "What {url} answered is not a list of sessions but {found}.")
            }
        }
    }
}

impl std::error::Error for RequestError {}

impl RequestError {
    fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized { .. } => Some(401),
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Argument { name, .. } => Some(name),
            Self::Refused { field, .. } => field.as_deref(),
            _ => None,
        }
    }

    /// The JavaScript error: a `TypeError` for an argument, else an `Error`; with the HTTP `status` and
    /// the `field` at fault where there is one.
    #[must_use]
    pub fn to_js(&self) -> JsValue {
        let message = self.to_string();
        let error: JsValue = match self {
            Self::Argument { .. } => js_sys::TypeError::new(&message).into(),
            _ => js_sys::Error::new(&message).into(),
        };
        // Setting a property of an object that was made just now does not fail.
        if let Some(status) = self.status() {
            let _ = js_sys::Reflect::set(&error, &"status".into(), &status.into());
        }
        if let Some(field) = self.field() {
            let _ = js_sys::Reflect::set(&error, &"field".into(), &field.into());
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_says_what_is_wrong_and_what_to_do() {
        let url = || "http://gw:8188/v1/sessions".to_owned();
        for (error, message) in [
            (
                RequestError::Argument {
                    name: "usernameFilter",
                    expected: "text",
                    given: "a number".into(),
                },
                "usernameFilter must be text, not a number.",
            ),
            (
                RequestError::Unauthorized { url: url(), token_given: false },
                "The gateway at http://gw:8188/v1/sessions asks for its read token (401), which it prints when it starts.",
            ),
            (
                RequestError::Unauthorized { url: url(), token_given: true },
                "The gateway at http://gw:8188/v1/sessions does not accept this read token (401); it prints the right one when it starts.",
            ),
            (
                RequestError::Refused {
                    url: url(),
                    status: 400,
                    reason: "detail must be true or false".into(),
                    field: Some("detail".into()),
                },
                "The gateway at http://gw:8188/v1/sessions refused the request (400): detail must be true or false (field detail).",
            ),
            (
                RequestError::Refused {
                    url: url(),
                    status: 404,
                    reason: String::new(),
                    field: None,
                },
                "There is no session list at http://gw:8188/v1/sessions (404): it must be a gateway's address.",
            ),
            (
                RequestError::Refused {
                    url: url(),
                    status: 503,
                    reason: String::new(),
                    field: None,
                },
                "The gateway at http://gw:8188/v1/sessions refused the request (503).",
            ),
            (
                RequestError::NotJson { url: url(), content_type: "text/html".into() },
                "What http://gw:8188/v1/sessions answered is not JSON but text/html: it must be a gateway's address.",
            ),
            (
                RequestError::NotAList { url: url(), found: "null".into() },
                "What http://gw:8188/v1/sessions answered is not a list of sessions but null.",
            ),
            (
                RequestError::TimedOut { url: url(), seconds: 10 },
                "The gateway at http://gw:8188/v1/sessions did not answer within 10 s.",
            ),
        ] {
            assert_eq!(error.to_string(), message);
        }
        assert!(
            RequestError::Unreachable { url: url() }.to_string().contains("can not be reached")
        );
    }
}
