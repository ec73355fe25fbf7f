//! The gateway behind a real nginx, with the configuration that ships in deploy/: only names, ports and files in
//! it are other ones.

#![allow(clippy::panic, clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod harness;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::tls::Certificate;
use harness::{Answer, Gateway, READ_TOKEN, bearer, report, request, start};
use serde_json::json;
use socket2::{Domain, Socket, Type};

const CONFIGURATION: &str = include_str!("../../deploy/nginx/session-gateway.conf");
/// Where a client comes from.
const CLIENT: [u8; 4] = [127, 0, 0, 2];
/// How long nginx may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// nginx in front of a gateway and of what stands for Ignition.
struct Site {
    nginx: Child,
    address: SocketAddr,
    certificate: Certificate,
    _gateway: Gateway,
}

impl Site {
    /// Starts both; the gateway with these flags besides the one for its base path.
    fn start(test: &str, flags: &[&str]) -> Self {
        let gateway = start(&[&["--base-path", "/session-info"], flags].concat());
        let certificate = Certificate::new(test);
        let (ignition, address) = (ignition(), free_address());
        let mut site = CONFIGURATION.to_owned();
        for (shipped, here) in [
            ("server 127.0.0.1:8188;", format!("server {};", gateway.address)),
            ("server 127.0.0.1:8088;", format!("server {ignition};")),
            ("listen 443 ssl;", format!("listen {address} ssl;")),
            ("server_name ignition.example;", "server_name localhost;".to_owned()),
            ("/etc/ssl/ignition.example/fullchain.pem", certificate.file("cert.pem")),
            ("/etc/ssl/ignition.example/privkey.pem", certificate.file("key.pem")),
        ] {
            assert_eq!(site.matches(shipped).count(), 1, "{shipped}");
            site = site.replace(shipped, &here);
        }
        let folder = certificate.folder().to_str().unwrap();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {folder}/{what};\n"))
            .concat();
        let main = format!(
            "daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
        );
        let file = certificate.folder().join("nginx.conf");
        std::fs::write(&file, main).unwrap();
        let nginx = Command::new(program())
            .args(["-e", "stderr", "-p", folder, "-c", file.to_str().unwrap()])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut site = Self { nginx, address, certificate, _gateway: gateway };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert_eq!(site.nginx.try_wait().unwrap(), None, "nginx has ended");
            assert!(Instant::now() < deadline, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        site
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    fn connect(&self) -> harness::tls::Stream {
        // Of another address than nginx itself, which is in front of the gateway. All of 127.0.0.0/8 is loopback.
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((CLIENT, 0)).into()).unwrap();
        socket.connect(&self.address.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        self.certificate.client(stream)
    }

    fn ask(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        stream.write_all(&request(&self.host(), method, path, headers, body)).unwrap();
        Answer::read(stream)
    }

    fn report(&self, headers: &[&str]) -> Answer {
        let body = report().to_string();
        self.ask("POST", "/session-info/v1/report", headers, body.as_bytes())
    }

    fn only_session(&self) -> serde_json::Value {
        let answer =
            self.ask("GET", "/session-info/v1/sessions", &[&bearer(READ_TOKEN)], b"").json();
        assert_eq!(answer.as_array().unwrap().len(), 1, "{answer}");
        answer[0].clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // Its master process takes its workers along when it is told to end, not when it is killed.
        let told = Command::new("kill").arg(self.nginx.id().to_string()).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.nginx.kill();
        }
        let _ = self.nginx.wait();
    }
}

/// On PATH, or where Debian has it, which is not on everybody's.
fn program() -> &'static str {
    let found = ["nginx", "/usr/sbin/nginx"]
        .into_iter()
        .find(|program| Command::new(program).arg("-v").stderr(Stdio::null()).status().is_ok());
    found.unwrap_or_else(|| panic!("nginx is not there: `cargo xtask test native` installs it"))
}

/// nginx takes no port 0.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Answers every request with what it was asked.
fn ignition() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).unwrap();
            asked.truncate(length);
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}");
            stream.write_all(&[head.as_bytes(), b"\r\n\r\n", &asked].concat()).unwrap();
        }
    });
    address
}

#[test]
fn gateway_and_ignition_share_an_origin() {
    let site = Site::start("nginx-origin", &[]);
    let origin = format!("Origin: https://{}", site.host());
    let answer = site.report(&[&origin]);
    assert_eq!(answer.json(), json!({"username": "Unauthenticated", "authorized": false}));
    assert_eq!(site.only_session()["id"], "session");
    for path in ["/", "/designer/", "/agent.js", "/panel/index.js"] {
        assert_eq!(
            site.ask("GET", &format!("/session-info{path}"), &[], b"").status,
            200,
            "{path}"
        );
    }
    let redirect = site.ask("GET", "/session-info/designer", &[], b"");
    assert_eq!(redirect.header("location"), Some("designer/"));
    let elsewhere =
        site.ask("GET", "/data/perspective/client/MyProject", &[], b"").text().into_owned();
    assert!(
        elsewhere.starts_with("GET /data/perspective/client/MyProject HTTP/1.1"),
        "{elsewhere}"
    );
}

#[test]
fn who_may_ask_is_checked_behind_the_proxy_too() {
    let site = Site::start("nginx-access", &[]);
    assert_eq!(site.report(&["Origin: https://evil.example"]).problem(), (403, "Origin".into()));
    assert_eq!(site.report(&["Host: evil.example"]).problem(), (403, "Host".into()));
    let sessions = site.ask("GET", "/session-info/v1/sessions", &[], b"");
    assert_eq!(sessions.problem(), (401, "Authorization".into()));
}

#[test]
fn connections_to_the_gateway_are_kept() {
    // With two places in all, a connection for each request would soon find none.
    let site = Site::start("nginx-kept", &["--connections", "2"]);
    for _ in 0..20 {
        assert_eq!(site.report(&[]).status, 200);
    }
}

#[test]
fn the_clients_address_is_what_nginx_saw_whatever_the_client_says() {
    let site = Site::start("nginx-address", &["--trusted-proxy", "127.0.0.1"]);
    for headers in [
        &[][..],
        &["X-Forwarded-For: 203.0.113.9"],
        &["X-Forwarded-For: 203.0.113.9, 127.0.0.1", "Forwarded: for=203.0.113.9"],
        &["X-Real-IP: 203.0.113.9"],
    ] {
        assert_eq!(site.report(headers).status, 200);
        assert_eq!(site.only_session()["clientAddress"], "127.0.0.2", "{headers:?}");
    }
}

#[test]
fn a_client_can_not_say_itself_who_its_user_is() {
    let flags = ["--trusted-proxy", "127.0.0.1", "--user-header", "X-Forwarded-User"];
    let site = Site::start("nginx-user", &flags);
    for header in ["X-Forwarded-User: admin", "x-forwarded-user: admin"] {
        assert_eq!(site.report(&[header]).json()["authorized"], false, "{header}");
    }
    assert_eq!(site.only_session()["username"], "Unauthenticated");
}

#[test]
fn events_come_through_at_once() {
    let site = Site::start("nginx-events", &[]);
    let mut events = site.connect();
    let asked =
        request(&site.host(), "GET", "/session-info/v1/events", &[&bearer(READ_TOKEN)], b"");
    events.write_all(&asked).unwrap();
    let mut text = String::new();
    let mut read_to = |words: &str| {
        while !text.contains(words) {
            let mut part = [0; 4096];
            let length = events.read(&mut part).unwrap();
            assert!(length > 0, "{words} never came: {text}");
            text += str::from_utf8(&part[..length]).unwrap();
        }
    };
    read_to("text/event-stream");
    read_to("snapshot");
    assert_eq!(site.report(&[]).status, 200);
    read_to(r#""id":"session""#);
}
