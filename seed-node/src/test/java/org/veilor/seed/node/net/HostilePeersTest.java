package org.veilor.seed.node.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.veilor.seed.blobs.getter.GetterEvent;
import org.veilor.seed.blobs.getter.GetterSession;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.net.BlockingStream;
import org.veilor.seed.net.ConnectionClosedException;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.node.cli.Main;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.quic.connection.TransportConfig;

/**
 * The daemon in a JVM of its own, with the flags of the launcher, against as many hostile
 * connections as it takes, while it imports: it lives, and serves.
 */
@Isolated("it needs the whole machine")
class HostilePeersTest {
  private static final int CONNECTIONS = 1000;
  private static final int ENDPOINTS = 4;
  private static final int STREAMS = 100;
  private static final long DIAL_SECONDS = 60;
  private static final int MAX_TRIES = 5;

  /** Responses wait at the provider, not here. */
  private static final long HOSTILE_WINDOW_BYTES = 1024;

  private static final int SERVED_BYTES = 24 << 20;
  private static final int IMPORTED_FILES = 40;
  private static final int IMPORTED_BYTES = 4 << 20;

  @TempDir Path temp;
  private final List<IrohEndpoint> endpoints = new ArrayList<>();
  private final List<Process> daemons = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    endpoints.forEach(IrohEndpoint::close);
    for (Process each : daemons) {
      each.destroyForcibly().waitFor();
    }
  }

  @Test
  @Timeout(400)
  void doNotExhaustTheHeap() throws Exception {
    Process daemon = startDaemon();
    BlobTicket ticket = add(file("served", SERVED_BYTES));
    List<PeerConnection> connections = dialAll(ticket.addr());
    assertThat(connections.size()).isGreaterThan(200);
    CompletableFuture<Void> importing = CompletableFuture.runAsync(this::importMuch);
    for (int i = 0; i < connections.size(); i++) {
      attack(connections.get(i), i, ticket.content().hash());
    }
    for (int i = 0; i < 3; i++) {
      assertThat(getPatiently(ticket)).isEqualTo(SERVED_BYTES);
    }
    importing.get(60, TimeUnit.SECONDS);
    assertThat(getPatiently(ticket)).isEqualTo(SERVED_BYTES);
    assertThat(daemon.isAlive()).as(log()).isTrue();
    assertThat(log()).doesNotContain("OutOfMemoryError");
    System.out.println(
        connections.size()
            + " hostile connections: "
            + new ControlClient(temp.resolve("state/control.sock")).get("/status", Map.of()));
    daemon.destroy();
    assertThat(daemon.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).isZero();
  }

  // ---- the daemon

  private Process startDaemon() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(launcherFlags());
    command.addAll(List.of("-cp", classPath(), Main.class.getName()));
    command.addAll(List.of("run", "--state", temp.resolve("state").toString()));
    command.addAll(List.of("--listen", "127.0.0.1:0", "--gateway", "off"));
    Process daemon =
        new ProcessBuilder(command).redirectError(temp.resolve("log").toFile()).start();
    daemons.add(daemon);
    BufferedReader out = new BufferedReader(new InputStreamReader(daemon.getInputStream(), UTF_8));
    assertThat(out.readLine()).as(log()).startsWith("READY ");
    return daemon;
  }

  /** What tools/veilor-seed gives the JVM: heap, collector, end at an OutOfMemoryError. */
  private static List<String> launcherFlags() throws IOException {
    String launcher = Files.readString(Path.of("..", "tools", "veilor-seed"));
    List<String> flags =
        Arrays.stream(launcher.substring(launcher.lastIndexOf("exec ")).split("\\s+"))
            .filter(word -> word.startsWith("-X") || word.startsWith("--enable-native-access"))
            .toList();
    assertThat(flags).contains("-Xmx320m", "-XX:+ExitOnOutOfMemoryError");
    return flags;
  }

  private static String classPath() {
    return Stream.of("java.class.path", "jdk.module.path")
        .map(name -> System.getProperty(name, ""))
        .filter(path -> !path.isEmpty())
        .reduce((a, b) -> a + File.pathSeparator + b)
        .orElseThrow();
  }

  private String log() {
    try {
      return Files.readString(temp.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Path file(String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(name.hashCode()).nextBytes(content);
    return Files.write(temp.resolve(name), content);
  }

  private BlobTicket add(Path path) throws Exception {
    return BlobTicket.parse(command("add", path.toString()).strip());
  }

  private String command(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Map<String, String> state = Map.of("VEILOR_SEED_STATE", temp.resolve("state").toString());
    Main main =
        new Main(
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            state,
            IrohPeerEndpoint::open);
    assertThat(main.execute(args)).as(err.toString(UTF_8)).isZero();
    return out.toString(UTF_8);
  }

  private void importMuch() {
    try {
      Path folder = Files.createDirectory(temp.resolve("imported"));
      for (int i = 0; i < IMPORTED_FILES; i++) {
        file("imported/" + i, IMPORTED_BYTES);
      }
      command("add", folder.toString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  // ---- the peers

  private IrohEndpoint endpoint(long windowBytes) throws IOException {
    byte[] secret = new byte[SecretKey.LENGTH];
    new Random(endpoints.size()).nextBytes(secret);
    TransportConfig transport = TransportConfig.defaults();
    if (windowBytes > 0) {
      transport = transport.withStreams(transport.streams().withWindows(windowBytes, windowBytes));
    }
    IrohEndpoint endpoint =
        IrohEndpoint.builder(SecretKey.of(secret))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .transport(transport)
            .start();
    endpoints.add(endpoint);
    return endpoint;
  }

  /** As many connections as come about in some seconds. */
  private List<PeerConnection> dialAll(EndpointAddr daemonAddr) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DIAL_SECONDS);
    List<IrohEndpoint> dialling = new ArrayList<>();
    for (int i = 0; i < ENDPOINTS; i++) {
      dialling.add(endpoint(HOSTILE_WINDOW_BYTES));
    }
    List<PeerConnection> connections = new ArrayList<>();
    while (connections.size() < CONNECTIONS && System.nanoTime() - end < 0) {
      List<CompletableFuture<PeerConnection>> batch = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        batch.add(dialling.get(i % ENDPOINTS).connect(daemonAddr, BlobsLimits.ALPN));
      }
      for (CompletableFuture<PeerConnection> each : batch) {
        try {
          connections.add(each.get(100, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(ConnectionClosedException.class);
        }
      }
    }
    return connections;
  }

  /** All streams at once: never reading, or never finishing a short or a long request. */
  private static void attack(PeerConnection connection, int number, Hash hash) {
    byte[] request =
        switch (number % 3) {
          case 0 -> RequestCodec.encode(Request.Get.blob(hash));
          case 1 -> new byte[] {RequestCodec.GET};
          default -> longRequest();
        };
    for (int i = 0; i < STREAMS; i++) {
      var _ =
          connection
              .openBidirectional()
              .thenAccept(stream -> send(stream, request, number % 3 == 0));
    }
  }

  /** A GetMany that promises many entries; the end never comes. */
  private static byte[] longRequest() {
    byte[] request = new byte[30_000];
    Arrays.fill(request, (byte) 1);
    request[0] = RequestCodec.GET_MANY;
    request[1] = (byte) 0x80; // 16,384 hashes
    request[2] = (byte) 0x80;
    request[3] = 1;
    return request;
  }

  private static void send(PeerStream stream, byte[] request, boolean finishes) {
    stream.onLoop(() -> {
      if (stream.writableBytes() >= request.length) {
        stream.write(request.clone(), 0, request.length);
        if (finishes) {
          stream.finish();
        }
      }
    });
  }

  /**
   * Whoever is slow on a busy machine may be closed with the hostile ones, or hear nothing until
   * its handshake times out; then it comes again.
   */
  private long getPatiently(BlobTicket ticket) throws Exception {
    for (int tries = 1; ; tries++) {
      try {
        return get(ticket);
      } catch (ConnectionClosedException | ExecutionException e) {
        boolean closed =
            e instanceof ConnectionClosedException
                || e.getCause() instanceof ConnectionClosedException;
        if (tries == MAX_TRIES || !closed) {
          throw e;
        }
      }
    }
  }

  /** An honest getter, each time with a connection of its own; returns the verified bytes. */
  private long get(BlobTicket ticket) throws Exception {
    PeerConnection connection =
        endpoint(0).connect(ticket.addr(), BlobsLimits.ALPN).get(100, TimeUnit.SECONDS);
    BlockingStream stream =
        new BlockingStream(connection.openBidirectional().get(100, TimeUnit.SECONDS));
    Request.Get request = Request.Get.blob(ticket.content().hash());
    try (OutputStream out = stream.output()) {
      out.write(RequestCodec.encode(request));
    }
    GetterSession session = new GetterSession(request, null, Long.MAX_VALUE >> 10);
    long verified = 0;
    byte[] buffer = new byte[1 << 16];
    InputStream in = stream.input();
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      for (int at = 0; at < count; ) {
        GetterEvent event = session.next(buffer, at, count - at);
        at += session.consumed();
        verified += verifiedBytes(event);
        if (event instanceof GetterEvent.Complete) {
          break;
        }
      }
    }
    assertThat(session.endOfStream()).isInstanceOf(GetterEvent.Complete.class);
    connection.close(0, "");
    return verified;
  }

  private static long verifiedBytes(GetterEvent event) {
    return event instanceof GetterEvent.Data data ? data.leaf().lengthBytes() : 0;
  }
}
