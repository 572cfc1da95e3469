package org.veilor.seed.node.gossip;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened since the start; the first ten have iroh-gossip's names ({@code metrics.rs}). */
final class GossipCounters {
  final LongAdder controlSent = new LongAdder();
  final LongAdder controlReceived = new LongAdder();
  final LongAdder dataSent = new LongAdder();
  final LongAdder dataReceived = new LongAdder();
  final LongAdder dataSentBytes = new LongAdder();
  final LongAdder dataReceivedBytes = new LongAdder();
  final LongAdder controlSentBytes = new LongAdder();
  final LongAdder controlReceivedBytes = new LongAdder();
  final LongAdder neighborUp = new LongAdder();
  final LongAdder neighborDown = new LongAdder();

  /** Messages that waited for a peer and gave way to others, or whose peer went. */
  final LongAdder queueDrops = new LongAdder();

  /** Received beyond what one peer may send, and dropped. */
  final LongAdder rateDrops = new LongAdder();

  /** Messages too long for a frame. */
  final LongAdder oversize = new LongAdder();

  /** Streams that broke the protocol. */
  final LongAdder malformed = new LongAdder();

  /** Streams of ours that a peer stopped. */
  final LongAdder stopped = new LongAdder();

  final LongAdder connections = new LongAdder();
  final LongAdder refusedConnections = new LongAdder();

  /** Connections given up: nothing came any more, or nothing was taken any more. */
  final LongAdder silent = new LongAdder();

  final LongAdder stalled = new LongAdder();
  final LongAdder dials = new LongAdder();
  final LongAdder failedDials = new LongAdder();

  /** Dials that had to wait for their turn. */
  final LongAdder delayedDials = new LongAdder();

  Map<String, Long> toMap() {
    Map<String, Long> map = new LinkedHashMap<>();
    map.put("msgs_ctrl_sent", controlSent.sum());
    map.put("msgs_ctrl_recv", controlReceived.sum());
    map.put("msgs_data_sent", dataSent.sum());
    map.put("msgs_data_recv", dataReceived.sum());
    map.put("msgs_data_sent_size", dataSentBytes.sum());
    map.put("msgs_data_recv_size", dataReceivedBytes.sum());
    map.put("msgs_ctrl_sent_size", controlSentBytes.sum());
    map.put("msgs_ctrl_recv_size", controlReceivedBytes.sum());
    map.put("neighbor_up", neighborUp.sum());
    map.put("neighbor_down", neighborDown.sum());
    map.put("queue_drops", queueDrops.sum());
    map.put("rate_drops", rateDrops.sum());
    map.put("oversize_messages", oversize.sum());
    map.put("malformed_streams", malformed.sum());
    map.put("stopped_streams", stopped.sum());
    map.put("connections", connections.sum());
    map.put("connections_refused", refusedConnections.sum());
    map.put("connections_silent", silent.sum());
    map.put("connections_stalled", stalled.sum());
    map.put("dials", dials.sum());
    map.put("dials_failed", failedDials.sum());
    map.put("dials_delayed", delayedDials.sum());
    return map;
  }
}
