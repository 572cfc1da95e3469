/** Harness that drives real Rust peers, a bad network and our daemon as child processes. */
@NullMarked
package org.veilor.seed.interop;

import org.jspecify.annotations.NullMarked;
