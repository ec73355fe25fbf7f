//! TLS, where the gateway is given a certificate, and what it does without one.

#![allow(clippy::unwrap_used)]

mod harness;

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use harness::tls::Certificate;
use harness::{READ_TOKEN, start};
use session_gateway::{Settings, announcement, bind};

#[test]
fn with_a_certificate_the_gateway_speaks_tls_and_http_1() {
    let certificate = Certificate::new("speaks-tls");
    let flags = certificate.flags();
    let gateway = start(&flags.each_ref().map(String::as_str));
    let mut stream = certificate.client(gateway.connect());
    for _ in 0..2 {
        write!(stream, "HEAD / HTTP/1.1\r\nHost: {}\r\n\r\n", gateway.host()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[test]
fn who_does_not_speak_tls_is_not_waited_for() {
    let certificate = Certificate::new("no-tls");
    let files = certificate.flags();
    let mut flags: Vec<_> = files.iter().map(String::as_str).collect();
    flags.extend(["--header-timeout", "50ms"]);
    let gateway = start(&flags);
    for said in [&b""[..], b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01"] {
        let mut stream = gateway.connect();
        stream.write_all(said).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
}

#[test]
fn a_handshake_that_has_not_begun_does_not_hold_up_the_end() {
    let certificate = Certificate::new("no-handshake");
    let flags = certificate.flags();
    let gateway = start(&flags.each_ref().map(String::as_str));
    let _silent: Vec<_> = (0..8).map(|_| gateway.connect()).collect();
    // By its answer some of those before it are accepted too.
    let mut stream = certificate.client(gateway.connect());
    write!(stream, "HEAD / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", gateway.host())
        .unwrap();
    assert!(stream.read(&mut [0; 16]).unwrap() > 0);
    let start = Instant::now();
    drop(gateway);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// What comes of listening beyond loopback with these flags.
fn beyond_loopback(flags: &[&str]) -> Result<String, String> {
    let line = ["session-gateway", "--listen", "0.0.0.0:0", "--read-token", READ_TOKEN];
    let settings = Settings::read(line.iter().chain(flags)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listeners = runtime.block_on(bind(&settings)).map_err(|error| error.to_string())?;
    Ok(announcement(&settings, listeners.local_addr().unwrap()))
}

#[test]
fn beyond_loopback_it_takes_tls_or_leave_to_do_without() {
    let error = beyond_loopback(&[]).unwrap_err();
    for word in ["0.0.0.0:0", "--tls-cert-file", "--tls-key-file", "--allow-plain-http"] {
        assert!(error.contains(word), "{error}");
    }
    let plain = beyond_loopback(&["--allow-plain-http", "--base-path", "/a"]).unwrap();
    assert!(plain.contains(" http://0.0.0.0:") && plain.contains(" http://127.0.0.1:"), "{plain}");
    assert!(plain.contains("/a/designer/"), "{plain}");
    let certificate = Certificate::new("beyond-loopback");
    let tls = beyond_loopback(&certificate.flags().each_ref().map(String::as_str)).unwrap();
    assert!(tls.contains(" https://0.0.0.0:") && tls.contains(" https://127.0.0.1:"), "{tls}");
}
