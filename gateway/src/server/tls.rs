//! The certificate, read again when it is renewed.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::settings::TlsFiles;

/// How often it is looked whether the files have changed.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A certificate and its key. They are read again when their files have changed, as after a renewal; as long as
/// the new ones can not be used the old ones stay.
pub struct Certificate {
    files: TlsFiles,
    current: Mutex<Current>,
}

struct Current {
    acceptor: TlsAcceptor,
    modified: Modified,
    looked: Instant,
}

/// When each of the two files was changed last.
type Modified = [Option<SystemTime>; 2];

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// Which of them can not be used and why, for a person to read.
    pub fn load(files: TlsFiles) -> io::Result<Self> {
        let modified = modified(&files);
        let acceptor = read(&files)?;
        let current = Mutex::new(Current { acceptor, modified, looked: Instant::now() });
        Ok(Self { files, current })
    }

    /// What does the next handshake.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor_at(Instant::now())
    }

    fn acceptor_at(&self, now: Instant) -> TlsAcceptor {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(current.looked) >= LOOK_EVERY {
            current.looked = now;
            let modified = modified(&self.files);
            if modified != current.modified {
                current.modified = modified;
                match read(&self.files) {
                    Ok(acceptor) => {
                        current.acceptor = acceptor;
                        tracing::info!("the certificate has been read again");
                    }
                    Err(error) => tracing::error!("the old certificate stays in use: {error}"),
                }
            }
        }
        current.acceptor.clone()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

fn modified(TlsFiles { cert, key }: &TlsFiles) -> Modified {
    [cert, key].map(|file| fs::metadata(file).and_then(|metadata| metadata.modified()).ok())
}

fn read(TlsFiles { cert, key }: &TlsFiles) -> io::Result<TlsAcceptor> {
    let unusable = |setting: &str, path: &Path, why: &dyn fmt::Display| {
        io::Error::other(format!("{setting}: can not use {path:?}: {why}"))
    };
    let unusable_cert = |error: pem::Error| unusable("--tls-cert-file", cert, &error);
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unusable_cert)?;
    let key_of_chain = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| unusable("--tls-key-file", key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key_of_chain)
        .map_err(|error| unusable("--tls-key-file", key, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A folder with a certificate and its key, which goes when this is dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("tls-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn files(&self) -> TlsFiles {
            TlsFiles { cert: self.0.join("cert.pem"), key: self.0.join("key.pem") }
        }

        /// Writes a new certificate, changed `age` seconds after the epoch.
        fn renew(&self, age: u64) {
            let new = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            self.write(&new.cert.pem(), &new.signing_key.serialize_pem(), age);
        }

        fn write(&self, cert: &str, key: &str, age: u64) {
            let TlsFiles { cert: cert_file, key: key_file } = self.files();
            for (file, text) in [(cert_file, cert), (key_file, key)] {
                fs::write(&file, text).unwrap();
                let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(age);
                fs::File::options().write(true).open(&file).unwrap().set_modified(changed).unwrap();
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn is_same(one: &TlsAcceptor, other: &TlsAcceptor) -> bool {
        Arc::ptr_eq(one.config(), other.config())
    }

    #[test]
    fn a_renewed_certificate_is_used_within_a_minute_and_a_broken_one_never() {
        let folder = Folder::new("renewed");
        folder.renew(1);
        let certificate = Certificate::load(folder.files()).unwrap();
        let start = Instant::now();
        let first = certificate.acceptor_at(start);
        assert!(is_same(&first, &certificate.acceptor_at(start + 2 * LOOK_EVERY)), "unchanged");

        folder.renew(2);
        assert!(is_same(&first, &certificate.acceptor_at(start + LOOK_EVERY * 5 / 2)), "too early");
        let second = certificate.acceptor_at(start + 3 * LOOK_EVERY);
        assert!(!is_same(&first, &second));

        folder.write("half a certif", "", 3);
        assert!(is_same(&second, &certificate.acceptor_at(start + 4 * LOOK_EVERY)));
    }

    #[test]
    fn a_file_that_can_not_be_used_is_named() {
        let folder = Folder::new("unusable");
        folder.renew(1);
        let own = folder.files();
        let other = Folder::new("other");
        other.renew(1);
        let nowhere = PathBuf::from("/no/such/file");
        for (files, setting) in [
            (TlsFiles { cert: nowhere.clone(), ..own.clone() }, "--tls-cert-file"),
            (TlsFiles { key: nowhere, ..own.clone() }, "--tls-key-file"),
            (TlsFiles { key: own.cert.clone(), ..own.clone() }, "--tls-key-file"),
            (TlsFiles { key: other.files().key, ..own }, "--tls-key-file"),
        ] {
            let error = Certificate::load(files).unwrap_err().to_string();
            assert!(error.starts_with(setting), "{error}");
        }
    }
}
