//! Who may ask: host first, then origin, before anything else.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::{READ_TOKEN, bearer, report, start};

#[test]
fn the_gateway_answers_to_its_own_names_only() {
    let gateway = start(&["--allow-origin", "http://plant.example:8088"]);
    for (host, status) in [
        ("127.0.0.1", 200),
        ("127.0.0.1:8188", 200),
        ("192.0.2.7:8188", 200),
        ("[::1]:8188", 200),
        ("localhost", 200),
        ("LOCALHOST.:8188", 200),
        ("demo.localhost", 200),
        ("plant.example", 200),
        ("Plant.Example:1", 200),
        ("evil.example", 403),
        ("evil.example:8188", 403),
        ("plant.example.evil.example", 403),
        ("notlocalhost", 403),
        ("127.0.0.1.evil.example", 403),
        ("[evil.example]", 403),
        ("evil.example@127.0.0.1", 400),
        ("evil.example#127.0.0.1", 400),
        ("", 400),
    ] {
        let answer = gateway.ask("GET", "/", &[&format!("Host: {host}")], b"");
        assert_eq!(answer.status, status, "{host}");
        if status != 200 {
            assert_eq!(answer.problem().1, "Host", "{host}");
        }
    }
}

#[test]
fn a_request_names_one_host() {
    let gateway = start(&[]);
    let two = gateway.ask("GET", "/", &["Host: localhost", "Host: evil.example"], b"");
    assert_eq!(two.problem(), (400, "Host".into()));
    assert_eq!(gateway.raw("GET / HTTP/1.0\r\n\r\n").problem(), (400, "Host".into()));
    // The authority of an absolute URL overrides the header (RFC 9112, section 3.2.2).
    let absolute = gateway
        .raw("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(absolute.problem(), (403, "Host".into()));
}

#[test]
fn the_host_given_to_listen_on_is_answered_to() {
    let gateway = start(&["--listen", "localhost:0"]);
    assert_eq!(gateway.ask("GET", "/", &["Host: localhost"], b"").status, 200);
}

#[test]
fn pages_of_its_own_and_of_allowed_origins_may_report() {
    let gateway = start(&["--allow-origin", "http://plant.example:8088,https://other.example"]);
    let body = report().to_string();
    let own = format!("http://{}", gateway.host());
    for (origin, status) in [
        (own.as_str(), 200),
        ("http://plant.example:8088", 200),
        ("https://other.example", 200),
        ("https://other.example:443", 200),
        ("http://plant.example", 403),
        ("https://plant.example:8088", 403),
        ("http://other.example", 403),
        ("http://127.0.0.1", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
        ("*", 403),
        ("http://evil.example http://plant.example:8088", 403),
    ] {
        let line = format!("Origin: {origin}");
        let answer = gateway.ask("POST", "/v1/report", &[&line], body.as_bytes());
        assert_eq!(answer.status, status, "{origin}");
        if status == 200 {
            let shown = if origin == own { None } else { Some(origin.trim_end_matches(":443")) };
            let allowed = answer.header("access-control-allow-origin");
            assert!(allowed == shown || origin.ends_with(":443"), "{origin}: {allowed:?}");
            assert!(answer.header("vary").unwrap().contains("origin"), "{origin}");
            // Else the browser complains of each beacon, and hides from the page how long to wait.
            let policy = answer.header("cross-origin-resource-policy");
            assert_eq!(policy, Some("cross-origin"), "{origin}");
            let exposed = answer.header("access-control-expose-headers");
            assert_eq!(exposed, Some("retry-after"), "{origin}");
        } else {
            assert_eq!(answer.problem().1, "Origin", "{origin}");
            assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        }
    }
    let two = ["Origin: http://plant.example:8088", "Origin: http://evil.example"];
    let answer = gateway.ask("POST", "/v1/report", &two, body.as_bytes());
    assert_eq!(answer.problem(), (403, "Origin".into()));
}

#[test]
fn behind_a_proxy_that_does_tls_the_own_origin_is_https() {
    let gateway = start(&["--allow-origin", "http://plant.example"]);
    let headers = ["Host: plant.example", "Origin: https://plant.example"];
    let answer = gateway.ask("POST", "/v1/report", &headers, report().to_string().as_bytes());
    assert_eq!(answer.status, 200);
}

#[test]
fn the_host_is_checked_before_the_origin_and_the_origin_before_the_route() {
    let gateway = start(&[]);
    let foreign = ["Host: evil.example", "Origin: http://evil.example"];
    assert_eq!(gateway.ask("GET", "/nowhere", &foreign, b"").problem(), (403, "Host".into()));
    let foreign = ["Origin: http://evil.example"];
    assert_eq!(gateway.ask("GET", "/nowhere", &foreign, b"").problem(), (403, "Origin".into()));
    let foreign = ["Origin: http://evil.example", &bearer(READ_TOKEN)];
    assert_eq!(gateway.ask("GET", "/v1/sessions", &foreign, b"").problem(), (403, "Origin".into()));
}

#[test]
fn a_preflight_of_an_allowed_origin_may_send_the_read_token() {
    let gateway = start(&["--allow-origin", "http://plant.example:8088"]);
    let ask = |origin: &str| {
        let headers = [
            &format!("Origin: {origin}"),
            "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: authorization",
        ];
        gateway.ask("OPTIONS", "/v1/sessions", &headers, b"")
    };
    let answer = ask("http://plant.example:8088");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://plant.example:8088"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,content-type"));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET,POST"));
    assert!(answer.header("vary").unwrap().contains("origin"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(ask("http://evil.example").problem(), (403, "Origin".into()));
}

#[test]
fn any_origin_may_load_the_agent_and_nothing_else() {
    let gateway = start(&["--allow-origin", "http://plant.example:8088"]);
    for path in ["/agent.js", "/agent.wasm"] {
        for origin in ["http://evil.example", "http://plant.example:8088", "null"] {
            let answer = gateway.ask("GET", path, &[&format!("Origin: {origin}")], b"");
            assert_eq!(answer.status, 200, "{path} {origin}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
        }
    }
    for path in ["/", "/designer/", "/panel/index.js", "/v1/sessions"] {
        let answer = gateway.ask("GET", path, &["Origin: http://evil.example"], b"");
        assert_eq!(answer.problem(), (403, "Origin".into()), "{path}");
        let answer = gateway.get(path);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
    }
}

#[test]
fn allowed_origins_may_import_the_panel() {
    let gateway = start(&["--allow-origin", "http://plant.example:8088"]);
    let answer = gateway.ask("GET", "/panel/index.js", &["Origin: http://plant.example:8088"], b"");
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://plant.example:8088"));
}

#[test]
fn what_is_not_there_and_what_can_not_be_done_are_problems_too() {
    let gateway = start(&[]);
    assert_eq!(gateway.get("/nowhere").problem().0, 404);
    assert_eq!(gateway.get("/agent.js/").problem().0, 404);
    let answer = gateway.get("/v1/report");
    assert_eq!(answer.problem().0, 405);
    assert_eq!(answer.header("allow"), Some("POST"));
    let answer = gateway.ask("DELETE", "/v1/sessions", &[&bearer(READ_TOKEN)], b"");
    assert_eq!(answer.problem().0, 405);
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    for path in ["/", "/nowhere", "/v1/sessions"] {
        let (head, get) = (gateway.ask("HEAD", path, &[], b""), gateway.get(path));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
}
