//! `get-list`: many blobs over one connection, so many at once.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use futures_util::{stream, StreamExt};
use iroh_blobs::Hash;
use serde_json::json;

use crate::{
    blobs::{self, Sink},
    connection::Connection,
    home, measure, output,
};

#[derive(clap::Args)]
pub struct Args {
    /// ID@ip:port, an endpoint ticket or a blob ticket
    #[arg(long, alias = "ticket-addr")]
    addr: String,
    /// File whose lines begin with a hash
    #[arg(long)]
    hashes: PathBuf,
    #[arg(long, default_value_t = 32)]
    in_flight: usize,
    /// Only the first so many
    #[arg(long)]
    limit: Option<usize>,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

#[derive(Default)]
struct Tally {
    bytes: u64,
    latencies: Vec<Duration>,
    failures: Vec<serde_json::Value>,
    failed: u64,
}

pub async fn run(args: Args) -> Result<()> {
    let text = std::fs::read_to_string(&args.hashes)
        .with_context(|| format!("cannot read {}", args.hashes.display()))?;
    let mut hashes: Vec<Hash> = Vec::new();
    for line in text.lines() {
        if let Some(word) = line.split_whitespace().next() {
            hashes.push(word.parse().with_context(|| format!("hash {word}"))?);
        }
    }
    hashes.truncate(args.limit.unwrap_or(usize::MAX));
    ensure!(!hashes.is_empty(), "no hash in {}", args.hashes.display());
    let addr = home::parse_addr(&args.addr)?;
    let endpoint = args.endpoint.bind(vec![]).await?;
    let conn = endpoint
        .connect(addr, iroh_blobs::ALPN)
        .await
        .context("connect")?;
    let conn = Connection::Iroh(conn);
    let tally = Arc::new(Mutex::new(Tally::default()));
    let (started, cpu) = (Instant::now(), measure::cpu_seconds());
    let count = hashes.len();
    stream::iter(hashes)
        .for_each_concurrent(args.in_flight, |hash| {
            let (conn, tally) = (conn.clone(), tally.clone());
            async move {
                let begun = Instant::now();
                let result = one(&conn, hash).await;
                let mut tally = tally.lock().expect("no panic holds this lock");
                match result {
                    Ok(bytes) => {
                        tally.bytes += bytes;
                        tally.latencies.push(begun.elapsed());
                    }
                    Err(details) => {
                        tally.failed += 1;
                        if tally.failures.len() < 10 {
                            tally
                                .failures
                                .push(json!({"hash": hash.to_string(), "why": details}));
                        }
                    }
                }
            }
        })
        .await;
    let elapsed = started.elapsed();
    let tally = std::mem::take(&mut *tally.lock().expect("no panic holds this lock"));
    let mut line = measure::percentiles(tally.latencies);
    line["event"] = "done".into();
    line["blobs"] = (count as u64 - tally.failed).into();
    line["failed"] = tally.failed.into();
    line["failures"] = tally.failures.into();
    line["bytes"] = tally.bytes.into();
    line["seconds"] = elapsed.as_secs_f64().into();
    line["blobs_per_s"] = (count as f64 / elapsed.as_secs_f64()).into();
    line["mib_per_s"] = measure::mib_per_s(tally.bytes, elapsed).into();
    line["cpu_seconds"] = (measure::cpu_seconds() - cpu).into();
    line["connection"] = conn.stats();
    output::line(line);
    conn.close(0, b"");
    endpoint.close().await;
    ensure!(
        tally.failed == 0,
        "{} of {count} blobs failed",
        tally.failed
    );
    Ok(())
}

async fn one(conn: &Connection, hash: Hash) -> Result<u64, serde_json::Value> {
    let request = blobs::request(hash, false, None).map_err(|e| e.to_string())?;
    let pair = conn.open_bi().await.map_err(|e| e.to_string())?;
    blobs::get(pair, request, Sink::default(), &mut |_| Ok(()))
        .await
        .map(|got| got.bytes)
        .map_err(|error| blobs::failure(&error))
}
