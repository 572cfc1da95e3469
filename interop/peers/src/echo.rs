//! The protocol `veilor-echo/0`, which exists for tests of the QUIC layer only:
//!
//! * bidirectional stream: every byte comes back, then FIN. A reset with code c is answered by a
//!   reset of the other half with c. Whoever is stopped with code c resets that half with c and
//!   sends STOP_SENDING c for the other one.
//! * unidirectional stream: after its FIN, one unidirectional stream with the same bytes comes back.
//! * datagram: comes back.

use std::{
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use bytes::Bytes;
use iroh::{
    endpoint::{ReadError, RecvStream, SendStream, VarInt, WriteError},
    Endpoint,
};
use serde_json::json;

use crate::{
    connection::Connection,
    home, measure, output,
    rawquic::{RawArgs, RawQuic},
};

pub const ALPN: &[u8] = b"veilor-echo/0";
/// The longest unidirectional stream that is echoed.
const UNI_LIMIT: usize = 64 << 20;
const RESET_CODE: u32 = 7;
const STOP_CODE: u32 = 9;

#[derive(clap::Args)]
pub struct ServerArgs {
    /// Do not end when stdin closes
    #[arg(long)]
    forever: bool,
    /// Answer with a Retry whoever has not proved its address
    #[arg(long)]
    retry: bool,
    /// Give every client so many tokens that spare it a Retry (NEW_TOKEN; bare noq only)
    #[arg(long, default_value_t = 0)]
    new_tokens: u32,
    #[command(flatten)]
    raw: RawArgs,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

#[derive(clap::Args)]
pub struct ClientArgs {
    /// ID@ip:port or an endpoint ticket
    #[arg(long)]
    addr: String,
    /// Bytes on every bidirectional stream
    #[arg(long, default_value_t = 1 << 20)]
    bytes: usize,
    /// Bidirectional streams at once
    #[arg(long, default_value_t = 1)]
    streams: usize,
    /// How often, one after another
    #[arg(long, default_value_t = 1)]
    rounds: u64,
    /// Go on with rounds until the keys were updated so often (bare noq only)
    #[arg(long)]
    until_key_updates: Option<u64>,
    /// Unidirectional streams of 100 000 bytes
    #[arg(long, default_value_t = 0)]
    uni: usize,
    /// Datagrams, one at a time
    #[arg(long, default_value_t = 0)]
    datagrams: usize,
    #[arg(long, default_value_t = 1000)]
    datagram_bytes: usize,
    /// Streams that are reset half-way
    #[arg(long, default_value_t = 0)]
    resets: usize,
    /// Streams whose echo is stopped half-way
    #[arg(long, default_value_t = 0)]
    stops: usize,
    /// Hold the connection idle for so long, then do one more round
    #[arg(long, default_value_t = 0)]
    idle_ms: u64,
    #[command(flatten)]
    raw: RawArgs,
    #[command(flatten)]
    endpoint: EndpointArgsWithoutIdle,
}

/// `--idle-ms` means something else here, so the endpoint keeps iroh's own timeouts.
#[derive(clap::Args, Clone, Debug)]
pub struct EndpointArgsWithoutIdle {
    /// Secret key, 64 hex digits; random without it
    #[arg(long)]
    secret: Option<iroh::SecretKey>,
    /// Loopback address to bind
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: std::net::SocketAddr,
}

impl EndpointArgsWithoutIdle {
    fn full(&self) -> home::EndpointArgs {
        home::EndpointArgs {
            secret: self.secret.clone(),
            bind: self.bind,
            stream_window: None,
            idle_ms: None,
            keep_alive_ms: None,
        }
    }
}

enum Listener {
    Iroh(Endpoint),
    Noq(RawQuic),
}

/// Refuses with a Retry while the address is unproved, if that is wanted; gives what to accept.
macro_rules! proved {
    ($incoming:expr, $validated:ident, $retry:expr) => {{
        let incoming = $incoming;
        if $retry && !incoming.$validated() {
            incoming.retry().context("retry")?;
            output::line(json!({"event": "retry"}));
            continue;
        }
        (incoming.$validated(), incoming.await?)
    }};
}

impl Listener {
    /// The next connection, and whether its client proved its address by a token.
    async fn accept(&self, retry: bool) -> Result<Option<(Connection, bool)>> {
        loop {
            return Ok(match self {
                Self::Iroh(endpoint) => match endpoint.accept().await {
                    Some(incoming) => {
                        let (proved, conn) = proved!(incoming, remote_addr_validated, retry);
                        Some((Connection::Iroh(conn), proved))
                    }
                    None => None,
                },
                Self::Noq(raw) => match raw.accept().await {
                    Some(incoming) => {
                        let (proved, conn) = proved!(incoming, remote_address_validated, retry);
                        Some((Connection::Noq(conn), proved))
                    }
                    None => None,
                },
            });
        }
    }
}

pub async fn serve(args: ServerArgs) -> Result<()> {
    ensure!(
        args.new_tokens == 0 || args.raw.wanted(),
        "--new-tokens needs --noq"
    );
    let (listener, id, addr) = if args.raw.wanted() {
        let raw = RawQuic::server(&args.raw, &args.endpoint, ALPN, args.new_tokens)?;
        let (id, addr) = (raw.id(), raw.local_addr()?.to_string());
        (Listener::Noq(raw), id, addr)
    } else {
        let endpoint = args.endpoint.bind(vec![ALPN.to_vec()]).await?;
        let (id, addr) = (endpoint.id(), home::sockets_of(&endpoint));
        (Listener::Iroh(endpoint), id, addr)
    };
    output::line(json!({"event": "ready", "endpoint": id.to_string(), "addr": addr}));
    let accepting = async {
        loop {
            match listener.accept(args.retry).await {
                Ok(Some((conn, proved))) => drop(tokio::spawn(serve_connection(conn, proved))),
                Ok(None) => return,
                Err(error) => {
                    output::line(json!({"event": "refused", "message": format!("{error:#}")}))
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        told = home::until_told(args.forever) => told?,
    }
    match &listener {
        Listener::Iroh(endpoint) => endpoint.close().await,
        Listener::Noq(raw) => raw.finish().await,
    }
    let key_updates = match &listener {
        Listener::Iroh(_) => None,
        Listener::Noq(raw) => Some(raw.key_updates()),
    };
    output::line(json!({"event": "done", "key_updates": key_updates,
        "cpu_seconds": measure::cpu_seconds()}));
    Ok(())
}

async fn serve_connection(conn: Connection, proved: bool) {
    let counts = Arc::new([const { AtomicU64::new(0) }; 3]);
    let [bi, uni, datagrams] = &*counts;
    let bidirectional = async {
        while let Ok((send, recv)) = conn.accept_bi().await {
            bi.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(echo_bi(send, recv));
        }
    };
    let unidirectional = async {
        while let Ok(recv) = conn.accept_uni().await {
            uni.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(echo_uni(conn.clone(), recv));
        }
    };
    let datagram = async {
        while let Ok(data) = conn.read_datagram().await {
            datagrams.fetch_add(1, Ordering::Relaxed);
            if conn.send_datagram(data).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(bidirectional, unidirectional, datagram);
    let [bi, uni, datagrams] = [bi, uni, datagrams].map(|c| c.load(Ordering::Relaxed));
    output::line(json!({
        "event": "connection", "closed": conn.closed().await, "bi": bi, "uni": uni,
        "datagrams": datagrams, "token": proved, "connection": conn.stats(),
    }));
}

async fn echo_bi(mut send: SendStream, mut recv: RecvStream) {
    loop {
        match recv.read_chunk(1 << 16).await {
            Ok(Some(chunk)) => {
                if let Err(WriteError::Stopped(code)) = send.write_all(&chunk).await {
                    // Both fail only where the stream is over already.
                    let _ = send.reset(code);
                    let _ = recv.stop(code);
                    return;
                }
            }
            Ok(None) => {
                let _ = send.finish();
                return;
            }
            Err(ReadError::Reset(code)) => {
                let _ = send.reset(code);
                return;
            }
            Err(_) => return,
        }
    }
}

async fn echo_uni(conn: Connection, mut recv: RecvStream) {
    let Ok(data) = recv.read_to_end(UNI_LIMIT).await else {
        return;
    };
    if let Ok(mut send) = conn.open_uni().await {
        if send.write_all(&data).await.is_ok() {
            // Fails only where the stream is over already.
            let _ = send.finish();
        }
    }
}

pub async fn exercise(args: ClientArgs) -> Result<()> {
    let addr = home::parse_addr(&args.addr)?;
    let endpoint_args = args.endpoint.full();
    let raw = args
        .raw
        .wanted()
        .then(|| RawQuic::client(&args.raw, &endpoint_args))
        .transpose()?;
    ensure!(
        args.until_key_updates.is_none() || raw.is_some(),
        "--until-key-updates needs --noq or --key-update-every"
    );
    let started = Instant::now();
    let mut iroh = None;
    let conn = match &raw {
        Some(raw) => Connection::Noq(raw.connect(&addr, ALPN).await?),
        None => {
            let endpoint = endpoint_args.bind(vec![]).await?;
            let conn = endpoint.connect(addr, ALPN).await.context("connect")?;
            iroh = Some(endpoint);
            Connection::Iroh(conn)
        }
    };
    let connect = started.elapsed();
    let received = Arc::new(AtomicU64::new(0));
    let mut rounds = 0;
    let wants_more = |rounds: u64| {
        rounds < args.rounds
            || (rounds < 10_000
                && args
                    .until_key_updates
                    .zip(raw.as_ref())
                    .is_some_and(|(wanted, raw)| raw.key_updates() < wanted))
    };
    while wants_more(rounds) {
        round(&args, &conn, raw.as_ref(), &received, rounds).await?;
        rounds += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    unidirectional(&conn, args.uni)
        .await
        .context("unidirectional streams")?;
    let datagrams = datagrams(&conn, &args).await?;
    for _ in 0..args.resets {
        reset_stream(&conn).await.context("reset")?;
    }
    for _ in 0..args.stops {
        stop_stream(&conn).await.context("STOP_SENDING")?;
    }
    if args.idle_ms > 0 {
        tokio::time::sleep(Duration::from_millis(args.idle_ms)).await;
        round(&args, &conn, raw.as_ref(), &received, rounds)
            .await
            .context("after the pause")?;
        rounds += 1;
    }
    output::line(json!({
        "event": "done", "bytes_each_way": received.load(Ordering::Relaxed), "rounds": rounds,
        "seconds": seconds, "connect_ms": measure::millis(connect), "uni": args.uni,
        "datagrams_sent": args.datagrams, "datagrams_received": datagrams,
        "resets": args.resets, "stops": args.stops,
        "key_updates": raw.as_ref().map(RawQuic::key_updates),
        "rebinds": raw.as_ref().map(RawQuic::rebinds),
        "connection": conn.stats(), "cpu_seconds": measure::cpu_seconds(),
    }));
    conn.close(0, b"");
    if let Some(endpoint) = iroh {
        endpoint.close().await;
    }
    if let Some(raw) = raw {
        raw.finish().await;
    }
    Ok(())
}

/// `length` bytes that depend on `seed` and do not repeat.
fn pattern(seed: u64, length: usize) -> Bytes {
    let mut data = vec![0; length];
    blake3::Hasher::new()
        .update(&seed.to_le_bytes())
        .finalize_xof()
        .fill(&mut data);
    data.into()
}

async fn round(
    args: &ClientArgs,
    conn: &Connection,
    raw: Option<&RawQuic>,
    received: &Arc<AtomicU64>,
    round: u64,
) -> Result<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for stream in 0..args.streams {
        let data = pattern(round * args.streams as u64 + stream as u64, args.bytes);
        let (conn, raw, received) = (conn.clone(), raw.cloned(), received.clone());
        tasks.spawn(async move {
            let (mut send, mut recv) = conn.open_bi().await?;
            let writer = async {
                send.write_all(&data).await?;
                send.finish()?;
                anyhow::Ok(())
            };
            let reader = async {
                let mut hasher = blake3::Hasher::new();
                while let Some(chunk) = recv.read_chunk(1 << 16).await? {
                    hasher.update(&chunk);
                    let total = received.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                    if let Some(raw) = &raw {
                        raw.at(total + chunk.len() as u64)?;
                    }
                }
                anyhow::Ok(hasher)
            };
            let ((), hasher) = tokio::try_join!(writer, reader)?;
            ensure!(
                hasher.count() == data.len() as u64,
                "{} of {} bytes came back",
                hasher.count(),
                data.len()
            );
            ensure!(hasher.finalize() == blake3::hash(&data), "the echo differs");
            anyhow::Ok(())
        });
    }
    while let Some(result) = tasks.join_next().await {
        result?.with_context(|| format!("round {round}"))?;
    }
    Ok(())
}

async fn unidirectional(conn: &Connection, count: usize) -> Result<()> {
    for i in 0..count {
        let data = pattern(i as u64, 100_000);
        let mut send = conn.open_uni().await?;
        send.write_all(&data).await?;
        send.finish()?;
        let mut recv = within(conn.accept_uni()).await?;
        let back = within(async { Ok(recv.read_to_end(UNI_LIMIT).await?) }).await?;
        ensure!(back == data, "the echo differs");
    }
    Ok(())
}

async fn datagrams(conn: &Connection, args: &ClientArgs) -> Result<usize> {
    if args.datagrams == 0 {
        return Ok(0);
    }
    let limit = conn
        .max_datagram_size()
        .context("the peer takes no datagrams")?;
    ensure!(
        args.datagram_bytes <= limit,
        "datagrams hold at most {limit} bytes"
    );
    let mut received = 0;
    for i in 0..args.datagrams {
        let data = pattern(i as u64, args.datagram_bytes);
        conn.send_datagram(data.clone()).await?;
        // A datagram may get lost; a wrong one may not come.
        let echo = tokio::time::timeout(Duration::from_secs(1), conn.read_datagram()).await;
        if let Ok(echo) = echo {
            ensure!(echo? == data, "datagram {i} differs");
            received += 1;
        }
    }
    Ok(received)
}

async fn reset_stream(conn: &Connection) -> Result<()> {
    let (mut send, mut recv) = conn.open_bi().await?;
    send.write_all(&pattern(0, 10_000)).await?;
    let mut first = [0; 1];
    within(async { Ok(recv.read_exact(&mut first).await?) }).await?;
    send.reset(VarInt::from_u32(RESET_CODE))?;
    within(async {
        loop {
            match recv.read_chunk(1 << 16).await {
                Ok(Some(_)) => {}
                Err(ReadError::Reset(code)) if code == VarInt::from_u32(RESET_CODE) => {
                    return Ok(())
                }
                other => bail!("instead of RESET {RESET_CODE}: {other:?}"),
            }
        }
    })
    .await
}

async fn stop_stream(conn: &Connection) -> Result<()> {
    let (mut send, mut recv) = conn.open_bi().await?;
    let data = pattern(0, 1 << 16);
    send.write_all(&data).await?;
    let mut first = [0; 1];
    within(async { Ok(recv.read_exact(&mut first).await?) }).await?;
    recv.stop(VarInt::from_u32(STOP_CODE))?;
    within(async {
        loop {
            match send.write_all(&data).await {
                Ok(()) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(WriteError::Stopped(code)) if code == VarInt::from_u32(STOP_CODE) => {
                    return Ok(());
                }
                other => bail!("instead of STOP_SENDING {STOP_CODE}: {other:?}"),
            }
        }
    })
    .await
}

async fn within<T>(work: impl std::future::Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(Duration::from_secs(10), work)
        .await
        .context("nothing came for 10 s")?
}
