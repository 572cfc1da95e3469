//! `raw`: arbitrary bytes on bidirectional streams of a real iroh connection.

use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use futures_util::{stream, StreamExt, TryStreamExt};
use iroh::endpoint::{ReadError, VarInt};
use serde_json::{json, Value};

use crate::{connection::Connection, home, measure, output};

#[derive(clap::Args)]
pub struct Args {
    /// ID@ip:port, an endpoint ticket or a blob ticket
    #[arg(long)]
    addr: String,
    /// Hex, or @FILE: one request a line, as hex, as a JSON string, or as {"name":…,"request":hex}
    #[arg(long)]
    request: String,
    #[arg(long, default_value = "/iroh-bytes/4")]
    alpn: String,
    /// Leave the sending side open
    #[arg(long)]
    no_fin: bool,
    /// Reset the sending side with this code instead of finishing it
    #[arg(long)]
    reset: Option<u32>,
    /// Bytes per write
    #[arg(long, default_value_t = 1 << 20)]
    chunk_bytes: usize,
    /// Pause between writes
    #[arg(long, default_value_t = 0)]
    chunk_delay_ms: u64,
    /// Send STOP_SENDING after so many response bytes
    #[arg(long)]
    stop_after: Option<u64>,
    #[arg(long, default_value_t = 0)]
    stop_code: u32,
    /// Never read the response (until the timeout, then it counts as open)
    #[arg(long)]
    no_read: bool,
    /// A response that has not ended by then is `open`
    #[arg(long, default_value_t = 5_000)]
    timeout_ms: u64,
    /// Streams at once
    #[arg(long, default_value_t = 1)]
    parallel: usize,
    /// How many of the first response bytes are printed
    #[arg(long, default_value_t = 64)]
    head_bytes: usize,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

pub async fn run(args: Args) -> Result<()> {
    let requests = requests(&args.request)?;
    let addr = home::parse_addr(&args.addr)?;
    let endpoint = args.endpoint.bind(vec![]).await?;
    let conn = endpoint
        .connect(addr, args.alpn.as_bytes())
        .await
        .context("connect")?;
    let conn = Connection::Iroh(conn);
    let count = requests.len();
    let (args, conn_ref) = (&args, &conn);
    stream::iter(requests.into_iter().enumerate())
        .map(|(index, (name, request))| async move {
            let mut line = exchange(conn_ref, args, &request).await?;
            line["event"] = "response".into();
            line["index"] = index.into();
            line["name"] = name.into();
            anyhow::Ok(line)
        })
        .buffered(args.parallel.max(1))
        .try_for_each(|line| async {
            output::line(line);
            Ok(())
        })
        .await?;
    output::line(json!({
        "event": "done", "responses": count, "closed": conn.close_reason(), "connection": conn.stats(),
    }));
    conn.close(0, b"");
    endpoint.close().await;
    Ok(())
}

fn requests(text: &str) -> Result<Vec<(Option<String>, Vec<u8>)>> {
    let Some(path) = text.strip_prefix('@') else {
        return Ok(vec![(
            None,
            hex::decode(text).context("--request is not hex")?,
        )]);
    };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let mut requests = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let value = if line.starts_with(['{', '"']) {
            serde_json::from_str(line)?
        } else {
            Value::String(line.to_owned())
        };
        let request = value.as_str().or(value["request"].as_str());
        let request = request.with_context(|| format!("no request in {line}"))?;
        let name = value["name"].as_str().map(str::to_owned);
        requests.push((name, hex::decode(request).context("not hex")?));
    }
    ensure!(!requests.is_empty(), "no request in {path}");
    Ok(requests)
}

async fn exchange(conn: &Connection, args: &Args, request: &[u8]) -> Result<Value> {
    let started = Instant::now();
    let (mut send, mut recv) = match conn.open_bi().await {
        Ok(pair) => pair,
        Err(error) => return Ok(json!({"end": "connection", "message": format!("{error:#}")})),
    };
    let stopped = tokio::spawn(send.stopped());
    let writer = async {
        for (i, chunk) in request.chunks(args.chunk_bytes.max(1)).enumerate() {
            if i > 0 {
                tokio::time::sleep(Duration::from_millis(args.chunk_delay_ms)).await;
            }
            // The peer may stop us at any point; `stopped` tells.
            if send.write_all(chunk).await.is_err() {
                return;
            }
        }
        // Both fail only on a stream that is already over.
        if let Some(code) = args.reset {
            let _ = send.reset(VarInt::from_u32(code));
        } else if !args.no_fin {
            let _ = send.finish();
        }
    };
    let mut response = Response::new(args.head_bytes);
    let reader = async {
        if args.no_read {
            return std::future::pending().await;
        }
        loop {
            if args
                .stop_after
                .is_some_and(|limit| response.length >= limit)
            {
                // Fails only on a stream that is already over.
                let _ = recv.stop(VarInt::from_u32(args.stop_code));
                return json!({"end": "stopped"});
            }
            match recv.read_chunk(1 << 16).await {
                Ok(Some(chunk)) => response.add(&chunk),
                Ok(None) => return json!({"end": "fin"}),
                Err(ReadError::Reset(code)) => {
                    return json!({"end": "reset", "code": code.into_inner()})
                }
                Err(error) => return json!({"end": "connection", "message": error.to_string()}),
            }
        }
    };
    let both = async { tokio::join!(writer, reader).1 };
    let limit = Duration::from_millis(args.timeout_ms);
    let mut line = match tokio::time::timeout(limit, both).await {
        Ok(line) => line,
        Err(_) => json!({"end": "open"}),
    };
    line["millis"] = measure::millis(started.elapsed()).into();
    // STOP_SENDING travels in a frame of its own, perhaps a packet later than the end of the response.
    let stop = tokio::time::timeout(Duration::from_millis(100), stopped).await;
    line["stop_sending"] = match stop {
        Ok(Ok(Ok(Some(code)))) => code.into_inner().into(),
        _ => Value::Null,
    };
    line["length"] = response.length.into();
    line["blake3"] = response.hasher.finalize().to_hex().to_string().into();
    line["head"] = hex::encode(&response.head).into();
    Ok(line)
}

struct Response {
    length: u64,
    hasher: blake3::Hasher,
    head: Vec<u8>,
    head_limit: usize,
}

impl Response {
    fn new(head_limit: usize) -> Self {
        Self {
            length: 0,
            hasher: blake3::Hasher::new(),
            head: Vec::new(),
            head_limit,
        }
    }

    fn add(&mut self, data: &[u8]) {
        self.length += data.len() as u64;
        self.hasher.update(data);
        let room = self.head_limit - self.head.len();
        self.head.extend_from_slice(&data[..data.len().min(room)]);
    }
}
