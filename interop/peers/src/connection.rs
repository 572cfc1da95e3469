//! A connection of an unmodified iroh endpoint, or of bare noq where iroh offers no way
//! (changing the port, frequent key updates). The streams are the same type in both.

use anyhow::{anyhow, Result};
use bytes::Bytes;
use iroh::endpoint::{RecvStream, SendStream, VarInt};
use serde_json::{json, Value};

#[derive(Clone, Debug)]
pub enum Connection {
    Iroh(iroh::endpoint::Connection),
    Noq(noq::Connection),
}

macro_rules! either {
    ($self:ident, $conn:ident => $body:expr) => {
        match $self {
            Connection::Iroh($conn) => $body,
            Connection::Noq($conn) => $body,
        }
    };
}

impl Connection {
    pub async fn open_bi(&self) -> Result<(SendStream, RecvStream)> {
        Ok(either!(self, c => c.open_bi().await)?)
    }

    pub async fn accept_bi(&self) -> Result<(SendStream, RecvStream)> {
        Ok(either!(self, c => c.accept_bi().await)?)
    }

    pub async fn open_uni(&self) -> Result<SendStream> {
        Ok(either!(self, c => c.open_uni().await)?)
    }

    pub async fn accept_uni(&self) -> Result<RecvStream> {
        Ok(either!(self, c => c.accept_uni().await)?)
    }

    pub async fn read_datagram(&self) -> Result<Bytes> {
        Ok(either!(self, c => c.read_datagram().await)?)
    }

    pub async fn send_datagram(&self, data: Bytes) -> Result<()> {
        either!(self, c => c.send_datagram_wait(data).await).map_err(|e| anyhow!("datagram: {e}"))
    }

    pub fn max_datagram_size(&self) -> Option<usize> {
        either!(self, c => c.max_datagram_size())
    }

    pub fn close(&self, code: u32, reason: &[u8]) {
        either!(self, c => c.close(VarInt::from_u32(code), reason))
    }

    pub fn close_reason(&self) -> Option<String> {
        either!(self, c => c.close_reason()).map(|e| e.to_string())
    }

    /// Waits until the connection is gone and says why.
    pub async fn closed(&self) -> String {
        either!(self, c => c.closed().await).to_string()
    }

    /// Counters of this side of the connection.
    pub fn stats(&self) -> Value {
        let stats = either!(self, c => c.stats());
        json!({
            "sent_packets": stats.sent_packets,
            "sent_bytes": stats.sent_bytes,
            "lost_packets": stats.lost_packets,
            "received_datagrams": stats.udp_rx.datagrams,
            "received_bytes": stats.udp_rx.bytes,
        })
    }
}
