//! `get`: one blob or hash sequence, with or without a store, as often and as slowly as asked.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use futures_util::StreamExt;
use iroh::EndpointAddr;
use iroh_blobs::{
    api::{remote::GetProgressItem, Store},
    format::collection::Collection,
    get::StreamPair,
    ticket::BlobTicket,
    BlobFormat, Hash, HashAndFormat,
};
use serde_json::{json, Value};

use crate::{
    blobs::{self, Failed, Pace, Sink},
    connection::Connection,
    home, measure, output,
    provide::{open_store, StoreKind},
    rawquic::{self, RawQuic},
};

#[derive(clap::Args)]
pub struct Args {
    /// Blob ticket; instead of it --addr and --hash
    #[arg(long)]
    ticket: Option<BlobTicket>,
    /// ID@ip:port or a ticket; overrides the address of --ticket (for instance to go through a proxy)
    #[arg(long)]
    addr: Option<String>,
    #[arg(long)]
    hash: Option<Hash>,
    /// The hash is that of a hash sequence
    #[arg(long)]
    hashseq: bool,
    #[arg(long, value_enum, default_value = "none")]
    store: StoreKind,
    /// Folder of an fs store
    #[arg(long)]
    dir: Option<PathBuf>,
    /// File for a blob, folder for a collection
    #[arg(long)]
    out: Option<PathBuf>,
    /// Chunks of the blob (of every child with --hashseq): A..B, A.., ..B, last, all, comma-separated
    #[arg(long)]
    ranges: Option<String>,
    /// Fetches one after another on every stream slot
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    /// Streams at once on every connection
    #[arg(long, default_value_t = 1)]
    parallel: usize,
    /// Connections, each from an endpoint of its own
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// BLAKE3 over what arrived, besides the verification that always happens
    #[arg(long)]
    rehash: bool,
    /// Pause after every leaf (16 KiB)
    #[arg(long, default_value_t = 0)]
    read_delay_ms: u64,
    /// Stop reading for so long, once
    #[arg(long)]
    stall_ms: Option<u64>,
    /// Bytes after which --stall-ms begins
    #[arg(long, default_value_t = 1)]
    stall_after: u64,
    /// Give up after so many milliseconds
    #[arg(long)]
    timeout_ms: Option<u64>,
    /// Print a progress line each time another so many bytes have arrived
    #[arg(long)]
    progress_every: Option<u64>,
    #[command(flatten)]
    raw: rawquic::RawArgs,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

/// Everything that the fetches share.
struct Job {
    args: Args,
    addr: EndpointAddr,
    hash: Hash,
    sequence: bool,
    received: AtomicU64,
}

pub async fn run(args: Args) -> Result<()> {
    let (addr, hash, sequence) = target(&args)?;
    let job = Arc::new(Job {
        args,
        addr,
        hash,
        sequence,
        received: AtomicU64::new(0),
    });
    let limit = job.args.timeout_ms.map(Duration::from_millis);
    let result = match limit {
        None => fetch_all(&job).await,
        Some(limit) => match tokio::time::timeout(limit, fetch_all(&job)).await {
            Ok(result) => result,
            Err(_) => Err(failed(
                &job,
                json!({"kind": "timeout", "code": null,
                    "message": format!("not done after {limit:?}")}),
            )),
        },
    };
    output::line(result?);
    Ok(())
}

fn target(args: &Args) -> Result<(EndpointAddr, Hash, bool)> {
    let (mut addr, mut hash, mut sequence) = (None, args.hash, args.hashseq);
    if let Some(ticket) = &args.ticket {
        addr = Some(ticket.addr().clone());
        hash = hash.or(Some(ticket.hash()));
        sequence |= ticket.format() == BlobFormat::HashSeq;
    }
    if let Some(text) = &args.addr {
        addr = Some(home::parse_addr(text)?);
    }
    Ok((
        addr.context("--ticket or --addr is needed")?,
        hash.context("--ticket or --hash is needed")?,
        sequence,
    ))
}

/// A failed transfer is a `failed` line besides the error.
fn failed(job: &Job, mut details: Value) -> anyhow::Error {
    let message = details["message"].as_str().unwrap_or_default().to_owned();
    details["event"] = "failed".into();
    details["hash"] = job.hash.to_string().into();
    details["bytes"] = job.received.load(Ordering::Relaxed).into();
    output::line(details);
    anyhow::anyhow!("get failed: {message}")
}

async fn fetch_all(job: &Arc<Job>) -> Result<Value> {
    let args = &job.args;
    ensure!(
        args.out.is_none() || args.repeat * args.parallel * args.connections == 1,
        "--out is for a single fetch"
    );
    let started = Instant::now();
    let cpu = measure::cpu_seconds();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..args.connections {
        let job = job.clone();
        tasks.spawn(async move { connection(&job).await });
    }
    let mut connects = Vec::new();
    let mut last = Value::Null;
    while let Some(result) = tasks.join_next().await {
        let (connect, value) = result??;
        connects.push(connect);
        last = value;
    }
    let elapsed = started.elapsed();
    let bytes = job.received.load(Ordering::Relaxed);
    last["event"] = "done".into();
    last["hash"] = job.hash.to_string().into();
    last["bytes"] = bytes.into();
    last["requests"] = (args.connections * args.parallel * args.repeat).into();
    last["seconds"] = elapsed.as_secs_f64().into();
    last["mib_per_s"] = measure::mib_per_s(bytes, elapsed).into();
    last["connect"] = measure::percentiles(connects);
    last["cpu_seconds"] = (measure::cpu_seconds() - cpu).into();
    last["max_rss_kib"] = measure::max_rss_kib().into();
    Ok(last)
}

/// One connection with all its fetches; the value tells about the last of them.
async fn connection(job: &Arc<Job>) -> Result<(Duration, Value)> {
    let args = &job.args;
    let raw = args
        .raw
        .wanted()
        .then(|| RawQuic::client(&args.raw, &args.endpoint))
        .transpose()?;
    let endpoint = match &raw {
        Some(_) => None,
        None => Some(args.endpoint.bind(vec![]).await?),
    };
    let started = Instant::now();
    let conn = match (&raw, &endpoint) {
        (Some(raw), _) => Connection::Noq(raw.connect(&job.addr, iroh_blobs::ALPN).await?),
        (None, Some(endpoint)) => Connection::Iroh(
            endpoint
                .connect(job.addr.clone(), iroh_blobs::ALPN)
                .await
                .context("connect")?,
        ),
        (None, None) => bail!("no endpoint"),
    };
    let connect = started.elapsed();
    let store = match args.store {
        StoreKind::None => None,
        kind => Some(open_store(kind, args.dir.as_deref()).await?),
    };
    let result = fetches(job, &conn, store.as_ref(), raw.as_ref()).await;
    conn.close(0, b"");
    if let Some(store) = store {
        store.shutdown().await?;
    }
    if let Some(endpoint) = endpoint {
        endpoint.close().await;
    }
    if let Some(raw) = raw {
        raw.finish().await;
    }
    Ok((connect, result?))
}

async fn fetches(
    job: &Arc<Job>,
    conn: &Connection,
    store: Option<&Store>,
    raw: Option<&RawQuic>,
) -> Result<Value> {
    let args = &job.args;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..args.parallel {
        let (job, conn) = (job.clone(), conn.clone());
        let (store, raw) = (store.cloned(), raw.cloned());
        tasks.spawn(async move {
            let mut last = Value::Null;
            for _ in 0..job.args.repeat {
                last = match &store {
                    Some(store) => stored(&job, &conn, store, raw.as_ref()).await?,
                    None => storeless(&job, &conn, raw.as_ref()).await?,
                };
            }
            anyhow::Ok(last)
        });
    }
    let mut last = Value::Null;
    while let Some(result) = tasks.join_next().await {
        last = result??;
    }
    last["connection"] = conn.stats();
    if let Some(raw) = raw {
        last["rebinds"] = raw.rebinds().into();
        last["key_updates"] = raw.key_updates().into();
    }
    Ok(last)
}

async fn storeless(job: &Arc<Job>, conn: &Connection, raw: Option<&RawQuic>) -> Result<Value> {
    let args = &job.args;
    let request = blobs::request(job.hash, job.sequence, args.ranges.as_deref())?;
    let sink = Sink {
        file: match (&args.out, job.sequence) {
            (Some(path), false) => Some(std::fs::File::create(path)?),
            _ => None,
        },
        folder: args.out.clone().filter(|_| job.sequence),
        rehash: args.rehash,
        pace: Pace {
            delay: Duration::from_millis(args.read_delay_ms),
            stall: args.stall_ms.map(Duration::from_millis),
            stall_after: args.stall_after,
        },
    };
    let mut before = 0;
    let mut next_line = args.progress_every;
    let mut progress = |bytes: u64| {
        job.received.fetch_add(bytes - before, Ordering::Relaxed);
        before = bytes;
        if let (Some(next), Some(every)) = (next_line, args.progress_every) {
            if bytes >= next {
                output::line(json!({"event": "progress", "bytes": bytes}));
                next_line = Some(bytes + every);
            }
        }
        raw.map_or(Ok(()), |raw| raw.at(bytes))
    };
    let pair = conn.open_bi().await.map_err(|e| {
        failed(
            job,
            json!({"kind": "open", "code": null, "message": format!("{e:#}")}),
        )
    })?;
    match blobs::get(pair, request, sink, &mut progress).await {
        Ok(got) => Ok(json!({
            "blobs": got.blobs,
            "size": got.size,
            "blake3": got.blake3.map(|h| h.to_hex().to_string()),
        })),
        Err(error) => Err(failed(job, blobs::failure(&error))),
    }
}

async fn stored(
    job: &Arc<Job>,
    conn: &Connection,
    store: &Store,
    raw: Option<&RawQuic>,
) -> Result<Value> {
    let args = &job.args;
    let content = if job.sequence {
        HashAndFormat::hash_seq(job.hash)
    } else {
        HashAndFormat::raw(job.hash)
    };
    let local_before = store.remote().local(content).await?.local_bytes();
    let started = Instant::now();
    let (send, recv) = conn.open_bi().await?;
    let pair = StreamPair::new(0, recv, send);
    let mut progress = std::pin::pin!(store.remote().fetch(pair, content).stream());
    let mut before = 0;
    let mut next_line = args.progress_every;
    let mut outcome = None;
    while let Some(item) = progress.next().await {
        match item {
            GetProgressItem::Progress(bytes) => {
                job.received
                    .fetch_add(bytes.saturating_sub(before), Ordering::Relaxed);
                before = before.max(bytes);
                raw.map_or(Ok(()), |raw| raw.at(bytes))?;
                if let (Some(next), Some(every)) = (next_line, args.progress_every) {
                    if bytes >= next {
                        output::line(json!({"event": "progress", "bytes": bytes}));
                        next_line = Some(bytes + every);
                    }
                }
            }
            GetProgressItem::Done(stats) => outcome = Some(Ok(stats)),
            GetProgressItem::Error(error) => outcome = Some(Err(error)),
        }
    }
    if let Err(error) = outcome.context("the fetch ended without a result")? {
        return Err(failed(job, blobs::failure(&Failed::Get(error))));
    }
    let fetch_seconds = started.elapsed().as_secs_f64();
    let local = store.remote().local(content).await?;
    ensure!(
        local.is_complete(),
        "the store is not complete after a fetch without error"
    );
    let mut files = 1;
    if let Some(out) = &args.out {
        let out = std::path::absolute(out)?;
        if job.sequence {
            let collection = Collection::load(job.hash, store).await?;
            files = collection.len();
            for (name, hash) in collection.iter() {
                let path = blobs::safe_join(&out, name)?;
                if let Some(parent) = path.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                store.export(*hash, path).await?;
            }
        } else {
            store.export(job.hash, out).await?;
        }
    }
    Ok(json!({
        "blobs": local.children().map_or(1, |n| n + 1),
        "files": files,
        "local_before": local_before,
        "local_bytes": local.local_bytes(),
        "fetch_seconds": fetch_seconds,
        "total_seconds": started.elapsed().as_secs_f64(),
    }))
}
