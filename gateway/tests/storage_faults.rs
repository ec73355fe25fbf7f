//! Where nothing can be written: the sessions go on in memory, and are written when that is over.
//!
//! The disk is a real one: a small file system of its own where whoever runs the tests may mount one, and
//! everywhere on Linux a limit on the size of files.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::{PATIENCE, await_that};
use perspective_session_info::report::PageReport;
use serde_json::json;
use session_gateway::clock::Clock;
use session_gateway::limits::Limits;
use session_gateway::registry::{Arrival, Registry};
use session_gateway::settings::{Settings, StorageSettings};
use session_gateway::storage::{Kept, Storage, StorageError};
use tempfile::TempDir;

/// A registry and what is kept of it.
struct Site {
    registry: Arc<Mutex<Registry>>,
    storage: Storage,
    clock: Clock,
    joined: usize,
}

impl Site {
    fn open(directory: &Path) -> Result<Self, StorageError> {
        let clock = Clock::system();
        let mut registry = Registry::new(Limits::default(), Duration::from_secs(60));
        let kept = Kept::open(directory)?;
        kept.restore(&mut registry, clock.now())?;
        let joined = registry.totals().open_sessions;
        let registry = Arc::new(Mutex::new(registry));
        let settings: StorageSettings = Settings::read(["session-gateway"]).unwrap().storage;
        let storage = kept.write(Arc::clone(&registry), clock.clone(), &settings)?;
        Ok(Self { registry, storage, clock, joined })
    }

    /// Joins the first reports of so many new sessions.
    fn join(&mut self, sessions: usize) {
        for _ in 0..sessions {
            self.joined += 1;
            let report: PageReport = serde_json::from_value(session(self.joined)).unwrap();
            // Each from another address, so that no limit of one is met.
            let address = Ipv4Addr::from_bits(u32::try_from(self.joined).unwrap());
            let arrival = Arrival {
                report: &report,
                address: IpAddr::V4(address),
                user: None,
                at: self.clock.now(),
            };
            self.registry.lock().unwrap().join(&arrival).unwrap();
        }
    }

    fn sessions(&self) -> usize {
        self.registry.lock().unwrap().totals().open_sessions
    }

    fn is_failing(&self) -> bool {
        self.storage.writing().failing.is_some()
    }

    fn await_written(&self) {
        await_that("all is written", || {
            let writing = self.storage.writing();
            let waits = self.registry.lock().unwrap().unsaved();
            writing.failing.is_none() && writing.pending == 0 && waits == 0
        });
    }
}

fn session(number: usize) -> serde_json::Value {
    let user_agent = format!("{number} {}", "x".repeat(900));
    harness::report_with(&[
        ("/sessionId", json!(format!("session {number}"))),
        ("/userAgent", json!(user_agent)),
    ])
}

/// A file system of its own, while this lives.
struct Mount(PathBuf);

impl Mount {
    /// `None`, and says so, where whoever runs the tests may not mount one.
    fn new(at: &Path, options: &str) -> Option<Self> {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(at.to_owned()));
        }
        // Not by print, which the test harness swallows.
        let _ = writeln!(std::io::stderr(), "NOT TESTED: no file system can be mounted at {at:?}");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_loses_nothing_that_is_in_memory() {
    let place = TempDir::new().unwrap();
    let Some(_mount) = Mount::new(place.path(), "size=4m") else { return };
    let directory = place.path().join("data");
    let mut site = Site::open(&directory).unwrap();
    site.join(20);
    site.await_written();

    let ballast = place.path().join("ballast");
    await_that("the disk is full", || {
        // Closing the database gives back a little.
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&ballast).unwrap();
        while file.write_all(&[0; 1024]).is_ok() {}
        site.join(1);
        site.is_failing()
    });
    let failing = site.storage.writing().failing.unwrap();
    assert!(failing.reason.contains("sessions.db"), "{failing:?}");
    site.join(20);
    assert_eq!(site.sessions(), site.joined);

    fs::remove_file(ballast).unwrap();
    site.await_written();
    assert!(site.storage.writing().failures > 0);
    assert!(site.storage.close(PATIENCE));
    assert_eq!(Site::open(&directory).unwrap().sessions(), site.joined);
}

#[test]
fn a_disk_that_can_only_be_read_loses_nothing_that_is_in_memory() {
    let place = TempDir::new().unwrap();
    let mut site = Site::open(place.path()).unwrap();
    site.join(20);
    site.await_written();
    {
        let Some(_mount) = Mount::new(place.path(), "ro") else { return };
        site.join(20);
        await_that("nothing can be written", || site.is_failing());
        await_that("the reason is told", || {
            let failing = site.storage.writing().failing.unwrap();
            failing.reason.contains("Read-only file system")
        });
        site.join(20);
        assert_eq!(site.sessions(), 60);
    }
    site.await_written();
    assert!(site.storage.close(PATIENCE));
    assert_eq!(Site::open(place.path()).unwrap().sessions(), 60);
}

#[test]
fn a_data_directory_that_is_deleted_is_made_anew_with_every_session() {
    let place = TempDir::new().unwrap();
    let directory = place.path().join("data");
    let mut site = Site::open(&directory).unwrap();
    site.join(20);
    site.await_written();
    fs::rename(&directory, place.path().join("elsewhere")).unwrap();
    await_that("it is noticed", || site.storage.writing().failures > 0);
    site.await_written();
    assert!(site.storage.close(PATIENCE));
    assert_eq!(Site::open(&directory).unwrap().sessions(), 20);
}

#[test]
fn what_can_not_be_written_at_the_end_is_told_to_be_lost() {
    let place = TempDir::new().unwrap();
    let directory = place.path().join("data");
    let mut site = Site::open(&directory).unwrap();
    fs::rename(&directory, place.path().join("elsewhere")).unwrap();
    fs::write(&directory, "no directory").unwrap();
    site.join(1);
    await_that("it is noticed", || site.is_failing());
    assert!(!site.storage.close(PATIENCE));
}

#[test]
fn another_gateway_that_has_taken_the_directory_meanwhile_keeps_it() {
    let place = TempDir::new().unwrap();
    let directory = place.path().join("data");
    let mut site = Site::open(&directory).unwrap();
    site.join(20);
    site.await_written();
    fs::rename(&directory, place.path().join("elsewhere")).unwrap();
    let other = Kept::open(&directory).unwrap();
    await_that("it is noticed", || site.is_failing());
    await_that("the reason is told", || {
        let failing = site.storage.writing().failing.unwrap();
        failing.reason.contains("another gateway uses")
    });
    drop(other);
    site.await_written();
}

/// Files can not grow past a limit, as on a disk that is full: for the program itself, and without any rights.
#[cfg(target_os = "linux")]
#[test]
fn the_program_says_when_it_can_not_write_and_when_it_can_again() {
    let place = TempDir::new().unwrap();
    let limited = "trap '' XFSZ; exec prlimit --fsize=500000:unlimited -- \"$0\" \"$@\"";
    let mut child = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_session-gateway")])
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(place.path())
        .args(["--read-token", harness::READ_TOKEN])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut logged = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = printed.next().unwrap().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let gateway = harness::Gateway::at(address);
    // More than fits, each of its own user agent.
    for number in 0..1_000 {
        assert_eq!(gateway.report(&session(number)).status, 200);
    }
    assert!(logged.any(|line| line.contains("sessions are in memory only")));
    assert_eq!(gateway.sessions("").len(), 1_000);

    let pid = child.id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status();
    assert!(raised.unwrap().success());
    assert!(logged.any(|line| line.contains("sessions are written again")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(Site::open(place.path()).unwrap().sessions(), 1_000);
}
