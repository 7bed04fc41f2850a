//! Certificates of a test's own authority, as files in PEM form and as a server's settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// Who signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new one, which nobody trusts yet.
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, key()).expect("an authority"))
    }

    /// Writes its certificate into `folder`: what whoever trusts it has to be given.
    pub fn write(&self, folder: &Path) -> PathBuf {
        written(folder, "authority.pem", &self.0.pem())
    }

    /// Writes a client's certificate and its key into `folder`.
    pub fn write_client(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let (key, params) = (key(), CertificateParams::new(["client".to_owned()]).expect("a name"));
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (written(folder, "client.pem", &certificate.pem()), written(folder, "client.key", &key.serialize_pem()))
    }

    /// The settings of a server for `localhost`, which asks for certificates of `clients` where that is given.
    pub fn server(&self, clients: Option<&Self>) -> ServerConfig {
        let (key, params) = (key(), CertificateParams::new(["localhost".to_owned()]).expect("a name"));
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = builder.expect("versions of TLS");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.0.der().clone()).expect("a root");
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build();
                builder.with_client_cert_verifier(verifier.expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = builder.with_single_cert(vec![certificate.der().clone()], key).expect("a certificate");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn written(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    path
}
