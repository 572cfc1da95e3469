//! `gossip`: an unmodified iroh-gossip node, told by lines on stdin what to do. A topic is 64 hex
//! digits, a contact ID@ip:port.
//!
//! * `know CONTACT…`: where these peers are, should anybody name them
//! * `join TOPIC [CONTACT…]`: enters the topic, or asks more contacts
//! * `broadcast TOPIC TEXT`, `broadcast-neighbors TOPIC TEXT`
//! * `broadcast-random TOPIC BYTES SEED`: content that depends on the seed
//! * `burst TOPIC COUNT PREFIX`: so many broadcasts at once, `PREFIX-0` and so on
//! * `neighbors TOPIC`, `quit TOPIC`
//! * `stop`: leaves every topic as `Gossip::shutdown` does, and ends; so does the end of stdin

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{bail, Context, Result};
use bytes::Bytes;
use futures_util::StreamExt;
use iroh::{address_lookup::memory::MemoryLookup, protocol::Router, EndpointId};
use iroh_gossip::{
    api::{Event, GossipReceiver, GossipSender},
    net::{Gossip, GOSSIP_ALPN},
    proto::TopicId,
};
use serde_json::{json, Value};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{home, output};

/// Shorter text is printed as it is.
const SHOWN_BYTES: usize = 200;

#[derive(clap::Args)]
pub struct Args {
    /// Address that others are told of; the bound one without it
    #[arg(long)]
    advertise: Option<SocketAddr>,
    #[command(flatten)]
    endpoint: home::EndpointArgs,
}

type Neighbors = Arc<Mutex<BTreeSet<EndpointId>>>;

struct Joined {
    sender: GossipSender,
    neighbors: Neighbors,
    events: JoinHandle<()>,
}

struct Node {
    gossip: Gossip,
    lookup: MemoryLookup,
    topics: HashMap<TopicId, Joined>,
}

pub async fn run(args: Args) -> Result<()> {
    let endpoint = args.endpoint.bind(vec![]).await?;
    let lookup = MemoryLookup::new();
    endpoint.address_lookup()?.add(lookup.clone());
    // Others learn of loopback addresses only if told so.
    match args.advertise {
        Some(addr) => endpoint.add_external_addr(addr).await,
        None => {
            for addr in endpoint.bound_sockets() {
                endpoint.add_external_addr(addr).await;
            }
        }
    }
    let gossip = Gossip::builder().spawn(endpoint.clone());
    let router = Router::builder(endpoint.clone())
        .accept(GOSSIP_ALPN, gossip.clone())
        .spawn();
    let mut node = Node {
        gossip: gossip.clone(),
        lookup,
        topics: HashMap::new(),
    };
    output::line(json!({
        "event": "ready", "endpoint": endpoint.id().to_string(), "addr": home::sockets_of(&endpoint),
    }));
    let (commands, mut incoming) = mpsc::unbounded_channel();
    let stdin = home::until_told_with(false, move |line| {
        // Fails only where the program ends anyway.
        let _ = commands.send(line.to_owned());
    });
    tokio::select! {
        told = stdin => told?,
        result = async {
            while let Some(line) = incoming.recv().await {
                if line == "stop" {
                    break;
                }
                node.obey(&line).await.with_context(|| line)?;
            }
            anyhow::Ok(())
        } => result?,
    }
    gossip.shutdown().await?;
    router.shutdown().await?;
    output::line(json!({"event": "done"}));
    Ok(())
}

impl Node {
    async fn obey(&mut self, line: &str) -> Result<()> {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        if command == "know" {
            self.know(rest)?;
            return Ok(());
        }
        let (topic, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let topic: TopicId = topic.parse().context("a topic is 64 hex digits")?;
        match command {
            "join" => self.join(topic, rest).await,
            "broadcast" => self.broadcast(topic, text(rest), false).await,
            "broadcast-neighbors" => self.broadcast(topic, text(rest), true).await,
            "broadcast-random" => self.broadcast(topic, random(rest)?, false).await,
            "burst" => self.burst(topic, rest).await,
            "neighbors" => self.neighbors(topic),
            "quit" => self.quit(topic),
            _ => bail!("there is no such command"),
        }
    }

    fn know(&self, contacts: &str) -> Result<Vec<EndpointId>> {
        contacts
            .split_whitespace()
            .map(|contact| {
                let addr = home::parse_addr(contact)?;
                let id = addr.id;
                self.lookup.add_endpoint_info(addr);
                Ok(id)
            })
            .collect()
    }

    async fn join(&mut self, topic: TopicId, contacts: &str) -> Result<()> {
        let contacts = self.know(contacts)?;
        output::line(json!({
            "event": "joining", "topic": topic.to_string(), "micros": micros(),
        }));
        if let Some(joined) = self.topics.get(&topic) {
            joined.sender.join_peers(contacts).await?;
            return Ok(());
        }
        let (sender, receiver) = self.gossip.subscribe(topic, contacts).await?.split();
        let neighbors = Neighbors::default();
        let events = tokio::spawn(print_events(topic, receiver, neighbors.clone()));
        let joined = Joined {
            sender,
            neighbors,
            events,
        };
        self.topics.insert(topic, joined);
        Ok(())
    }

    fn joined(&self, topic: TopicId) -> Result<&Joined> {
        self.topics.get(&topic).context("not in this topic")
    }

    async fn broadcast(&self, topic: TopicId, content: Bytes, only_neighbors: bool) -> Result<()> {
        let sender = &self.joined(topic)?.sender;
        let mut line = shown(&content);
        line["event"] = "sent".into();
        line["topic"] = topic.to_string().into();
        line["micros"] = micros().into();
        if only_neighbors {
            sender.broadcast_neighbors(content).await?;
        } else {
            sender.broadcast(content).await?;
        }
        output::line(line);
        Ok(())
    }

    async fn burst(&self, topic: TopicId, rest: &str) -> Result<()> {
        let (count, prefix) = rest.split_once(' ').context("burst TOPIC COUNT PREFIX")?;
        for i in 0..count.parse::<u32>()? {
            let content = text(&format!("{prefix}-{i}"));
            self.broadcast(topic, content, false).await?;
        }
        Ok(())
    }

    fn neighbors(&self, topic: TopicId) -> Result<()> {
        let ids: Vec<_> = locked(&self.joined(topic)?.neighbors)
            .iter()
            .map(ToString::to_string)
            .collect();
        output::line(json!({
            "event": "neighbors", "topic": topic.to_string(), "endpoints": ids,
        }));
        Ok(())
    }

    /// The topic is left when neither sender nor receiver is there any more.
    fn quit(&mut self, topic: TopicId) -> Result<()> {
        let joined = self.topics.remove(&topic).context("not in this topic")?;
        joined.events.abort();
        output::line(json!({"event": "quit", "topic": topic.to_string()}));
        Ok(())
    }
}

async fn print_events(topic: TopicId, mut receiver: GossipReceiver, neighbors: Neighbors) {
    while let Some(event) = receiver.next().await {
        let mut line = match event {
            Ok(Event::NeighborUp(id)) => {
                locked(&neighbors).insert(id);
                json!({"event": "neighbor_up", "endpoint": id.to_string()})
            }
            Ok(Event::NeighborDown(id)) => {
                locked(&neighbors).remove(&id);
                json!({"event": "neighbor_down", "endpoint": id.to_string()})
            }
            Ok(Event::Received(message)) => {
                let mut line = shown(&message.content);
                line["event"] = "received".into();
                line["delivered_from"] = message.delivered_from.to_string().into();
                // {"Swarm": round} or "Neighbors"
                line["scope"] = json!(message.scope);
                line
            }
            Ok(Event::Lagged) => json!({"event": "lagged"}),
            Err(error) => json!({"event": "closed", "message": format!("{error:#}")}),
        };
        line["topic"] = topic.to_string().into();
        line["micros"] = micros().into();
        output::line(line);
    }
}

fn locked(neighbors: &Neighbors) -> std::sync::MutexGuard<'_, BTreeSet<EndpointId>> {
    neighbors.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

fn random(arguments: &str) -> Result<Bytes> {
    let (size, seed) = arguments
        .split_once(' ')
        .context("broadcast-random TOPIC BYTES SEED")?;
    let mut data = vec![0; size.parse::<u16>()?.into()];
    blake3::Hasher::new()
        .update(seed.as_bytes())
        .finalize_xof()
        .fill(&mut data);
    Ok(data.into())
}

/// Hash and length of a content, and itself if it is short text.
fn shown(content: &Bytes) -> Value {
    let text = std::str::from_utf8(content)
        .ok()
        .filter(|text| text.len() <= SHOWN_BYTES);
    json!({
        "hash": blake3::hash(content).to_hex().as_str(), "bytes": content.len(), "text": text,
    })
}

/// Microseconds of the wall clock, which all processes of a machine share.
fn micros() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_micros() as u64)
}
