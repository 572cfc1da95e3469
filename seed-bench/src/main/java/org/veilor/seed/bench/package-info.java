/** Runs the daemon and the Rust peers side by side and prints what each costs. */
package org.veilor.seed.bench;
