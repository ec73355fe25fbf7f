//! The limits of sockets: past one the client is told so, and the others are served on.

#![allow(clippy::unwrap_used)]

mod harness;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use harness::{Answer, Gateway, report, start};

/// Asks on a connection that stays open, and reads the answer's head.
fn ask_on(stream: &mut TcpStream, gateway: &Gateway) -> String {
    write!(stream, "HEAD /nowhere HTTP/1.1\r\nHost: {}\r\n\r\n", gateway.host()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Asks until there is a place again: who closes a connection does not see when the gateway has noticed.
fn ask_until_answered(gateway: &Gateway) -> Answer {
    loop {
        let answer = gateway.get("/nowhere");
        if answer.status == 404 {
            return answer;
        }
    }
}

#[test]
fn past_the_limit_of_connections_whoever_comes_is_told_to_come_again() {
    let gateway = start(&["--connections", "3"]);
    let mut held: Vec<_> = (0..3).map(|_| gateway.connect()).collect();
    for stream in &mut held {
        assert!(ask_on(stream, &gateway).starts_with("HTTP/1.1 404"));
    }
    let refused = gateway.get("/nowhere");
    assert_eq!(refused.problem(), (503, String::new()));
    assert_eq!(refused.header("retry-after"), Some("10"));
    for stream in &mut held {
        assert!(ask_on(stream, &gateway).starts_with("HTTP/1.1 404"), "the others are served on");
    }
    held.pop();
    ask_until_answered(&gateway);
}

#[test]
fn one_address_has_but_its_share_of_the_connections() {
    let gateway = start(&["--connections-per-address", "2"]);
    let mut held: Vec<_> = (0..2).map(|_| gateway.connect()).collect();
    for stream in &mut held {
        ask_on(stream, &gateway);
    }
    let refused = gateway.get("/nowhere");
    assert_eq!(refused.problem(), (429, String::new()));
    assert_eq!(refused.header("retry-after"), Some("10"));
    drop(held);
    ask_until_answered(&gateway);
}

#[test]
fn a_connection_that_was_quiet_for_long_is_served_like_a_new_one() {
    let gateway = start(&[]);
    let mut stream = gateway.connect();
    for _ in 0..3 {
        assert!(ask_on(&mut stream, &gateway).starts_with("HTTP/1.1 404"));
        // Longer than the gateway keeps what it needs for a request; served it is in either case.
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    // A request in pieces, with a pause after each.
    let body = report().to_string();
    for piece in [
        "POST /v1/rep",
        "ort HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n",
        &format!("Content-Length: {}\r\n\r\n{}", body.len(), &body[..10]),
        &body[10..],
    ] {
        stream.write_all(piece.as_bytes()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    assert_eq!(Answer::read(stream).status, 200);
}

#[test]
fn headers_past_their_limit_are_refused() {
    let gateway = start(&["--header-bytes", "8192"]);
    let ask = |bytes: usize| {
        let header = format!("X: {}", "x".repeat(bytes));
        gateway.ask("GET", "/nowhere", &[&header], b"").status
    };
    assert_eq!(ask(8000), 404);
    assert_eq!(ask(8192), 431);
    assert_eq!(ask(1024 * 1024), 431);
}

#[test]
fn headers_that_never_end_and_a_connection_that_says_nothing_are_not_waited_for() {
    let gateway = start(&["--header-timeout", "50ms"]);
    for begun in ["", "GET / HTTP/1.1\r\nHost: loc"] {
        let mut stream = gateway.connect();
        stream.write_all(begun.as_bytes()).unwrap();
        let mut rest = Vec::new();
        match stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
    assert_eq!(gateway.get("/nowhere").status, 404);
}

#[test]
fn a_client_that_takes_nothing_of_its_answers_does_not_keep_its_connection() {
    let gateway = start(&["--write-timeout", "100ms"]);
    let mut stream = gateway.connect();
    stream.set_write_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let request = format!("GET /agent.wasm HTTP/1.1\r\nHost: {}\r\n\r\n", gateway.host());
    // It asks and asks, and reads nothing. When the gateway has given up, asking fails.
    let failure = loop {
        if let Err(error) = stream.write_all(request.as_bytes()) {
            break error.kind();
        }
    };
    assert!(matches!(failure, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{failure}");
    assert_eq!(gateway.get("/nowhere").status, 404);
}
