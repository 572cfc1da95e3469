//! `accept-get`: the other side dials, this side is the getter on the connection that arrives.

use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};
use iroh_blobs::Hash;
use serde_json::json;

use crate::{
    blobs::{self, Failed, Sink},
    connection::Connection,
    home, measure, output,
};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    hash: Hash,
    /// The hash is that of a hash sequence
    #[arg(long)]
    hashseq: bool,
    #[arg(long)]
    ranges: Option<String>,
    /// Fetch so often on every connection
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    /// End after so many connections
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// After the fetches, hold the connection so long before closing it
    #[arg(long, default_value_t = 0)]
    hold_ms: u64,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

pub async fn run(args: Args) -> Result<()> {
    let endpoint = args.endpoint.bind(vec![iroh_blobs::ALPN.to_vec()]).await?;
    output::line(json!({
        "event": "ready",
        "endpoint": endpoint.id().to_string(),
        "addr": home::sockets_of(&endpoint),
    }));
    for _ in 0..args.connections {
        let incoming = tokio::select! {
            incoming = endpoint.accept() => incoming.context("the endpoint closed")?,
            told = home::until_told(false) => { told?; bail!("stopped before the connection came") }
        };
        let conn = incoming.await.context("handshake")?;
        let remote = conn.remote_id().to_string();
        let conn = Connection::Iroh(conn);
        for _ in 0..args.repeat {
            let started = Instant::now();
            let request = blobs::request(args.hash, args.hashseq, args.ranges.as_deref())?;
            let sink = Sink {
                rehash: true,
                ..Sink::default()
            };
            let result = async {
                let pair = conn.open_bi().await.map_err(Failed::Local)?;
                blobs::get(pair, request, sink, &mut |_| Ok(())).await
            };
            match result.await {
                Ok(got) => output::line(json!({
                    "event": "got", "remote": remote, "hash": args.hash.to_string(),
                    "bytes": got.bytes, "blobs": got.blobs, "size": got.size,
                    "blake3": got.blake3.map(|h| h.to_hex().to_string()),
                    "seconds": started.elapsed().as_secs_f64(),
                    "mib_per_s": measure::mib_per_s(got.bytes, started.elapsed()),
                    "connection": conn.stats(),
                })),
                Err(error) => {
                    let mut line = blobs::failure(&error);
                    line["event"] = "failed".into();
                    output::line(line);
                    bail!("get failed");
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(args.hold_ms)).await;
        conn.close(0, b"");
    }
    endpoint.close().await;
    output::line(json!({"event": "done", "connections": args.connections}));
    Ok(())
}
