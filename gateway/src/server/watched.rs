//! A stream that is watched, to find out when nothing is under way on it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose first byte has been read already.
pub struct Watched<S> {
    stream: S,
    first: Option<u8>,
    seen: Arc<Seen>,
}

/// What has been seen of a stream. Only one task writes it, so that the order of the writes does not matter.
#[derive(Debug, Default)]
pub struct Seen {
    /// Something has been read or written since the last look.
    stirred: AtomicBool,
    /// What came last has been written, and whole.
    answered: AtomicBool,
    /// A request has been read as far as its body, and no part of its answer been written.
    asked: AtomicBool,
    /// What is written next is of an answer, not the word that a body may be sent.
    answering: AtomicBool,
    /// The stream outlives whoever shuts it down.
    kept: AtomicBool,
}

impl<S> Watched<S> {
    /// A stream that `first` has been read from.
    pub fn new(stream: S, first: u8) -> Self {
        Self { stream, first: Some(first), seen: Arc::default() }
    }

    /// What is seen of it.
    pub fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }

    /// The stream itself.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl Seen {
    /// Whether nothing has been read or written since the last look, and an answer was what came last.
    pub fn is_quiet(&self) -> bool {
        !self.stirred.swap(false, Ordering::Relaxed) && self.answered.load(Ordering::Relaxed)
    }

    /// Whether the headers of a request have begun and not ended.
    pub fn is_amid_headers(&self) -> bool {
        !self.answered.load(Ordering::Relaxed) && !self.asked.load(Ordering::Relaxed)
    }

    /// The headers of a request have ended.
    pub fn note_request(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.answering.store(false, Ordering::Relaxed);
    }

    /// Its answer is there to be written.
    pub fn note_answer(&self) {
        self.answering.store(true, Ordering::Relaxed);
    }

    /// Whether shutting the stream down leaves it open.
    pub fn keep(&self, kept: bool) {
        self.kept.store(kept, Ordering::Relaxed);
    }

    fn note_read(&self) {
        self.stirred.store(true, Ordering::Relaxed);
        self.answered.store(false, Ordering::Relaxed);
    }

    fn note_write(&self, whole: bool) {
        self.stirred.store(true, Ordering::Relaxed);
        self.answered.store(whole, Ordering::Relaxed);
        if whole && self.answering.load(Ordering::Relaxed) {
            self.asked.store(false, Ordering::Relaxed);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        buffer: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        let first = self.first.take();
        if let Some(first) = first {
            buffer.put_slice(&[first]);
        }
        // With what follows, for whom a single byte was read would make room for as much again.
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_pending() && first.is_none() {
            return Poll::Pending;
        }
        self.seen.note_read();
        match read {
            Poll::Pending => Poll::Ready(Ok(())),
            read => read,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.seen.note_write(matches!(written, Poll::Ready(Ok(count)) if count == bytes.len()));
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        if self.seen.kept.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
