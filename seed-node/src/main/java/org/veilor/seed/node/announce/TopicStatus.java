package org.veilor.seed.node.announce;

/**
 * How a service's topic stands.
 *
 * @param accepted announcements of others that were believed
 * @param dropped messages that were not
 */
public record TopicStatus(int neighbors, long said, long accepted, long dropped) {}
