//! Certificates of doors: read when they are ordered, looked at again and again, and replaced when what is on disk is better.
//!
//! A certificate that was good stays in use until another good one lies in its place: a renewal that went wrong is a warning, and no
//! outage.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::error::GateError;
use crate::forward::Transport;
use crate::wire::TlsOrder;

/// How a connection is to begin.
#[derive(Clone, Debug)]
pub(crate) enum Security {
    /// In clear.
    Plain,
    /// With a handshake.
    Tls(Arc<ServerConfig>),
    /// Not at all: TLS was ordered, and there has been no usable certificate yet. Anything else would be in clear.
    Closed,
}

impl Security {
    pub(crate) fn transport(&self) -> Transport {
        match self {
            Security::Tls(_) => Transport::Tls,
            Security::Plain | Security::Closed => Transport::Plain,
        }
    }
}

/// The certificate of one service.
#[derive(Debug)]
pub(crate) enum Certificate {
    /// None was ordered.
    None,
    Watched(Watched),
}

#[derive(Debug)]
pub(crate) struct Watched {
    order: TlsOrder,
    /// Both files as they were when they were last looked at; none if they could not be read.
    seen: Option<Files>,
    in_use: Option<Arc<ServerConfig>>,
    /// Whether what is on disk is what is in use.
    current: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    /// The certificate for `order`.
    ///
    /// # Errors
    /// [`GateError::Certificate`] if there is none.
    pub(crate) fn read(order: Option<&TlsOrder>) -> Result<Certificate, GateError> {
        let Some(order) = order else { return Ok(Certificate::None) };
        let files = Files::read(order)?;
        let config = files.config(order)?;
        let order = order.clone();
        Ok(Certificate::Watched(Watched { order, seen: Some(files), in_use: Some(config), current: true }))
    }

    /// The certificate for `order` if it can be had, and nobody let in until then if it cannot.
    pub(crate) fn read_or_wait(order: Option<&TlsOrder>) -> (Certificate, Option<GateError>) {
        match (Certificate::read(order), order) {
            (Ok(certificate), _) => (certificate, None),
            (Err(error), Some(order)) => {
                let waits = Watched { order: order.clone(), seen: None, in_use: None, current: false };
                (Certificate::Watched(waits), Some(error))
            }
            (Err(error), None) => (Certificate::None, Some(error)),
        }
    }

    /// Whether it is the one that `order` names. Its files are looked at anyway, so an order that names them again (to take everybody
    /// back, say) cannot fail for them.
    pub(crate) fn is(&self, order: Option<&TlsOrder>) -> bool {
        match self {
            Certificate::None => order.is_none(),
            Certificate::Watched(watched) => order == Some(&watched.order),
        }
    }

    pub(crate) fn security(&self) -> Security {
        match self {
            Certificate::None => Security::Plain,
            Certificate::Watched(Watched { in_use: Some(config), .. }) => Security::Tls(Arc::clone(config)),
            Certificate::Watched(Watched { in_use: None, .. }) => Security::Closed,
        }
    }

    /// Whether what is on disk is in use. None without TLS.
    pub(crate) fn is_current(&self) -> Option<bool> {
        match self {
            Certificate::None => None,
            Certificate::Watched(watched) => Some(watched.current),
        }
    }

    /// Looks at the files again. True if another certificate is in use after it; an error once for every new content that is no good.
    pub(crate) fn look(&mut self) -> Result<bool, GateError> {
        let Certificate::Watched(watched) = self else { return Ok(false) };
        let files = match Files::read(&watched.order) {
            Ok(files) if watched.seen.as_ref() == Some(&files) => return Ok(false),
            Ok(files) => files,
            Err(error) => {
                watched.current = false;
                return if watched.seen.take().is_some() { Err(error) } else { Ok(false) };
            }
        };
        let config = files.config(&watched.order);
        watched.seen = Some(files);
        watched.current = config.is_ok();
        watched.in_use = Some(config?);
        Ok(true)
    }
}

impl Files {
    fn read(order: &TlsOrder) -> Result<Files, GateError> {
        let read = |path: &str| std::fs::read(path).map_err(|error| wrong(path, error.to_string()));
        Ok(Files { certificate: read(&order.certificate)?, key: read(&order.key)? })
    }

    fn config(&self, order: &TlsOrder) -> Result<Arc<ServerConfig>, GateError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&order.certificate, error.to_string()))?;
        if chain.is_empty() {
            return Err(wrong(&order.certificate, "there is no certificate in it".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| wrong(&order.key, error.to_string()))?;
        let failed = |error: rustls::Error| wrong(&order.certificate, format!("with the key {}: {error}", order.key));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(failed)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A client that comes back is known on every thread.
        config.ticketer = ring::Ticketer::new().map_err(failed)?;
        Ok(Arc::new(config))
    }
}

fn wrong(path: &str, reason: String) -> GateError {
    GateError::Certificate { path: path.into(), reason }
}
