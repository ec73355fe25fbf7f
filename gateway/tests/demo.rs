//! What the demo page can rely on: the stand-in's sessions, and its counts of what arrived.

#![allow(clippy::unwrap_used)]

use std::iter::repeat_n;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use futures_util::{SinkExt as _, StreamExt as _, stream};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use session_gateway::demo::{Demo, routes};
use tokio::net::TcpListener;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tower::ServiceExt as _;

const DEVICE: &str = "0123456789abcdef0123456789abcdef";
const PAGE: &str = "2bf737f8";

fn stand_in() -> Router {
    routes(Demo::new(b"secret".to_vec()))
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("demo-device", DEVICE)
}

async fn answer(app: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn post(app: &Router, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    answer(app, request("POST", path).body(body.into()).unwrap()).await
}

async fn get(app: &Router, path: &str) -> Value {
    answer(app, request("GET", path).body(Body::empty()).unwrap()).await.1
}

async fn received(app: &Router) -> Value {
    let mut received = get(app, &format!("/demo/MyProject/received/{PAGE}")).await;
    received.as_object_mut().unwrap().remove("since").unwrap();
    received
}

async fn session(app: &Router) -> Value {
    get(app, &format!("/demo/MyProject/session/{PAGE}")).await
}

#[tokio::test]
async fn every_byte_of_a_body_is_counted_by_its_channel() {
    let app = stand_in();
    for (channel, body) in [("fetch", "π"), ("xhr", "😀"), ("beacon", "\u{fffd}"), ("fetch", "")]
    {
        let path = format!("/demo/MyProject/receive/{PAGE}/{channel}");
        assert_eq!(post(&app, &path, body).await.0, StatusCode::NO_CONTENT);
    }
    let expected = json!({
        "webSocket": 0, "fetch": 2, "xhr": 4, "beacon": 3,
        "sends": {"webSocket": 0, "fetch": 2, "xhr": 1, "beacon": 1},
    });
    assert_eq!(received(&app).await, expected);
}

#[tokio::test]
async fn a_body_is_counted_up_to_the_bound_however_it_is_cut() {
    let mebibytes = |n| {
        let chunk = Bytes::from(vec![0; 1024 * 1024]);
        Body::from_stream(stream::iter(repeat_n(chunk, n)).map(Ok::<_, std::io::Error>))
    };
    let app = stand_in();
    let path = format!("/demo/MyProject/receive/{PAGE}/fetch");
    assert_eq!(post(&app, &path, mebibytes(64)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(received(&app).await["fetch"], 64 * 1024 * 1024);
    let (status, problem) = post(&app, &path, mebibytes(65)).await;
    assert_eq!((status, &problem["field"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("body")));
}

#[tokio::test]
async fn signing_in_keeps_the_session_and_signing_out_replaces_it() {
    let app = stand_in();
    let first = session(&app).await;
    assert_eq!((&first["username"], &first["token"]), (&Value::Null, &Value::Null));
    let (status, billy) = post(&app, &format!("/demo/MyProject/sign-in/{PAGE}"), "billy π").await;
    assert_eq!((status, &billy["username"]), (StatusCode::OK, &json!("billy π")));
    assert_eq!(billy["sessionId"], first["sessionId"]);
    assert!(billy["token"].is_string());
    assert_eq!(session(&app).await["username"], "billy π");
    let (_, next) = post(&app, &format!("/demo/MyProject/sign-out/{PAGE}"), "").await;
    assert_ne!(next["sessionId"], first["sessionId"]);
    assert_eq!(next["token"], Value::Null);
    assert_eq!(received(&app).await["fetch"], "billy π".len());
}

#[tokio::test]
async fn a_name_is_text_of_1_to_256_bytes_and_its_bytes_count_even_if_refused() {
    let app = stand_in();
    let path = format!("/demo/MyProject/sign-in/{PAGE}");
    assert_eq!(post(&app, &path, "x".repeat(256)).await.0, StatusCode::OK);
    for name in [vec![], vec![b'x'; 257], vec![b'x'; 100_000], vec![0xff]] {
        let (status, problem) = post(&app, &path, name).await;
        assert_eq!((status, &problem["field"]), (StatusCode::BAD_REQUEST, &json!("name")));
    }
    assert_eq!(session(&app).await["username"], "x".repeat(256));
    assert_eq!(received(&app).await["fetch"], 256 + 257 + 100_000 + 1);
}

#[tokio::test]
async fn after_a_restart_a_browser_gets_back_the_session_that_it_remembers() {
    let id = session(&stand_in()).await["sessionId"].clone();
    let remembering = |id: &str| {
        request("GET", &format!("/demo/MyProject/session/{PAGE}"))
            .header("demo-session", id)
            .body(Body::empty())
            .unwrap()
    };
    let (_, same) = answer(&stand_in(), remembering(id.as_str().unwrap())).await;
    assert_eq!(same["sessionId"], id);
    for impossible in ["", "a b", &"x".repeat(36), &"0".repeat(37)] {
        let (status, other) = answer(&stand_in(), remembering(impossible)).await;
        assert_eq!(status, StatusCode::OK);
        assert_ne!(other["sessionId"], impossible);
    }
}

#[tokio::test]
async fn a_wrong_part_of_a_request_is_named() {
    let app = stand_in();
    let long = "x".repeat(257);
    for (path, field) in [
        ("/demo/MyProject/receive/2bf737f/fetch", "page"),
        ("/demo/MyProject/receive/2bf737fg/fetch", "page"),
        ("/demo/MyProject/receive/2bf737f8/webSocket", "channel"),
        ("/demo/MyProject/receive/2bf737f8/smoke", "channel"),
        ("/demo/%ff/receive/2bf737f8/fetch", "path"),
        (&format!("/demo/{long}/receive/2bf737f8/fetch"), "project"),
    ] {
        let (status, problem) = post(&app, path, "").await;
        assert_eq!((status, &problem["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{path}");
    }
    let path = format!("/demo/MyProject/session/{PAGE}");
    let nameless = Request::get(path).body(Body::empty()).unwrap();
    let (status, problem) = answer(&app, nameless).await;
    assert_eq!((status, &problem["field"]), (StatusCode::BAD_REQUEST, &json!("demo-device")));
}

#[tokio::test]
async fn the_socket_sends_frames_of_the_recorded_kinds_and_counts_the_payloads_it_receives() {
    let app = stand_in();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "ws://{}/system/pws/MyProject/{PAGE}?token=0123456789abcdef",
        listener.local_addr().unwrap()
    );
    let server = tokio::spawn(axum::serve(listener, app.clone()).into_future());
    let (mut socket, _) = connect_async(url).await.unwrap();
    let mut frame = async || socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert_eq!(
        frame().await,
        r#"client-value-update:{"values":{"views":{},"page":{},"session":{}},"sync":[]}"#
    );
    let keepalive = frame().await;
    let ts: Value = serde_json::from_str(keepalive.strip_prefix("keepalive:").unwrap()).unwrap();
    assert!(ts["ts"].is_u64());
    for message in [
        Message::text("π"),
        Message::binary(vec![0; 100_000]),
        Message::text(""),
        Message::text(r#"client-activity:{"lastActiveTime":1700000000000}"#),
    ] {
        socket.send(message).await.unwrap();
    }
    socket.close(None).await.unwrap();
    // Ends once the server has read everything up to the close and answered it.
    while socket.next().await.is_some() {}
    let received = received(&app).await;
    assert_eq!(received["webSocket"], 2 + 100_000 + 48);
    assert_eq!(received["sends"]["webSocket"], 4);
    server.abort();
}

#[tokio::test]
async fn the_number_of_open_sockets_is_bounded() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url =
        format!("ws://{}/system/pws/MyProject/{PAGE}?token=t", listener.local_addr().unwrap());
    let server = tokio::spawn(axum::serve(listener, stand_in()).into_future());
    let mut open = Vec::new();
    for _ in 0..256 {
        open.push(connect_async(&url).await.unwrap());
    }
    let refused = connect_async(&url).await.unwrap_err().to_string();
    assert!(refused.contains("503"), "{refused}");
    server.abort();
}
