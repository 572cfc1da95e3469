/** BLAKE3 on vector registers, loaded by name only where the incubating Vector API is present. */
package org.veilor.seed.core.simd;
