//! A provider whose response streams are watched: counted, capped, delayed, or spoiled on purpose.
//!
//! The answers are those of the unmodified handler of iroh-blobs, which writes them into a
//! [`Watched`] stream instead of into that of iroh.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc, Mutex, OnceLock,
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use iroh::{
    endpoint::{Connection, RecvStream, SendStream, VarInt, WriteError},
    protocol::{AcceptError, ProtocolHandler},
};
use iroh_blobs::{
    api::Store,
    protocol::{ChunkRangesSeq, Request},
    provider::{self, events::EventSender, StreamPair},
};
use serde_json::{json, Value};

use crate::{
    measure, output,
    spoil::{Item, Next, Spoil},
};

/// How a provider behaves beyond what iroh-blobs does.
#[derive(Debug, Default)]
pub struct Conduct {
    /// Cap of each connection in bytes a second
    pub rate: Option<u64>,
    /// Pause before each request is read
    pub delay: Duration,
    /// Print a line for every request
    pub log: bool,
    pub spoil: Option<Spoil>,
}

/// What a provider has done so far.
#[derive(Debug, Default)]
struct Counters {
    connections: AtomicU64,
    gets: AtomicU64,
    get_manys: AtomicU64,
    observes: AtomicU64,
    pushes: AtomicU64,
    /// Not understood, or cut off before they were whole
    unread: AtomicU64,
    bytes_sent: AtomicU64,
    /// Get and GetMany whose stream saw STOP_SENDING, by its code
    cancelled: Mutex<BTreeMap<u64, u64>>,
    /// Get and GetMany that came to their end and that did not
    completed: AtomicU64,
    aborted: AtomicU64,
}

/// The protocol handler.
#[derive(Debug, Clone)]
pub struct WatchedProtocol(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    conduct: Conduct,
    counters: Counters,
    started: Instant,
}

impl WatchedProtocol {
    pub fn new(store: &Store, conduct: Conduct) -> Self {
        Self(Arc::new(Inner {
            store: store.clone(),
            conduct,
            counters: Counters::default(),
            started: Instant::now(),
        }))
    }

    /// The counters, for the line `stats`.
    pub fn stats(&self) -> Value {
        let c = &self.0.counters;
        let cancelled = c.cancelled.lock().expect("no panic while counting");
        let codes: BTreeMap<String, u64> =
            cancelled.iter().map(|(k, v)| (k.to_string(), *v)).collect();
        json!({
            "connections": c.connections.load(Relaxed),
            "requests": c.gets.load(Relaxed) + c.get_manys.load(Relaxed),
            "gets": c.gets.load(Relaxed),
            "get_manys": c.get_manys.load(Relaxed),
            "observes": c.observes.load(Relaxed),
            "pushes": c.pushes.load(Relaxed),
            "unread": c.unread.load(Relaxed),
            "bytes_sent": c.bytes_sent.load(Relaxed),
            "cancelled": cancelled.values().sum::<u64>(),
            "cancel_codes": codes,
            "completed": c.completed.load(Relaxed),
            "aborted": c.aborted.load(Relaxed),
        })
    }

    async fn serve(self, line: Arc<Line>, send: SendStream, recv: RecvStream) {
        let asked = Arc::new(Asked::default());
        let (counting, stopped) = (self.clone(), send.stopped());
        let asked_too = asked.clone();
        tokio::spawn(async move {
            // Resolves when the peer stopped the stream, has all of it, or is gone.
            if let Ok(Some(code)) = stopped.await {
                counting.count_stop(&asked_too, code);
            }
        });
        let inner = &self.0;
        if !inner.conduct.delay.is_zero() {
            tokio::time::sleep(inner.conduct.delay).await;
        }
        let writer = Watched {
            stream: Some(send),
            line: line.clone(),
            provider: self.clone(),
            asked: asked.clone(),
        };
        let id = line.conn.stable_id() as u64;
        let mut pair = StreamPair::new(id, recv, writer, EventSender::DEFAULT);
        let counters = &inner.counters;
        let Ok(request) = pair.read_request().await else {
            counters.unread.fetch_add(1, Relaxed);
            return;
        };
        if inner.conduct.log {
            self.log(&line, &request);
        }
        let store = inner.store.clone();
        let (counter, is_data) = match &request {
            Request::Get(_) => (&counters.gets, true),
            Request::GetMany(_) => (&counters.get_manys, true),
            Request::Observe(_) => (&counters.observes, false),
            Request::Push(_) => (&counters.pushes, false),
            _ => (&counters.unread, false),
        };
        counter.fetch_add(1, Relaxed);
        let _ = asked.is_data.set(is_data);
        let result = match request {
            Request::Get(request) => provider::handle_get(pair, store, request).await,
            Request::GetMany(request) => provider::handle_get_many(pair, store, request).await,
            Request::Observe(request) => provider::handle_observe(pair, store, request).await,
            // Refused, as the mask of events says.
            Request::Push(request) => provider::handle_push(pair, store, request).await,
            _ => Ok(()),
        };
        if is_data {
            let counter = if result.is_ok() {
                &counters.completed
            } else {
                &counters.aborted
            };
            counter.fetch_add(1, Relaxed);
        }
    }

    fn log(&self, line: &Line, request: &Request) {
        let (kind, hash, ranges) = match request {
            Request::Get(r) => ("get", r.hash.to_string(), boundaries(&r.ranges)),
            Request::GetMany(r) => ("get_many", String::new(), boundaries(&r.ranges)),
            Request::Observe(r) => ("observe", r.hash.to_string(), Value::Null),
            Request::Push(_) => ("push", String::new(), Value::Null),
            _ => ("unknown", String::new(), Value::Null),
        };
        output::line(json!({
            "event": "request", "kind": kind, "hash": hash, "ranges": ranges,
            "remote": line.conn.remote_id().to_string(),
            "millis": measure::millis(self.0.started.elapsed()),
        }));
    }

    /// Counts a request once, whoever sees first that it was stopped.
    fn count_stop(&self, asked: &Asked, code: VarInt) {
        if asked.is_data.get() == Some(&true) && asked.stopped.set(()).is_ok() {
            let mut cancelled = self
                .0
                .counters
                .cancelled
                .lock()
                .expect("no panic while counting");
            *cancelled.entry(code.into_inner()).or_default() += 1;
        }
    }
}

/// A request.
#[derive(Debug, Default)]
struct Asked {
    /// Whether it asks for data; unset until it has been read
    is_data: OnceLock<bool>,
    /// Set by STOP_SENDING
    stopped: OnceLock<()>,
}

/// The chunk boundaries of the first 16 items of a request.
fn boundaries(ranges: &ChunkRangesSeq) -> Value {
    let item = |(index, ranges): (u64, &bao_tree::ChunkRanges)| {
        let chunks: Vec<u64> = ranges.boundaries().iter().map(|c| c.0).collect();
        json!({"index": index, "boundaries": chunks})
    };
    ranges
        .iter_non_empty_infinite()
        .take(16)
        .map(item)
        .collect()
}

impl ProtocolHandler for WatchedProtocol {
    async fn accept(&self, conn: Connection) -> Result<(), AcceptError> {
        self.0.counters.connections.fetch_add(1, Relaxed);
        let line = Arc::new(Line {
            conn: conn.clone(),
            sent: AtomicU64::new(0),
            pacer: self.0.conduct.rate.map(Pacer::new),
        });
        while let Ok((send, recv)) = conn.accept_bi().await {
            tokio::spawn(self.clone().serve(line.clone(), send, recv));
        }
        Ok(())
    }

    async fn shutdown(&self) {
        // Nobody listens any more.
        let _ = self.0.store.shutdown().await;
    }
}

/// A connection.
#[derive(Debug)]
pub struct Line {
    pub conn: Connection,
    /// Bytes of data responses so far
    sent: AtomicU64,
    pacer: Option<Pacer>,
}

/// Lets bytes through at a rate, whatever the length of a single sleep.
#[derive(Debug)]
struct Pacer {
    bytes_per_second: u64,
    free_at: Mutex<Instant>,
}

impl Pacer {
    /// What may be sent at once after a pause
    const BURST: Duration = Duration::from_millis(10);

    fn new(bytes_per_second: u64) -> Self {
        Self {
            bytes_per_second: bytes_per_second.max(1),
            free_at: Mutex::new(Instant::now()),
        }
    }

    async fn pass(&self, bytes: usize) {
        let now = Instant::now();
        let until = {
            let mut free_at = self.free_at.lock().expect("no panic while pacing");
            let earliest = now.checked_sub(Self::BURST).unwrap_or(now);
            let cost = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64);
            *free_at = (*free_at).max(earliest) + cost;
            *free_at
        };
        if until > now {
            tokio::time::sleep_until(until.into()).await;
        }
    }
}

/// A response stream.
#[derive(Debug)]
pub struct Watched {
    /// `None` only after the end
    stream: Option<SendStream>,
    line: Arc<Line>,
    provider: WatchedProtocol,
    asked: Arc<Asked>,
}

impl Watched {
    fn spoil(&self) -> Option<&Spoil> {
        let is_data = self.asked.is_data.get().copied().unwrap_or(false);
        self.provider.0.conduct.spoil.as_ref().filter(|_| is_data)
    }

    fn stream(&mut self) -> io::Result<&mut SendStream> {
        self.stream
            .as_mut()
            .ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    async fn put(&mut self, item: Item, data: Bytes) -> io::Result<()> {
        let Some(spoil) = self.spoil() else {
            return self.write(data).await;
        };
        let step = spoil.answer(item, data, self.line.sent.load(Relaxed));
        let pause = spoil.pause;
        if step.byte_by_byte {
            for at in 0..step.data.len() {
                self.write(step.data.slice(at..=at)).await?;
                tokio::time::sleep(pause).await;
            }
        } else {
            self.write(step.data).await?;
        }
        self.then(step.next, pause).await
    }

    async fn then(&mut self, next: Next, pause: Duration) -> io::Result<()> {
        match next {
            Next::GoOn => return Ok(()),
            Next::Stall => {
                let stopped = self.stream()?.stopped();
                // However it ended, it has.
                let _ = stopped.await;
            }
            Next::Reset(code) => {
                tokio::time::sleep(pause).await;
                self.stream()?.reset(VarInt::from_u32(code))?;
            }
            Next::Close(code) => {
                tokio::time::sleep(pause).await;
                self.line.conn.close(VarInt::from_u32(code), b"");
            }
        }
        Err(io::ErrorKind::BrokenPipe.into())
    }

    async fn write(&mut self, data: Bytes) -> io::Result<()> {
        let length = data.len();
        if length == 0 {
            return Ok(());
        }
        let line = self.line.clone();
        if let Some(pacer) = &line.pacer {
            pacer.pass(length).await;
        }
        if let Err(error) = self.stream()?.write_chunk(data).await {
            if let WriteError::Stopped(code) = error {
                // The handler resets a stopped stream at once, and then nobody else learns of it.
                self.provider.count_stop(&self.asked, code);
            }
            return Err(error.into());
        }
        let sent = &self.provider.0.counters.bytes_sent;
        sent.fetch_add(length as u64, Relaxed);
        if self.asked.is_data.get() == Some(&true) {
            line.sent.fetch_add(length as u64, Relaxed);
        }
        Ok(())
    }
}

impl iroh_blobs::util::SendStream for Watched {
    async fn send_bytes(&mut self, bytes: Bytes) -> io::Result<()> {
        self.put(Item::Leaf, bytes).await
    }

    async fn send(&mut self, buf: &[u8]) -> io::Result<()> {
        let item = match buf.len() {
            8 => Item::Header,
            _ => Item::Pair,
        };
        self.put(item, Bytes::copy_from_slice(buf)).await
    }

    /// The handler calls this once, after the last item of a Get.
    async fn sync(&mut self) -> io::Result<()> {
        let Some(spoil) = self.spoil() else {
            return Ok(());
        };
        let (extra, next) = spoil.at_end();
        let pause = spoil.pause;
        self.write(extra).await?;
        self.then(next, pause).await
    }

    fn reset(&mut self, code: VarInt) -> io::Result<()> {
        Ok(self.stream()?.reset(code)?)
    }

    async fn stopped(&mut self) -> io::Result<Option<VarInt>> {
        let stopped = self.stream()?.stopped();
        Ok(stopped.await?)
    }

    fn id(&self) -> u64 {
        self.stream.as_ref().map_or(0, |s| s.id().index())
    }
}

impl Drop for Watched {
    /// Dropping a stream of iroh finishes it; one that shall not be finished is kept.
    fn drop(&mut self) {
        if !self.spoil().is_some_and(Spoil::keeps_open) {
            return;
        }
        if let Some(stream) = self.stream.take() {
            tokio::spawn(async move {
                let _ = stream.stopped().await;
                drop(stream);
            });
        }
    }
}
