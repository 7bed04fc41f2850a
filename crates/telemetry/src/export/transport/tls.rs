//! Certificates for `https` endpoints.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::config::Tls;

/// What is wrong with a certificate or a key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// This machine has no certificates to trust.
    #[error("this machine's certificates cannot be read: {0}")]
    Roots(std::io::Error),
    /// Certificate and key do not fit, or the library refuses them.
    #[error("the certificates cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// One without the other.
    #[error("a client's certificate needs its key, and a key its certificate")]
    Half,
}

pub(super) fn connector(
    uri: &Uri,
    tls: &Tls,
    grpc: bool,
    tcp: HttpConnector,
) -> Result<HttpsConnector<HttpConnector>, TlsError> {
    // Nothing is read from disk for an endpoint that needs no certificate.
    let config = if uri.scheme_str() == Some("https") {
        trusting(tls)?
    } else {
        builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    };
    let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
    Ok(if grpc { builder.enable_http2().wrap_connector(tcp) } else { builder.enable_http1().wrap_connector(tcp) })
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

/// The library is chosen here, and not for the whole process, which may have one of its own.
fn builder() -> Result<Builder, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?)
}

fn trusting(tls: &Tls) -> Result<ClientConfig, TlsError> {
    let builder = match &tls.certificate {
        None => builder()?.with_native_roots().map_err(TlsError::Roots)?,
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate)?;
            }
            builder()?.with_root_certificates(roots)
        }
    };
    match (&tls.client_certificate, &tls.client_key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => {
            Ok(builder.with_client_auth_cert(certificates(certificate)?, private_key(key)?)?)
        }
        _ => Err(TlsError::Half),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |reason: String| TlsError::File { path: path.to_owned(), reason };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
    let found = found.collect::<Result<Vec<_>, _>>().map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() { Err(wrong("no certificate in PEM form is in it".to_owned())) } else { Ok(found) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path)
        .map_err(|error| TlsError::File { path: path.to_owned(), reason: error.to_string() })
}
