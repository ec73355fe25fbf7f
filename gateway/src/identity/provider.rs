//! The identity provider: its keys, asked for over https, and when they are asked for again.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};

use super::jwks::{WrongKeySet, keys_of};
use super::keys::Key;
use crate::registry::Time;

/// The longest answer, in bytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// How long an answer may take, from the name's look-up to its last byte.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long keys are taken for the provider's own. Then it is asked again, so that those that it has withdrawn go.
const KEYS_LIFE: Duration = Duration::from_secs(60 * 60);
/// The time from one question to the next where a token's key is not known, or where there was no answer.
const PAUSE: Duration = Duration::from_secs(60);

/// Where an identity provider publishes its keys: always the address of the settings, and never another that it
/// redirects to.
#[derive(Clone, Debug)]
pub struct Provider {
    url: Uri,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// Why the provider's keys could not be had.
#[derive(Debug)]
pub enum NoKeys {
    /// It did not answer, or not over TLS with a certificate that holds.
    Unreachable(hyper_util::client::legacy::Error),
    /// It did not answer within 5 s.
    TooSlow,
    /// It answered something else.
    Status(StatusCode),
    /// Its answer has more than 1 MiB.
    TooLong,
    /// Its answer broke off.
    BrokeOff,
    /// Its answer is nothing to verify tokens with.
    Wrong(WrongKeySet),
}

impl fmt::Display for NoKeys {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Unreachable(error) => {
                write!(f, "it can not be reached: {error}")?;
                // What failed is told only by the errors behind the error.
                std::iter::successors(error.source(), |&error| error.source())
                    .try_for_each(|error| write!(f, ": {error}"))
            }
            Self::TooSlow => write!(f, "it did not answer within {} s", ANSWER_TIMEOUT.as_secs()),
            Self::Status(status) if status.is_redirection() => {
                write!(f, "it answered {status}, and redirects are not followed")
            }
            Self::Status(status) => write!(f, "it answered {status}"),
            Self::TooLong => f.write_str("its answer has more than 1 MiB"),
            Self::BrokeOff => f.write_str("its answer broke off"),
            Self::Wrong(error) => error.fmt(f),
        }
    }
}

impl Error for NoKeys {}

impl Provider {
    /// The provider at this https URL, whose certificate has to go back to one of these roots.
    ///
    /// # Errors
    /// There is no TLS to be had.
    pub fn new(url: Uri, roots: RootCertStore) -> Result<Self, rustls::Error> {
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().build();
        // By the next question the connection would be long closed.
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { url, client })
    }

    /// Where the keys are.
    #[must_use]
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// The keys that the provider publishes now.
    ///
    /// # Errors
    /// Why they can not be had.
    pub async fn keys(&self) -> Result<Vec<Key>, NoKeys> {
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, self.ask());
        let answer = answer.await.map_err(|_| NoKeys::TooSlow)??;
        keys_of(&answer).map_err(NoKeys::Wrong)
    }

    async fn ask(&self) -> Result<Bytes, NoKeys> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.url.clone();
        let json = header::HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::ACCEPT, json);
        let answer = self.client.request(request).await.map_err(NoKeys::Unreachable)?;
        if answer.status() != StatusCode::OK {
            return Err(NoKeys::Status(answer.status()));
        }
        match Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(NoKeys::TooLong),
            Err(_) => Err(NoKeys::BrokeOff),
        }
    }
}

/// When the provider is asked. Pure: time comes in.
#[derive(Debug, Default)]
pub struct Schedule(Mutex<Asked>);

#[derive(Debug, Default)]
struct Asked {
    last: Option<Time>,
    answered: bool,
    wanted: bool,
    /// What went wrong the last time: said once for one cause.
    failure: Option<String>,
}

impl Schedule {
    /// A token came whose key is not known: the provider may have a new one.
    pub fn want(&self) {
        self.asked().wanted = true;
    }

    /// Whether to ask now; if so, it is taken for asked.
    pub fn is_due(&self, now: Time) -> bool {
        let mut asked = self.asked();
        let due = asked.last.is_none_or(|last| {
            let again = if asked.answered && !asked.wanted { KEYS_LIFE } else { PAUSE };
            last.plus(again) <= now
        });
        if due {
            asked.last = Some(now);
            asked.wanted = false;
        }
        due
    }

    /// The provider has answered; whether that is news.
    pub fn answered(&self) -> bool {
        let mut asked = self.asked();
        asked.failure = None;
        !std::mem::replace(&mut asked.answered, true)
    }

    /// The provider has not answered; whether that is news.
    pub fn failed(&self, why: &NoKeys) -> bool {
        let mut asked = self.asked();
        asked.answered = false;
        let why = Some(why.to_string());
        let news = asked.failure != why;
        asked.failure = why;
        news
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1000;
    const MINUTE: u64 = 60 * SECOND;

    fn at(millis: u64) -> Time {
        Time::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn keys_are_asked_for_at_once_and_then_each_hour() {
        let schedule = Schedule::default();
        assert!(schedule.is_due(at(0)));
        assert!(schedule.answered());
        assert!(!schedule.is_due(at(60 * MINUTE - 1)));
        assert!(schedule.is_due(at(60 * MINUTE)));
        assert!(!schedule.is_due(at(60 * MINUTE)));
        assert!(!schedule.answered());
    }

    #[test]
    fn a_key_that_is_not_known_is_asked_for_at_most_once_a_minute() {
        let schedule = Schedule::default();
        assert!(schedule.is_due(at(0)));
        schedule.answered();
        let asked = (1..=600).filter(|second| {
            schedule.want();
            schedule.is_due(at(second * SECOND))
        });
        assert_eq!(asked.collect::<Vec<_>>(), [60, 120, 180, 240, 300, 360, 420, 480, 540, 600]);
    }

    #[test]
    fn where_there_was_no_answer_it_is_asked_again_each_minute_and_one_cause_told_once() {
        let schedule = Schedule::default();
        let ask = |seconds| {
            assert!(!schedule.is_due(at(seconds * SECOND - 1)));
            assert!(schedule.is_due(at(seconds * SECOND)));
        };
        assert!(schedule.is_due(at(0)));
        assert!(schedule.failed(&NoKeys::TooSlow));
        ask(60);
        assert!(!schedule.failed(&NoKeys::TooSlow));
        ask(120);
        assert!(schedule.failed(&NoKeys::TooLong));
        ask(180);
        schedule.answered();
        assert!(!schedule.is_due(at(240 * SECOND)));
    }
}
