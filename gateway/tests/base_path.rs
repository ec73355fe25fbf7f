//! All routes below a base path, as behind a proxy that serves other things beside the gateway.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::{READ_TOKEN, bearer, report, start};

#[test]
fn every_route_is_below_the_base_path() {
    let gateway = start(&["--base-path", "/session-info"]);
    let body = report().to_string();
    let own = format!("Origin: http://{}", gateway.host());
    let answer = gateway.ask("POST", "/session-info/v1/report", &[&own], body.as_bytes());
    assert_eq!(answer.status, 200);
    for path in ["/", "/designer/", "/designer/designer.js", "/agent.js", "/panel/index.js"] {
        assert_eq!(gateway.get(&format!("/session-info{path}")).status, 200, "{path}");
    }
    let sessions =
        gateway.ask("GET", "/session-info/v1/sessions?detail=true", &[&bearer(READ_TOKEN)], b"");
    assert_eq!(sessions.json().as_array().unwrap().len(), 1);
}

#[test]
fn nothing_is_outside_of_it() {
    let gateway = start(&["--base-path", "/session-info"]);
    for path in ["/", "/agent.js", "/v1/sessions", "/session-infos/", "/session-info2/agent.js"] {
        let answer = gateway.get(path);
        assert_eq!(answer.problem().0, 404, "{path}");
    }
    let body = report().to_string();
    assert_eq!(gateway.ask("POST", "/v1/report", &[], body.as_bytes()).problem().0, 404);
    let twice = "/session-info/session-info/v1/report";
    assert_eq!(gateway.ask("POST", twice, &[], body.as_bytes()).problem().0, 404);
}

#[test]
fn an_address_without_its_last_slash_leads_on() {
    let gateway = start(&["--base-path", "/session-info/"]);
    let answer = gateway.get("/session-info");
    assert_eq!((answer.status, answer.header("location")), (307, Some("/session-info/")));
    // Relative to where it is asked for.
    let answer = gateway.get("/session-info/designer");
    assert_eq!((answer.status, answer.header("location")), (307, Some("designer/")));
}

#[test]
fn who_may_ask_is_checked_there_as_elsewhere() {
    let gateway = start(&["--base-path", "/session-info"]);
    for path in ["/session-info/v1/report", "/session-info/nowhere", "/nowhere"] {
        let answer = gateway.ask("POST", path, &["Host: evil.example"], b"{}");
        assert_eq!(answer.problem(), (403, "Host".into()), "{path}");
        let answer = gateway.ask("POST", path, &["Origin: http://evil.example"], b"{}");
        assert_eq!(answer.problem(), (403, "Origin".into()), "{path}");
    }
    // Any origin may load the agent, there only.
    let foreign = ["Origin: http://evil.example"];
    assert_eq!(gateway.ask("GET", "/session-info/agent.js", &foreign, b"").status, 200);
    assert_eq!(gateway.ask("GET", "/agent.js", &foreign, b"").problem().0, 404);
}
