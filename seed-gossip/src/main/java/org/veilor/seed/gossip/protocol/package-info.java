/** The messages of iroh-gossip 0.101, and their postcard form (iroh-gossip {@code src/proto/}). */
package org.veilor.seed.gossip.protocol;
