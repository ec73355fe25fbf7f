//! One connection: HTTP on it, and how long its client may take.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::http::{Request, Response, StatusCode};
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::sync::CancellationToken;

use super::places::{Full, Places};
use super::tls::Certificate;
use super::watched::Watched;
use crate::http::{Http, Problem, Reason};
use crate::limits::Limits;

/// Connections past the limit that are told so at one time; further ones are closed without a word.
const REFUSALS: usize = 64;
/// How long a client may take to be refused.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);
/// How often it is looked whether a connection is quiet, or its client too slow.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// When whoever found no place for a connection may try again.
const NO_PLACE_WAIT: Duration = Duration::from_secs(10);

/// What all connections share.
#[derive(Debug)]
pub struct Connections {
    pub(super) places: Arc<Places>,
    http: Http,
    certificate: Option<Certificate>,
    protocol: http1::Builder,
    header_timeout: Duration,
    write_timeout: Duration,
    refusals: Arc<Semaphore>,
}

impl Connections {
    /// None yet. With a certificate all speak TLS.
    pub fn new(
        http: Http,
        limits: &Limits,
        places: Arc<Places>,
        certificate: Option<Certificate>,
    ) -> Self {
        let mut protocol = http1::Builder::new();
        protocol.max_header_size(limits.header_bytes).max_buf_size(limits.header_bytes);
        Self {
            places,
            http,
            certificate,
            protocol,
            header_timeout: limits.header_timeout,
            write_timeout: limits.write_timeout,
            refusals: Arc::new(Semaphore::new(REFUSALS)),
        }
    }

    /// Serves one connection to its end.
    pub async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        ending: CancellationToken,
    ) {
        let Some(certificate) = &self.certificate else {
            return self.speak(stream, peer, ending).await;
        };
        // In a box, so that a connection without TLS does not keep room for it.
        Box::pin(async {
            let handshake = certificate.acceptor().accept(stream);
            let shaken = tokio::select! {
                shaken = timeout(self.header_timeout, handshake) => shaken,
                () = ending.cancelled() => return,
            };
            // Who does not manage a handshake understands no answer either.
            if let Ok(Ok(stream)) = shaken {
                Arc::clone(&self).speak(stream, peer, ending).await;
            }
        })
        .await;
    }

    /// Speaks HTTP. Between requests a connection needs next to no memory: most of them wait for their page's
    /// next report nearly all of the time.
    async fn speak(
        self: Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Send + 'static,
        peer: SocketAddr,
        ending: CancellationToken,
    ) {
        let mut stream = TimeoutWriter::new(stream);
        // Starts anew whenever the client takes something, so that a long answer may take long.
        stream.set_timeout(Some(self.write_timeout));
        let mut waiting = Some(Box::pin(stream));
        while let Some(mut stream) = waiting.take() {
            let mut first = [0];
            let read = tokio::select! {
                read = timeout(self.header_timeout, stream.read(&mut first)) => read,
                () = ending.cancelled() => return,
            };
            if let Ok(Ok(1)) = read {
                let stream = Watched::new(stream, first[0]);
                waiting = Box::pin(Arc::clone(&self).answer(stream, peer, &ending)).await;
            }
        }
    }

    /// Answers requests until there are none for a while, and gives the stream back then, unless it is closed.
    async fn answer<S>(
        self: Arc<Self>,
        stream: Watched<S>,
        peer: SocketAddr,
        ending: &CancellationToken,
    ) -> Option<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let seen = stream.seen();
        let (connections, noted) = (Arc::clone(&self), stream.seen());
        let service = service_fn(move |request| {
            let (connections, noted) = (Arc::clone(&connections), Arc::clone(&noted));
            async move {
                noted.note_request();
                let answer = connections.http.answer(request, peer).await;
                noted.note_answer();
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = self.protocol.serve_connection(TokioIo::new(stream), service);
        let mut connection = connection.with_upgrades();
        // Not hyper's own timeout, which sets up a timer for each request.
        let mut amid_headers_since = Instant::now();
        let mut look = pin!(sleep(LOOK_EVERY));
        // How a connection ends is its client's business.
        loop {
            tokio::select! {
                biased;
                _ = &mut connection => return None,
                () = ending.cancelled() => break,
                () = look.as_mut() => look.as_mut().reset(Instant::now() + LOOK_EVERY),
            }
            let now = Instant::now();
            if !seen.is_amid_headers() {
                amid_headers_since = now;
            } else if now - amid_headers_since >= self.header_timeout {
                return None;
            }
            if seen.is_quiet() {
                seen.keep(true);
                Pin::new(&mut connection).graceful_shutdown();
                let ended = poll_fn(|cx| Poll::Ready(Pin::new(&mut connection).poll(cx))).await;
                if ended.is_ready() {
                    let parts = connection.into_parts()?;
                    return parts.read_buf.is_empty().then(|| parts.io.into_inner().into_inner());
                }
                // An answer that goes on, with pauses: the connection is closed after it.
                seen.keep(false);
                break;
            }
        }
        tokio::select! {
            biased;
            _ = &mut connection => {}
            () = ending.cancelled() => {
                Pin::new(&mut connection).graceful_shutdown();
                let _ = connection.await;
            }
        }
        None
    }

    /// Answers the first request of a connection for which there is no place, and closes it. `None` where it
    /// has been closed already: there are many such, or it wants TLS, which costs more than an answer is worth.
    pub fn refuse(
        &self,
        stream: TcpStream,
        full: Full,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        self.http.metrics().refused(match full {
            Full::All => Reason::Full,
            Full::Address => Reason::TooMany,
        });
        if self.certificate.is_some() {
            return None;
        }
        let permit = Arc::clone(&self.refusals).try_acquire_owned().ok()?;
        let mut protocol = self.protocol.clone();
        protocol.keep_alive(false);
        Some(async move {
            let service =
                service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(refusal(full)));
            let connection = protocol.serve_connection(TokioIo::new(stream), service);
            let _ = timeout(REFUSAL_TIMEOUT, connection).await;
            drop(permit);
        })
    }
}

fn refusal(full: Full) -> Response<axum::body::Body> {
    let (status, detail) = match full {
        Full::All => (StatusCode::SERVICE_UNAVAILABLE, "the gateway has too many connections"),
        Full::Address => {
            (StatusCode::TOO_MANY_REQUESTS, "this address has too many connections to the gateway")
        }
    };
    Problem::new(status, detail).retry_after(NO_PLACE_WAIT).into_response()
}
