/** Services: their names, secrets, topics and invites. See {@code docs/protocol.md}. */
package org.veilor.seed.gossip.service;
