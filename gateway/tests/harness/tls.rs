//! A certificate for localhost, and a client that trusts it.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// What a client reads and writes through TLS.
pub type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A certificate in a folder of its own, which goes when this is dropped.
pub struct Certificate {
    folder: PathBuf,
    root: CertificateDer<'static>,
}

impl Certificate {
    /// Makes one; `test` names the folder.
    pub fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Self { folder, root: made.cert.der().clone() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of one of its files: cert.pem or key.pem.
    pub fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// The gateway's flags for it.
    pub fn flags(&self) -> [String; 4] {
        [
            "--tls-cert-file".to_owned(),
            self.file("cert.pem"),
            "--tls-key-file".to_owned(),
            self.file("key.pem"),
        ]
    }

    /// Speaks TLS on a connection, and would HTTP/2 too.
    pub fn client(&self, stream: TcpStream) -> Stream {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
