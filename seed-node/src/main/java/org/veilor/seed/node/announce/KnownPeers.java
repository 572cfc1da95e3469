package org.veilor.seed.node.announce;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.store.file.Checksummed;
import org.veilor.seed.store.file.Folders;
import org.veilor.seed.store.file.ReplacedFile;

/**
 * Who was a neighbour on a topic, over a restart: the invite may name only one who is gone for
 * good. {@code services/TOPIC.peers} in the state folder, mode 0600: their number as a varint, the
 * endpoint addresses, the best first, and the BLAKE3 hash of all. One thread.
 */
final class KnownPeers {
  private static final Logger LOG = LoggerFactory.getLogger(KnownPeers.class);

  /** Peers that are remembered of one topic. */
  static final int MAX_PEERS = 32;

  /** As many are asked at once: each that answers gives somebody else up for us. */
  static final int AT_ONCE = 4;

  /** From a change to writing it down, and between two writings. */
  static final long SOON_MILLIS = 5_000;

  static final long APART_MILLIS = 60_000;

  private static final int MAX_BYTES = 64 << 10;

  private final Path folder;
  private final Path file;
  private final ArrayDeque<EndpointAddr> toAsk;
  private List<EndpointAddr> best;
  private byte[] written;
  private boolean isDue;
  private long nextMillis;

  KnownPeers(Path folder, TopicId topic) {
    this.folder = folder;
    this.file = folder.resolve(topic + ".peers");
    this.best = read();
    this.written = encode(best);
    this.toAsk = new ArrayDeque<>(best);
  }

  /** All that are remembered, the best first. */
  List<EndpointAddr> all() {
    return best;
  }

  /** The next few of a former life to be asked; none when all were. */
  List<EndpointAddr> next() {
    List<EndpointAddr> next = new ArrayList<>(AT_ONCE);
    while (next.size() < AT_ONCE && !toAsk.isEmpty()) {
      next.add(toAsk.poll());
    }
    return next;
  }

  /** Something changed: in how long it has to be written down; -1 if that is planned already. */
  long planMillis(long nowMillis) {
    if (isDue) {
      return -1;
    }
    isDue = true;
    return Math.max(SOON_MILLIS, nextMillis - nowMillis);
  }

  /** Whether a change is not written down yet. */
  boolean isDue() {
    return isDue;
  }

  /** Writes down who is known now, the best first, and then those of before. */
  void update(List<EndpointAddr> now, long nowMillis) {
    isDue = false;
    nextMillis = nowMillis + APART_MILLIS;
    Map<EndpointId, EndpointAddr> merged = new LinkedHashMap<>();
    now.stream().filter(each -> !each.addrs().isEmpty()).forEach(each -> add(merged, each));
    best.forEach(each -> add(merged, each));
    best = merged.values().stream().limit(MAX_PEERS).toList();
    byte[] bytes = encode(best);
    if (!Arrays.equals(bytes, written)) {
      write(bytes);
    }
  }

  private static void add(Map<EndpointId, EndpointAddr> to, EndpointAddr addr) {
    to.putIfAbsent(
        addr.id(),
        EndpointAddr.of(
            addr.id(), addr.addrs().stream().limit(GossipLimits.MAX_ADDRESSES).toList()));
  }

  private void write(byte[] bytes) {
    try {
      Folders.createPrivate(folder);
      ReplacedFile.write(file, bytes, false);
      written = bytes;
    } catch (IOException e) {
      LOG.error("the peers of a service cannot be written to {}: {}", file, e.getMessage());
    }
  }

  private List<EndpointAddr> read() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is too long");
      }
      return decode(Files.readAllBytes(file));
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException | MalformedException e) {
      LOG.warn(
          "{} is not used ({}); only those whom the invite names are asked", file, e.getMessage());
      return List.of();
    }
  }

  /** The topic is left for good. */
  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.error("{} cannot be deleted: {}", file, e.getMessage());
    }
  }

  private static byte[] encode(List<EndpointAddr> peers) {
    PostcardWriter out = new PostcardWriter().writeVarint(peers.size());
    peers.forEach(peer -> peer.encode(out));
    return Checksummed.seal(out.toBytes());
  }

  private static List<EndpointAddr> decode(byte[] bytes) throws MalformedException {
    PostcardReader in = new PostcardReader(Checksummed.open(bytes));
    long count = in.readU64();
    if (count > MAX_PEERS) {
      throw new MalformedException(0, "it names too many peers");
    }
    List<EndpointAddr> peers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      peers.add(EndpointAddr.decode(in));
    }
    return List.copyOf(peers);
  }
}
