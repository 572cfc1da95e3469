#!/bin/sh
# Builds the real peers of the interop tests and benches once and prints the folder that holds them
# (`iroh-peer`, `sendme` and `b3sum`). Everything lives in a cache outside the clone:
#   peers-<hash of Cargo.lock and sources>   the programs; a second run finds them and is done
#   peers-target-<hash of Cargo.lock>        cargo's target folder, so that an edit builds in seconds
set -eu

sendme_version=0.37.1
b3sum_version=1.8.7
here=$(cd "$(dirname "$0")" && pwd)
cache=${VEILOR_SEED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}}/veilor-seed

hash16() { sha256sum | cut -c1-16; }
lock=$(hash16 < "$here/peers/Cargo.lock")
sources=$( (cd "$here/peers" && find Cargo.toml Cargo.lock src -type f | LC_ALL=C sort | xargs cat
            echo "sendme $sendme_version"; echo "b3sum $b3sum_version") | hash16)
folder=$cache/peers-$sources
target=$cache/peers-target-$lock
complete() { [ -x "$folder/iroh-peer" ] && [ -x "$folder/sendme" ] && [ -x "$folder/b3sum" ]; }

if complete; then
  echo "$folder"
  exit 0
fi

if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
  PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
fi
if ! command -v cargo >/dev/null 2>&1; then
  echo "build-peers: cargo is missing. The interop tests talk to real iroh peers, which are built from" >&2
  echo "published crates: install Rust 1.91 or newer (https://rustup.rs, or the package rustc/cargo of your" >&2
  echo "system), or leave the interop tests out with: make test INTEROP=off" >&2
  exit 1
fi
if ! command -v cc >/dev/null 2>&1; then
  echo "build-peers: a C compiler (cc) is missing; Rust needs it to link. Install gcc or clang." >&2
  exit 1
fi

mkdir -p "$target"
# One builder at a time; the second finds the work done.
exec 9> "$target/lock"
if command -v flock >/dev/null 2>&1; then flock 9; fi
if complete; then
  echo "$folder"
  exit 0
fi

export CARGO_TERM_COLOR=never
echo "build-peers: building iroh-peer (some minutes the first time, then cached) ..." >&2
cargo build --release --locked --manifest-path "$here/peers/Cargo.toml" --target-dir "$target" >&2

# published NAME VERSION: a program that does not depend on our sources, only on its own published lock file
published() {
  if [ ! -x "$cache/$1-$2/bin/$1" ]; then
    echo "build-peers: building $1 $2 ..." >&2
    cargo install "$1" --version "$2" --locked --root "$cache/$1-$2" --target-dir "$target" --no-track >&2
  fi
}
published sendme "$sendme_version"
published b3sum "$b3sum_version"

mkdir -p "$cache"
fresh=$(mktemp -d "$cache/peers-fresh.XXXXXX")
cp "$target/release/iroh-peer" "$cache/sendme-$sendme_version/bin/sendme" \
  "$cache/b3sum-$b3sum_version/bin/b3sum" "$fresh/"
chmod 755 "$fresh"
if ! mv -T "$fresh" "$folder" 2>/dev/null; then
  rm -rf "$fresh" # somebody else was faster
fi
echo "$folder"
