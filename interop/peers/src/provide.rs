//! `provide`: seeds files and folders in place with an unmodified iroh-blobs provider.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{bail, Context, Result};
use clap::ValueEnum;
use futures_util::{stream, StreamExt, TryStreamExt};
use iroh::{
    endpoint::Connection,
    protocol::{AcceptError, ProtocolHandler, Router},
};
use iroh_blobs::{
    api::{
        blobs::{AddPathOptions, ImportMode},
        Store, TempTag,
    },
    format::collection::Collection,
    store::{
        fs::{
            options::{InlineOptions, Options},
            FsStore,
        },
        mem::MemStore,
    },
    ticket::BlobTicket,
    BlobFormat, BlobsProtocol, Hash,
};
use iroh_tickets::endpoint::EndpointTicket;
use serde_json::{json, Value};

use crate::{
    home, measure, output,
    parts::Part,
    spoil::{self, Spoil},
    watched::{Conduct, WatchedProtocol},
};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, value_enum, default_value = "mem")]
    store: StoreKind,
    /// Folder of an fs store
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Every file of a folder becomes a blob of its own instead of the folder a collection
    #[arg(long)]
    each: bool,
    /// Where to write `HASH SIZE PATH` of every imported file
    #[arg(long)]
    list: Option<PathBuf>,
    /// Files imported at once
    #[arg(long, default_value_t = 8)]
    jobs: usize,
    /// Also connect to this getter (ID@ip:port) and serve it, as a client of the QUIC connection
    #[arg(long)]
    dial: Option<String>,
    /// Do not end when stdin closes
    #[arg(long)]
    forever: bool,
    /// Hold only the I-th of N parts (I/N) of every file; the collection of a folder is whole
    #[arg(long)]
    part: Option<Part>,
    /// Cap of each connection in bytes a second
    #[arg(long)]
    rate_bytes: Option<u64>,
    /// Pause before each request is read
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Count requests and bytes (the options above and below imply it)
    #[arg(long)]
    count: bool,
    /// Print a line for every request
    #[arg(long)]
    log_requests: bool,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
    /// Files and folders
    paths: Vec<PathBuf>,
}

#[derive(clap::Args)]
pub struct BadArgs {
    #[command(flatten)]
    spoil: spoil::Args,
    #[command(flatten)]
    provide: Args,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StoreKind {
    /// No store at all (getters only)
    None,
    /// Everything in memory
    Mem,
    /// Files as iroh-blobs keeps them, small ones inside the database
    Fs,
    /// Files, nothing inside the database
    FsNoinline,
}

/// Opens a store; an fs store needs `dir`.
pub async fn open_store(kind: StoreKind, dir: Option<&Path>) -> Result<Store> {
    let need = || dir.context("--store fs needs --dir");
    Ok(match kind {
        StoreKind::None => bail!("--store none is for getters"),
        StoreKind::Mem => MemStore::new().into(),
        StoreKind::Fs => load(need()?, InlineOptions::default()).await?,
        StoreKind::FsNoinline => load(need()?, InlineOptions::NO_INLINE).await?,
    })
}

async fn load(dir: &Path, inline: InlineOptions) -> Result<Store> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let mut options = Options::new(dir);
    options.inline = inline;
    let store = FsStore::load_with_opts(dir.join("blobs.db"), options)
        .await
        .with_context(|| format!("cannot open the store {}", dir.display()))?;
    Ok(store.into())
}

struct Imported {
    path: PathBuf,
    name: String,
    size: u64,
    hash: Hash,
    /// What of it is in the store
    held: u64,
    /// Keeps a whole blob; nobody collects partial ones
    _tag: Option<TempTag>,
}

pub async fn run(args: Args) -> Result<()> {
    serve(args, None).await
}

pub async fn run_bad(args: BadArgs) -> Result<()> {
    serve(args.provide, Some(args.spoil.into())).await
}

impl Args {
    /// `None` for a provider that does just what iroh-blobs does.
    fn conduct(&self, spoil: Option<Spoil>) -> Option<Conduct> {
        let is_plain = spoil.is_none()
            && self.rate_bytes.is_none()
            && self.delay_ms == 0
            && self.part.is_none()
            && !(self.count || self.log_requests);
        (!is_plain).then_some(Conduct {
            rate: self.rate_bytes,
            delay: Duration::from_millis(self.delay_ms),
            log: self.log_requests,
            spoil,
        })
    }
}

/// The protocol as iroh-blobs has it, or watched.
#[derive(Clone, Debug)]
enum Protocol {
    Plain(BlobsProtocol),
    Watched(WatchedProtocol),
}

impl Protocol {
    fn stats(&self, event: &str) -> Value {
        let mut line = match self {
            Self::Plain(_) => json!({}),
            Self::Watched(watched) => watched.stats(),
        };
        line["event"] = event.into();
        line["cpu_seconds"] = measure::cpu_seconds().into();
        line["max_rss_kib"] = measure::max_rss_kib().into();
        line
    }
}

impl ProtocolHandler for Protocol {
    async fn accept(&self, conn: Connection) -> Result<(), AcceptError> {
        match self {
            Self::Plain(protocol) => protocol.accept(conn).await,
            Self::Watched(protocol) => protocol.accept(conn).await,
        }
    }

    async fn shutdown(&self) {
        match self {
            Self::Plain(protocol) => protocol.shutdown().await,
            Self::Watched(protocol) => protocol.shutdown().await,
        }
    }
}

async fn serve(args: Args, spoil: Option<Spoil>) -> Result<()> {
    let store = open_store(args.store, args.dir.as_deref()).await?;
    let endpoint = args.endpoint.bind(vec![]).await?;
    let addr = home::address_of(&endpoint);
    let started = std::time::Instant::now();
    let mut held = Vec::new();
    let mut roots = Vec::new();
    let mut items = Vec::new();
    let mut list = match &args.list {
        Some(path) => Some(std::io::BufWriter::new(std::fs::File::create(path)?)),
        None => None,
    };
    let (mut files, mut bytes) = (0u64, 0u64);
    for path in &args.paths {
        let imported = import(&store, path, args.jobs, args.part).await?;
        files += imported.len() as u64;
        let size: u64 = imported.iter().map(|i| i.size).sum();
        let held_bytes: u64 = imported.iter().map(|i| i.held).sum();
        bytes += size;
        if let Some(list) = &mut list {
            for i in &imported {
                writeln!(list, "{} {} {}", i.hash, i.size, i.path.display())?;
            }
        }
        let item = |hash: Hash, format: BlobFormat| {
            let name = match format {
                BlobFormat::Raw => "raw",
                BlobFormat::HashSeq => "hashseq",
            };
            json!({"path": path, "hash": hash.to_string(), "format": name, "size": size,
                   "held": held_bytes, "files": imported.len(), "ticket": BlobTicket::new(addr.clone(), hash, format).to_string()})
        };
        if path.is_dir() && !args.each {
            let collection: Collection =
                imported.iter().map(|i| (i.name.clone(), i.hash)).collect();
            let tag = collection
                .store(&store)
                .await
                .map_err(anyhow::Error::from)?;
            items.push(item(tag.hash(), BlobFormat::HashSeq));
            roots.push(tag);
        } else if path.is_file() {
            items.push(item(imported[0].hash, BlobFormat::Raw));
        }
        held.extend(imported);
    }
    if let Some(mut list) = list {
        list.flush()?;
    }
    let protocol = match args.conduct(spoil) {
        None => Protocol::Plain(BlobsProtocol::new(&store, None)),
        Some(conduct) => Protocol::Watched(WatchedProtocol::new(&store, conduct)),
    };
    let router = Router::builder(endpoint.clone())
        .accept(iroh_blobs::ALPN, protocol.clone())
        .spawn();
    output::line(json!({
        "event": "ready",
        "endpoint": endpoint.id().to_string(),
        "addr": home::sockets_of(&endpoint),
        "endpoint_ticket": EndpointTicket::new(addr).to_string(),
        "items": items, "files": files, "bytes": bytes,
        "import_seconds": started.elapsed().as_secs_f64(),
        "cpu_seconds": measure::cpu_seconds(),
    }));
    if let Some(getter) = &args.dial {
        let getter = home::parse_addr(getter)?;
        let conn = endpoint
            .connect(getter, iroh_blobs::ALPN)
            .await
            .context("connect")?;
        let protocol = protocol.clone();
        tokio::spawn(async move { protocol.accept(conn).await });
    }
    let serving = &protocol;
    home::until_told_with(args.forever, |command| match command {
        "stats" => output::line(serving.stats("stats")),
        _ => output::line(json!({"event": "refused", "command": command})),
    })
    .await?;
    let stats = protocol.stats("stats");
    // The protocol shuts its store down with it.
    router.shutdown().await.context("router")?;
    output::line(stats);
    drop((held, roots));
    Ok(())
}

/// Imports a file, or every regular file below a folder, sorted by name.
async fn import(
    store: &Store,
    root: &Path,
    jobs: usize,
    part: Option<Part>,
) -> Result<Vec<Imported>> {
    let root = root
        .canonicalize()
        .with_context(|| format!("cannot read {}", root.display()))?;
    let mut paths = Vec::new();
    walk(&root, &mut paths)?;
    let parent = root.parent().unwrap_or(&root).to_owned();
    let mut imported: Vec<Imported> = stream::iter(paths)
        .map(|path| {
            let store = store.clone();
            let parent = parent.clone();
            async move {
                let name = path.strip_prefix(&parent)?.to_string_lossy().into_owned();
                let size = std::fs::metadata(&path)?.len();
                if let Some(part) = part {
                    let (hash, held) = part.import(&store, &path).await?;
                    return Ok(Imported {
                        path,
                        name,
                        size,
                        hash,
                        held,
                        _tag: None,
                    });
                }
                let tag = store
                    .blobs()
                    .add_path_with_opts(AddPathOptions {
                        path: path.clone(),
                        format: BlobFormat::Raw,
                        mode: ImportMode::TryReference,
                    })
                    .temp_tag()
                    .await
                    .with_context(|| format!("cannot import {}", path.display()))?;
                anyhow::Ok(Imported {
                    path,
                    name,
                    size,
                    hash: tag.hash(),
                    held: size,
                    _tag: Some(tag),
                })
            }
        })
        .buffer_unordered(jobs)
        .try_collect()
        .await?;
    imported.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(imported)
}

fn walk(path: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        into.push(path.to_owned());
        return Ok(());
    }
    for entry in
        std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?
    {
        let entry = entry?;
        if entry.file_type()?.is_symlink() {
            continue;
        }
        walk(&entry.path(), into)?;
    }
    Ok(())
}
