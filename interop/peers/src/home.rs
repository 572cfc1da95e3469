//! An endpoint that stays at home: loopback only, no relay, no lookup, no DNS.

use std::{ffi::CStr, net::SocketAddr, time::Duration};

use anyhow::{bail, ensure, Context, Result};
use clap::Args;
use iroh::{
    endpoint::{presets, IdleTimeout, QuicTransportConfig, VarInt},
    Endpoint, EndpointAddr, EndpointId, RelayMode, SecretKey,
};
use iroh_blobs::ticket::BlobTicket;
use iroh_tickets::endpoint::EndpointTicket;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    signal::unix::{signal, SignalKind},
};

/// Refuses to run where a packet could leave the machine.
pub fn require_loopback_only() -> Result<()> {
    let mut loopback_up = false;
    let mut others = Vec::new();
    // SAFETY: the list comes from getifaddrs and is only read until freeifaddrs.
    unsafe {
        let mut list = std::ptr::null_mut();
        if libc::getifaddrs(&mut list) != 0 {
            bail!("cannot list the network interfaces");
        }
        let mut entry = list;
        while !entry.is_null() {
            let name = CStr::from_ptr((*entry).ifa_name)
                .to_string_lossy()
                .into_owned();
            if (*entry).ifa_flags & libc::IFF_UP as u32 != 0 {
                if name == "lo" {
                    loopback_up = true;
                } else if !others.contains(&name) {
                    others.push(name);
                }
            }
            entry = (*entry).ifa_next;
        }
        libc::freeifaddrs(list);
    }
    ensure!(
        others.is_empty(),
        "the interface(s) {} are up; real iroh endpoints run only where nothing but lo is: \
         unshare -n sh -c 'ip link set lo up; exec iroh-peer …'",
        others.join(", ")
    );
    ensure!(loopback_up, "lo is down: ip link set lo up");
    Ok(())
}

/// A thousand endpoints need more than the usual 1024 descriptors.
pub fn raise_file_limit() {
    // SAFETY: both calls only use the structure they are given. Failure leaves the limit as it was.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

/// What can be set on every endpoint.
#[derive(Args, Clone, Debug)]
pub struct EndpointArgs {
    /// Secret key, 64 hex digits; random without it
    #[arg(long)]
    pub secret: Option<SecretKey>,
    /// Loopback address to bind
    #[arg(long, default_value = "127.0.0.1:0")]
    pub bind: SocketAddr,
    /// Stream receive window in bytes (iroh: 1 250 000)
    #[arg(long)]
    pub stream_window: Option<u32>,
    /// Idle timeout in milliseconds (iroh: 30 000)
    #[arg(long)]
    pub idle_ms: Option<u32>,
    /// Keep-alive interval in milliseconds (iroh: 5 000)
    #[arg(long)]
    pub keep_alive_ms: Option<u64>,
}

impl EndpointArgs {
    pub async fn bind(&self, alpns: Vec<Vec<u8>>) -> Result<Endpoint> {
        ensure!(
            self.bind.ip().is_loopback(),
            "--bind {} is not a loopback address",
            self.bind
        );
        let mut builder = Endpoint::builder(presets::Minimal)
            .relay_mode(RelayMode::Disabled)
            .transport_config(self.transport()?)
            .alpns(alpns)
            .clear_ip_transports()
            .bind_addr(self.bind)
            .context("bind address")?;
        if let Some(secret) = &self.secret {
            builder = builder.secret_key(secret.clone());
        }
        builder
            .bind()
            .await
            .with_context(|| format!("cannot bind {}", self.bind))
    }

    fn transport(&self) -> Result<QuicTransportConfig> {
        let mut config = QuicTransportConfig::builder();
        if let Some(window) = self.stream_window {
            config = config.stream_receive_window(VarInt::from_u32(window));
        }
        if let Some(idle) = self.idle_ms {
            config = config.max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(idle))));
        }
        if let Some(interval) = self.keep_alive_ms {
            let interval = Duration::from_millis(interval);
            config = config
                .keep_alive_interval(interval)
                .default_path_keep_alive_interval(interval);
        }
        Ok(config.build())
    }
}

/// The address of an endpoint that is bound to loopback (`Endpoint::addr` leaves loopback out).
pub fn address_of(endpoint: &Endpoint) -> EndpointAddr {
    endpoint
        .bound_sockets()
        .into_iter()
        .fold(EndpointAddr::new(endpoint.id()), EndpointAddr::with_ip_addr)
}

/// `ip:port,…` of a bound endpoint.
pub fn sockets_of(endpoint: &Endpoint) -> String {
    let sockets: Vec<_> = endpoint
        .bound_sockets()
        .iter()
        .map(ToString::to_string)
        .collect();
    sockets.join(",")
}

/// Parses `ID@ip:port[,ip:port…]`, an endpoint ticket or a blob ticket.
pub fn parse_addr(text: &str) -> Result<EndpointAddr> {
    if let Some((id, sockets)) = text.split_once('@') {
        let id: EndpointId = id.parse().context("endpoint id before the @")?;
        let mut addr = EndpointAddr::new(id);
        for socket in sockets.split(',') {
            let socket: SocketAddr = socket
                .parse()
                .with_context(|| format!("socket address {socket}"))?;
            addr = addr.with_ip_addr(socket);
        }
        return Ok(addr);
    }
    if let Ok(ticket) = text.parse::<EndpointTicket>() {
        return Ok(ticket.endpoint_addr().clone());
    }
    if let Ok(ticket) = text.parse::<BlobTicket>() {
        return Ok(ticket.addr().clone());
    }
    bail!("{text} is neither ID@ip:port nor an endpoint ticket nor a blob ticket")
}

/// Returns when stdin is closed (unless `forever`), on SIGTERM or on SIGINT.
pub async fn until_told(forever: bool) -> Result<()> {
    until_told_with(forever, |_| ()).await
}

/// The same; lines that come on stdin meanwhile are commands (not with `forever`).
pub async fn until_told_with(forever: bool, mut command: impl FnMut(&str)) -> Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stdin_closed = async {
        if forever {
            return std::future::pending().await;
        }
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            command(line.trim());
        }
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
        _ = stdin_closed => {}
    }
    Ok(())
}
