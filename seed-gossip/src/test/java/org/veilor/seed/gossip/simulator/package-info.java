/** Swarms of gossip nodes in virtual time: {@link org.veilor.seed.gossip.simulator.Swarm}. */
package org.veilor.seed.gossip.simulator;
