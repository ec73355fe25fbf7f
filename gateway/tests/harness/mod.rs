//! A gateway on a free port whose clock belongs to the test, and a client that can say anything.

// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code)]

pub mod events;
pub mod temp_file;
pub mod tls;

use std::borrow::Cow;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use session_gateway::clock::Clock;
use session_gateway::files::{File, Files};
use session_gateway::registry::Time;
use session_gateway::{Settings, Surroundings, bind, run};
use tokio::sync::oneshot;

/// The read token of every gateway here.
pub const READ_TOKEN: &str = "read-token";
/// The identity secret of every gateway here.
pub const IDENTITY_SECRET: &str = "the identity secret of these tests";
/// The key of the session in [`report`].
pub const KEY: &str = "0123456789abcdef0123456789abcdef";
/// How long to wait before a gateway counts as dead.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running gateway. It ends when this is dropped.
pub struct Gateway {
    pub address: SocketAddr,
    now: Arc<AtomicU64>,
    shutdown: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

/// Starts a gateway with these flags besides those for port and secrets.
pub fn start(flags: &[&str]) -> Gateway {
    start_with(flags, |_| {})
}

/// Starts a gateway in other surroundings. Its bundles are those of [`built`] unless changed.
pub fn start_with(flags: &[&str], change: impl FnOnce(&mut Surroundings)) -> Gateway {
    let given = |prefix: &str| flags.iter().any(|flag| flag.starts_with(prefix));
    let mut line = vec!["session-gateway"];
    if !given("--listen") {
        line.extend(["--listen", "127.0.0.1:0"]);
    }
    if !given("--read-token") {
        line.extend(["--read-token", READ_TOKEN]);
    }
    if !given("--demo") && !given("--identity-") {
        line.extend(["--identity-secret", IDENTITY_SECRET]);
    }
    line.extend(flags);
    let settings = Settings::read(line).unwrap();

    let now = Arc::new(AtomicU64::new(1_700_000_000_000));
    let clock = Arc::clone(&now);
    let mut surroundings = Surroundings {
        clock: Clock::new(move || Time::from_millis(clock.load(Ordering::SeqCst))),
        files: Files::new(built),
    };
    change(&mut surroundings);
    let gateway = session_gateway::Gateway::open(&settings, surroundings).unwrap();

    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listeners = runtime.block_on(bind(&settings)).unwrap();
    let address = listeners.local_addr().unwrap();
    let (shutdown, told) = oneshot::channel();
    let server = std::thread::spawn(move || {
        let running = run(listeners, &settings, gateway, async {
            let _ = told.await;
        });
        runtime.block_on(running).unwrap();
    });
    Gateway { address, now, shutdown: Some(shutdown), server: Some(server) }
}

/// Files as `cargo xtask build` makes them, each with its own name in it.
pub fn built(name: &str) -> Option<File> {
    let known = [
        "www/index.html",
        "www/site.css",
        "www/designer/index.html",
        "www/designer/designer.js",
        "www/demo/index.html",
        "www/demo/demo.js",
        "dist/agent/agent.js",
        "dist/agent/agent.wasm",
        "dist/panel/index.js",
        "dist/panel/panel.wasm",
        "dist/panel/package.json",
    ];
    known.contains(&name).then(|| File {
        bytes: Cow::Owned(format!("this is {name} ").repeat(100).into_bytes()),
        tag: format!("W/\"{name}\""),
    })
}

impl Gateway {
    /// A gateway that runs as a program of its own, which is not ended when this is dropped.
    pub fn at(address: SocketAddr) -> Self {
        Self { address, now: Arc::default(), shutdown: None, server: None }
    }

    /// Lets time pass.
    pub fn pass(&self, millis: u64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    /// What time it is, in milliseconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    /// Waits until something is so, and not for ever.
    pub fn until(&self, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < PATIENCE, "it never was");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The authority that the gateway has for a browser on this computer.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Opens a connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Sends bytes as they are and reads until the gateway closes.
    pub fn raw(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_ref()).unwrap();
        Answer::read(stream)
    }

    /// Sends a request with these header lines besides Host, Connection and the body's length.
    pub fn ask(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        self.raw(request(&self.host(), method, path, headers, body))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    /// Sends a report as the agent does.
    pub fn report(&self, report: &Value) -> Answer {
        self.report_bytes(report.to_string().as_bytes())
    }

    pub fn report_bytes(&self, body: &[u8]) -> Answer {
        self.ask("POST", "/v1/report", &["Content-Type: text/plain;charset=UTF-8"], body)
    }

    /// The value of this metric, named with its labels as it is written.
    pub fn metric(&self, name: &str) -> f64 {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200);
        let text = answer.text();
        let value = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(' ')?.parse().unwrap());
        let value = text.lines().find_map(value);
        assert!(value.is_some(), "{name} is not in {text}");
        value.unwrap()
    }

    /// What getSessionInfo answers to this query.
    pub fn sessions(&self, query: &str) -> Vec<Value> {
        let answer = self.ask("GET", &format!("/v1/sessions{query}"), &[&bearer(READ_TOKEN)], b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.shutdown.take().map(|shutdown| shutdown.send(()));
        if let Some(server) = self.server.take() {
            let ended = server.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

/// A request with these header lines besides Host, Connection and the body's length.
pub fn request(host: &str, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|line| line.starts_with("Host:")) {
        request += &format!("Host: {host}\r\n");
    }
    if !body.is_empty() {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    for line in headers {
        request += line;
        request += "\r\n";
    }
    request += "\r\n";
    [request.as_bytes(), body].concat()
}

/// Waits until it is so.
pub fn await_that(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The header line with a read token.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// The report of a page of MyProject that has sent nothing.
pub fn report() -> Value {
    json!({
        "v": 1, "project": "MyProject", "sessionId": "session", "key": KEY, "token": null,
        "pageId": "page", "load": "load", "seq": 1, "leaseMs": 25000, "closing": false,
        "scope": "browser", "userAgent": "Mozilla/5.0", "path": "/", "visible": true,
        "sent": {"webSocket": 0, "fetch": 0, "xhr": 0, "beacon": 0},
        "received": {"webSocket": 0, "http": 0},
        "recentSent": 0, "recentAgeMs": 0, "unmeasured": 0
    })
}

/// [`report`] with other values in some fields, named by JSON pointers.
pub fn report_with(changes: &[(&str, Value)]) -> Value {
    let mut report = report();
    for (pointer, value) in changes {
        *report.pointer_mut(pointer).unwrap() = value.clone();
    }
    report
}

/// A signed token that names this user for the next ten minutes.
pub fn token(user: &str) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(IDENTITY_SECRET.as_bytes());
    let claims = json!({"sub": user, "exp": jsonwebtoken::get_current_timestamp() + 600});
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}

/// An HTTP response, its chunks put together.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads until the gateway closes the connection.
    pub fn read(mut stream: impl Read) -> Self {
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        // A gateway that has not read all that it was sent resets the connection, after its answer.
        assert!(!bytes.is_empty(), "no answer: {read:?}");
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Self { status, headers, body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body);
        }
        answer
    }

    /// The value of a header that stands there once at most.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| &**value);
        let value = values.next();
        assert_eq!(values.next(), None, "{name} stands there twice");
        value
    }

    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The status and the field of a problem, whose form is checked (RFC 9457).
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        (self.status, problem["field"].as_str().unwrap_or_default().to_owned())
    }

    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap().to_owned()
    }
}

fn unchunked(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(str::from_utf8(&chunks[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&chunks[end + 2..end + 2 + length]);
        chunks = &chunks[end + 2 + length + 2..];
    }
}
