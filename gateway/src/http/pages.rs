//! The pages and the bundles.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get};
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use super::access::Access;
use super::problem::Problem;
use crate::files::File;
use crate::gateway::Gateway;
use crate::origin::Origin;

const AGENT_JS: &str = "/agent.js";
const AGENT_WASM: &str = "/agent.wasm";

/// Served for every page and file as long as there are no bundles.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
<title>The bundles are missing</title>\n<h1>The bundles are missing</h1>\n\
<p>This gateway was compiled without them. Run <code>cargo xtask build</code>, then compile it again; \
<code>cargo xtask run</code> does both.</p>\n";

/// Whether this is the path of a file that any origin may load.
pub fn is_of_the_agent(path: &str) -> bool {
    path == AGENT_JS || path == AGENT_WASM
}

/// The routes of all pages and bundles; the demo's pages only with `demo`.
pub fn routes(access: &Access, demo: bool) -> Router<Arc<Gateway>> {
    let agent = Router::new()
        .route(AGENT_JS, file("dist/agent/agent.js"))
        .route(AGENT_WASM, file("dist/agent/agent.wasm"))
        .layer(CorsLayer::new().allow_origin(Any))
        .layer(super::resource_policy("cross-origin"));
    // Designer tooling of allowed origins imports the panel.
    let panel = Router::new().route("/panel/{file}", folder("dist/panel")).layer(access.cors());
    let pages = Router::new()
        .route("/", file("www/index.html"))
        .route("/palette.css", file("www/palette.css"))
        .route("/site.css", file("www/site.css"))
        .route("/site.js", file("www/site.js"))
        .route("/designer", get(|| async { Redirect::temporary("designer/") }))
        .route("/designer/", file("www/designer/index.html"))
        .route("/designer/{file}", folder("www/designer"));
    let pages = if demo {
        pages
            .route("/demo/{project}", file("www/demo/index.html"))
            .route("/demo/{project}/{page}", file("www/demo/index.html"))
            .route("/demo/assets/{file}", folder("www/demo"))
    } else {
        pages.route("/demo/{*path}", get(no_demo))
    };
    pages
        .merge(agent)
        .merge(panel)
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            content_security_policy(access.origins()),
        ))
        .layer(CompressionLayer::new())
}

async fn no_demo() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the demo is off: start the gateway with --demo")
}

/// Serves one file.
fn file(name: &'static str) -> MethodRouter<Arc<Gateway>> {
    get(async move |State(gateway): State<Arc<Gateway>>, headers: HeaderMap| {
        serve(&gateway, name, &headers)
    })
}

/// Serves the files of a folder by their names, which are one segment of the path.
fn folder(folder: &'static str) -> MethodRouter<Arc<Gateway>> {
    get(
        async move |State(gateway): State<Arc<Gateway>>,
                    name: Result<Path<String>, PathRejection>,
                    headers: HeaderMap| {
            let Ok(Path(name)) = name else { return no_file().into_response() };
            serve(&gateway, &format!("{folder}/{name}"), &headers)
        },
    )
}

fn no_file() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such file")
}

fn serve(gateway: &Gateway, name: &str, request: &HeaderMap) -> Response {
    if !gateway.files.built() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::CACHE_CONTROL, "no-store")],
            Html(NOT_BUILT),
        )
            .into_response();
    }
    match gateway.files.get(name) {
        Some(file) => answer(name, file, request),
        None => no_file().into_response(),
    }
}

/// The file, or that the browser has it already. A browser asks each time, so that a page and its bundles
/// are always of one version.
fn answer(name: &str, File { bytes, tag }: File, request: &HeaderMap) -> Response {
    let known = match (request.typed_get::<IfNoneMatch>(), tag.parse::<ETag>()) {
        (Some(known), Ok(tag)) => !known.precondition_passes(&tag),
        _ => false,
    };
    let headers = [(header::CACHE_CONTROL, "no-cache".to_owned()), (header::ETAG, tag)];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, content_type(name))], bytes).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        // A browser compiles WebAssembly while it downloads, but only of this type.
        Some("wasm") => "application/wasm",
        _ => "text/plain; charset=utf-8",
    }
}

/// Only what the gateway serves runs in its pages, and only allowed origins frame them. 'self' covers the
/// WebSocket of the same host too (CSP level 3, section 6.7.2.8).
fn content_security_policy(allowed: &[Origin]) -> HeaderValue {
    let mut policy = String::from(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    );
    for origin in allowed {
        policy.push(' ');
        policy.push_str(&origin.to_string());
    }
    // An origin has but characters that a header can hold.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
