//! An identity provider on loopback, which publishes its keys over https.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use super::TempFile;

/// What the provider answers.
#[derive(Clone)]
pub enum Answer {
    /// These bytes of HTTP.
    Http(String),
    /// Nothing, for ever: the connection stays open.
    Nothing,
    /// Nothing: the connection closes.
    Closed,
}

impl Answer {
    /// A JWK Set of these keys.
    pub fn keys(keys: &[Value]) -> Self {
        Self::body(&json!({ "keys": keys }).to_string())
    }

    pub fn body(body: &str) -> Self {
        Self::Http(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    }
}

/// A running provider. Its thread ends with the test's process.
pub struct Provider {
    address: SocketAddr,
    /// The certificate that its own goes back to.
    pub ca: TempFile,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<Answer>>,
}

impl Provider {
    pub fn start(answer: Answer) -> Self {
        let (config, ca) = tls();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let provider = Self {
            address: listener.local_addr().unwrap(),
            ca: TempFile::new(&ca),
            asked: Arc::default(),
            answer: Arc::new(Mutex::new(answer)),
        };
        let (asked, answer) = (Arc::clone(&provider.asked), Arc::clone(&provider.answer));
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming() {
                // Who does not like the certificate goes again: no question was asked.
                if let Some(stream) = serve(stream.unwrap(), &config, &asked, &answer) {
                    kept.push(stream);
                }
            }
        });
        provider
    }

    pub fn url(&self) -> String {
        format!("https://{}/certs", self.address)
    }

    /// The flags with which a gateway asks this provider.
    pub fn flags<'a>(&'a self, url: &'a str) -> Vec<&'a str> {
        let flags = ["--identity-jwks-url", url, "--identity-jwks-ca-file", self.ca.path()];
        [&super::EXPECTED[..], &flags].concat()
    }

    pub fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits until it was asked so often.
    pub fn wait_until_asked(&self, times: usize) {
        wait_until(|| self.asked() >= times);
        assert_eq!(self.asked(), times);
    }
}

/// Waits for a condition, up to a deadline.
#[track_caller]
pub fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "it never came true");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn serve(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    asked: &AtomicUsize,
    answer: &Mutex<Answer>,
) -> Option<TcpStream> {
    let kept = stream.try_clone().unwrap();
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
    }
    let answer = answer.lock().unwrap().clone();
    asked.fetch_add(1, Ordering::SeqCst);
    match answer {
        Answer::Http(http) => {
            let stream = stream.get_mut();
            let _ = stream.write_all(http.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
            None
        }
        Answer::Nothing => Some(kept),
        Answer::Closed => None,
    }
}

/// TLS for 127.0.0.1, and the PEM of the authority that it goes back to.
fn tls() -> (Arc<ServerConfig>, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &Issuer::new(ca, ca_key))
        .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    (Arc::new(config), ca_certificate.pem())
}
