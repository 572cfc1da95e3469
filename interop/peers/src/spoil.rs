//! How a right answer is spoiled: what goes out in place of each of its items, and how it ends.

use std::{str::FromStr, time::Duration};

use anyhow::{bail, Context};
use bytes::Bytes;

/// A part of a blob response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Eight bytes of size
    Header,
    /// Two hashes
    Pair,
    /// Data
    Leaf,
}

/// What goes out in place of an item.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    pub data: Bytes,
    pub byte_by_byte: bool,
    pub next: Next,
}

/// What happens behind that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    GoOn,
    /// Nothing ever again on this stream
    Stall,
    /// RESET_STREAM with this code
    Reset(u32),
    /// CONNECTION_CLOSE with this code
    Close(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Wrong data in every leaf
    Lie,
    /// A wrong hash in every pair
    LiePair,
    /// Wrong data in every leaf, after so many bytes
    LieLate,
    StallAfter,
    /// Before anything else, with this code
    Reset(u32),
    ResetAfter,
    /// All the data, and then RESET
    ResetAtEnd,
    FinAfter,
    CloseAfter,
    Trickle,
    HugeSize,
    WrongSize,
    SizeZero,
    NoFin,
    /// Further bytes behind the last item
    Extra,
}

impl FromStr for Mode {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "lie" => Self::Lie,
            "lie-pair" => Self::LiePair,
            "lie-late" => Self::LieLate,
            "stall-after" => Self::StallAfter,
            "reset-after" => Self::ResetAfter,
            "reset-at-end" => Self::ResetAtEnd,
            "fin-after" => Self::FinAfter,
            "close-after" => Self::CloseAfter,
            "trickle" => Self::Trickle,
            "huge-size" => Self::HugeSize,
            "wrong-size" => Self::WrongSize,
            "size-zero" => Self::SizeZero,
            "no-fin" => Self::NoFin,
            "extra" => Self::Extra,
            _ => match text.strip_prefix("reset-") {
                Some(code) => Self::Reset(code.parse().context("reset-CODE needs a number")?),
                None => bail!("{text} is no mode"),
            },
        })
    }
}

impl Mode {
    fn default_after(self) -> u64 {
        match self {
            Self::LieLate
            | Self::StallAfter
            | Self::ResetAfter
            | Self::FinAfter
            | Self::CloseAfter => 1 << 20,
            _ => 0,
        }
    }

    fn default_pause(self) -> Duration {
        match self {
            // between two bytes
            Self::Trickle => Duration::from_millis(20),
            // A reset takes away what has arrived and was not read yet.
            Self::ResetAtEnd => Duration::from_millis(500),
            _ => Duration::ZERO,
        }
    }
}

#[derive(Debug)]
pub struct Spoil {
    mode: Mode,
    /// Bytes of data responses that the connection carries before it begins
    after: u64,
    code: u32,
    claim: Option<u64>,
    /// Before a reset or close, and between two bytes of a trickle
    pub pause: Duration,
}

#[derive(clap::Args, Debug)]
pub struct Args {
    /// lie, lie-pair, lie-late, stall-after, reset-CODE, reset-after, reset-at-end, fin-after,
    /// close-after, trickle, huge-size, wrong-size, size-zero, no-fin or extra
    #[arg(long)]
    mode: Mode,
    /// Bytes of data responses that each connection carries well before it begins
    /// (…-after and lie-late: 1 MiB, others: 0)
    #[arg(long)]
    after: Option<u64>,
    /// Code of reset-after, reset-at-end and close-after (3; close-after: 0)
    #[arg(long)]
    code: Option<u32>,
    /// Size that huge-size (2^60) and wrong-size (one more than true) claim
    #[arg(long)]
    claim: Option<u64>,
    /// Before a reset or close (0; reset-at-end: 500), and between two bytes of a trickle (20)
    #[arg(long)]
    pause_ms: Option<u64>,
}

impl From<Args> for Spoil {
    fn from(args: Args) -> Self {
        let mode = args.mode;
        let default_code = if mode == Mode::CloseAfter { 0 } else { 3 };
        Self {
            mode,
            after: args.after.unwrap_or(mode.default_after()),
            code: args.code.unwrap_or(default_code),
            claim: args.claim,
            pause: args
                .pause_ms
                .map_or(mode.default_pause(), Duration::from_millis),
        }
    }
}

impl Spoil {
    /// What goes out in place of `item`, when the connection has carried `sent` bytes so far.
    pub fn answer(&self, item: Item, data: Bytes, sent: u64) -> Step {
        let allowed = self.after.saturating_sub(sent);
        let is_over = data.len() as u64 > allowed;
        if !is_over {
            return step(data, Next::GoOn);
        }
        let head = || data.slice(..allowed as usize);
        match (self.mode, item) {
            (Mode::Lie | Mode::LieLate, Item::Leaf) | (Mode::LiePair, Item::Pair) => {
                step(flipped(&data), Next::GoOn)
            }
            (Mode::StallAfter, _) => step(head(), Next::Stall),
            (Mode::ResetAfter, _) => step(head(), Next::Reset(self.code)),
            (Mode::CloseAfter, _) => step(head(), Next::Close(self.code)),
            (Mode::FinAfter, _) => step(head(), Next::GoOn),
            (Mode::Reset(code), _) => step(Bytes::new(), Next::Reset(code)),
            (Mode::HugeSize, Item::Header) => step(size(self.claim.unwrap_or(1 << 60)), Next::GoOn),
            (Mode::WrongSize, Item::Header) => {
                let next = data.as_ref().try_into().map_or(0, u64::from_le_bytes) + 1;
                step(size(self.claim.unwrap_or(next)), Next::GoOn)
            }
            (Mode::SizeZero, Item::Header) => step(size(0), Next::GoOn),
            (Mode::SizeZero, _) => step(Bytes::new(), Next::GoOn),
            (Mode::Trickle, _) => Step {
                byte_by_byte: true,
                ..step(data, Next::GoOn)
            },
            _ => step(data, Next::GoOn),
        }
    }

    /// What goes out behind the last item.
    pub fn at_end(&self) -> (Bytes, Next) {
        match self.mode {
            Mode::Extra => (Bytes::from_static(&[0xee; 100]), Next::GoOn),
            Mode::ResetAtEnd => (Bytes::new(), Next::Reset(self.code)),
            _ => (Bytes::new(), Next::GoOn),
        }
    }

    pub fn keeps_open(&self) -> bool {
        self.mode == Mode::NoFin
    }
}

fn step(data: Bytes, next: Next) -> Step {
    Step {
        data,
        byte_by_byte: false,
        next,
    }
}

fn size(claim: u64) -> Bytes {
    Bytes::copy_from_slice(&claim.to_le_bytes())
}

/// The same with a bit of its last byte changed.
fn flipped(data: &Bytes) -> Bytes {
    let mut bytes = data.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
}
