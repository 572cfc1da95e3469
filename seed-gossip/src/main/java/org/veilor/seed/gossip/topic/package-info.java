/** HyParView and PlumTree for many topics, as state machines (iroh-gossip {@code src/proto/}). */
package org.veilor.seed.gossip.topic;
