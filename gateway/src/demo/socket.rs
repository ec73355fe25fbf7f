//! The WebSocket at `/system/pws/{project}/{tab}`, with frames of the kinds that were recorded on a live
//! Perspective page. The `?token=` of its URL is there because a real one is; nothing hangs on it here.

use std::sync::Arc;
use std::time::Duration;

use axum::Error;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::{MissedTickBehavior, interval};

use super::received::{Channel, Page};
use super::{Demo, MAX_MESSAGE_BYTES, MAX_SOCKETS};
use crate::http::Problem;

/// The first frame, as it was recorded on a page that shows nothing.
const VALUE_UPDATE: &str =
    r#"client-value-update:{"values":{"views":{},"page":{},"session":{}},"sync":[]}"#;
/// How often a keepalive goes out: the stand-in's own choice.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// Opens a page's socket.
pub async fn open(
    State(demo): State<Arc<Demo>>,
    page: Page,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let place = Arc::clone(&demo.sockets).try_acquire_owned().map_err(|_| {
        let detail = format!("{MAX_SOCKETS} sockets are open already");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    Ok(upgrade.max_message_size(MAX_MESSAGE_BYTES).max_frame_size(MAX_MESSAGE_BYTES).on_upgrade(
        move |socket| async move {
            let _place = place;
            // The page opens another one when this one fails; there is nobody else to tell.
            let _ = converse(&demo, &page, socket).await;
        },
    ))
}

async fn converse(demo: &Demo, page: &Page, mut socket: WebSocket) -> Result<(), Error> {
    socket.send(Message::text(VALUE_UPDATE)).await?;
    let mut keepalive = interval(KEEPALIVE);
    keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = keepalive.tick() => {
                let frame = format!(r#"keepalive:{{"ts":{}}}"#, demo.started.elapsed().as_nanos());
                socket.send(Message::text(frame)).await?;
            }
            message = socket.recv() => {
                let bytes = match message {
                    Some(Ok(Message::Text(text))) => text.len(),
                    Some(Ok(Message::Binary(data))) => data.len(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Err(error)) => return Err(error),
                };
                let mut pages = demo.pages();
                pages.add_bytes(page, Channel::WebSocket, bytes);
                pages.add_send(page, Channel::WebSocket);
            }
        }
    }
}
