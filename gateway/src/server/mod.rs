//! Sockets: accepts connections, serves them, and ends in good order.
//!
//! Each core has a thread, a runtime and a listening socket of its own, so that a request is never handed from
//! one core to another.
//!
//! | module | what it is |
//! |---|---|
//! | `listeners` | the listening sockets, one for each core |
//! | `worker` | what one core does: accepts connections until the gateway ends |
//! | `connection` | one connection: HTTP on it, and how long its client may take |
//! | `watched` | when nothing is under way on a connection |
//! | `places` | how many connections there are, in all and of one address |
//! | `tls` | the certificate, read again when it is renewed |

mod connection;
mod listeners;
mod places;
mod tls;
mod watched;
mod worker;

use std::io;
use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::connection::Connections;
pub use self::listeners::Listeners;
use self::places::Places;
use crate::http::Http;
use crate::settings::Settings;

/// Serves until `shutdown` resolves, then cancels `ending` and lets requests under way end.
///
/// # Errors
/// Why there are no threads to serve with.
pub async fn serve(
    listeners: Listeners,
    http: Http,
    settings: &Settings,
    ending: &CancellationToken,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let Listeners { sockets, certificate } = listeners;
    let Settings { limits, proxies, .. } = settings;
    let places = Places::new(limits, proxies.clone(), http.metrics().connections.clone());
    let connections = Arc::new(Connections::new(http, limits, places, certificate));
    // However this ends, the workers end too.
    let end = ending.clone().drop_guard();
    let (working, mut all_ended) = mpsc::channel::<()>(1);
    for socket in sockets {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (connections, working) = (Arc::clone(&connections), working.clone());
        // A token of its own: all connections of a worker look at it with each request.
        let ending = ending.child_token();
        thread::Builder::new().name("worker".to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(worker::work(socket, connections, ending)) {
                tracing::error!("a core serves no connections: {error}");
            }
            // What has not ended in time does not hold up the end.
            runtime.shutdown_background();
            drop(working);
        })?;
    }
    drop(working);
    shutdown.await;
    drop(end);
    all_ended.recv().await;
    Ok(())
}
