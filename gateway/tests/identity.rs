//! Who the user is: by public keys in files, and by those that an identity provider publishes.

#![allow(clippy::unwrap_used)]

mod harness;
mod issuer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harness::{Gateway, report_with, start};
use issuer::provider::{Answer, Provider, wait_until};
use issuer::{EXPECTED, Signer, TempFile, claims};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use session_gateway::Settings;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// The user that the gateway takes this token's sender for, or why for nobody.
fn user(gateway: &Gateway, token: &str) -> Result<String, String> {
    // A report that was there already would not keep the page open when time has passed.
    static SEQ: AtomicU64 = AtomicU64::new(1);
    let seq = SEQ.fetch_add(1, Ordering::Relaxed);
    let answer = gateway.report(&report_with(&[("/token", json!(token)), ("/seq", json!(seq))]));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let listed = &gateway.sessions("")[0];
    assert_eq!(
        (&listed["username"], &listed["authorized"]),
        (&answer["username"], &answer["authorized"])
    );
    if answer["authorized"] == true {
        assert_eq!(answer.get("tokenProblem"), None);
        return Ok(answer["username"].as_str().unwrap().to_owned());
    }
    assert_eq!(answer["username"], "Unauthenticated");
    Err(answer["tokenProblem"].as_str().unwrap().to_owned())
}

#[track_caller]
fn refused(gateway: &Gateway, token: &str, words: &str) {
    let problem = user(gateway, token).unwrap_err();
    assert!(problem.contains(words), "{problem}");
}

/// What is wrong with this text as the file of a setting.
fn wrong(setting: &str, text: &str) -> String {
    let file = TempFile::new(text);
    let flags = [&["session-gateway", setting, file.path()], &EXPECTED[..]].concat();
    let error = Settings::read(flags).unwrap_err().to_string();
    assert!(error.contains(setting) && error.contains(file.path()), "{error}");
    error
}

#[test]
fn a_public_key_verifies_what_its_private_key_signed() {
    for signer in [Signer::rsa(), Signer::p256()] {
        let mut claims = claims("billy");
        claims.as_object_mut().unwrap().remove("aud");
        for pem in [signer.public_key(), signer.certificate()] {
            let file = TempFile::new(&pem);
            let gateway = start(&["--identity-public-key-file", file.path()]);
            // There is but one key: what a token calls it does not matter.
            for token in [signer.sign(&claims), signer.sign_as("x", &claims)] {
                assert_eq!(user(&gateway, &token), Ok("billy".into()));
                assert_eq!(user(&gateway, &token), Ok("billy".into()), "nor a second time");
                refused(&gateway, &(token + "AAAA"), "or was changed");
            }
            let other =
                if signer.algorithm == Algorithm::RS256 { Signer::rsa() } else { Signer::p256() };
            refused(&gateway, &other.sign(&claims), "not signed with the gateway's identity key");
        }
    }
}

#[test]
fn the_algorithm_is_the_keys_and_never_the_tokens() {
    let (rsa, p256) = (Signer::rsa(), Signer::p256());
    let file = TempFile::new(&rsa.public_key());
    let gateway = start(&["--identity-public-key-file", file.path()]);
    // A public key is no secret: whoever signs with it as one is not whom it belongs to.
    for secret in [rsa.public_key(), rsa.public_key().trim().to_owned()] {
        let key = EncodingKey::from_secret(secret.as_bytes());
        let token = jsonwebtoken::encode(&Header::default(), &claims("billy"), &key).unwrap();
        refused(&gateway, &token, "not signed with RS256");
    }
    refused(&gateway, &p256.sign(&claims("billy")), "not signed with RS256");
    let payload = rsa.sign(&claims("billy"));
    let payload = payload.split('.').nth(1).unwrap();
    // {"alg":"none"}, {"alg":"RS512"} and {"alg":"HS256"}
    refused(&gateway, &format!("eyJhbGciOiJub25lIn0.{payload}."), "not a signed JWT");
    refused(&gateway, &format!("eyJhbGciOiJSUzUxMiJ9.{payload}.AAAA"), "not signed with RS256");
    refused(&gateway, &format!("eyJhbGciOiJIUzI1NiJ9.{payload}.AAAA"), "not signed with RS256");
}

#[test]
fn a_key_that_a_token_brings_along_or_points_at_is_not_used() {
    let (signer, stranger) = (Signer::rsa(), Signer::rsa());
    let published = json!({"keys": [signer.published_as("one")]}).to_string();
    let file = TempFile::new(&published);
    let flags = [&EXPECTED[..], &["--identity-jwks-file", file.path()]].concat();
    let gateway = start(&flags);
    let under = |signer: &Signer, crit| {
        let header = Header {
            kid: Some("one".into()),
            jwk: Some(stranger.jwk()),
            jku: Some("https://evil.example/keys".into()),
            x5u: Some("https://evil.example/certificate".into()),
            x5c: Some(vec!["AAAA".into()]),
            crit,
            ..Header::new(Algorithm::RS256)
        };
        signer.sign_under(&header, &claims("billy"))
    };
    refused(&gateway, &under(&stranger, None), "not signed with the gateway's identity key");
    assert_eq!(user(&gateway, &under(&signer, None)), Ok("billy".into()));
    refused(&gateway, &under(&signer, Some(vec!["exp".into()])), "`crit`");
}

#[test]
fn a_set_of_keys_is_read_for_those_that_verify() {
    let (one, two, three) = (Signer::rsa(), Signer::p256(), Signer::rsa());
    let with = |signer: &Signer, id: &str, changes: &[(&str, Value)]| {
        let mut key = signer.published_as(id);
        changes.iter().for_each(|(field, value)| key[field] = value.clone());
        key
    };
    let keys = json!({"keys": [
        with(&one, "one", &[]),
        with(&two, "two", &[("alg", json!(null)), ("use", json!(null)), ("key_ops", json!(["verify"]))]),
        with(&three, "encryption", &[("use", json!("enc")), ("alg", json!("RSA-OAEP"))]),
        with(&three, "signs", &[("use", json!(null)), ("key_ops", json!(["sign"]))]),
        with(&three, "other algorithm", &[("alg", json!("PS256"))]),
        {"kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0"},
        {"kty": "OKP", "kid": "curve", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "new", "kid": 7},
    ]});
    let file = TempFile::new(&keys.to_string());
    let gateway = start(&[&EXPECTED[..], &["--identity-jwks-file", file.path()]].concat());
    let claims = claims("billy");

    assert_eq!(user(&gateway, &one.sign_as("one", &claims)), Ok("billy".into()));
    assert_eq!(user(&gateway, &two.sign_as("two", &claims)), Ok("billy".into()));
    // Of each algorithm there is one key: a token need not say which.
    assert_eq!(user(&gateway, &one.sign(&claims)), Ok("billy".into()));
    refused(&gateway, &one.sign_as("two", &claims), "an algorithm that its key is not for");
    refused(&gateway, &three.sign_as("one", &claims), "not signed with the gateway's identity key");
    for id in ["encryption", "signs", "other algorithm", "curve", "nowhere"] {
        refused(&gateway, &three.sign_as(id, &claims), "does not publish");
    }
    let header = Header { kid: Some("secret".into()), ..Header::default() };
    let secret = EncodingKey::from_secret(b"secret");
    let token = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
    refused(&gateway, &token, "neither RS256 nor ES256");
}

#[test]
fn where_several_keys_fit_a_token_has_to_name_its_own() {
    let (one, two) = (Signer::p256(), Signer::p256());
    let keys = json!({"keys": [one.published_as("one"), two.published_as("two")]});
    let file = TempFile::new(&keys.to_string());
    let gateway = start(&[&EXPECTED[..], &["--identity-jwks-file", file.path()]].concat());
    refused(&gateway, &one.sign(&claims("billy")), "does not say which key");
    assert_eq!(user(&gateway, &two.sign_as("two", &claims("billy"))), Ok("billy".into()));
}

#[test]
fn a_file_that_holds_no_key_is_named_with_what_is_wrong() {
    let (rsa, p256) = (Signer::rsa(), Signer::p256());
    let p384 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    for (pem, words) in [
        (rsa.private_key(), "private key"),
        (p256.private_key() + &p256.public_key(), "private key"),
        (rsa.public_key() + &p256.public_key(), "more than one key"),
        (p384.public_key_pem(), "neither RSA"),
        (RSA_1024.into(), "2048"),
        ("secret".into(), "no PUBLIC KEY"),
        (String::new(), "no PUBLIC KEY"),
        (p256.public_key().replace("END", "FIN"), "no PUBLIC KEY"),
    ] {
        let error = wrong("--identity-public-key-file", &pem);
        assert!(error.contains(words), "{words}: {error}");
    }

    let short = json!({"kty": "RSA", "n": "w".repeat(171), "e": "AQAB"});
    let mut off_the_curve = p256.published_as("off");
    off_the_curve["y"] = off_the_curve["x"].clone();
    let one = p256.published_as("one");
    for (keys, words) in [
        ("secret".into(), "no JWK Set"),
        ("[]".into(), "no JWK Set"),
        (json!({"keys": []}).to_string(), "no key"),
        (json!({"keys": [short]}).to_string(), "2048"),
        (json!({"keys": [off_the_curve]}).to_string(), "point of P-256"),
        (
            json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}).to_string(),
            "a published secret is none",
        ),
        (json!({"keys": vec![one; 65]}).to_string(), "more than 64"),
        (" ".repeat(1024 * 1024 + 1), "longer than 1024 KiB"),
    ] {
        let error = wrong("--identity-jwks-file", &keys);
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_providers_keys_are_there_from_the_start() {
    let signer = Signer::rsa();
    let provider = Provider::start(Answer::keys(&[signer.published_as("one")]));
    let gateway = start(&provider.flags(&provider.url()));
    assert_eq!(user(&gateway, &signer.sign_as("one", &claims("billy"))), Ok("billy".into()));
    assert_eq!(provider.asked(), 1);
    for (field, value) in [("iss", json!("https://evil.example")), ("aud", json!("mail"))] {
        let mut claims = claims("billy");
        claims[field] = value;
        refused(&gateway, &signer.sign_as("one", &claims), field);
    }
}

#[test]
fn a_key_that_is_not_known_is_asked_for_at_most_once_a_minute() {
    let (old, new) = (Signer::rsa(), Signer::p256());
    let provider = Provider::start(Answer::keys(&[old.published_as("old")]));
    let gateway = start(&provider.flags(&provider.url()));
    let (old_token, new_token) =
        (old.sign_as("old", &claims("billy")), new.sign_as("new", &claims("ann")));
    provider.wait_until_asked(1);
    provider.answer(Answer::keys(&[old.published_as("old"), new.published_as("new")]));

    for _ in 0..20 {
        refused(&gateway, &new_token, "does not publish");
    }
    gateway.pass(MINUTE - 1);
    refused(&gateway, &new_token, "does not publish");
    assert_eq!(provider.asked(), 1);
    gateway.pass(1);
    // No report waits for the provider: the next one finds what it has answered.
    wait_until(|| user(&gateway, &new_token) == Ok("ann".into()));
    assert_eq!(user(&gateway, &old_token), Ok("billy".into()));
    assert_eq!(provider.asked(), 2);

    for _ in 0..20 {
        refused(&gateway, &old.sign_as("made up", &claims("billy")), "does not publish");
    }
    assert_eq!(provider.asked(), 2);
}

#[test]
fn a_key_that_the_provider_has_withdrawn_goes_within_the_hour() {
    let (old, new) = (Signer::p256(), Signer::p256());
    let provider = Provider::start(Answer::keys(&[old.published_as("old")]));
    let gateway = start(&provider.flags(&provider.url()));
    let token = old.sign_as("old", &claims("billy"));
    assert_eq!(user(&gateway, &token), Ok("billy".into()));
    provider.answer(Answer::keys(&[new.published_as("new")]));
    gateway.pass(HOUR);
    // What was verified before does not hold on that account.
    wait_until(|| user(&gateway, &token).is_err());
    refused(&gateway, &token, "does not publish");
    assert_eq!(user(&gateway, &new.sign_as("new", &claims("ann"))), Ok("ann".into()));
}

#[test]
fn the_keys_are_kept_while_the_provider_gives_none() {
    let signer = Signer::p256();
    let keys = Answer::keys(&[signer.published_as("one")]);
    let provider = Provider::start(keys.clone());
    let gateway = start(&provider.flags(&provider.url()));
    let token = |user: &str| signer.sign_as("one", &claims(user));
    assert_eq!(user(&gateway, &token("billy")), Ok("billy".into()));
    let elsewhere = Provider::start(keys);
    let redirect =
        format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.url());
    for (n, answer) in [
        Answer::Closed,
        Answer::Http(redirect),
        Answer::Http("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".into()),
        Answer::Http("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".into()),
        Answer::body(&format!(r#"{{"keys":[]{}}}"#, " ".repeat(1024 * 1024))),
        Answer::body(r#"{"keys":[]}"#),
        Answer::body("<html>"),
        Answer::Nothing,
    ]
    .into_iter()
    .enumerate()
    {
        provider.answer(answer);
        gateway.pass(if n == 0 { HOUR } else { MINUTE });
        provider.wait_until_asked(n + 2);
        assert_eq!(user(&gateway, &token(&format!("user {n}"))), Ok(format!("user {n}")));
    }
    assert_eq!(elsewhere.asked(), 0, "redirects are not followed");
}

#[test]
fn no_report_waits_for_the_provider() {
    let signer = Signer::p256();
    let provider = Provider::start(Answer::Nothing);
    let gateway = start(&provider.flags(&provider.url()));
    let token = signer.sign_as("one", &claims("billy"));
    // The gateway has given up on the first answer by its first, and nobody has to wait for the second.
    refused(&gateway, &token, "does not have the identity provider's keys yet");
    gateway.pass(MINUTE);
    provider.wait_until_asked(2);
    let start = Instant::now();
    refused(&gateway, &token, "does not have the identity provider's keys yet");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());

    provider.answer(Answer::keys(&[signer.published_as("one")]));
    wait_until(|| {
        gateway.pass(MINUTE);
        user(&gateway, &token).is_ok()
    });
}

#[test]
fn a_provider_without_the_right_certificate_is_not_asked() {
    let signer = Signer::p256();
    let provider = Provider::start(Answer::keys(&[signer.published_as("one")]));
    let other = Provider::start(Answer::Closed);
    let token = signer.sign_as("one", &claims("billy"));
    // Another authority; the system's own; another name than the certificate's.
    let (url, elsewhere) = (provider.url(), provider.url().replace("127.0.0.1", "localhost"));
    for flags in [other.flags(&url), provider.flags(&url)[..6].to_vec(), provider.flags(&elsewhere)]
    {
        let gateway = start(&flags);
        refused(&gateway, &token, "does not have the identity provider's keys yet");
    }
    assert_eq!(provider.asked(), 0);
}

/// A public key of 1024 bits, which can be broken.
const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCo+YJyUmNBGAY8TaJk0Q10wrs0\n\
    99l3VYQTjjjLP/XoLrN534Oy4x5Mo28/hQwLEa6/pxd/bKv0eCuhMFMDjgTx1ydB\n\
    cG1rN0b057uz1k3oWU61IUgr2Oj4XmtL6pj3bfXnvITfzyasPq+11sT39VNTBBCQ\n\
    hfQEuomq+Yj4wcNseQIDAQAB\n\
    -----END PUBLIC KEY-----";
