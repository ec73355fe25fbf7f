//! The pages and bundles.

#![allow(clippy::unwrap_used)]

mod harness;

use std::io::Read as _;

use harness::{Answer, Gateway, built, start, start_with};
use session_gateway::files::Files;

fn content(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200);
    str::from_utf8(&answer.body).unwrap().split(' ').nth(2).unwrap()
}

#[test]
fn every_page_and_bundle_has_its_place_and_its_type() {
    let gateway = start(&["--demo"]);
    for (path, file, content_type) in [
        ("/", "www/index.html", "text/html; charset=utf-8"),
        ("/site.css", "www/site.css", "text/css; charset=utf-8"),
        ("/designer/", "www/designer/index.html", "text/html; charset=utf-8"),
        ("/designer/designer.js", "www/designer/designer.js", "text/javascript; charset=utf-8"),
        ("/demo/MyProject", "www/demo/index.html", "text/html; charset=utf-8"),
        ("/demo/My%20Project%2F%FF", "www/demo/index.html", "text/html; charset=utf-8"),
        ("/demo/assets/demo.js", "www/demo/demo.js", "text/javascript; charset=utf-8"),
        ("/agent.js", "dist/agent/agent.js", "text/javascript; charset=utf-8"),
        ("/agent.wasm", "dist/agent/agent.wasm", "application/wasm"),
        ("/panel/index.js", "dist/panel/index.js", "text/javascript; charset=utf-8"),
        ("/panel/panel.wasm", "dist/panel/panel.wasm", "application/wasm"),
        ("/panel/package.json", "dist/panel/package.json", "application/json"),
    ] {
        let answer = gateway.get(path);
        assert_eq!(content(&answer), file, "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
    }
}

#[test]
fn a_page_runs_only_what_the_gateway_serves_and_only_allowed_origins_frame_it() {
    let gateway = start(&["--allow-origin", "http://plant.example:8088,https://other.example"]);
    let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                  img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
                  frame-ancestors 'self' http://plant.example:8088 https://other.example";
    for path in ["/", "/designer/"] {
        assert_eq!(gateway.get(path).header("content-security-policy"), Some(policy), "{path}");
    }
}

#[test]
fn the_designer_page_is_found_without_its_slash() {
    let answer = start(&[]).get("/designer");
    assert_eq!((answer.status, answer.header("location")), (307, Some("designer/")));
}

#[test]
fn a_bundle_is_compressed_for_who_can_read_it() {
    let gateway = start(&[]);
    let plain = gateway.get("/agent.wasm");
    assert_eq!(plain.header("content-encoding"), None);
    let gzip = gateway.ask("GET", "/agent.wasm", &["Accept-Encoding: gzip"], b"");
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert_eq!(gzip.header("content-type"), Some("application/wasm"));
    assert!(gzip.header("vary").unwrap().contains("accept-encoding"));
    assert!(gzip.body.len() * 5 < plain.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*gzip.body).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let best = gateway.ask("GET", "/agent.wasm", &["Accept-Encoding: gzip, deflate, br"], b"");
    assert_eq!(best.header("content-encoding"), Some("br"));
}

#[test]
fn a_browser_that_has_the_file_is_told_so() {
    let gateway = start(&[]);
    let tag = gateway.get("/agent.wasm").header("etag").unwrap().to_owned();
    for known in [tag.clone(), format!("\"x\", {tag}"), tag.replace("W/", ""), "*".into()] {
        let headers = [&format!("If-None-Match: {known}"), "Accept-Encoding: gzip"];
        let answer = gateway.ask("GET", "/agent.wasm", &headers, b"");
        assert_eq!((answer.status, answer.header("etag")), (304, Some(&*tag)), "{known}");
        assert!(answer.body.is_empty());
    }
    for unknown in ["\"x\"", "x", ""] {
        let headers = [&*format!("If-None-Match: {unknown}")];
        assert_eq!(gateway.ask("GET", "/agent.wasm", &headers, b"").status, 200, "{unknown}");
    }
}

/// Where the demo page asks for its session.
const SESSION: &str = "/demo/MyProject/session/12345678";

#[test]
fn without_demo_there_is_none() {
    let gateway = start(&[]);
    for path in ["/demo/MyProject", "/demo/assets/demo.js", SESSION] {
        let answer = gateway.get(path);
        assert_eq!(answer.problem().0, 404, "{path}");
        assert!(answer.detail().contains("--demo"), "{path}");
    }
    assert_eq!(gateway.get("/system/pws/MyProject/12345678").problem().0, 404);
}

#[test]
fn with_demo_its_server_answers_behind_the_same_checks() {
    let gateway = start(&["--demo"]);
    let device = "Demo-Device: 0123456789abcdef0123456789abcdef";
    assert_eq!(gateway.ask("GET", SESSION, &[device], b"").status, 200);
    let foreign = [device, "Origin: http://evil.example"];
    assert_eq!(gateway.ask("GET", SESSION, &foreign, b"").problem(), (403, "Origin".into()));
}

#[test]
fn nothing_is_found_outside_the_folders() {
    let gateway = start(&["--demo"]);
    for path in [
        "/designer/..%2findex.html",
        "/designer/../index.html",
        "/panel/..%2f..%2fdist%2fpanel%2findex.js",
        "/panel/%FF",
        "/panel/%00",
        "/panel/",
        "/www/index.html",
        "/demo/assets/..%2Findex.html",
    ] {
        assert_eq!(gateway.get(path).problem().0, 404, "{path}");
    }
}

fn every_path(gateway: &Gateway) -> impl Iterator<Item = Answer> {
    ["/", "/designer/", "/agent.js", "/agent.wasm", "/panel/index.js", "/demo/MyProject"]
        .into_iter()
        .map(|path| gateway.get(path))
}

#[test]
fn without_bundles_every_page_says_how_to_make_them() {
    let without = |name: &str| built(name).filter(|_| !name.starts_with("dist/"));
    let gateway = start_with(&["--demo"], |surroundings| surroundings.files = Files::new(without));
    for answer in every_path(&gateway) {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.text().contains("cargo xtask build"));
    }
}
