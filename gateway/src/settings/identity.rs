//! Whose tokens say who the user is.

use std::path::{Path, PathBuf};

use axum::http::Uri;
use clap::Args;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::secrets::{MAX_FILE_BYTES, identity_secret, read_text, secret_in};
use super::{SettingsError, WrongText};
use crate::identity::KeySource;
use crate::identity::claims::Rules;
use crate::identity::jwks::keys_of;
use crate::identity::keys::Key;
use crate::identity::provider::Provider;
use crate::secret::Secret;

/// The longest file with an identity provider's keys, in bytes: as much as it may answer.
const MAX_JWKS_FILE_BYTES: u64 = 1024 * 1024;
/// The longest file with certificates, in bytes: a whole bundle of a system's roots.
const MAX_CA_FILE_BYTES: u64 = 1024 * 1024;

/// Where the keys come from, of which there is one source, and what tokens have to claim.
#[derive(Args)]
#[command(next_help_heading = "Users")]
pub(super) struct IdentityFlags {
    /// What identity tokens (JWT, HS256) are signed with, 32 bytes or more. With none of these keys nobody is
    /// verified.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        group = "identity_key"
    )]
    identity_secret: Option<Secret>,

    /// A file that holds the identity secret.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_SECRET_FILE",
        value_name = "FILE",
        group = "identity_key"
    )]
    identity_secret_file: Option<PathBuf>,

    /// A PEM file that holds the public key (or its certificate) that identity tokens are verified with: RSA for
    /// RS256, P-256 for ES256.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_PUBLIC_KEY_FILE",
        value_name = "FILE",
        group = "identity_key"
    )]
    identity_public_key_file: Option<PathBuf>,

    /// A file that holds the identity provider's keys (JWK Set), for RS256 and ES256.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_JWKS_FILE",
        value_name = "FILE",
        group = "identity_key",
        requires_all = ["identity_issuer", "identity_audience"]
    )]
    identity_jwks_file: Option<PathBuf>,

    /// The https address where the identity provider publishes its keys (JWK Set). They are fetched at the start,
    /// each hour, and when a token names another.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_JWKS_URL",
        value_name = "URL",
        group = "identity_key",
        requires_all = ["identity_issuer", "identity_audience"],
        value_parser = https_url
    )]
    identity_jwks_url: Option<Uri>,

    /// A PEM file with the certificates that the identity provider's own has to go back to. Without it, those that
    /// the operating system trusts.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_JWKS_CA_FILE",
        value_name = "FILE",
        requires = "identity_jwks_url"
    )]
    identity_jwks_ca_file: Option<PathBuf>,

    /// Who has to have issued the tokens (`iss`), letter by letter.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_ISSUER",
        value_name = "ISSUER",
        requires = "identity_key"
    )]
    identity_issuer: Option<String>,

    /// Whom the tokens have to be meant for (`aud`). Several: repeat, or put commas between; one of them is enough.
    /// Without it a token that is meant for somebody is refused.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_AUDIENCE",
        value_name = "AUDIENCE",
        value_delimiter = ',',
        requires = "identity_key"
    )]
    identity_audience: Vec<String>,

    /// The claim that names the user. Without it, `preferred_username`, else `sub`.
    #[arg(
        long,
        env = "SESSION_GATEWAY_IDENTITY_USERNAME_CLAIM",
        value_name = "CLAIM",
        requires = "identity_key"
    )]
    identity_username_claim: Option<String>,
}

impl IdentityFlags {
    /// Reads the keys and checks them.
    pub(super) fn read(self) -> Result<(KeySource, Rules), SettingsError> {
        let rules = Rules {
            issuer: self.identity_issuer,
            audiences: self.identity_audience,
            username_claim: self.identity_username_claim,
        };
        let source = if let Some(secret) = self.identity_secret {
            KeySource::Secret(identity_secret("--identity-secret", secret)?)
        } else if let Some(file) = self.identity_secret_file {
            let setting = "--identity-secret-file";
            KeySource::Secret(identity_secret(setting, secret_in(setting, &file)?)?)
        } else if let Some(file) = self.identity_public_key_file {
            let setting = "--identity-public-key-file";
            let key = Key::of_pem(&read_text(setting, &file, MAX_FILE_BYTES)?);
            KeySource::PublicKey(key.map_err(SettingsError::unusable(setting, &file))?)
        } else if let Some(file) = self.identity_jwks_file {
            let setting = "--identity-jwks-file";
            let keys = keys_of(read_text(setting, &file, MAX_JWKS_FILE_BYTES)?.as_bytes());
            KeySource::Published(keys.map_err(SettingsError::unusable(setting, &file))?)
        } else if let Some(url) = self.identity_jwks_url {
            let roots = match self.identity_jwks_ca_file {
                Some(file) => roots_in("--identity-jwks-ca-file", &file)?,
                None => roots_of_the_system(),
            };
            KeySource::Provider(Provider::new(url, roots).map_err(SettingsError::NoTls)?)
        } else {
            KeySource::None
        };
        Ok((source, rules))
    }
}

fn https_url(text: &str) -> Result<Uri, WrongText> {
    let wrong = WrongText(
        "an https URL, such as https://login.example/realms/plant/protocol/openid-connect/certs",
    );
    let url: Uri = text.parse().map_err(|_| wrong)?;
    let plain = url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if url.scheme_str() == Some("https") && plain { Ok(url) } else { Err(wrong) }
}

fn roots_in(setting: &'static str, file: &Path) -> Result<RootCertStore, SettingsError> {
    let pem = read_text(setting, file, MAX_CA_FILE_BYTES)?;
    let unusable = SettingsError::unusable(setting, file);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let added = certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()));
        if let Err(why) = added {
            return Err(unusable(why));
        }
    }
    if roots.is_empty() {
        return Err(unusable("it holds no CERTIFICATE in PEM (RFC 7468)".to_owned()));
    }
    Ok(roots)
}

/// What the operating system trusts. Where that is nothing, the provider can not be reached, which is logged.
fn roots_of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

#[cfg(test)]
mod tests {
    use crate::identity::KeySource;
    use crate::settings::{Settings, SettingsError};

    fn settings(flags: &[&str]) -> Result<Settings, SettingsError> {
        Settings::read(["session-gateway"].iter().chain(flags))
    }

    fn error(flags: &[&str]) -> String {
        settings(flags).unwrap_err().to_string()
    }

    const URL: &str = "https://login.example/certs";
    const PROVIDER: [&str; 4] =
        ["--identity-issuer", "https://login.example", "--identity-audience", "gateway,panel"];

    #[test]
    fn keys_have_one_source() {
        for (one, other) in [
            (["--identity-secret", "x"], ["--identity-jwks-url", URL]),
            (["--identity-secret-file", "x"], ["--identity-public-key-file", "x"]),
            (["--identity-jwks-file", "x"], ["--identity-jwks-url", URL]),
        ] {
            let error = error(&[&PROVIDER[..], &one, &other].concat());
            assert!(error.contains(one[0]) && error.contains("cannot be used with"), "{error}");
        }
    }

    #[test]
    fn a_provider_takes_an_issuer_and_an_audience() {
        let settings = settings(&[&PROVIDER[..], &["--identity-jwks-url", URL]].concat()).unwrap();
        assert!(matches!(settings.identity_keys, KeySource::Provider(_)));
        assert_eq!(settings.identity_rules.audiences, ["gateway", "panel"]);
        for file in ["--identity-jwks-url=https://a/b", "--identity-jwks-file=keys.json"] {
            for half in [&PROVIDER[..2], &PROVIDER[2..]] {
                let error = error(&[half, &[file]].concat());
                assert!(
                    error.contains("--identity-issuer") || error.contains("--identity-audience"),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn what_a_token_claims_is_no_matter_where_there_is_no_key() {
        for flag in ["--identity-issuer=a", "--identity-audience=a", "--identity-username-claim=a"]
        {
            assert!(error(&[flag]).contains("--identity-secret"), "{flag}");
        }
        let error = error(&["--identity-jwks-ca-file", "ca.pem"]);
        assert!(error.contains("--identity-jwks-url"), "{error}");
    }

    #[test]
    fn keys_are_fetched_over_https_only() {
        for url in
            ["http://login.example/certs", "login.example/certs", "https://a:b@c/", "/certs", ""]
        {
            let error = error(&[&PROVIDER[..], &["--identity-jwks-url", url]].concat());
            assert!(
                error.contains("--identity-jwks-url") && error.contains("https URL"),
                "{error}"
            );
        }
    }
}
