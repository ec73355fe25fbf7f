//! `GET /metrics` and `GET /healthz`: for what watches the gateway.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi::{Refused, TAG_WATCH};
use crate::gateway::Gateway;
use crate::metrics;

/// Numbers to watch
///
/// Without a token: no number names a user, an address, a session or a project.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = TAG_WATCH, responses(
    (status = 200, description = "Counters, gauges and histograms in the text format of Prometheus, version 0.0.4",
        body = String, content_type = "text/plain"),
    Refused
))]
pub async fn numbers(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    let headers =
        [(header::CONTENT_TYPE, metrics::CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")];
    (headers, gateway.metrics.text(&gateway.totals(), &gateway.alerts.now()))
}

/// How the gateway is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Whether everything works.
    status: HealthStatus,
}

/// Whether everything works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Everything works.
    Ok,
}

/// Whether the gateway serves
///
/// 200 as long as it answers at all, so that nothing restarts a gateway that serves its sessions.
#[utoipa::path(get, path = "/healthz", operation_id = "health", tag = TAG_WATCH, responses(
    (status = 200, description = "The gateway serves", body = Health),
    Refused
))]
pub async fn health() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(Health { status: HealthStatus::Ok }))
}
