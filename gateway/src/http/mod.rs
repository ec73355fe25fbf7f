//! The HTTP skin: one table of routes around the [`Gateway`].
//!
//! | module | what it is |
//! |---|---|
//! | `access` | who may ask: host, origin, read token |
//! | `report` | `POST /v1/report` |
//! | `sessions` | `GET /v1/sessions`, `GET /v1/sessions/{id}` |
//! | `events` | `GET /v1/events` |
//! | `pages` | the pages and bundles |
//! | `watch` | `GET /metrics`, `GET /healthz` |
//! | `openapi` | `GET /openapi.json` |
//! | `refusals` | what is refused, counted and logged |
//! | `problem` | what went wrong, for people and for programs |

mod access;
mod events;
mod openapi;
mod pages;
mod problem;
mod refusals;
mod report;
mod sessions;
mod watch;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::post;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::access::Access;
pub use self::problem::Problem;
pub use self::refusals::{Reason, Refusals};
pub use self::report::parse as parse_report;
use crate::gateway::Gateway;

/// Fetch standard, "Cross-Origin-Resource-Policy header".
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// The routes of the API that are made from their descriptions, and the description of all.
fn api() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::one))
        .routes(routes!(events::follow))
        .routes(routes!(watch::numbers))
        .routes(routes!(watch::health))
        .routes(routes!(openapi::document))
}

/// All routes. `demo` is what the demo serves besides its pages, where there is a demo.
pub fn router(gateway: Arc<Gateway>, demo: Option<Router>) -> Router {
    let pages = pages::routes(&gateway.access, demo.is_some());
    Router::from(api())
        // A beacon's answer is for nobody to read, but where it may not be had the browser complains.
        .route("/v1/report", post(report::join).layer(resource_policy("cross-origin")))
        // Under the layer, which answers preflights in its place.
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(gateway.access.cors())
        .merge(pages)
        .with_state(Arc::clone(&gateway))
        .merge(demo.unwrap_or_default())
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(problem::not_found)
        .layer(axum::middleware::from_fn_with_state(gateway, access::guard))
        .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Not "no-referrer": with that the Origin of a beacon is "null" in Firefox (Fetch standard, "append a
        // request `Origin` header"), also to the gateway itself.
        .layer(default_header(header::REFERRER_POLICY, "same-origin"))
        .layer(resource_policy("same-origin"))
}

/// Who may load it without asking, unless said already.
fn resource_policy(who: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    default_header(CROSS_ORIGIN_RESOURCE_POLICY, who)
}

fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
