//! Who may ask: checked before anything of a request's body is read.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use headers::authorization::Bearer;
use headers::{Authorization, HeaderMapExt as _};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::pages;
use super::problem::Problem;
use crate::origin::Origin;
use crate::read_tokens::{ReadTokens, Reader};
use crate::settings::Settings;

/// How long a browser may remember what a preflight said.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(600);

/// Which names the gateway answers to, which pages may ask it, and who may read.
#[derive(Debug)]
pub struct Access {
    names: Vec<String>,
    origins: Vec<Origin>,
    /// As browsers write them.
    written_origins: Vec<HeaderValue>,
    read_tokens: Arc<ReadTokens>,
}

impl Access {
    /// Access as the settings say.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let mut names = vec![settings.listen.host.to_ascii_lowercase()];
        names.extend(settings.allowed_origins.iter().map(|origin| origin.host().to_owned()));
        let written = settings.allowed_origins.iter().map(ToString::to_string);
        Self {
            names,
            written_origins: written.filter_map(|text| HeaderValue::try_from(text).ok()).collect(),
            origins: settings.allowed_origins.clone(),
            read_tokens: ReadTokens::new(&settings.read_tokens),
        }
    }

    /// The origins that are allowed besides the gateway's own.
    #[must_use]
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Whether the request may be made at all: first its host is checked, then its origin. Any origin may
    /// load the agent.
    ///
    /// # Errors
    /// 400 and 403: which of the two is wrong.
    pub fn admit<B>(&self, request: &Request<B>) -> Result<(), Problem> {
        let authority = self.check_host(request)?;
        if pages::is_of_the_agent(request.uri().path()) {
            return Ok(());
        }
        self.check_origin(request.headers(), &authority)
    }

    /// The allowed origin that this request comes from, as it is written there; none where it comes from the
    /// gateway's own.
    #[must_use]
    pub fn allowed_origin<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let value = headers.get(header::ORIGIN)?;
        self.written_origins.contains(value).then_some(value)
    }

    /// Lets pages of allowed origins read the answers. Those of others do not get this far.
    pub(super) fn cors(&self) -> CorsLayer {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.written_origins.clone()))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
            .expose_headers([header::RETRY_AFTER])
            .max_age(PREFLIGHT_MAX_AGE)
    }

    /// Against DNS rebinding: a page whose own host name was made to point here would be of the gateway's
    /// own origin to the browser. A name that nobody gave the gateway is therefore refused; an address in
    /// digits can not be rebound.
    fn check_host<B>(&self, request: &Request<B>) -> Result<Authority, Problem> {
        // Nobody signs in here by a URL; what stands before an @ only makes a host look like another one.
        let authority = authority(request).filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or_else(|| {
            Problem::new(StatusCode::BAD_REQUEST, "a request names one host").field("Host")
        })?;
        let host = authority.host().trim_end_matches('.');
        let is_address = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) => host.parse::<Ipv6Addr>().is_ok(),
            None => host.parse::<Ipv4Addr>().is_ok(),
        };
        let top = host.rsplit('.').next();
        let is_loopback = top.is_some_and(|top| top.eq_ignore_ascii_case("localhost"));
        if is_address
            || is_loopback
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
        {
            return Ok(authority);
        }
        let detail = format!(
            "the gateway does not answer to the name {host}; --allow-origin http://{authority} makes it"
        );
        Err(Problem::new(StatusCode::FORBIDDEN, detail).field("Host"))
    }

    /// Refuses pages of foreign origins. What is no page of another origin sends no `Origin`.
    fn check_origin(&self, headers: &HeaderMap, authority: &Authority) -> Result<(), Problem> {
        let mut values = headers.get_all(header::ORIGIN).iter();
        let Some(value) = values.next() else { return Ok(()) };
        let is_alone = values.next().is_none();
        // Nearly all are written just so, and then nothing has to be taken apart.
        let is_own = |scheme: &str| {
            value.as_bytes().strip_prefix(scheme.as_bytes()) == Some(authority.as_str().as_bytes())
        };
        if is_alone && (is_own("http://") || is_own("https://")) {
            return Ok(());
        }
        let origin = value.to_str().ok().and_then(|text| text.parse::<Origin>().ok());
        match origin {
            Some(origin)
                if is_alone && (origin.is_at(authority) || self.origins.contains(&origin)) =>
            {
                Ok(())
            }
            _ => {
                let detail = format!(
                    "pages of the origin {value:?} may not use this gateway; --allow-origin lets them"
                );
                Err(Problem::new(StatusCode::FORBIDDEN, detail).field("Origin"))
            }
        }
    }

    /// Who reads, by the read token that the request carries.
    ///
    /// # Errors
    /// 401: it carries none that holds.
    pub fn reader(&self, headers: &HeaderMap) -> Result<Reader, Problem> {
        let challenge = |detail, value| {
            Problem::new(StatusCode::UNAUTHORIZED, detail)
                .field("Authorization")
                .header(header::WWW_AUTHENTICATE, value)
        };
        let given = headers.typed_get::<Authorization<Bearer>>().ok_or_else(|| {
            challenge(
                "a read token of the gateway's is needed: Authorization: Bearer <read token>",
                r#"Bearer realm="sessions""#,
            )
        })?;
        self.read_tokens.reader(given.token()).ok_or_else(|| {
            challenge(
                "this is no read token of the gateway's",
                r#"Bearer realm="sessions", error="invalid_token""#,
            )
        })
    }

    /// Keeps up with the file of read tokens, for ever; without one it ends at once.
    pub async fn keep_read_tokens(&self) {
        self.read_tokens.keep_reading().await;
    }
}

/// What the request names as its host (RFC 9112, section 3.2): the authority of an absolute URL, which
/// overrides the header, else the one `Host`.
fn authority<B>(request: &Request<B>) -> Option<Authority> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Authority::try_from(host.as_bytes()).ok(),
        _ => None,
    }
}
