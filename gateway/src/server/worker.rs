//! What one core does: accepts connections until the gateway ends.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener as Socket};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Connections;

/// How long requests under way may take once the gateway has been told to end. The whole end takes 10 s at
/// most, and after this what is pending is still to be written.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(7);
/// How long to wait where the operating system has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves the connections of one listening socket until `ending`, then lets requests under way end.
///
/// # Errors
/// The runtime does not take the socket.
pub async fn work(
    socket: Socket,
    connections: Arc<Connections>,
    ending: CancellationToken,
) -> io::Result<()> {
    let listener = TcpListener::from_std(socket)?;
    let tasks = TaskTracker::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = ending.cancelled() => break,
        };
        match connections.places.take(peer.ip().to_canonical()) {
            Ok(place) => {
                let (connections, ending) = (Arc::clone(&connections), ending.clone());
                tasks.spawn(async move {
                    connections.serve(stream, peer, ending).await;
                    drop(place);
                });
            }
            Err(full) => {
                if let Some(refusal) = connections.refuse(stream, full) {
                    tasks.spawn(refusal);
                }
            }
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, tasks.wait()).await.is_err() {
        tracing::warn!("{} connections did not end in time", tasks.len());
    }
    Ok(())
}

/// The next connection and where it comes from.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are small and wanted at once; where that can not be had, they come later.
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            // A client that has gone again already.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!("no connection can be accepted now: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
