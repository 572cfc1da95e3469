package org.veilor.seed.interop;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.veilor.seed.gossip.protocol.TopicId;

/** A node of either kind in a gossip swarm. */
interface GossipMember extends AutoCloseable {
  /** Long enough for a dead connection to be noticed by anybody (30 s), and a slow machine. */
  Duration LIMIT = Duration.ofSeconds(100);

  /** What it is, for messages. */
  String name();

  /** Endpoint id as hex. */
  String id();

  /** {@code ID@ip:port}. */
  String target();

  /** Tells it where others are, should anybody name them. */
  void know(List<String> targets);

  void join(TopicId topic, List<String> targets);

  void quit(TopicId topic);

  /** Broadcasts text; answers with the wall clock in microseconds just before. */
  long say(TopicId topic, String text);

  void sayToNeighbors(TopicId topic, String text);

  /** When it received a text, in microseconds of the wall clock. */
  OptionalLong heardMicros(TopicId topic, String text);

  /** How often it received a text. */
  int heardCount(TopicId topic, String text);

  /** {@code swarm ROUND} or {@code neighbors}, of a text that was received. */
  String scope(TopicId topic, String text);

  /** Hash and length of everything that was received, as {@code HASH/BYTES}. */
  Set<String> contents(TopicId topic);

  /** Ids of its present neighbours. */
  Set<String> neighbors(TopicId topic);

  @Override
  void close();

  /** Waits for a condition about members. */
  static void await(String what, BooleanSupplier condition) {
    Deadline deadline = Deadline.after(LIMIT);
    while (!condition.getAsBoolean()) {
      if (deadline.isOver()) {
        throw new AssertionError("not within " + deadline + ": " + what);
      }
      Deadline.pause(Duration.ofMillis(2));
    }
  }

  /** Waits until it has a neighbour. */
  default void awaitJoined(TopicId topic) {
    await(name() + " has a neighbour", () -> !neighbors(topic).isEmpty());
  }

  /** Waits until it has that neighbour. */
  default void awaitNeighbor(TopicId topic, GossipMember other) {
    await(
        name() + " has the neighbour " + other.name(), () -> neighbors(topic).contains(other.id()));
  }

  /** Waits until it has received a text. */
  default void awaitText(TopicId topic, String text) {
    await(name() + " hears '" + text + "'", () -> heardCount(topic, text) > 0);
  }
}
