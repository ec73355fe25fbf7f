//! `getSessionInfo` over HTTP: one request for a list of sessions, and its answer.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestCache, RequestInit, Response, Url};

use super::dom::{Timeout, document};
use super::error::RequestError;
use super::read::{Limits, optional_boolean, optional_text, read, sessions, wrong};
use super::value::Value;
use crate::session::SessionFilter;

/// How long an answer may take.
const MAX_SECONDS: u32 = 10;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn fetch(url: &str, init: &RequestInit) -> Promise;
}

/// The sessions of a gateway, as JavaScript asks for them: `getSessionInfo(usernameFilter?,
/// projectFilter?, { gateway, token, detail }?)`.
///
/// # Errors
/// A `TypeError` that names the argument that is wrong, or an `Error` that says why there is no list.
#[wasm_bindgen(js_name = getSessionInfo)]
pub async fn get_session_info(
    username_filter: JsValue,
    project_filter: JsValue,
    options: JsValue,
) -> Result<JsValue, JsValue> {
    let request = asked(&username_filter, &project_filter, &options);
    let answer = match request {
        Ok(request) => request.send().await,
        Err(error) => Err(error),
    };
    answer.map_err(|error| error.to_js())
}

fn asked(
    username_filter: &JsValue,
    project_filter: &JsValue,
    options: &JsValue,
) -> Result<Request, RequestError> {
    let filter = SessionFilter {
        username: optional_text("usernameFilter", username_filter)?,
        project: optional_text("projectFilter", project_filter)?,
    };
    if !options.is_object() && !options.is_undefined() && !options.is_null() {
        return Err(wrong("options", "an object", options));
    }
    let option = |name: &str| Reflect::get(options, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let gateway = optional_text("gateway", &option("gateway"))?;
    let token = optional_text("token", &option("token"))?;
    let detail = optional_boolean("detail", &option("detail"))?;

    // Without its last slash the last part of a base URL's path would not count.
    let base = url("gateway", &format!("{}/", gateway.trim_end_matches('/')), None)?;
    let list = url("gateway", "v1/sessions", Some(&base.href()))?;
    if detail {
        list.search_params().set("detail", "true");
    }
    Request::new(list, &filter, token)
}

/// A question for a list of sessions.
pub struct Request {
    url: Url,
    headers: Headers,
    token_given: bool,
    abort: AbortController,
}

impl Request {
    /// A question to the address of a list, as the attribute `src` has it: relative to the document's.
    ///
    /// # Errors
    /// A [`RequestError::Argument`].
    pub fn to_source(
        src: &str,
        filter: &SessionFilter,
        token: String,
    ) -> Result<Self, RequestError> {
        Self::new(url("src", src, None)?, filter, token)
    }

    fn new(url: Url, filter: &SessionFilter, token: String) -> Result<Self, RequestError> {
        for (name, text) in [("username", &filter.username), ("project", &filter.project)] {
            if !text.is_empty() {
                url.search_params().set(name, text);
            }
        }
        let headers = headers(&token).ok_or_else(|| RequestError::Argument {
            name: "token",
            expected: "what the gateway printed",
            given: "text that no HTTP header can hold".into(),
        })?;
        let abort =
            AbortController::new().map_err(|_| RequestError::Unreachable { url: shown(&url) })?;
        Ok(Self { url, headers, token_given: !token.is_empty(), abort })
    }

    /// What aborts the request.
    #[must_use]
    pub fn abort(&self) -> AbortController {
        self.abort.clone()
    }

    /// Asks, and checks that the answer is a list. The answer is what JavaScript gets, untouched.
    ///
    /// # Errors
    /// Why there is no list.
    pub async fn send(self) -> Result<JsValue, RequestError> {
        let timed_out = Rc::new(Cell::new(false));
        let _limit = Timeout::new(MAX_SECONDS * 1000, {
            let (abort, timed_out) = (self.abort(), timed_out.clone());
            move || {
                timed_out.set(true);
                abort.abort();
            }
        });
        match self.answer().await {
            Err(RequestError::Unreachable { url }) if timed_out.get() => {
                Err(RequestError::TimedOut { url, seconds: MAX_SECONDS })
            }
            answer => answer,
        }
    }

    async fn answer(&self) -> Result<JsValue, RequestError> {
        let init = RequestInit::new();
        init.set_headers(&self.headers);
        init.set_cache(RequestCache::NoStore);
        init.set_signal(Some(&self.abort.signal()));
        let response: Response = JsFuture::from(fetch(&self.url.href(), &init))
            .await
            .map_err(|_| RequestError::Unreachable { url: shown(&self.url) })?
            .unchecked_into();

        let body = self.json(&response).await;
        if !response.ok() {
            return Err(self.refused(response.status(), body.unwrap_or(JsValue::UNDEFINED)));
        }
        let body = body?;
        match sessions(&body) {
            Ok(_) => Ok(body),
            Err(found) => Err(RequestError::NotAList { url: shown(&self.url), found }),
        }
    }

    async fn json(&self, response: &Response) -> Result<JsValue, RequestError> {
        let unreachable = || RequestError::Unreachable { url: shown(&self.url) };
        let body = response.json().map_err(|_| unreachable())?;
        JsFuture::from(body).await.map_err(|error| {
            // Anything else than wrong JSON: the connection broke while the body was on its way.
            if !error.is_instance_of::<js_sys::SyntaxError>() {
                return unreachable();
            }
            let content_type = response.headers().get("Content-Type").ok().flatten();
            RequestError::NotJson {
                url: shown(&self.url),
                content_type: content_type.unwrap_or_default(),
            }
        })
    }

    fn refused(&self, status: u16, problem: JsValue) -> RequestError {
        let url = shown(&self.url);
        if status == 401 {
            return RequestError::Unauthorized { url, token_given: self.token_given };
        }
        let problem = read(&problem, Limits::ROW);
        let text = |key| match problem.get(key) {
            Some(Value::Text { text, .. }) => Some(text.clone()),
            _ => None,
        };
        let reason = text("detail").or_else(|| text("title")).unwrap_or_default();
        RequestError::Refused { url, status, reason, field: text("field") }
    }
}

/// An address without its query, for messages.
fn shown(url: &Url) -> String {
    url.origin() + &url.pathname()
}

/// An HTTP address, relative to another or to the document's.
fn url(name: &'static str, text: &str, base: Option<&str>) -> Result<Url, RequestError> {
    let wrong = || RequestError::Argument {
        name,
        expected: "an http or https address without a user in it",
        given: format!("“{text}”"),
    };
    let base = match base {
        Some(base) => base.to_owned(),
        None => document().ok().and_then(|it| it.base_uri().ok().flatten()).ok_or_else(wrong)?,
    };
    let url = Url::new_with_base(text, &base).map_err(|_| wrong())?;
    let is_http = matches!(url.protocol().as_str(), "http:" | "https:");
    if is_http && url.username().is_empty() && url.password().is_empty() {
        Ok(url)
    } else {
        Err(wrong())
    }
}

fn headers(token: &str) -> Option<Headers> {
    let headers = Headers::new().ok()?;
    headers.set("Accept", "application/json").ok()?;
    if !token.is_empty() {
        headers.set("Authorization", &format!("Bearer {token}")).ok()?;
    }
    Some(headers)
}
