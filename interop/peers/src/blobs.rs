//! The storeless getter: runs the response machine of iroh-blobs over any stream pair, so every
//! byte is verified by the unmodified crate and then dropped, hashed or written to a file.

use std::{
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{anyhow, bail, Result};
use bao_tree::{io::BaoContentItem, ChunkNum, ChunkRanges};
use bytes::Bytes;
use iroh::endpoint::{RecvStream, SendStream};
use iroh_blobs::{
    get::{
        fsm::{
            AtBlobHeader, AtBlobHeaderNextError, AtConnected, AtEndBlob, BlobContentNext,
            ConnectedNext, DecodeError, EndBlobNext,
        },
        GetError,
    },
    hashseq::HashSeq,
    protocol::{ChunkRangesExt, ChunkRangesSeq, GetRequest},
    Hash,
};
use serde_json::{json, Value};

/// What to do with each verified leaf.
#[derive(Default)]
pub struct Sink {
    /// Where the bytes of a single blob go
    pub file: Option<std::fs::File>,
    /// Where the files of a collection go
    pub folder: Option<PathBuf>,
    /// Hash the bytes once more, in order
    pub rehash: bool,
    pub pace: Pace,
}

/// A reader that is slower than it could be.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// Pause after every leaf
    pub delay: Duration,
    /// Stop reading for this long once `stall_after` bytes have arrived
    pub stall: Option<Duration>,
    pub stall_after: u64,
}

/// Called with the bytes received so far.
pub type Progress<'a> = &'a mut (dyn FnMut(u64) -> Result<()> + Send);

#[derive(Debug)]
pub struct Got {
    pub bytes: u64,
    pub blobs: u64,
    /// The size header of the root (or of the single blob)
    pub size: u64,
    /// Own BLAKE3 of what arrived, when asked for
    pub blake3: Option<blake3::Hash>,
}

struct State<'a> {
    sink: Sink,
    hasher: Option<blake3::Hasher>,
    bytes: u64,
    blobs: u64,
    stalled: bool,
    progress: Progress<'a>,
}

/// Sends `request` on the stream pair and reads the response to its end.
pub async fn get(
    (send, recv): (SendStream, RecvStream),
    request: GetRequest,
    sink: Sink,
    progress: Progress<'_>,
) -> Result<Got, Failed> {
    let hasher = sink.rehash.then(blake3::Hasher::new);
    let mut state = State {
        sink,
        hasher,
        bytes: 0,
        blobs: 0,
        stalled: false,
        progress,
    };
    let connected = AtConnected::new(
        tokio::time::Instant::now(),
        recv,
        send,
        request,
        Default::default(),
    );
    let ConnectedNext::StartRoot(start) = connected.next().await? else {
        return Err(local(anyhow!("the request does not start at the root")));
    };
    let whole_sequence = *start.ranges() == ChunkRanges::all();
    let keep = Keep::new(state.sink.folder.is_some() || whole_sequence);
    let mut root_file = state.sink.file.take();
    let (mut end, size, root_bytes) =
        blob(start.next(), root_file.as_mut(), keep, &mut state).await?;
    let mut children: Option<HashSeq> = None;
    let mut names: Vec<String> = Vec::new();
    let closing = loop {
        let child = match end.next() {
            EndBlobNext::Closing(closing) => break closing,
            EndBlobNext::MoreChildren(child) => child,
        };
        if children.is_none() {
            let sequence = HashSeq::try_from(Bytes::from(root_bytes.clone()))
                .map_err(|_| local(anyhow!("the root is not a hash sequence")))?;
            children = Some(sequence);
        }
        let index = child.offset() - 1;
        let Some(hash) = children.as_ref().and_then(|c| c.get(index as usize)) else {
            break child.finish();
        };
        let mut file = child_file(&state.sink.folder, &names, index).map_err(local)?;
        let keep = Keep::new(index == 0 && state.sink.folder.is_some());
        let (next, _, data) = blob(child.next(hash), file.as_mut(), keep, &mut state).await?;
        if index == 0 && state.sink.folder.is_some() {
            names = collection_names(&data).map_err(local)?;
        }
        end = next;
    };
    closing.next().await?;
    Ok(Got {
        bytes: state.bytes,
        blobs: state.blobs,
        size,
        blake3: state.hasher.map(|h| h.finalize()),
    })
}

/// Whether the bytes of a blob are also kept in memory (roots and collection metadata, ≤ 32 MiB).
struct Keep(bool);

impl Keep {
    const LIMIT: usize = 32 << 20;

    fn new(keep: bool) -> Self {
        Self(keep)
    }

    fn add(&mut self, kept: &mut Vec<u8>, data: &[u8]) {
        if self.0 {
            if kept.len() + data.len() > Self::LIMIT {
                // a plain large blob, not a sequence
                kept.clear();
                kept.shrink_to_fit();
                self.0 = false;
            } else {
                kept.extend_from_slice(data);
            }
        }
    }
}

async fn blob(
    header: AtBlobHeader,
    mut file: Option<&mut std::fs::File>,
    mut keep: Keep,
    state: &mut State<'_>,
) -> Result<(AtEndBlob, u64, Vec<u8>), Failed> {
    let (mut content, size) = header.next().await?;
    let mut kept = Vec::new();
    let end = loop {
        match content.next().await {
            BlobContentNext::Done(end) => break end,
            BlobContentNext::More((next, item)) => {
                content = next;
                if let BaoContentItem::Leaf(leaf) = item? {
                    if let Some(file) = &mut file {
                        file.seek(SeekFrom::Start(leaf.offset))
                            .and_then(|_| file.write_all(&leaf.data))
                            .map_err(|e| local(e.into()))?;
                    }
                    keep.add(&mut kept, &leaf.data);
                    state.leaf(&leaf.data).await?;
                }
            }
        }
    };
    state.blobs += 1;
    Ok((end, size, kept))
}

impl State<'_> {
    async fn leaf(&mut self, data: &[u8]) -> Result<(), Failed> {
        self.bytes += data.len() as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(data);
        }
        (self.progress)(self.bytes).map_err(local)?;
        if !self.sink.pace.delay.is_zero() {
            tokio::time::sleep(self.sink.pace.delay).await;
        }
        if let Some(stall) = self.sink.pace.stall {
            if !self.stalled && self.bytes >= self.sink.pace.stall_after {
                self.stalled = true;
                tokio::time::sleep(stall).await;
            }
        }
        Ok(())
    }
}

/// Why a get failed: the transfer, or something on this machine.
#[derive(Debug)]
pub enum Failed {
    Get(GetError),
    Local(anyhow::Error),
}

impl<E: Into<GetError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Get(error.into())
    }
}

fn local(cause: anyhow::Error) -> Failed {
    Failed::Local(cause)
}

/// The names of a collection: header of 13 bytes, varint count, then varint length and UTF-8 each.
fn collection_names(data: &[u8]) -> Result<Vec<String>> {
    let mut rest = data
        .strip_prefix(b"CollectionV0.")
        .ok_or_else(|| anyhow!("the first child is not the metadata of a collection"))?;
    let count = varint(&mut rest)?;
    let mut names = Vec::new();
    for _ in 0..count {
        let length = varint(&mut rest)? as usize;
        if length > rest.len() {
            bail!("collection metadata is cut short");
        }
        let (name, tail) = rest.split_at(length);
        names.push(std::str::from_utf8(name)?.to_owned());
        rest = tail;
    }
    Ok(names)
}

fn varint(data: &mut &[u8]) -> Result<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let Some((first, rest)) = data.split_first() else {
            bail!("collection metadata is cut short");
        };
        *data = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    bail!("varint is too long")
}

fn child_file(
    folder: &Option<PathBuf>,
    names: &[String],
    index: u64,
) -> Result<Option<std::fs::File>> {
    let (Some(folder), 1..) = (folder, index) else {
        return Ok(None);
    };
    let name = names
        .get(index as usize - 1)
        .ok_or_else(|| anyhow!("the collection names fewer files than it has"))?;
    let path = safe_join(folder, name)?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(Some(std::fs::File::create(path)?))
}

/// Joins the parts of a collection name, none of which may lead out of the folder.
pub fn safe_join(folder: &Path, name: &str) -> Result<PathBuf> {
    let mut path = folder.to_owned();
    for part in name.split('/') {
        if part.is_empty() || part == "." || part == ".." || part.contains(['\\', '\0']) {
            bail!("the name {name:?} leads out of the folder");
        }
        path.push(part);
    }
    Ok(path)
}

/// The request for a whole blob, a whole sequence, or some ranges of a blob.
///
/// `ranges` is a comma list of `A..B` (chunks), `A..`, `..B`, `last` and `all`.
pub fn request(hash: Hash, sequence: bool, ranges: Option<&str>) -> Result<GetRequest> {
    Ok(match (sequence, ranges) {
        (true, None) => GetRequest::all(hash),
        (false, None) => GetRequest::blob(hash),
        (false, Some(text)) => GetRequest::blob_ranges(hash, parse_ranges(text)?),
        (true, Some(text)) => {
            let ranges = parse_ranges(text)?;
            let all = ChunkRangesSeq::from_ranges_infinite([ChunkRanges::all(), ranges]);
            GetRequest::new(hash, all)
        }
    })
}

pub fn parse_ranges(text: &str) -> Result<ChunkRanges> {
    let mut ranges = ChunkRanges::empty();
    for part in text.split(',') {
        let part = part.trim();
        ranges |= match part {
            "all" => ChunkRanges::all(),
            "last" => ChunkRanges::last_chunk(),
            _ => {
                let (from, to) = part
                    .split_once("..")
                    .ok_or_else(|| anyhow!("{part} is not A..B, A.., ..B, last or all"))?;
                let from = ChunkNum(if from.is_empty() { 0 } else { from.parse()? });
                if to.is_empty() {
                    ChunkRanges::from(from..)
                } else {
                    ChunkRanges::from(from..ChunkNum(to.parse()?))
                }
            }
        };
    }
    Ok(ranges)
}

/// How the unmodified getter sees a failure (blobs.md §2.9).
pub fn failure(failed: &Failed) -> Value {
    let error = match failed {
        Failed::Get(error) => error,
        Failed::Local(cause) => {
            return json!({"kind": "local", "code": null, "message": format!("{cause:#}")});
        }
    };
    let kind = match error {
        GetError::AtBlobHeaderNext {
            source: AtBlobHeaderNextError::NotFound { .. },
            ..
        } => "not_found",
        GetError::Decode { source, .. } => match source {
            DecodeError::ChunkNotFound { .. } => "not_found",
            DecodeError::ParentNotFound { .. } => "parent_not_found",
            DecodeError::LeafNotFound { .. } => "leaf_not_found",
            DecodeError::ParentHashMismatch { .. } => "parent_hash_mismatch",
            DecodeError::LeafHashMismatch { .. } => "leaf_hash_mismatch",
            DecodeError::Read { .. } => "read",
            DecodeError::Write { .. } => "write",
            _ => "other",
        },
        GetError::InitialNext { .. } => "open",
        GetError::ConnectedNext { .. } => "send",
        GetError::AtBlobHeaderNext { .. } => "read",
        GetError::AtClosingNext { .. } => "closing",
        GetError::LocalFailure { .. } => "local",
        _ => "other",
    };
    json!({
        "kind": kind,
        "code": error.iroh_error_code().map(|c| c.into_inner()),
        "message": format!("{error:#}"),
    })
}
