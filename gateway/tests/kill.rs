//! The program is killed under load, at any moment, and started again: what it had answered a second before is there.
//! Three times; with SOAK=1 a hundred times. Or it is told to end, and all is there.

#![allow(clippy::unwrap_used)]

mod harness;

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use harness::{READ_TOKEN, bearer, report_with};
use serde_json::{Value, json};

/// What the program may have been late with when it was killed.
const LATE: Duration = Duration::from_secs(1);
/// How long a session without a page is kept.
const SESSION_TIMEOUT: Duration = Duration::from_secs(1);
/// How far apart the clocks of a report's sender and of the gateway may seem.
const CLOCKS: u64 = 250;
/// Connections, each of which reports for sessions of its own.
const CLIENTS: u64 = 3;
/// Sessions of one client that are open at one time.
const OPEN: u64 = 20;
/// How long the loads of a session live, in milliseconds, those of the next one and so on. With its third load a session
/// is over.
const LIVES: [u64; 5] = [20, 200, 700, 2_000, 60_000];
/// How long to wait for the program.
const PATIENCE: Duration = Duration::from_secs(20);

/// The program, which is killed when this is dropped.
struct Program {
    child: Child,
    gateway: harness::Gateway,
}

impl Program {
    fn start(directory: &Path) -> Self {
        let timeout = format!("{}s", SESSION_TIMEOUT.as_secs());
        let mut child = Command::new(env!("CARGO_BIN_EXE_session-gateway"))
            .args(["--listen", "127.0.0.1:0", "--read-token", READ_TOKEN, "--data-dir"])
            .arg(directory)
            .args(["--session-timeout", &timeout])
            .args(["--reports-per-second-per-session", "1000000"])
            .args(["--reports-per-second-per-address", "1000000"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.rsplit('/').next().unwrap().parse().unwrap();
        Self { child, gateway: harness::Gateway::at(address) }
    }

    /// Kills it. When that was: what was answered later than then was not answered.
    fn kill(mut self) -> Instant {
        let killed = Instant::now();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        killed
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a client knows of one load.
#[derive(Clone)]
struct Load {
    seq: u64,
    /// What its latest report said that it had sent, answered or not.
    sent: u64,
    /// When its first report was answered.
    began: Option<Instant>,
    /// When its closing report was answered.
    ended: Option<Instant>,
}

/// What a client knows of one session.
struct Session {
    id: String,
    key: String,
    /// Between these milliseconds of the Unix epoch it began.
    start: (u64, u64),
    loads: HashMap<String, Load>,
    open: String,
    /// Whether it is to end: its last load closes.
    is_over: bool,
}

impl Session {
    /// The report of one of its loads as it is now.
    fn report(&self, load: &str, closing: bool) -> Value {
        let Load { seq, sent, .. } = self.loads[load];
        report_with(&[
            ("/sessionId", json!(self.id)),
            ("/key", json!(self.key)),
            ("/load", json!(load)),
            ("/seq", json!(seq)),
            ("/sent/webSocket", json!(sent)),
            ("/closing", json!(closing)),
        ])
    }

    /// What its loads have sent: at least the open one and those that ended in time, at most all.
    fn totals(&self, killed: Instant) -> (u64, u64) {
        let is_sure = |load: &Load| load.ended.is_none_or(|ended| ended + LATE < killed);
        let sum = |loads: Vec<&Load>| loads.iter().map(|load| load.sent).sum();
        let all: Vec<&Load> = self.loads.values().collect();
        (sum(all.iter().copied().filter(|load| is_sure(load)).collect()), sum(all))
    }

    /// Whether it had a page early enough that is open. Of one that was amid a reload the end of the earlier load
    /// may be kept and not the start of the next: it is without a page then, and soon over.
    fn is_surely_open(&self, killed: Instant) -> bool {
        let load = &self.loads[&self.open];
        !self.is_over && load.began.is_some_and(|began| began + LATE < killed)
    }

    /// Whether it had ended early enough.
    fn is_surely_history(&self, killed: Instant) -> bool {
        let last = self.loads[&self.open].ended;
        self.is_over && last.is_some_and(|ended| ended + SESSION_TIMEOUT + LATE < killed)
    }
}

/// A connection that is kept.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Reports; `None` where there is no answer any more.
    fn report(&mut self, report: &Value) -> Option<()> {
        let body = report.to_string();
        let length = body.len();
        let head = format!(
            "POST /v1/report HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        );
        self.0.get_mut().write_all((head + &body).as_bytes()).ok()?;
        let (mut line, mut length) = (String::new(), 0);
        self.0.read_line(&mut line).ok().filter(|read| *read > 0)?;
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).ok().filter(|read| *read > 0)?;
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        self.0.read_exact(&mut vec![0; length]).ok()
    }
}

/// A client that reports as fast as it can until the program is gone.
struct Client {
    connection: Connection,
    name: String,
    steps: u64,
    sessions: Vec<Session>,
}

impl Client {
    fn run(mut self, is_over: &AtomicBool) -> Vec<Session> {
        while !is_over.load(Ordering::Relaxed) && self.step().is_some() {}
        self.sessions
    }

    /// Reports once. A load of the session lives as long as its place in [`LIVES`] says.
    fn step(&mut self) -> Option<()> {
        self.steps += 1;
        let open: Vec<usize> =
            (0..self.sessions.len()).filter(|index| !self.sessions[*index].is_over).collect();
        if (open.len() as u64) < OPEN {
            return self.begin();
        }
        let index = open[usize::try_from(self.steps).unwrap() % open.len()];
        let session = &mut self.sessions[index];
        let load = session.loads.get_mut(&session.open).unwrap();
        load.seq += 1;
        load.sent += self.steps % 1_000;
        let life = LIVES[index % LIVES.len()];
        let closes = load.began.is_some_and(|began| began.elapsed() > Duration::from_millis(life));
        session.is_over = closes && session.loads.len() >= 3;
        let report = session.report(&session.open, closes);
        self.connection.report(&report)?;
        if closes {
            session.loads.get_mut(&session.open).unwrap().ended = Some(Instant::now());
            if !session.is_over {
                session.open = format!("load {}", session.loads.len());
                let load = Load { seq: 1, sent: 0, began: None, ended: None };
                session.loads.insert(session.open.clone(), load);
                self.connection.report(&session.report(&session.open, false))?;
                session.loads.get_mut(&session.open).unwrap().began = Some(Instant::now());
            }
        }
        Some(())
    }

    fn begin(&mut self) -> Option<()> {
        let open = "load 0".to_owned();
        let load = Load { seq: 1, sent: 0, began: None, ended: None };
        let before = unix_ms();
        self.sessions.push(Session {
            id: format!("{} session {}", self.name, self.sessions.len()),
            key: format!("{:032x}", self.steps),
            start: (before, u64::MAX),
            loads: HashMap::from([(open.clone(), load)]),
            open,
            is_over: false,
        });
        let session = self.sessions.last_mut()?;
        self.connection.report(&session.report(&session.open, false))?;
        session.start.1 = unix_ms();
        session.loads.get_mut(&session.open)?.began = Some(Instant::now());
        Some(())
    }
}

fn unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap()
}

/// All of the history, by id.
fn history(gateway: &harness::Gateway) -> HashMap<String, Value> {
    let mut all = HashMap::new();
    let mut query = "?limit=1000".to_owned();
    loop {
        let answer =
            gateway.ask("GET", &format!("/v1/history{query}"), &[&bearer(READ_TOKEN)], b"");
        let page = answer.json();
        for session in page["sessions"].as_array().unwrap() {
            let id = session["id"].as_str().unwrap().to_owned();
            assert!(all.insert(id, session.clone()).is_none(), "twice in the history: {session}");
        }
        match page["next"].as_str() {
            Some(next) => query = format!("?limit=1000&next={next}"),
            None => return all,
        }
    }
}

/// Checks an open session of the program that was started again.
fn check_open(gateway: &harness::Gateway, session: &Session, killed: Instant) {
    let find = || {
        let sessions = gateway.sessions("");
        let found = sessions.into_iter().find(|listed| listed["id"] == *session.id);
        found.ok_or_else(|| format!("{} is lost", session.id)).unwrap()
    };
    let asked = unix_ms();
    let listed = find();
    let uptime = listed["uptime"].as_u64().unwrap();
    // The answer can have taken its time.
    let (earliest, latest) = (asked - uptime, unix_ms() - uptime);
    let (start, answered) = session.start;
    assert!(
        start <= latest + CLOCKS && earliest <= answered + CLOCKS,
        "from {earliest} to {latest}: {:?}",
        session.start
    );

    let mut report = session.report(&session.open, false);
    report["seq"] = json!(report["seq"].as_u64().unwrap() + 1);
    let mut stranger = report.clone();
    stranger["key"] = json!("f".repeat(32));
    assert_eq!(gateway.report(&stranger).status, 403, "the key of {} is lost", session.id);
    assert_eq!(gateway.report(&report).status, 200);
    let total = find()["totalBytesSent"].as_u64().unwrap();
    let (least, most) = session.totals(killed);
    assert!((least..=most).contains(&total), "{}: {total}, not {least} to {most}", session.id);
}

#[test]
fn killed_under_load_it_loses_nothing_that_is_older_than_a_second() {
    let rounds = if std::env::var_os("SOAK").is_some() { 100 } else { 3 };
    let directory = tempfile::tempdir().unwrap();
    for round in 0..rounds {
        let program = Program::start(directory.path());
        let address = program.gateway.address;
        let is_over = AtomicBool::new(false);
        // From soon after the start to some while after the first sessions have ended.
        let moment = Duration::from_millis(1_500 + (round * 1_237) % 3_000);
        let (sessions, killed) = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|client| {
                    let name = format!("round {round} client {client}");
                    let client = Client {
                        connection: Connection::open(address),
                        name,
                        steps: 0,
                        sessions: Vec::new(),
                    };
                    scope.spawn(|| client.run(&is_over))
                })
                .collect();
            std::thread::sleep(moment);
            let killed = program.kill();
            is_over.store(true, Ordering::Relaxed);
            let sessions = clients.into_iter().flat_map(|client| client.join().unwrap());
            (sessions.collect::<Vec<_>>(), killed)
        });

        let program = Program::start(directory.path());
        let history = history(&program.gateway);
        let (mut open, mut ended) = (0, 0);
        for session in &sessions {
            if session.is_surely_history(killed) {
                ended += 1;
                let past = history.get(&session.id).map(|past| &past["totalBytesSent"]);
                let total = json!(session.totals(killed).1);
                assert_eq!(past, Some(&total), "{}", session.id);
            } else if session.is_surely_open(killed) {
                open += 1;
                check_open(&program.gateway, session, killed);
            }
        }
        println!("round {round}: {open} open, {ended} ended, killed after {moment:?}");
        assert!(open > 0);
    }
}

#[cfg(unix)]
#[test]
fn told_to_end_it_writes_what_is_pending() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::start(directory.path());
    assert_eq!(program.gateway.report(&report_with(&[("/sent/fetch", json!(3))])).status, 200);
    let start = Instant::now();
    let told = Command::new("kill").arg(program.child.id().to_string()).status();
    assert!(told.unwrap().success());
    assert!(program.child.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(10));
    // All is in the one file that is left of the database then.
    assert!(!directory.path().join("sessions.db-wal").exists());
    assert_eq!(Program::start(directory.path()).gateway.sessions("")[0]["totalBytesSent"], 3);
}
