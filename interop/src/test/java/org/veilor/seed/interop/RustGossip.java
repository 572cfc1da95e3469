package org.veilor.seed.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.veilor.seed.gossip.protocol.TopicId;

/** An unmodified iroh-gossip node: {@code iroh-peer gossip}. */
final class RustGossip implements GossipMember {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Peer peer;
  private final List<JsonNode> lines = new ArrayList<>();

  private RustGossip(Peer peer) {
    this.peer = peer;
    peer.ready();
  }

  static RustGossip start(Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("gossip"));
    arguments.addAll(List.of(more));
    return new RustGossip(Peers.start(arguments.toArray()));
  }

  Peer peer() {
    return peer;
  }

  /** Lines that came meanwhile are parsed once. */
  private Stream<JsonNode> events(TopicId topic) {
    List<String> all = peer.child().lines();
    for (String line : all.subList(lines.size(), all.size())) {
      try {
        lines.add(JSON.readTree(line));
      } catch (JsonProcessingException e) {
        throw new AssertionError("not JSON: " + line, e);
      }
    }
    String wanted = topic.toString();
    return lines.stream().filter(line -> line.path("topic").asText().equals(wanted));
  }

  private Stream<JsonNode> events(TopicId topic, String event) {
    return events(topic).filter(line -> line.path("event").asText().equals(event));
  }

  private Stream<JsonNode> heard(TopicId topic, String text) {
    return events(topic, "received").filter(line -> line.path("text").asText().equals(text));
  }

  @Override
  public String name() {
    return "Rust " + id().substring(0, 6);
  }

  @Override
  public String id() {
    return peer.endpoint();
  }

  @Override
  public String target() {
    return peer.target();
  }

  @Override
  public void know(List<String> targets) {
    peer.command("know " + String.join(" ", targets));
  }

  @Override
  public void join(TopicId topic, List<String> targets) {
    long before = events(topic, "joining").count();
    peer.command("join " + topic + " " + String.join(" ", targets));
    GossipMember.await(name() + " joins", () -> events(topic, "joining").count() > before);
  }

  @Override
  public void quit(TopicId topic) {
    peer.command("quit " + topic);
    GossipMember.await(name() + " quits", () -> events(topic, "quit").count() > 0);
  }

  @Override
  public long say(TopicId topic, String text) {
    peer.command("broadcast " + topic + " " + text);
    Predicate<JsonNode> isIt = line -> line.path("text").asText().equals(text);
    GossipMember.await(name() + " says it", () -> events(topic, "sent").anyMatch(isIt));
    return events(topic, "sent").filter(isIt).findFirst().orElseThrow().path("micros").asLong();
  }

  @Override
  public void sayToNeighbors(TopicId topic, String text) {
    peer.command("broadcast-neighbors " + topic + " " + text);
  }

  /** Says random bytes; answers with {@code HASH/BYTES}. */
  String sayRandom(TopicId topic, int bytes, long seed) {
    long before = events(topic, "sent").count();
    peer.command("broadcast-random " + topic + " " + bytes + " " + seed);
    GossipMember.await(name() + " says it", () -> events(topic, "sent").count() > before);
    return content(events(topic, "sent").skip(before).findFirst().orElseThrow());
  }

  private static String content(JsonNode line) {
    return line.path("hash").asText() + "/" + line.path("bytes").asText();
  }

  @Override
  public OptionalLong heardMicros(TopicId topic, String text) {
    return heard(topic, text).mapToLong(line -> line.path("micros").asLong()).findFirst();
  }

  @Override
  public int heardCount(TopicId topic, String text) {
    return (int) heard(topic, text).count();
  }

  @Override
  public String scope(TopicId topic, String text) {
    JsonNode scope = heard(topic, text).findFirst().orElseThrow().path("scope");
    return scope.isTextual() ? "neighbors" : "swarm " + scope.path("Swarm").asInt();
  }

  @Override
  public Set<String> contents(TopicId topic) {
    Set<String> all = new HashSet<>();
    events(topic, "received").forEach(line -> all.add(content(line)));
    return all;
  }

  /** As its subscriber sees it. */
  @Override
  public Set<String> neighbors(TopicId topic) {
    Set<String> present = new LinkedHashSet<>();
    events(topic)
        .forEach(line -> {
          String endpoint = line.path("endpoint").asText();
          switch (line.path("event").asText()) {
            case "neighbor_up" -> present.add(endpoint);
            case "neighbor_down" -> present.remove(endpoint);
            case "quit" -> present.clear();
            default -> {} // a message
          }
        });
    return present;
  }

  /** SIGKILL. */
  void kill() {
    peer.kill();
  }

  @Override
  public void close() {
    peer.close();
  }
}
