//! Partial blobs: one of several equal parts of a file, imported as a bao response.

use std::{path::Path, str::FromStr};

use anyhow::{ensure, Context, Error, Result};
use bao_tree::{
    io::{outboard::PreOrderMemOutboard, sync::encode_ranges_validated},
    BlockSize, ChunkNum, ChunkRanges,
};
use iroh_blobs::{api::Store, Hash};

const GROUP_CHUNK_LOG: u8 = 4;
const GROUP_CHUNKS: u64 = 1 << GROUP_CHUNK_LOG;
const GROUP_BYTES: u64 = GROUP_CHUNKS * 1024;

/// The `index`-th (from 1) of `count` parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    index: u64,
    count: u64,
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (index, count) = text.split_once('/').context("a part is I/N, as 1/4")?;
        let (index, count) = (index.parse()?, count.parse()?);
        ensure!(
            (1..=count).contains(&index) && count <= 1 << 20,
            "{text} is no part: I/N with I from 1 to N"
        );
        Ok(Self { index, count })
    }
}

impl Part {
    /// Its chunks of a blob of that size: whole groups of 16; none where there are fewer groups
    /// than parts and it is not its turn.
    fn chunks(self, size: u64) -> ChunkRanges {
        let groups = u128::from(size.div_ceil(GROUP_BYTES).max(1));
        let boundary = |i: u64| {
            let group = groups * u128::from(i) / u128::from(self.count);
            ChunkNum(group as u64 * GROUP_CHUNKS)
        };
        ChunkRanges::from(boundary(self.index - 1)..boundary(self.index))
    }

    /// Puts this part of a file into the store; answers with the hash of the whole and the bytes
    /// that are held.
    pub async fn import(self, store: &Store, path: &Path) -> Result<(Hash, u64)> {
        let data =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let size = data.len() as u64;
        let chunks = self.chunks(size);
        let outboard =
            PreOrderMemOutboard::create(&data, BlockSize::from_chunk_log(GROUP_CHUNK_LOG));
        let hash = Hash::from(outboard.root);
        if chunks.is_empty() || size == 0 {
            return Ok((hash, 0));
        }
        let mut encoded = size.to_le_bytes().to_vec();
        encode_ranges_validated(&data[..], &outboard, &chunks, &mut encoded)
            .context("encode a part")?;
        drop((data, outboard));
        let held = held_bytes(&chunks, size);
        store
            .blobs()
            .import_bao_bytes(hash, chunks, encoded)
            .await
            .with_context(|| format!("cannot import a part of {}", path.display()))?;
        Ok((hash, held))
    }
}

fn held_bytes(chunks: &ChunkRanges, size: u64) -> u64 {
    match chunks.boundaries() {
        [from, to] => to.to_bytes().min(size) - from.to_bytes().min(size),
        _ => 0,
    }
}
