//! Bare noq with iroh's TLS profile, for the things that iroh's endpoint cannot be told to do: change
//! its UDP port in the middle of a connection, update its keys every few packets, and give clients
//! tokens that spare them a Retry.
//! No multipath, no relay; the stack, its packets and its handshake are the unmodified crates.

use std::{
    collections::HashSet,
    net::UdpSocket,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex,
    },
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use bytes::BytesMut;
use iroh::{EndpointAddr, EndpointId, SecretKey};
use noq::crypto::{self, rustls::QuicClientConfig, rustls::QuicServerConfig};
use noq_proto::{
    transport_parameters::TransportParameters, ConnectError, ConnectionId, PathId, Side,
    TransportError,
};
use rustls::{
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{ring, verify_tls13_signature_with_raw_key, CryptoProvider},
    pki_types::{
        CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
    },
    server::danger::{ClientCertVerified, ClientCertVerifier},
    sign::CertifiedKey,
    DigitallySignedStruct, DistinguishedName, SignatureScheme,
};

use crate::home::EndpointArgs;

#[derive(clap::Args, Clone, Debug)]
pub struct RawArgs {
    /// Use bare noq instead of an iroh endpoint (implied by the other options here)
    #[arg(long)]
    noq: bool,
    /// Move to another UDP port each time another so many bytes have arrived
    #[arg(long)]
    rebind_after_bytes: Option<u64>,
    /// At most so often
    #[arg(long, default_value_t = 1)]
    rebind_times: u64,
    /// Update the keys after so many packets sent (iroh does it once, after 10 to 999)
    #[arg(long)]
    key_update_every: Option<u64>,
}

impl RawArgs {
    pub fn wanted(&self) -> bool {
        self.noq || self.rebind_after_bytes.is_some() || self.key_update_every.is_some()
    }
}

/// A noq endpoint with a key.
#[derive(Clone)]
pub struct RawQuic {
    inner: Arc<Inner>,
}

struct Inner {
    endpoint: noq::Endpoint,
    secret: SecretKey,
    args: RawArgs,
    bind: std::net::SocketAddr,
    rebinds: AtomicU64,
    key_updates: Arc<AtomicU64>,
}

impl RawQuic {
    pub fn client(args: &RawArgs, endpoint: &EndpointArgs) -> Result<Self> {
        Self::bind(args, endpoint, None)
    }

    /// `new_tokens` is how many tokens (NEW_TOKEN) every client is given.
    pub fn server(
        args: &RawArgs,
        endpoint: &EndpointArgs,
        alpn: &[u8],
        new_tokens: u32,
    ) -> Result<Self> {
        Self::bind(args, endpoint, Some((alpn, new_tokens)))
    }

    fn bind(
        args: &RawArgs,
        endpoint: &EndpointArgs,
        accepting: Option<(&[u8], u32)>,
    ) -> Result<Self> {
        let secret = endpoint.secret.clone().unwrap_or_else(SecretKey::generate);
        let key_updates = Arc::new(AtomicU64::new(0));
        let frequent = Frequent {
            every: args.key_update_every,
            updates: key_updates.clone(),
        };
        let server = accepting
            .map(|(alpn, new_tokens)| server_config(&secret, alpn, frequent, new_tokens))
            .transpose()?;
        let socket = UdpSocket::bind(endpoint.bind)
            .with_context(|| format!("cannot bind {}", endpoint.bind))?;
        let noq = noq::Endpoint::new(
            noq::EndpointConfig::default(),
            server,
            socket,
            Arc::new(noq::TokioRuntime),
        )?;
        let inner = Inner {
            endpoint: noq,
            secret,
            args: args.clone(),
            bind: endpoint.bind,
            rebinds: AtomicU64::new(0),
            key_updates,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    pub fn id(&self) -> EndpointId {
        self.inner.secret.public()
    }

    pub fn local_addr(&self) -> Result<std::net::SocketAddr> {
        Ok(self.inner.endpoint.local_addr()?)
    }

    pub async fn connect(&self, addr: &EndpointAddr, alpn: &[u8]) -> Result<noq::Connection> {
        let socket = addr
            .ip_addrs()
            .next()
            .context("the address has no IP address")?;
        let frequent = Frequent {
            every: self.inner.args.key_update_every,
            updates: self.inner.key_updates.clone(),
        };
        let config = client_config(&self.inner.secret, addr.id, alpn, frequent)?;
        // No name is sent; the verifier knows whom it expects.
        let connecting = self
            .inner
            .endpoint
            .connect_with(config, *socket, "peer.invalid")?;
        connecting.await.context("connect")
    }

    pub async fn accept(&self) -> Option<noq::Incoming> {
        self.inner.endpoint.accept().await
    }

    /// To be called as bytes arrive: moves to another port when it is time.
    pub fn at(&self, bytes: u64) -> Result<()> {
        let Some(step) = self.inner.args.rebind_after_bytes else {
            return Ok(());
        };
        let done = self.inner.rebinds.load(Ordering::Relaxed);
        if done < self.inner.args.rebind_times && bytes >= step * (done + 1) {
            let mut bind = self.inner.bind;
            bind.set_port(0);
            self.inner.endpoint.rebind(UdpSocket::bind(bind)?)?;
            self.inner.rebinds.store(done + 1, Ordering::Relaxed);
        }
        Ok(())
    }

    pub fn rebinds(&self) -> u64 {
        self.inner.rebinds.load(Ordering::Relaxed)
    }

    /// Key updates of all connections, whoever began them.
    pub fn key_updates(&self) -> u64 {
        self.inner.key_updates.load(Ordering::Relaxed)
    }

    /// Gives the last close a moment to leave.
    pub async fn finish(&self) {
        self.inner.endpoint.close(0u32.into(), b"");
        let idle = self.inner.endpoint.wait_idle();
        // A peer that is gone is no reason to wait for.
        let _ = tokio::time::timeout(Duration::from_secs(1), idle).await;
    }
}

fn transport() -> Arc<noq::TransportConfig> {
    let mut config = noq::TransportConfig::default();
    config.keep_alive_interval(Some(Duration::from_secs(5)));
    Arc::new(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn client_config(
    secret: &SecretKey,
    expected: EndpointId,
    alpn: &[u8],
    frequent: Frequent,
) -> Result<noq::ClientConfig> {
    let mut tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier {
            expected: Some(expected),
        }))
        .with_client_cert_resolver(Arc::new(
            rustls::client::AlwaysResolvesClientRawPublicKeys::new(certified_key(secret)?),
        ));
    tls.enable_sni = false;
    tls.alpn_protocols = vec![alpn.to_vec()];
    let quic: QuicClientConfig = tls.try_into()?;
    let mut config = noq::ClientConfig::new(Arc::new(FrequentClient(quic, frequent)));
    config.transport_config(transport());
    Ok(config)
}

fn server_config(
    secret: &SecretKey,
    alpn: &[u8],
    frequent: Frequent,
    new_tokens: u32,
) -> Result<noq::ServerConfig> {
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(Verifier { expected: None }))
        .with_cert_resolver(Arc::new(
            rustls::server::AlwaysResolvesServerRawPublicKeys::new(certified_key(secret)?),
        ));
    tls.alpn_protocols = vec![alpn.to_vec()];
    let quic: QuicServerConfig = tls.try_into()?;
    let mut config = noq::ServerConfig::with_crypto(Arc::new(FrequentServer(quic, frequent)));
    config.transport_config(transport());
    let mut tokens = noq::ValidationTokenConfig::default();
    tokens.sent(new_tokens).log(Arc::new(OnceOnly::default()));
    config.validation_token_config(tokens);
    Ok(config)
}

/// Takes every token of NEW_TOKEN once. (noq's own log is a feature that iroh leaves out.)
#[derive(Default)]
struct OnceOnly(Mutex<HashSet<u128>>);

impl noq::TokenLog for OnceOnly {
    fn check_and_insert(
        &self,
        nonce: u128,
        _issued: SystemTime,
        _lifetime: Duration,
    ) -> Result<(), noq::TokenReuseError> {
        let mut seen = self.0.lock().expect("nobody panics with the lock");
        seen.insert(nonce).then_some(()).ok_or(noq::TokenReuseError)
    }
}

/// SubjectPublicKeyInfo of an Ed25519 key: a constant head and the 32 bytes (RFC 8410 §4).
fn spki(id: &EndpointId) -> Vec<u8> {
    let head = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ];
    [&head[..], id.as_bytes()].concat()
}

/// The key as a raw public key (RFC 7250) with the PKCS #8 form of RFC 8410 §7.
fn certified_key(secret: &SecretKey) -> Result<Arc<CertifiedKey>> {
    let head = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let pkcs8 = PrivatePkcs8KeyDer::from([&head[..], &secret.to_bytes()].concat());
    let signer = ring::sign::any_eddsa_type(&pkcs8)?;
    let certificate = CertificateDer::from(spki(&secret.public()));
    Ok(Arc::new(CertifiedKey::new(vec![certificate], signer)))
}

/// Accepts raw Ed25519 keys only, and only the expected one where one is expected.
#[derive(Debug)]
struct Verifier {
    expected: Option<EndpointId>,
}

impl Verifier {
    fn check(&self, key: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        match &self.expected {
            Some(id) if key.as_ref() != spki(id) => Err(rustls::Error::InvalidCertificate(
                rustls::CertificateError::UnknownIssuer,
            )),
            _ => Ok(()),
        }
    }
}

/// What both verifiers of rustls want to know: TLS 1.3 with raw Ed25519 keys, and nothing else.
macro_rules! raw_public_keys {
    () => {
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Err(rustls::Error::PeerIncompatible(
                rustls::PeerIncompatible::Tls12NotOffered,
            ))
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            key: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let key = SubjectPublicKeyInfoDer::from(key.as_ref());
            let algorithms = ring::default_provider().signature_verification_algorithms;
            verify_tls13_signature_with_raw_key(message, &key, signed, &algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }

        fn requires_raw_public_keys(&self) -> bool {
            true
        }
    };
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.check(key).map(|()| ServerCertVerified::assertion())
    }

    raw_public_keys!();
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        key: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.check(key).map(|()| ClientCertVerified::assertion())
    }

    raw_public_keys!();
}

/// Makes noq update its keys every so many packets. noq does so by itself once per connection and
/// then only near the confidentiality limit that the packet key names (less a margin of 10 000
/// packets); these wrappers leave the keys as they are and name a smaller limit.
#[derive(Clone)]
struct Frequent {
    every: Option<u64>,
    updates: Arc<AtomicU64>,
}

const NOQ_MARGIN: u64 = 10_000;

impl Frequent {
    fn key(&self, inner: Box<dyn crypto::PacketKey>) -> Box<dyn crypto::PacketKey> {
        match self.every {
            None => inner,
            Some(every) => Box::new(LimitedKey {
                inner,
                limit: NOQ_MARGIN + every,
            }),
        }
    }

    fn session(&self, inner: Box<dyn crypto::Session>) -> Box<dyn crypto::Session> {
        Box::new(FrequentSession {
            inner,
            frequent: self.clone(),
            first: true,
        })
    }
}

struct FrequentClient(QuicClientConfig, Frequent);

impl crypto::ClientConfig for FrequentClient {
    fn start_session(
        &self,
        version: u32,
        server_name: &str,
        params: &TransportParameters,
    ) -> Result<Box<dyn crypto::Session>, ConnectError> {
        let session = self.0.start_session(version, server_name, params)?;
        Ok(self.1.session(session))
    }
}

struct FrequentServer(QuicServerConfig, Frequent);

impl crypto::ServerConfig for FrequentServer {
    fn initial_keys(
        &self,
        version: u32,
        dst_cid: ConnectionId,
    ) -> Result<crypto::Keys, crypto::UnsupportedVersion> {
        self.0.initial_keys(version, dst_cid)
    }

    fn retry_tag(&self, version: u32, orig_dst_cid: ConnectionId, packet: &[u8]) -> [u8; 16] {
        self.0.retry_tag(version, orig_dst_cid, packet)
    }

    fn start_session(
        &self,
        version: u32,
        params: &TransportParameters,
    ) -> Box<dyn crypto::Session> {
        self.1.session(self.0.start_session(version, params))
    }
}

struct FrequentSession {
    inner: Box<dyn crypto::Session>,
    frequent: Frequent,
    first: bool,
}

impl crypto::Session for FrequentSession {
    fn initial_keys(&self, dst_cid: ConnectionId, side: Side) -> crypto::Keys {
        self.inner.initial_keys(dst_cid, side)
    }

    fn handshake_data(&self) -> Option<Box<dyn std::any::Any>> {
        self.inner.handshake_data()
    }

    fn peer_identity(&self) -> Option<Box<dyn std::any::Any>> {
        self.inner.peer_identity()
    }

    fn early_crypto(&self) -> Option<(Box<dyn crypto::HeaderKey>, Box<dyn crypto::PacketKey>)> {
        self.inner.early_crypto()
    }

    fn early_data_accepted(&self) -> Option<bool> {
        self.inner.early_data_accepted()
    }

    fn is_handshaking(&self) -> bool {
        self.inner.is_handshaking()
    }

    fn read_handshake(&mut self, buf: &[u8]) -> Result<bool, TransportError> {
        self.inner.read_handshake(buf)
    }

    fn transport_parameters(&self) -> Result<Option<TransportParameters>, TransportError> {
        self.inner.transport_parameters()
    }

    fn write_handshake(&mut self, buf: &mut Vec<u8>) -> Option<crypto::Keys> {
        let mut keys = self.inner.write_handshake(buf)?;
        keys.packet.local = self.frequent.key(keys.packet.local);
        Some(keys)
    }

    fn next_1rtt_keys(&mut self) -> Option<crypto::KeyPair<Box<dyn crypto::PacketKey>>> {
        let mut keys = self.inner.next_1rtt_keys()?;
        keys.local = self.frequent.key(keys.local);
        // noq derives one generation ahead: the first call is no update.
        if !std::mem::take(&mut self.first) {
            self.frequent.updates.fetch_add(1, Ordering::Relaxed);
        }
        Some(keys)
    }

    fn is_valid_retry(&self, orig_dst_cid: ConnectionId, header: &[u8], payload: &[u8]) -> bool {
        self.inner.is_valid_retry(orig_dst_cid, header, payload)
    }

    fn export_keying_material(
        &self,
        output: &mut [u8],
        label: &[u8],
        context: &[u8],
    ) -> Result<(), crypto::ExportKeyingMaterialError> {
        self.inner.export_keying_material(output, label, context)
    }
}

struct LimitedKey {
    inner: Box<dyn crypto::PacketKey>,
    limit: u64,
}

impl crypto::PacketKey for LimitedKey {
    fn encrypt(&self, path_id: PathId, packet: u64, buf: &mut [u8], header_len: usize) {
        self.inner.encrypt(path_id, packet, buf, header_len);
    }

    fn decrypt(
        &self,
        path_id: PathId,
        packet: u64,
        header: &[u8],
        payload: &mut BytesMut,
    ) -> Result<(), crypto::CryptoError> {
        self.inner.decrypt(path_id, packet, header, payload)
    }

    fn tag_len(&self) -> usize {
        self.inner.tag_len()
    }

    fn confidentiality_limit(&self) -> u64 {
        self.limit
    }

    fn integrity_limit(&self) -> u64 {
        self.inner.integrity_limit()
    }
}
