//! Copies the log into the database, in a thread of its own: whoever does that waits for the disk, and the writer
//! must not.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::StorageError;
use super::database::connect;

/// The log is copied when it is so many pages long (of 4 KiB): what changes often is in it several times then, and
/// copied once.
const PAGES: i32 = 8_192;
/// It is copied this often at least. What is copied a power cut does not take.
const EVERY: Duration = Duration::from_secs(10);

/// The thread that copies the log of one connection's database.
#[derive(Debug)]
pub(super) struct Checkpoints {
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts to copy what this connection writes to the log of `file`.
    pub(super) fn start(writer: &mut Connection, file: &Path) -> Result<Self, StorageError> {
        let copier = connect(file)?;
        let (wake, woken) = sync_channel(1);
        let run = move || run(&copier, &woken);
        let thread = thread::Builder::new().name("checkpoint".to_owned()).spawn(run);
        let thread = Some(thread.map_err(StorageError::Writer)?);
        let hook = move |_: &mut Wal, pages| {
            if pages >= PAGES {
                wake_up(&wake);
            }
            Ok(())
        };
        writer.wal_hook(Some(hook)).map_err(|source| StorageError::of(file, source))?;
        Ok(Self { thread })
    }

    /// Ends the thread, so that the writer's connection is the last one, which leaves no log behind.
    pub(super) fn end(&mut self, writer: &mut Connection) {
        // With the hook goes what wakes the thread up. There is no error that would keep it.
        let _ = writer.wal_hook(None::<fn(&mut Wal, i32) -> rusqlite::Result<()>>);
        if let Some(thread) = self.thread.take() {
            // One that has panicked has ended too.
            let _ = thread.join();
        }
    }
}

fn wake_up(wake: &SyncSender<()>) {
    // One that is awake already sees what has come.
    let _ = wake.try_send(());
}

fn run(copier: &Connection, woken: &Receiver<()>) {
    while woken.recv_timeout(EVERY) != Err(RecvTimeoutError::Disconnected) {
        // "Passive" waits for nobody, and nobody for it. What it can not copy now stays in the log, where it is read
        // all the same; a disk that is full stops the writer before long, which says so.
        let copied = copier.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()));
        if let Err(error) = copied {
            tracing::debug!("the log was not copied: {error}");
        }
    }
}
