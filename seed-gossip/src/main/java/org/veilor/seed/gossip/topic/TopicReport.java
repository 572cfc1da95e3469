package org.veilor.seed.gossip.topic;

/**
 * How a topic stands, for status, metrics and tests.
 *
 * @param marks Neighbor messages that were sent and not answered
 * @param outstanding requests under way
 * @param cached messages kept for others, and their bytes
 * @param received ids of messages that are remembered
 * @param missing messages that were named and have not come
 * @param peerData peers whose addresses are kept
 * @param refused how often a peer wanted more than it may
 * @param spoofed messages whose id was not that of their content
 */
public record TopicReport(
    int active,
    int passive,
    int eager,
    int lazy,
    int marks,
    int outstanding,
    int cached,
    long cachedBytes,
    int received,
    int missing,
    int peerData,
    long refused,
    long spoofed) {

  static TopicReport of(Topic topic, long nowNanos) {
    HyParView views = topic.views();
    PlumTree tree = topic.tree();
    return new TopicReport(
        views.active().size(),
        views.passive().size(),
        tree.eager().size(),
        tree.lazy().size(),
        views.marks(nowNanos),
        views.requests().outstanding(),
        tree.cachedMessages(),
        tree.cachedBytes(),
        tree.receivedIds(),
        tree.missingIds(),
        views.book().size(),
        topic.budgets().refused(),
        tree.spoofed());
  }
}
