//! Real iroh peers for the tests of veilor-seed.
//!
//! One program; every subcommand answers with JSON lines on stdout, each an object with the key
//! `event`. A subcommand that serves prints `ready` first and ends when its stdin is closed or on
//! SIGTERM. A failure is one `error` line and exit code 1.

mod accept_get;
mod blobs;
mod connection;
mod echo;
mod get;
mod get_list;
mod gossip;
mod home;
mod many;
mod measure;
mod observe;
mod output;
mod parts;
mod provide;
mod proxy;
mod raw;
mod rawquic;
mod spoil;
mod watched;

use clap::{Parser, Subcommand};
use serde_json::json;

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves files and folders with iroh-blobs until stdin closes or SIGTERM
    Provide(provide::Args),
    /// Serves as provide does, but spoils what it answers
    ProvideBad(provide::BadArgs),
    /// Fetches one blob or hash sequence, verified
    Get(get::Args),
    /// Fetches many blobs over one connection
    GetList(get_list::Args),
    /// Sends arbitrary request bytes on streams of a real connection
    Raw(raw::Args),
    /// Prints the items of an observe stream
    Observe(observe::Args),
    /// Opens many connections, holds them, and looks whether each still works
    Many(many::Args),
    /// Listens, and becomes the getter on every connection that arrives
    AcceptGet(accept_get::Args),
    /// An iroh-gossip node that is told by lines on stdin what to do
    Gossip(gossip::Args),
    /// Echoes streams and datagrams
    EchoServer(echo::ServerArgs),
    /// Exercises an echo server
    EchoClient(echo::ClientArgs),
    /// Carries UDP between a client and a server, badly
    Proxy(proxy::Args),
}

fn main() {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned()))
        .with_writer(std::io::stderr)
        .init();
    let result = home::require_loopback_only().and_then(|()| run(cli.command));
    if let Err(cause) = result {
        output::line(json!({"event": "error", "message": format!("{cause:#}")}));
        std::process::exit(1);
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    home::raise_file_limit();
    if let Command::Proxy(args) = command {
        return proxy::run(args);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(async {
        match command {
            Command::Provide(args) => provide::run(args).await,
            Command::ProvideBad(args) => provide::run_bad(args).await,
            Command::Get(args) => get::run(args).await,
            Command::GetList(args) => get_list::run(args).await,
            Command::Raw(args) => raw::run(args).await,
            Command::Observe(args) => observe::run(args).await,
            Command::Many(args) => many::run(args).await,
            Command::AcceptGet(args) => accept_get::run(args).await,
            Command::Gossip(args) => gossip::run(args).await,
            Command::EchoServer(args) => echo::serve(args).await,
            Command::EchoClient(args) => echo::exercise(args).await,
            Command::Proxy(_) => unreachable!("handled above"),
        }
    });
    // A blocked reader of stdin must not keep the program alive.
    runtime.shutdown_background();
    result
}
