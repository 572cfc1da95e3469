/** BLAKE3: the hash of a blob and the chaining values of its inner nodes. */
package org.veilor.seed.core.hash;
