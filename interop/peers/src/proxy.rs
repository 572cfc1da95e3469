//! `proxy`: carries UDP between clients and one server and does to it what bad networks do.
//!
//! One thread, one poll loop, no runtime: about 4 µs a packet. Every client address gets an
//! upstream socket of its own, as a NAT would give it; `--reset-mapping-after-packets` replaces
//! that socket. Packets wait in one heap ordered by the time they are due.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
    os::fd::AsRawFd,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};

use crate::{measure, output};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The server
    #[arg(long)]
    to: SocketAddr,
    #[command(flatten)]
    conditions: Conditions,
    /// Each client's upstream port changes after so many packets from it
    #[arg(long)]
    reset_mapping_after_packets: Option<u64>,
    /// At most so often per client
    #[arg(long, default_value_t = 1)]
    reset_mapping_times: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Do not end when stdin closes
    #[arg(long)]
    forever: bool,
}

/// Everything a command on stdin can change too. Probabilities are per packet and direction.
#[derive(clap::Args, Clone, Debug)]
struct Conditions {
    /// Probability that a packet is lost
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// Probability that a packet is held back
    #[arg(long, default_value_t = 0.0)]
    reorder: f64,
    /// The longest a packet is held back
    #[arg(long, default_value_t = 10)]
    reorder_ms: u64,
    /// Probability that a packet arrives twice
    #[arg(long, default_value_t = 0.0)]
    duplicate: f64,
    /// Probability that one bit of a packet flips
    #[arg(long, default_value_t = 0.0)]
    corrupt: f64,
    /// Delay in each direction (the round trip grows by twice that)
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Rate in each direction; 0 is unlimited
    #[arg(long, default_value_t = 0.0)]
    rate_mbit: f64,
    /// With a rate: how much time's worth of packets may wait before more are dropped
    #[arg(long, default_value_t = 100)]
    queue_ms: u64,
    /// Larger datagrams (UDP payload) vanish
    #[arg(long, default_value_t = 65_535)]
    mtu: usize,
    /// Nothing gets through
    #[arg(long)]
    blackhole: bool,
}

const BATCH: usize = 64;
const SOCKET_BUFFER: libc::c_int = 4 << 20;
const MAX_CLIENTS: usize = 4096;

/// SplitMix64: small, seeded, good enough to decide which packet is lost.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && ((self.next() >> 11) as f64 / (1u64 << 53) as f64) < probability
    }
}

#[derive(Default)]
struct Counters {
    packets: u64,
    bytes: u64,
    sent: u64,
    lost: u64,
    reordered: u64,
    duplicated: u64,
    corrupted: u64,
    queue_dropped: u64,
    too_large: u64,
    blackholed: u64,
    send_failed: u64,
}

impl Counters {
    fn json(&self) -> Value {
        json!({
            "packets": self.packets, "bytes": self.bytes, "sent": self.sent, "lost": self.lost,
            "reordered": self.reordered, "duplicated": self.duplicated,
            "corrupted": self.corrupted, "queue_dropped": self.queue_dropped,
            "too_large": self.too_large, "blackholed": self.blackholed,
            "send_failed": self.send_failed,
        })
    }
}

/// One direction of the path: its counters, and when its link is free again.
struct Direction {
    counters: Counters,
    free_at: Instant,
}

struct Client {
    addr: SocketAddr,
    upstream: UdpSocket,
    packets: u64,
    resets: u64,
}

/// Ordered by due time, then by arrival.
type Due = Reverse<(Instant, u64)>;

struct Packet {
    client: usize,
    up: bool,
    data: Box<[u8]>,
}

struct Proxy {
    listen: UdpSocket,
    to: SocketAddr,
    conditions: Conditions,
    reset_after: Option<u64>,
    reset_times: u64,
    random: Random,
    clients: Vec<Client>,
    by_addr: HashMap<SocketAddr, usize>,
    heap: BinaryHeap<(Due, usize)>,
    waiting: Vec<Option<Packet>>,
    free_slots: Vec<usize>,
    arrivals: u64,
    up: Direction,
    down: Direction,
    mapping_resets: u64,
}

static STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn on_signal(_: libc::c_int) {
    STOP.store(true, Ordering::Relaxed);
}

pub fn run(args: Args) -> Result<()> {
    for address in [args.listen, args.to] {
        ensure!(
            address.ip().is_loopback(),
            "{address} is not a loopback address"
        );
    }
    // SAFETY: the handler only stores to an atomic; without SA_RESTART poll returns at once.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        for signal in [libc::SIGTERM, libc::SIGINT] {
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
    let now = Instant::now();
    let mut proxy = Proxy {
        listen: socket(args.listen)?,
        to: args.to,
        conditions: args.conditions,
        reset_after: args.reset_mapping_after_packets,
        reset_times: args.reset_mapping_times,
        random: Random(args.seed),
        clients: Vec::new(),
        by_addr: HashMap::new(),
        heap: BinaryHeap::new(),
        waiting: Vec::new(),
        free_slots: Vec::new(),
        arrivals: 0,
        up: Direction {
            counters: Counters::default(),
            free_at: now,
        },
        down: Direction {
            counters: Counters::default(),
            free_at: now,
        },
        mapping_resets: 0,
    };
    output::line(json!({
        "event": "ready", "addr": proxy.listen.local_addr()?.to_string(),
        "to": args.to.to_string(), "seed": args.seed,
    }));
    proxy.serve(args.forever)?;
    output::line(proxy.stats());
    Ok(())
}

fn socket(bind: SocketAddr) -> Result<UdpSocket> {
    let socket = UdpSocket::bind(bind).with_context(|| format!("cannot bind {bind}"))?;
    socket.set_nonblocking(true)?;
    let size = SOCKET_BUFFER;
    for option in [libc::SO_RCVBUF, libc::SO_SNDBUF] {
        // SAFETY: the option is an int. The kernel may give less; then bursts are lost earlier.
        unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                (&raw const size).cast(),
                size_of_val(&size) as libc::socklen_t,
            );
        }
    }
    Ok(socket)
}

impl Proxy {
    fn serve(&mut self, forever: bool) -> Result<()> {
        let mut fds: Vec<libc::pollfd> = Vec::new();
        let mut buffer = vec![0u8; 65_536];
        let mut commands = String::new();
        while !STOP.load(Ordering::Relaxed) {
            let now = Instant::now();
            self.send_due(now);
            fds.clear();
            let watch = |fd| libc::pollfd {
                fd,
                events: libc::POLLIN,
                revents: 0,
            };
            // A negative descriptor is skipped by poll.
            fds.push(watch(if forever { -1 } else { libc::STDIN_FILENO }));
            fds.push(watch(self.listen.as_raw_fd()));
            fds.extend(self.clients.iter().map(|c| watch(c.upstream.as_raw_fd())));
            self.poll(&mut fds, now)?;
            if fds[0].revents != 0 && !self.read_stdin(&mut commands)? {
                return Ok(());
            }
            if fds[1].revents != 0 {
                self.from_clients(&mut buffer)?;
            }
            for (client, fd) in fds[2..].iter().enumerate() {
                if fd.revents != 0 {
                    self.from_server(client, &mut buffer);
                }
            }
        }
        Ok(())
    }

    fn poll(&self, fds: &mut [libc::pollfd], now: Instant) -> Result<()> {
        let wait = match self.heap.peek() {
            Some((Reverse((due, _)), _)) => due.saturating_duration_since(now),
            None => Duration::from_secs(1),
        };
        let timeout = libc::timespec {
            tv_sec: wait.as_secs() as libc::time_t,
            tv_nsec: wait.subsec_nanos() as libc::c_long,
        };
        // SAFETY: the slice and the timeout live through the call; no signal mask is given.
        let ready = unsafe {
            libc::ppoll(
                fds.as_mut_ptr(),
                fds.len() as libc::nfds_t,
                &timeout,
                std::ptr::null(),
            )
        };
        if ready < 0 {
            fds.iter_mut().for_each(|fd| fd.revents = 0);
            let error = std::io::Error::last_os_error();
            ensure!(error.kind() == ErrorKind::Interrupted, "poll: {error}");
        }
        Ok(())
    }

    fn from_clients(&mut self, buffer: &mut [u8]) -> Result<()> {
        for _ in 0..BATCH {
            // An error here is an ICMP answer to something sent earlier, or an empty queue.
            let Ok((length, from)) = self.listen.recv_from(buffer) else {
                return Ok(());
            };
            let client = self.client(from)?;
            self.remap(client)?;
            self.arrive(client, true, &buffer[..length]);
        }
        Ok(())
    }

    fn from_server(&mut self, client: usize, buffer: &mut [u8]) {
        for _ in 0..BATCH {
            let Ok(length) = self.clients[client].upstream.recv(buffer) else {
                return;
            };
            self.arrive(client, false, &buffer[..length]);
        }
    }

    fn client(&mut self, addr: SocketAddr) -> Result<usize> {
        if let Some(&client) = self.by_addr.get(&addr) {
            return Ok(client);
        }
        ensure!(
            self.clients.len() < MAX_CLIENTS,
            "more than {MAX_CLIENTS} clients"
        );
        let client = Client {
            addr,
            upstream: self.upstream()?,
            packets: 0,
            resets: 0,
        };
        self.clients.push(client);
        self.by_addr.insert(addr, self.clients.len() - 1);
        Ok(self.clients.len() - 1)
    }

    fn upstream(&self) -> Result<UdpSocket> {
        let socket = socket(SocketAddr::new(self.listen.local_addr()?.ip(), 0))?;
        socket.connect(self.to)?;
        Ok(socket)
    }

    fn remap(&mut self, client: usize) -> Result<()> {
        self.clients[client].packets += 1;
        let Some(every) = self.reset_after else {
            return Ok(());
        };
        let Client {
            packets, resets, ..
        } = self.clients[client];
        if resets < self.reset_times && packets >= every * (resets + 1) {
            self.reset_mapping(client)?;
        }
        Ok(())
    }

    /// As a NAT that lost its table: answers to the old port are lost.
    fn reset_mapping(&mut self, client: usize) -> Result<()> {
        self.clients[client].upstream = self.upstream()?;
        self.clients[client].resets += 1;
        self.mapping_resets += 1;
        Ok(())
    }

    /// Decides the fate of a packet.
    fn arrive(&mut self, client: usize, up: bool, data: &[u8]) {
        let now = Instant::now();
        let conditions = &self.conditions;
        let direction = if up { &mut self.up } else { &mut self.down };
        let counters = &mut direction.counters;
        counters.packets += 1;
        counters.bytes += data.len() as u64;
        if conditions.blackhole {
            counters.blackholed += 1;
            return;
        }
        if data.len() > conditions.mtu {
            counters.too_large += 1;
            return;
        }
        if self.random.happens(conditions.loss) {
            counters.lost += 1;
            return;
        }
        let mut due = now;
        if conditions.rate_mbit > 0.0 {
            let start = direction.free_at.max(now);
            if start - now > Duration::from_millis(conditions.queue_ms) {
                counters.queue_dropped += 1;
                return;
            }
            // 28 bytes of IP and UDP header count too
            let bits = (data.len() + 28) as f64 * 8.0;
            direction.free_at =
                start + Duration::from_secs_f64(bits / (conditions.rate_mbit * 1e6));
            due = direction.free_at;
        }
        due += Duration::from_millis(conditions.delay_ms);
        let mut data: Box<[u8]> = data.into();
        if self.random.happens(conditions.corrupt) && !data.is_empty() {
            counters.corrupted += 1;
            let bit = self.random.next() as usize % (data.len() * 8);
            data[bit / 8] ^= 1 << (bit % 8);
        }
        let held_back = |random: &mut Random| {
            Duration::from_micros(random.next() % (conditions.reorder_ms.max(1) * 1000))
        };
        let twin = self.random.happens(conditions.duplicate).then(|| {
            counters.duplicated += 1;
            (due + held_back(&mut self.random), data.clone())
        });
        if self.random.happens(conditions.reorder) {
            counters.reordered += 1;
            due += held_back(&mut self.random);
        }
        if due <= now && self.heap.is_empty() {
            self.send(&Packet { client, up, data });
        } else {
            self.enqueue(due, Packet { client, up, data });
        }
        if let Some((due, data)) = twin {
            self.enqueue(due, Packet { client, up, data });
        }
    }

    fn enqueue(&mut self, due: Instant, packet: Packet) {
        let slot = self.free_slots.pop().unwrap_or_else(|| {
            self.waiting.push(None);
            self.waiting.len() - 1
        });
        self.waiting[slot] = Some(packet);
        self.arrivals += 1;
        self.heap.push((Reverse((due, self.arrivals)), slot));
    }

    fn send_due(&mut self, now: Instant) {
        while let Some(&(Reverse((due, _)), slot)) = self.heap.peek() {
            if due > now {
                return;
            }
            self.heap.pop();
            self.free_slots.push(slot);
            if let Some(packet) = self.waiting[slot].take() {
                self.send(&packet);
            }
        }
    }

    fn send(&mut self, packet: &Packet) {
        let client = &self.clients[packet.client];
        let (result, counters) = if packet.up {
            (client.upstream.send(&packet.data), &mut self.up.counters)
        } else {
            (
                self.listen.send_to(&packet.data, client.addr),
                &mut self.down.counters,
            )
        };
        match result {
            Ok(_) => counters.sent += 1,
            Err(_) => counters.send_failed += 1,
        }
    }

    /// Commands, one a line; false when stdin is closed.
    fn read_stdin(&mut self, commands: &mut String) -> Result<bool> {
        let mut buffer = [0u8; 4096];
        // SAFETY: the buffer is as long as said. poll told that there is something to read.
        let length =
            unsafe { libc::read(libc::STDIN_FILENO, buffer.as_mut_ptr().cast(), buffer.len()) };
        if length <= 0 {
            return Ok(false);
        }
        commands.push_str(&String::from_utf8_lossy(&buffer[..length as usize]));
        while let Some(end) = commands.find('\n') {
            let line: String = commands.drain(..=end).collect();
            match self.command(line.trim()) {
                Ok(()) => output::line(self.stats()),
                Err(error) => output::line(
                    json!({"event": "refused", "command": line.trim(), "message": format!("{error:#}")}),
                ),
            }
        }
        Ok(true)
    }

    fn command(&mut self, line: &str) -> Result<()> {
        let (word, value) = line.split_once(' ').unwrap_or((line, ""));
        let c = &mut self.conditions;
        match word {
            "loss" => c.loss = value.parse()?,
            "reorder" => c.reorder = value.parse()?,
            "duplicate" => c.duplicate = value.parse()?,
            "corrupt" => c.corrupt = value.parse()?,
            "delay-ms" => c.delay_ms = value.parse()?,
            "rate-mbit" => c.rate_mbit = value.parse()?,
            "mtu" => c.mtu = value.parse()?,
            "blackhole" => c.blackhole = value == "on",
            "to" => self.to = value.parse()?,
            "reset-mapping" => {
                for client in 0..self.clients.len() {
                    self.reset_mapping(client)?;
                }
            }
            "stats" => {}
            _ => bail!("no such command"),
        }
        Ok(())
    }

    fn stats(&self) -> Value {
        json!({
            "event": "stats", "up": self.up.counters.json(), "down": self.down.counters.json(),
            "clients": self.clients.len(), "mapping_resets": self.mapping_resets,
            "waiting": self.heap.len(), "cpu_seconds": measure::cpu_seconds(),
        })
    }
}
