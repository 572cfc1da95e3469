package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Swarms of processes, ours and iroh-gossip's in turn: how fast they join, how long broadcasts
 * take, what they send while nothing is said, and what is lost when one is killed (the baselines of
 * gossip.md §6.5).
 */
final class GossipRace {
  private static final int NODES = 8;
  private static final int JOIN_PAUSE_MILLIS = 200;
  private static final int PRACTISED_PAIRS = 200;
  private static final int PRACTISE_MILLIS = 300_000;
  private static final int WARM_UP_JOIN_PAUSE_MILLIS = 10;
  private static final int WARM_UP_BROADCASTS = 20_000;
  private static final int WARM_UP_PAUSE_MILLIS = 3;
  private static final int BROADCASTS = 200;
  private static final int BROADCAST_PAUSE_MILLIS = 20;
  private static final int IDLE_SECONDS = 60;
  private static final int BROADCASTS_AFTER_KILL = 20;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final String TOPIC = "7e".repeat(32);
  private static final String PADDING = "x".repeat(80);

  private final Compare compare;
  private final Path peer;
  private final int rounds;

  GossipRace(Compare compare, Path peer, int rounds) {
    this.compare = compare;
    this.peer = peer;
    this.rounds = rounds;
  }

  void run() throws IOException, InterruptedException {
    Figures join =
        gossip("join to first neighbour, p50 of a swarm of 8", "ms", false).target(1.5, 1);
    Figures first = gossip("the same as the first deed of a process", "ms", false);
    Figures p50 = gossip("broadcast heard, p50", "ms", false).target(2, 1);
    Figures p99 = gossip("broadcast heard, p99", "ms", false).target(2, 1);
    Figures bytes = gossip("idle node sends", "B/s on loopback", false).target(1, 0.5);
    Figures cpu = gossip("idle node takes", "% of a core", false).limit(0.5, 0.2);
    Figures lost = gossip("deliveries lost after a kill", "of 120", false).limit(0, 0);
    for (int round = 0; round < rounds; round++) {
      for (boolean ours : new boolean[] {true, false}) {
        List<Member> members = new ArrayList<>();
        try {
          start(ours, members);
          double atFirst = Figures.median(joins(members, JOIN_PAUSE_MILLIS));
          first.add(ours, atFirst);
          join.add(ours, ours ? compiledJoins(members) : atFirst);
          Swarms.awaitQuiet(programs(members));
          List<Double> millis = new ArrayList<>();
          say(members, members.getFirst(), "timed", BROADCASTS, millis);
          millis.sort(Double::compare);
          p50.add(ours, millis.get(millis.size() / 2));
          p99.add(ours, millis.get(millis.size() * 99 / 100));
          idle(ours, members, bytes, cpu);
          members.removeLast().program.kill();
          lost.add(
              ours,
              say(members, members.get(1), "after", BROADCASTS_AFTER_KILL, new ArrayList<>()));
          System.err.println(
              "round "
                  + round
                  + ": "
                  + (ours ? "ours" : "iroh-gossip")
                  + ": "
                  + millis.size()
                  + " deliveries, p50 "
                  + millis.get(millis.size() / 2)
                  + " ms");
        } finally {
          members.forEach(member -> member.program.close());
        }
      }
    }
  }

  private void start(boolean ours, List<Member> members) throws IOException {
    for (int i = 0; i < NODES; i++) {
      members.add(new Member(Program.start(command(ours))));
    }
  }

  /** All join the first one, one after another. Gives the milliseconds that each took. */
  private static List<Double> joins(List<Member> members, int pauseMillis)
      throws IOException, InterruptedException {
    List<Double> joins = new ArrayList<>();
    for (Member member : members) {
      boolean isFirst = member == members.getFirst();
      member.program.tell("join " + TOPIC + (isFirst ? "" : " " + members.getFirst().target()));
      if (!isFirst) {
        JsonNode up = member.await(line -> line.path("event").asText().equals("neighbor_up"));
        JsonNode joining = member.await(line -> line.path("event").asText().equals("joining"));
        joins.add((up.path("micros").asLong() - joining.path("micros").asLong()) / 1000.0);
      }
      Thread.sleep(pauseMillis);
    }
    return joins;
  }

  /**
   * A node lives for weeks: its figures are those of compiled code. The joins of new endpoints in
   * processes that have made many.
   */
  private static double compiledJoins(List<Member> members)
      throws IOException, InterruptedException {
    for (Member member : members) {
      member.program.tell("practise " + PRACTISED_PAIRS);
    }
    for (Member member : members) {
      member.await(line -> line.path("event").asText().equals("practised"), PRACTISE_MILLIS);
    }
    renew(members);
    joins(members, WARM_UP_JOIN_PAUSE_MILLIS);
    warmUp(members);
    Swarms.awaitQuiet(programs(members));
    renew(members);
    return Figures.median(joins(members, JOIN_PAUSE_MILLIS));
  }

  private static void renew(List<Member> members) throws IOException, InterruptedException {
    for (Member member : members) {
      member.renew();
    }
  }

  private List<String> command(boolean ours) {
    if (!ours) {
      return List.of(peer.toString(), "gossip");
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xms16m",
        "-Xmx64m",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        GossipNode.class.getName());
  }

  private static void warmUp(List<Member> members) throws IOException, InterruptedException {
    for (int i = 0; i < WARM_UP_BROADCASTS; i++) {
      Member from = members.get(i % members.size());
      from.program.tell("broadcast " + TOPIC + " warm" + i + PADDING);
      Thread.sleep(WARM_UP_PAUSE_MILLIS);
    }
  }

  /** One after another; adds the milliseconds of each delivery, and gives how many never came. */
  private static int say(
      List<Member> members, Member from, String what, int count, List<Double> millis)
      throws IOException, InterruptedException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String text = what + i + PADDING;
      texts.add(text);
      from.program.tell("broadcast " + TOPIC + " " + text);
      Thread.sleep(BROADCAST_PAUSE_MILLIS);
    }
    int lost = 0;
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    for (String text : texts) {
      long sent = from.await(is("sent", text)).path("micros").asLong();
      for (Member member : members) {
        JsonNode heard = member == from ? null : member.find(is("received", text), end);
        if (heard != null) {
          millis.add((heard.path("micros").asLong() - sent) / 1000.0);
        } else if (member != from) {
          lost++;
        }
      }
    }
    return lost;
  }

  private static Predicate<JsonNode> is(String event, String text) {
    return line ->
        line.path("event").asText().equals(event) && line.path("text").asText().equals(text);
  }

  private static void idle(boolean ours, List<Member> members, Figures bytes, Figures cpu)
      throws IOException, InterruptedException {
    Swarms.awaitQuiet(programs(members));
    long sent = loopbackBytes();
    double used = Swarms.cpuSeconds(programs(members));
    Thread.sleep(IDLE_SECONDS * 1000L);
    double nodeSeconds = (double) IDLE_SECONDS * members.size();
    bytes.add(ours, (loopbackBytes() - sent) / nodeSeconds);
    cpu.add(ours, 100 * (Swarms.cpuSeconds(programs(members)) - used) / nodeSeconds);
  }

  /** Everything sent in this network namespace. */
  static long loopbackBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/net/dev"))) {
      String[] words = line.strip().split(" +", -1);
      if (words[0].equals("lo:")) {
        return Long.parseLong(words[9]);
      }
    }
    throw new IOException("no lo in /proc/net/dev");
  }

  private Figures gossip(String what, String unit, boolean higherIsBetter) {
    return compare.figures("gossip, " + what, unit, higherIsBetter).against("iroh-gossip 0.101");
  }

  private static List<Program> programs(List<Member> members) {
    return members.stream().map(member -> member.program).toList();
  }

  /** A process and what it has told. */
  private static final class Member {
    final Program program;
    private final List<JsonNode> lines = new ArrayList<>();
    private String target;

    Member(Program program) throws IOException {
      this.program = program;
      String line = program.line();
      if (line == null) {
        throw new IOException("a node of the swarm did not start");
      }
      target = target(Program.event(line, "ready"));
      Thread.ofPlatform().daemon().start(this::read);
    }

    private static String target(JsonNode ready) {
      return ready.path("endpoint").asText() + "@" + ready.path("addr").asText();
    }

    String target() {
      return target;
    }

    /** Another endpoint, which has told nothing yet. */
    void renew() throws IOException, InterruptedException {
      synchronized (this) {
        lines.clear();
      }
      program.tell("renew");
      target = target(await(line -> line.path("event").asText().equals("ready")));
    }

    private void read() {
      try {
        for (String line = program.line(); line != null; line = program.line()) {
          JsonNode node = Program.json(line);
          synchronized (this) {
            lines.add(node);
            notifyAll();
          }
        }
      } catch (IOException e) {
        System.err.println("a node of the swarm is gone: " + e.getMessage());
      }
    }

    JsonNode await(Predicate<JsonNode> wanted) throws IOException, InterruptedException {
      return await(wanted, PATIENCE_MILLIS);
    }

    JsonNode await(Predicate<JsonNode> wanted, long patienceMillis)
        throws IOException, InterruptedException {
      JsonNode found = find(wanted, System.nanoTime() + patienceMillis * 1_000_000L);
      if (found == null) {
        throw new IOException("a node of the swarm did not say what it should");
      }
      return found;
    }

    synchronized @Nullable JsonNode find(Predicate<JsonNode> wanted, long endNanos)
        throws InterruptedException {
      while (true) {
        for (JsonNode line : lines) {
          if (wanted.test(line)) {
            return line;
          }
        }
        long left = (endNanos - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return null;
        }
        wait(left);
      }
    }
  }
}
