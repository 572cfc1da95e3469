//! JSON lines on stdout.

use std::io::Write;

use serde_json::Value;

/// Prints one line and flushes it. A closed stdout ends the program: nobody listens any more.
pub fn line(value: Value) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{value}").and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}
