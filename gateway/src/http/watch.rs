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
use crate::storage::Writing;

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
    (headers, gateway.numbers())
}

/// How the gateway is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Whether everything works.
    status: HealthStatus,
    /// Whether sessions are written to the data directory; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    storage: Option<StorageHealth>,
}

/// Whether sessions are written to the data directory. Why they are not stands in the log alone: it names files.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StorageHealth {
    /// For how many milliseconds nothing could be written; absent while it can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_ms: Option<u64>,
    /// How many sessions have changed since they were last written.
    pending: usize,
}

/// Whether everything works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Everything works.
    Ok,
    /// Sessions are served, but what is to outlive the gateway can not be written.
    Degraded,
}

impl Health {
    fn of(gateway: &Gateway) -> Self {
        let storage = gateway.storage().map(|storage| {
            let Writing { failing, pending, .. } = storage.writing();
            let failing_ms = failing.map(|failing| gateway.now().millis_since(failing.since));
            StorageHealth { failing_ms, pending }
        });
        let is_failing = storage.as_ref().is_some_and(|storage| storage.failing_ms.is_some());
        let status = if is_failing { HealthStatus::Degraded } else { HealthStatus::Ok };
        Self { status, storage }
    }
}

/// Whether the gateway serves
///
/// 200 as long as it answers at all, so that nothing restarts a gateway that serves its sessions: one that can not
/// write them keeps them in memory alone.
#[utoipa::path(get, path = "/healthz", operation_id = "health", tag = TAG_WATCH, responses(
    (status = 200, description = "The gateway serves", body = Health),
    Refused
))]
pub async fn health(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(Health::of(&gateway)))
}
