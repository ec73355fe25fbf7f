//! How the program is told to end: Ctrl-C, or SIGTERM where there is one.

use std::io;

/// What tells the program to end.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on the program is told instead of ended.
    ///
    /// # Errors
    /// The operating system does not let it listen.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves when the program is told to end, and again when it is told once more.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What tells the program to end.
#[cfg(not(unix))]
pub struct Signals(tokio::signal::windows::CtrlC);

#[cfg(not(unix))]
impl Signals {
    /// From now on the program is told instead of ended.
    ///
    /// # Errors
    /// The operating system does not let it listen.
    pub fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Resolves when the program is told to end, and again when it is told once more.
    pub async fn next(&mut self) {
        self.0.recv().await;
    }
}
