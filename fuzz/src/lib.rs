//! What has to hold whatever a stranger sends: a function for each kind of input, which panics where it does not.
//!
//! Each is a target of cargo-fuzz (`cargo xtask soak`), and gateway/tests/fuzz.rs tries it on its corpus and near it.

#![allow(clippy::expect_used, reason = "what is expected here is what is tested")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use axum::body::to_bytes;
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use jsonwebtoken::{Algorithm, EncodingKey};
use perspective_session_info::report::{FieldBounds, PageReport};
use serde_json::Value;
use session_gateway::http::parse_report;
use session_gateway::identity::claims::Rules;
use session_gateway::identity::{Identity, KeySource};
use session_gateway::proxy::{AddressHeader, client_address};
use session_gateway::secret::Secret;

/// The secret that the tokens of the corpus are signed with.
const SECRET: &str = "the secret of the fuzz targets, 32 bytes or more";
/// Longer than any problem is.
const MAX_PROBLEM_BYTES: usize = 64 * 1024;

/// The proxy that a request came in from.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
/// What a client may write to the left of what the proxies say, so that it reads as if they had.
const FORGED: [&str; 7] = [
    "192.0.2.66",
    "for=192.0.2.66",
    "for=\"192.0.2.66",
    "for=\"[2001:db8::66]:1\\",
    "for=192.0.2.66;by=\"",
    "\"",
    "\\",
];

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    Identity::new(KeySource::Secret(Secret::from(SECRET.to_owned())), Rules::default())
});

/// A report's body is read as serde reads it and is within its bounds; or it is refused, and the refusal names a field.
///
/// # Panics
/// Where that is not so.
pub fn report(body: &[u8]) {
    match parse_report(body, &FieldBounds::DEFAULT) {
        Ok(report) => {
            let plain: PageReport = serde_json::from_slice(body).expect("serde reads it too");
            assert_eq!(report, plain);
            assert_eq!(report.check(&FieldBounds::DEFAULT), Ok(()));
        }
        Err(problem) => {
            let response = problem.into_response();
            assert_eq!(response.status(), 400);
            let text = to_bytes(response.into_body(), MAX_PROBLEM_BYTES)
                .now_or_never()
                .expect("a problem's text is there at once")
                .expect("a problem is short");
            let problem: Value = serde_json::from_slice(&text).expect("a problem is JSON");
            let field = problem["field"].as_str().expect("a problem names a field");
            assert!(!field.is_empty(), "{problem}");
        }
    }
}

/// A token holds only if it is signed with the secret by HS256 and names a user; all others are refused.
///
/// The input is a token, or where it has two lines, the header and the claims of one that is signed with the secret:
/// the one thing that chance does not find.
///
/// # Panics
/// Where a token holds that must not.
pub fn token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let token = match text.split_once('\n') {
        None => text.to_owned(),
        Some((header, claims)) => {
            let [header, claims] = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
            let signature = signature(&format!("{header}.{claims}"));
            format!("{header}.{claims}.{signature}")
        }
    };
    let Ok(user) = IDENTITY.user(&token) else { return };
    assert!(!user.is_empty());
    let (signed, given) = token.rsplit_once('.').expect("a token has a signature");
    assert_eq!(given, signature(signed));
    let (header, claims) = signed.split_once('.').expect("a token has a header and claims");
    assert_eq!(part(header)["alg"], "HS256");
    let claims = part(claims);
    assert!(claims["exp"].is_number());
    let named = [&claims["preferred_username"], &claims["sub"]];
    assert!(named.contains(&&Value::from(&*user)), "{claims}");
}

/// Where a request comes from is what trusted proxies say, and nothing that a client writes to the left of that changes
/// it; without a trusted proxy it is the peer.
///
/// The first byte of the input chooses the header, the rest are its lines.
///
/// # Panics
/// Where a client can choose its address.
pub fn forwarding(input: &[u8]) {
    let Some((choice, text)) = input.split_first() else { return };
    let header = if choice.is_multiple_of(2) {
        AddressHeader::XForwardedFor
    } else {
        AddressHeader::Forwarded
    };
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let read = |lines: &[&[u8]], trusts: fn(IpAddr) -> bool| {
        client_address(PROXY, header, lines.iter().copied(), trusts)
    };
    assert_eq!(read(&lines, |_| false), PROXY);
    let client = read(&lines, is_proxy);
    assert_eq!(client, client.to_canonical());
    if is_proxy(client) {
        // All that is known is a proxy: whatever it had the request from may yet be told.
        return;
    }
    for forged in FORGED {
        let mut more = vec![forged.as_bytes()];
        more.extend(&lines);
        assert_eq!(read(&more, is_proxy), client, "after the line {forged}");
        let first = [forged.as_bytes(), b", ", lines[0]].concat();
        more[1] = &first;
        assert_eq!(read(&more[1..], is_proxy), client, "after {forged} in the same line");
    }
}

fn is_proxy(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_private())
}

fn signature(signed: &str) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256)
        .expect("HS256 signs anything")
}

fn part(text: &str) -> Value {
    let json = BASE64_URL_SAFE_NO_PAD.decode(text).expect("a part is base64url");
    serde_json::from_slice(&json).expect("a part is JSON")
}
