package org.veilor.seed.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.node.config.PeerText;
import org.veilor.seed.node.gossip.GossipListener;
import org.veilor.seed.node.gossip.GossipNetwork;

/**
 * A node of our gossip in one topic, told by lines on stdin what to do as {@code iroh-peer gossip}
 * is: {@code join TOPIC [CONTACT…]} and {@code broadcast TOPIC TEXT}; it ends with stdin. {@code
 * renew} makes a new endpoint with a new key in the same process; {@code practise N} has N pairs of
 * endpoints meet and talk within it, so that the compilers know what a node that lives for weeks
 * does.
 */
public final class GossipNode implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final int PRACTISED_MESSAGES = 40;
  private static final int CLOSING_AT_ONCE = 8;
  private static final long PATIENCE_SECONDS = 20;

  private final GossipNetwork network;
  private final IrohEndpoint endpoint;
  private final EndpointAddr address;

  private GossipNode() throws IOException {
    byte[] secret = new byte[SecretKey.LENGTH];
    RANDOM.nextBytes(secret);
    SecretKey key = SecretKey.of(secret);
    network = new GossipNetwork(key.id(), GossipConfig.hardened(), RANDOM);
    InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    endpoint = IrohEndpoint.builder(key).bind(any).accept(GossipLimits.ALPN, network).start();
    InetSocketAddress bound = endpoint.boundAddresses().getFirst();
    address = EndpointAddr.of(key.id(), List.of(TransportAddr.Ip.of(bound)));
    network.start(endpoint, address);
  }

  private static GossipNode ready() throws IOException {
    GossipNode node = new GossipNode();
    print(
        "{\"event\":\"ready\",\"endpoint\":\"%s\",\"addr\":\"127.0.0.1:%d\"}"
            .formatted(node.address.id(), node.endpoint.boundAddresses().getFirst().getPort()));
    return node;
  }

  /** Runs until stdin ends. */
  public static void main(String[] args) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    GossipNode node = ready();
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.strip().equals("renew")) {
          node.close();
          node = ready();
        } else if (line.startsWith("practise ")) {
          practise(Integer.parseInt(line.substring(9).strip()));
        } else {
          node.obey(line.strip().split(" ", 3));
        }
      }
    } catch (MalformedException | InterruptedException e) {
      throw new IOException("cannot obey", e);
    } finally {
      node.close();
    }
  }

  @Override
  public void close() {
    network.close();
    endpoint.close();
  }

  private static void practise(int pairs)
      throws IOException, MalformedException, InterruptedException {
    List<Thread> closing = new ArrayList<>();
    for (int pair = 0; pair < pairs; pair++) {
      GossipNode first = new GossipNode();
      GossipNode second = new GossipNode();
      practise(first, second);
      closing.add(Thread.startVirtualThread(second::close));
      closing.add(Thread.startVirtualThread(first::close));
      if (closing.size() >= CLOSING_AT_ONCE || pair == pairs - 1) {
        for (Thread each : closing) {
          each.join();
        }
        closing.clear();
      }
    }
    System.gc(); // what they leave behind is no business of the node that is measured
    tell("practised", "");
  }

  private static void practise(GossipNode first, GossipNode second)
      throws IOException, MalformedException, InterruptedException {
    TopicId topic = new TopicId(Hash.parse("9a".repeat(32)));
    CountDownLatch met = new CountDownLatch(2);
    CountDownLatch heard = new CountDownLatch(PRACTISED_MESSAGES);
    GossipListener listener =
        event -> {
          switch (event) {
            case GossipOutput.NeighborUp _ -> met.countDown();
            case GossipOutput.NeighborDown _ -> {}
            case GossipOutput.Received _ -> heard.countDown();
          }
        };
    first.network.join(topic, List.of(), listener);
    second.network.join(topic, List.of(first.address), listener);
    await(met);
    byte[] text = new byte[100];
    for (int i = 0; i < PRACTISED_MESSAGES; i++) {
      text[0] = (byte) i;
      (i % 2 == 0 ? first : second).network.broadcast(topic, text);
    }
    await(heard);
  }

  private static void await(CountDownLatch latch) throws IOException, InterruptedException {
    if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("two endpoints of one process did not hear each other");
    }
  }

  private void obey(String[] words) throws MalformedException {
    TopicId topic = new TopicId(Hash.parse(words[1]));
    String rest = words.length > 2 ? words[2] : "";
    switch (words[0]) {
      case "join" -> {
        List<EndpointAddr> contacts = new ArrayList<>();
        for (String contact : rest.isEmpty() ? new String[0] : rest.split(" ", -1)) {
          contacts.add(PeerText.parse(contact));
        }
        tell("joining", "");
        network.join(topic, contacts, GossipNode::onEvent);
      }
      case "broadcast" -> {
        tell("sent", rest);
        network.broadcast(topic, rest.getBytes(UTF_8));
      }
      default -> throw new IllegalArgumentException("no command " + words[0]);
    }
  }

  private static void onEvent(GossipOutput.Event event) {
    switch (event) {
      case GossipOutput.NeighborUp _ -> tell("neighbor_up", "");
      case GossipOutput.NeighborDown _ -> tell("neighbor_down", "");
      case GossipOutput.Received received ->
          tell("received", new String(received.content(), UTF_8));
    }
  }

  /** The texts of the comparison need no escapes. */
  private static void tell(String event, String text) {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    print("{\"event\":\"%s\",\"text\":\"%s\",\"micros\":%d}".formatted(event, text, micros));
  }

  private static synchronized void print(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
