//! `many`: opens connections, holds them, and looks at the end whether each still works.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use futures_util::{stream, StreamExt};
use iroh::Endpoint;
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
    #[arg(long)]
    addr: String,
    #[arg(long, default_value_t = 100)]
    connections: usize,
    /// Seconds between the last connect and the final check
    #[arg(long, default_value_t = 0.0)]
    hold: f64,
    /// Streams at once on every connection in each check
    #[arg(long, default_value_t = 1)]
    streams: usize,
    /// Connections from one endpoint
    #[arg(long, default_value_t = 1)]
    per_endpoint: usize,
    /// Connects at once
    #[arg(long, default_value_t = 1)]
    parallel: usize,
    /// What each check fetches; the empty blob, which every provider has, without it
    #[arg(long)]
    hash: Option<Hash>,
    /// Do not fetch right after connecting
    #[arg(long)]
    idle: bool,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

pub async fn run(args: Args) -> Result<()> {
    ensure!(
        args.endpoint.secret.is_none() && args.endpoint.bind.port() == 0,
        "many endpoints cannot share a key or a port"
    );
    let args = Arc::new(args);
    let addr = home::parse_addr(&args.addr)?;
    let hash = args.hash.unwrap_or(Hash::EMPTY);
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for _ in 0..args.connections.div_ceil(args.per_endpoint) {
        endpoints.push(args.endpoint.bind(vec![]).await?);
    }
    let (started, cpu) = (Instant::now(), measure::cpu_seconds());
    let results: Vec<Result<(Connection, Duration)>> = stream::iter(0..args.connections)
        .map(|i| {
            let (endpoint, addr) = (endpoints[i / args.per_endpoint].clone(), addr.clone());
            let args = args.clone();
            async move {
                let begun = Instant::now();
                let conn = endpoint
                    .connect(addr, iroh_blobs::ALPN)
                    .await
                    .context("connect")?;
                let took = begun.elapsed();
                let conn = Connection::Iroh(conn);
                if !args.idle {
                    check(&conn, hash, args.streams).await?;
                }
                anyhow::Ok((conn, took))
            }
        })
        .buffer_unordered(args.parallel)
        .collect()
        .await;
    let mut first_error = None;
    let (mut connections, mut latencies) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok((conn, took)) => {
                connections.push(conn);
                latencies.push(took);
            }
            Err(error) => first_error = first_error.or(Some(format!("{error:#}"))),
        }
    }
    let mut line = measure::percentiles(latencies);
    line["event"] = "connected".into();
    line["connections"] = connections.len().into();
    line["failed"] = (args.connections - connections.len()).into();
    line["first_error"] = first_error.clone().into();
    line["seconds"] = started.elapsed().as_secs_f64().into();
    line["cpu_seconds"] = (measure::cpu_seconds() - cpu).into();
    line["rss_kib"] = measure::rss_kib().into();
    output::line(line);

    let cpu = measure::cpu_seconds();
    tokio::time::sleep(Duration::from_secs_f64(args.hold)).await;
    let held_cpu = measure::cpu_seconds() - cpu;

    let checks: Vec<Result<u64>> = stream::iter(&connections)
        .map(|conn| check(conn, hash, args.streams))
        .buffer_unordered(args.parallel.max(8))
        .collect()
        .await;
    let alive = checks.iter().filter(|c| c.is_ok()).count();
    let bytes: u64 = checks.iter().flatten().sum();
    for error in checks.into_iter().filter_map(Result::err) {
        first_error = first_error.or(Some(format!("{error:#}")));
    }
    output::line(json!({
        "event": "done", "connections": args.connections, "alive": alive, "bytes": bytes,
        "first_error": first_error, "seconds": started.elapsed().as_secs_f64(),
        "held_cpu_seconds": held_cpu, "max_rss_kib": measure::max_rss_kib(),
    }));
    for conn in &connections {
        conn.close(0, b"");
    }
    stream::iter(endpoints)
        .for_each_concurrent(64, |endpoint| async move { endpoint.close().await })
        .await;
    ensure!(
        alive == args.connections,
        "{alive} of {} connections work: {}",
        args.connections,
        first_error.unwrap_or_default()
    );
    Ok(())
}

async fn check(conn: &Connection, hash: Hash, streams: usize) -> Result<u64> {
    let fetches: Vec<Result<u64>> = stream::iter(0..streams)
        .map(|_| async move {
            let request = blobs::request(hash, false, None)?;
            let pair = conn.open_bi().await?;
            blobs::get(pair, request, Sink::default(), &mut |_| Ok(()))
                .await
                .map(|got| got.bytes)
                .map_err(|error| anyhow::anyhow!("{}", blobs::failure(&error)))
        })
        .buffer_unordered(streams.max(1))
        .collect()
        .await;
    fetches.into_iter().sum()
}
