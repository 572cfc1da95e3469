//! `observe`: prints what a provider says about a blob, item by item.

use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};
use futures_util::StreamExt;
use iroh_blobs::{protocol::ObserveRequest, store::mem::MemStore, Hash};
use serde_json::json;

use crate::{home, measure, output};

#[derive(clap::Args)]
pub struct Args {
    /// ID@ip:port, an endpoint ticket or a blob ticket
    #[arg(long)]
    addr: String,
    #[arg(long)]
    hash: Hash,
    /// End after so many items
    #[arg(long, default_value_t = 1)]
    items: usize,
    /// End when no item comes for so long
    #[arg(long, default_value_t = 10_000)]
    timeout_ms: u64,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

pub async fn run(args: Args) -> Result<()> {
    let addr = home::parse_addr(&args.addr)?;
    let endpoint = args.endpoint.bind(vec![]).await?;
    let conn = endpoint
        .connect(addr, iroh_blobs::ALPN)
        .await
        .context("connect")?;
    let store = MemStore::new();
    let started = Instant::now();
    let mut items = std::pin::pin!(store
        .remote()
        .observe(conn.clone(), ObserveRequest::new(args.hash)));
    let limit = Duration::from_millis(args.timeout_ms);
    for index in 0..args.items {
        let item = match tokio::time::timeout(limit, items.next()).await {
            Err(_) => bail!("no item {index} within {limit:?}"),
            Ok(None) => bail!("the stream ended before item {index}"),
            Ok(Some(item)) => item.with_context(|| format!("item {index}"))?,
        };
        let boundaries: Vec<u64> = item.ranges.boundaries().iter().map(|c| c.0).collect();
        output::line(json!({
            "event": "item", "index": index, "size": item.size(),
            "complete": item.is_complete(), "validated_size": item.validated_size(),
            "boundaries": boundaries, "millis": measure::millis(started.elapsed()),
        }));
    }
    output::line(json!({"event": "done", "items": args.items}));
    conn.close(0u32.into(), b"");
    endpoint.close().await;
    Ok(())
}
