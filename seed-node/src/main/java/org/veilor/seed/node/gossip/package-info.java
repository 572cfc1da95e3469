/** iroh-gossip on the connections of an iroh endpoint (iroh-gossip {@code src/net.rs}). */
package org.veilor.seed.node.gossip;
