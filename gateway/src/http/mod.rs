//! The HTTP skin: one table of routes around the [`Gateway`].
//!
//! | module | what it is |
//! |---|---|
//! | `access` | who may ask: host, origin, read token |
//! | `report` | `POST /v1/report` |
//! | `sessions` | `GET /v1/sessions`, `GET /v1/sessions/{id}` |
//! | `events` | `GET /v1/events` |
//! | `history` | `GET /v1/history` |
//! | `query` | what a URL asks for |
//! | `pages` | the pages and bundles |
//! | `watch` | `GET /metrics`, `GET /healthz` |
//! | `openapi` | `GET /openapi.json` |
//! | `refusals` | what is refused, counted and logged |
//! | `problem` | what went wrong, for people and for programs |

mod access;
mod events;
mod history;
mod openapi;
mod pages;
mod problem;
mod query;
mod refusals;
mod report;
mod sessions;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::any;
use axum::{BoxError, Router};
use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes};
use tower::ServiceExt as _;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::access::Access;
pub use self::problem::Problem;
pub use self::refusals::{Reason, Refusals};
pub use self::report::parse as parse_report;
use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::settings::BasePath;

/// Fetch standard, "Cross-Origin-Resource-Policy header".
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// The routes of the API that are made from their descriptions, and the description of all.
fn api() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::one))
        .routes(routes!(events::follow))
        .routes(routes!(history::list))
        .routes(routes!(watch::numbers))
        .routes(routes!(watch::health))
        .routes(routes!(openapi::document))
}

/// What an answer's body is: whole from the start, or whatever a route makes.
pub type AnswerBody = Either<Full<Bytes>, axum::body::Body>;

/// Answers requests: who may not ask is refused, a report is joined, all else goes by the table of routes.
#[derive(Clone, Debug)]
pub struct Http {
    gateway: Arc<Gateway>,
    base_path: BasePath,
    /// Nearly all requests are reports. They do not go by the table, which takes as long as all the rest
    /// of a report.
    report_path: String,
    routes: Router,
}

impl Http {
    /// Answers for this gateway below `base_path`. `demo` is what the demo serves besides its pages, where
    /// there is a demo.
    #[must_use]
    pub fn new(gateway: Arc<Gateway>, base_path: BasePath, demo: Option<Router>) -> Self {
        let report_path = format!("{base_path}/v1/report");
        Self { routes: routes(&gateway, demo), gateway, base_path, report_path }
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.gateway.metrics
    }

    /// Answers one request of this peer.
    pub async fn answer<B>(&self, mut request: Request<B>, peer: SocketAddr) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let is_report =
            request.method() == Method::POST && request.uri().path() == self.report_path;
        let within = is_report || self.base_path.strip_from(request.uri_mut());
        let mut response = match self.gateway.access.admit(&request) {
            Err(problem) => problem.into_response().map(Either::Right),
            Ok(()) if is_report => report::answer(&self.gateway, peer, request).await,
            Ok(()) if within => {
                request.extensions_mut().insert(ConnectInfo(peer));
                // In a box, so that an idle connection does not keep room for the largest of all routes.
                let routed = Box::pin(self.routes.clone().oneshot(request));
                routed.await.into_response().map(Either::Right)
            }
            Ok(()) => self.outside(&request).map(Either::Right),
        };
        if let Some(refused) = response.extensions().get() {
            self.gateway.refusals.note(
                refused,
                peer.ip(),
                &self.gateway.metrics,
                self.gateway.now(),
            );
        }
        add_defaults(response.headers_mut());
        response
    }

    /// Answers what is not below the base path; its address without the last slash leads there.
    fn outside<B>(&self, request: &Request<B>) -> axum::response::Response {
        if request.uri().path() == self.base_path.as_str() {
            return Redirect::temporary(&format!("{}/", self.base_path)).into_response();
        }
        problem::not_found(request.uri()).into_response()
    }
}

/// All routes, below the base path.
fn routes(gateway: &Arc<Gateway>, demo: Option<Router>) -> Router {
    let pages = pages::routes(&gateway.access, demo.is_some());
    Router::from(api())
        // All but its POST, which does not come this way.
        .route("/v1/report", any(report::no_post))
        // Under the layer, which answers preflights in its place.
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(gateway.access.cors())
        .merge(pages)
        .with_state(Arc::clone(gateway))
        .merge(demo.unwrap_or_default())
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(async |uri| problem::not_found(&uri))
}

/// What an answer says unless it says otherwise itself.
fn add_defaults(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not "no-referrer": with that the Origin of a beacon is "null" in Firefox (Fetch standard, "append a
        // request `Origin` header"), also to the gateway itself.
        (header::REFERRER_POLICY, "same-origin"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Who may load it without asking, unless said already.
fn resource_policy(who: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    let value = HeaderValue::from_static(who);
    SetResponseHeaderLayer::if_not_present(CROSS_ORIGIN_RESOURCE_POLICY, value)
}
