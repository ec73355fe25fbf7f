//! The stand-in's own endpoints below `/demo/{project}/`. How the session's id reaches a real Perspective
//! page is not known: here the page asks for it with a plain GET.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};

use super::received::{Channel, Page};
use super::sessions::{Device, Session};
use super::{Demo, MAX_BODY_BYTES, MAX_NAME_BYTES, token};
use crate::clock::unix_time;
use crate::http::Problem;
use crate::secret::random_bits;

/// The header with the browser's device id. A header of its own, which no foreign page can set without
/// the gateway's leave (Fetch standard, "CORS-preflight fetch"): a plain GET from elsewhere makes no session.
const DEVICE: &str = "demo-device";
/// The header with the session id that the browser remembers.
const SESSION: &str = "demo-session";
/// The digits of a page id, as in the socket's URL.
const PAGE_ID_DIGITS: usize = 8;
/// The digits of a device id.
const DEVICE_ID_DIGITS: usize = 32;
/// The length of a session id: a UUID as text.
const SESSION_ID_CHARS: usize = 36;

/// What the page needs to know of its session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionAnswer {
    session_id: String,
    username: Option<String>,
    /// A token that names the user; none where nobody is signed in.
    token: Option<String>,
    /// How long the token holds, in milliseconds.
    token_life_ms: u128,
}

/// `GET …/session/{page}`: the browser's session in the project, made where there is none yet.
pub async fn session(
    State(demo): State<Arc<Demo>>,
    page: Page,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let device = device(&headers, page.project)?;
    let remembered = remembered(&headers);
    let fresh = fresh_id()?;
    let session = demo.sessions().open(device, remembered, fresh).clone();
    answer(&demo, session)
}

/// `POST …/sign-in/{page}`: signs in to the session as whoever the body names; nothing is verified.
pub async fn sign_in(
    State(demo): State<Arc<Demo>>,
    page: Page,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut name = Vec::new();
    // What is counted is all that arrives; what is kept is just enough to see that it is too long.
    count(&demo, &page, Channel::Fetch, body, |chunk| {
        let room = MAX_NAME_BYTES + 1 - name.len();
        name.extend_from_slice(&chunk[..chunk.len().min(room)]);
    })
    .await?;
    let expected = || wrong("name", &format!("text of 1 to {MAX_NAME_BYTES} bytes of UTF-8"));
    let name = String::from_utf8(name).map_err(|_| expected())?;
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(expected());
    }
    let device = device(&headers, page.project)?;
    let remembered = remembered(&headers);
    let fresh = fresh_id()?;
    let session = {
        let mut sessions = demo.sessions();
        let session = sessions.open(device, remembered, fresh);
        session.username = Some(name);
        session.clone()
    };
    answer(&demo, session)
}

/// `POST …/sign-out/{page}`: ends the browser's session and begins another.
pub async fn sign_out(
    State(demo): State<Arc<Demo>>,
    page: Page,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    count(&demo, &page, Channel::Fetch, body, |_| ()).await?;
    let device = device(&headers, page.project)?;
    let fresh = fresh_id()?;
    let session = demo.sessions().replace(device, fresh);
    answer(&demo, session)
}

/// `POST …/receive/{page}/{channel}`: counts the body and forgets it.
pub async fn receive(
    State(demo): State<Arc<Demo>>,
    page: Page,
    Path(path): Path<ChannelInPath>,
    body: Body,
) -> Result<StatusCode, Problem> {
    let channel = Channel::of_request(&path.channel)
        .ok_or_else(|| wrong("channel", "fetch, xhr or beacon"))?;
    count(&demo, &page, channel, body, |_| ()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET …/received/{page}`: what has arrived from the page so far.
pub async fn received(State(demo): State<Arc<Demo>>, page: Page) -> Response {
    let received = demo.pages().of(&page).clone();
    ([(CACHE_CONTROL, "no-store")], Json(received)).into_response()
}

/// The last segment of `…/receive/{page}/{channel}`.
#[derive(Deserialize)]
pub struct ChannelInPath {
    channel: String,
}

/// Counts the bytes of a body as they arrive, and shows them to `see`.
async fn count(
    demo: &Demo,
    page: &Page,
    channel: Channel,
    mut body: Body,
    mut see: impl FnMut(&[u8]),
) -> Result<(), Problem> {
    let mut total: u64 = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| wrong("body", "sent to its end"))?;
        let Some(chunk) = frame.data_ref() else { continue };
        total = total.saturating_add(chunk.len() as u64);
        if total > MAX_BODY_BYTES {
            let detail = format!("the body must have at most {MAX_BODY_BYTES} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).field("body"));
        }
        demo.pages().add_bytes(page, channel, chunk.len());
        see(chunk);
    }
    demo.pages().add_send(page, channel);
    Ok(())
}

fn answer(demo: &Demo, session: Session) -> Result<Response, Problem> {
    let token = session
        .username
        .as_deref()
        .map(|username| token::sign(&demo.secret, username, unix_time()))
        .transpose()
        .map_err(|error| internal(&format!("no token: {error}")))?;
    let answer = SessionAnswer {
        session_id: session.id,
        username: session.username,
        token,
        token_life_ms: token::LIFE.as_millis(),
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

fn device(headers: &HeaderMap, project: String) -> Result<Device, Problem> {
    text(headers, DEVICE)
        .filter(|id| is_hex(id, DEVICE_ID_DIGITS))
        .map(|id| Device { project, id: id.to_owned() })
        .ok_or_else(|| wrong(DEVICE, &format!("a header of {DEVICE_ID_DIGITS} hexadecimal digits")))
}

/// The session id that the browser remembers, if it can be one; else it is as if it remembered none.
fn remembered(headers: &HeaderMap) -> Option<String> {
    let can_be = |id: &&str| {
        id.len() == SESSION_ID_CHARS && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
    };
    text(headers, SESSION).filter(can_be).map(str::to_owned)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A part of the request that is not as it has to be.
fn wrong(field: &'static str, expected: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, format!("{field} must be {expected}")).field(field)
}

fn internal(detail: &str) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
}

/// A random session id: 122 random bits as a UUID (RFC 9562, version 4).
fn fresh_id() -> Result<String, Problem> {
    let bits =
        random_bits().map_err(|error| internal(&format!("no random session id: {error}")))?;
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

/// `{project}` and `{page}` (in the socket's URL `{tab}`) of a path.
impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct InPath {
            project: String,
            #[serde(alias = "tab")]
            page: String,
        }
        let Path(InPath { project, page }) = Path::from_request_parts(parts, state)
            .await
            .map_err(|_| wrong("path", "percent-encoded UTF-8"))?;
        if project.len() > MAX_NAME_BYTES {
            return Err(wrong("project", &format!("at most {MAX_NAME_BYTES} bytes")));
        }
        if !is_hex(&page, PAGE_ID_DIGITS) {
            return Err(wrong("page", &format!("{PAGE_ID_DIGITS} hexadecimal digits")));
        }
        Ok(Self { project, id: page })
    }
}
