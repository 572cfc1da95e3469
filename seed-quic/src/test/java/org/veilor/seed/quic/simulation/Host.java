package org.veilor.seed.quic.simulation;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.ConnectionEvent;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.connection.Transmit;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.endpoint.EndpointConfig;
import org.veilor.seed.quic.endpoint.EndpointEvent;
import org.veilor.seed.quic.endpoint.QuicEndpoint;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.stream.StreamEvent;
import org.veilor.seed.quic.stream.Streams;
import org.veilor.seed.quic.tls.TlsIdentity;

/** One endpoint of a simulation with a small application: it echoes, or it collects. */
final class Host {
  static final byte[] ALPN = {'t', 'e', 's', 't'};

  final QuicEndpoint endpoint;
  final TlsIdentity identity;
  final Map<Connection, TerminationCause> closed = new HashMap<>();
  final List<Connection> established = new ArrayList<>();
  final List<byte[]> datagrams = new ArrayList<>();
  private final Map<Connection, Map<Long, Transfer>> transfers = new HashMap<>();
  private final Map<Connection, Map<Long, Long>> uploads = new HashMap<>();
  private final Map<Connection, Map<Long, Sink>> sinks = new HashMap<>();
  private final boolean echoes;
  InetSocketAddress address;
  long wakeups;
  int migrated;
  int pastTimeouts;

  Host(InetSocketAddress address, int seed, boolean echoes, TransportConfig transport) {
    this(address, seed, echoes, transport, List.of(CipherSuite.TLS_AES_128_GCM_SHA256), 64);
  }

  Host(
      InetSocketAddress address,
      int seed,
      boolean echoes,
      TransportConfig transport,
      List<CipherSuite> suites,
      int retryAboveHandshakes) {
    this(address, seed, seed, echoes, transport, suites, retryAboveHandshakes);
  }

  /** A host whose key comes from {@code seed}, and everything else from {@code lifeSeed}. */
  Host(
      InetSocketAddress address,
      int seed,
      int lifeSeed,
      boolean echoes,
      TransportConfig transport,
      List<CipherSuite> suites,
      int retryAboveHandshakes) {
    this(
        address,
        echoes,
        new EndpointConfig(
            new TlsIdentity(key(seed)),
            List.of(ALPN),
            suites,
            key(seed),
            transport.withTokens(),
            1100,
            1100,
            retryAboveHandshakes),
        lifeSeed);
  }

  private Host(InetSocketAddress address, boolean echoes, EndpointConfig config, int lifeSeed) {
    this.address = address;
    this.identity = config.identity();
    this.echoes = echoes;
    Random random = new Random(lifeSeed * 1_000_003L);
    this.endpoint = new QuicEndpoint(config, random::nextBytes);
  }

  /** A server that takes so many connections and no more. */
  static Host withRoomFor(int connections, InetSocketAddress address) {
    EndpointConfig config =
        new EndpointConfig(
            new TlsIdentity(key(2)),
            List.of(ALPN),
            List.of(CipherSuite.TLS_AES_128_GCM_SHA256),
            key(2),
            TransportConfig.defaults(),
            connections,
            64,
            64);
    return new Host(address, true, config, 2);
  }

  private static byte[] key(int seed) {
    byte[] key = new byte[32];
    new Random(seed).nextBytes(key);
    return key;
  }

  /** A byte stream in both directions: what was sent, what came back. */
  static final class Transfer {
    final long bytes;
    final Random content;
    final Random expected;
    long toSend;
    long received;
    boolean finSent;
    boolean ended;
    boolean intact = true;
    byte @Nullable [] pending;

    Transfer(long bytes, int seed) {
      this.bytes = bytes;
      this.toSend = bytes;
      this.content = new Random(seed);
      this.expected = new Random(seed);
    }
  }

  /** Counts what arrives on unidirectional streams. */
  static final class Sink {
    long received;
  }

  final Sink sink = new Sink();
  private static final byte[] ZEROS = new byte[16_384];

  /** Opens a unidirectional stream of zeros; what arrives at the other end is only counted. */
  Sink upload(Connection connection, Host to, long bytes) {
    long id = connection.streams().open(false);
    uploads.computeIfAbsent(connection, c -> new HashMap<>()).put(id, bytes);
    continueUpload(connection, id);
    endpoint.touch(connection);
    return to.sinks
        .computeIfAbsent(to.established.getLast(), c -> new HashMap<>())
        .computeIfAbsent(id, k -> new Sink());
  }

  private void continueUpload(Connection connection, long id) {
    Map<Long, Long> left = uploads.getOrDefault(connection, Map.of());
    Long bytes = left.get(id);
    while (bytes != null && bytes > 0) {
      int room = Math.min(connection.streams().writableBytes(id), ZEROS.length);
      if (room <= 0) {
        return;
      }
      int length = (int) Math.min(bytes, room);
      connection.streams().write(id, ZEROS, 0, length);
      bytes -= length;
      left.put(id, bytes);
    }
  }

  private void drain(Connection connection, long id) {
    Sink of =
        sinks
            .computeIfAbsent(connection, c -> new HashMap<>())
            .computeIfAbsent(id, k -> new Sink());
    byte[] buffer = new byte[65_536];
    int length;
    while ((length = connection.streams().read(id, buffer, 0, buffer.length)) > 0) {
      of.received += length;
      sink.received += length;
    }
  }

  /** Opens a stream that sends so many bytes and expects them back. */
  Transfer send(Connection connection, long bytes, int seed) {
    long id = connection.streams().open(true);
    if (id < 0) {
      throw new IllegalStateException("no stream to be had");
    }
    Transfer transfer = new Transfer(bytes, seed);
    transfers.computeIfAbsent(connection, c -> new HashMap<>()).put(id, transfer);
    fill(connection.streams(), id, transfer);
    endpoint.touch(connection);
    return transfer;
  }

  /** Gives up a transfer: no more is sent, and nothing wanted. */
  void abandon(Connection connection, Transfer transfer, boolean onlyStop) {
    for (Map.Entry<Long, Transfer> entry :
        transfers.getOrDefault(connection, Map.of()).entrySet()) {
      if (entry.getValue() == transfer) {
        transfer.toSend = 0;
        transfer.finSent = true;
        connection.streams().stopSending(entry.getKey(), 3);
        if (onlyStop) {
          connection.streams().finish(entry.getKey());
        } else {
          connection.streams().reset(entry.getKey(), 4);
        }
        endpoint.touch(connection);
      }
    }
  }

  private static void fill(Streams streams, long id, Transfer transfer) {
    while (transfer.toSend > 0) {
      int room = streams.writableBytes(id);
      int length = (int) Math.min(Math.min(room, transfer.toSend), 4096);
      if (length <= 0) {
        return;
      }
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) transfer.content.nextInt();
      }
      streams.write(id, bytes, 0, length);
      transfer.toSend -= length;
    }
    if (!transfer.finSent) {
      transfer.finSent = true;
      streams.finish(id);
    }
  }

  /** Lets the application react to everything that happened. */
  void drainEvents() {
    for (EndpointEvent e = endpoint.nextEvent(); e != null; e = endpoint.nextEvent()) {
      Connection connection = e.connection();
      switch (e.event()) {
        case ConnectionEvent.Established _ -> established.add(connection);
        case ConnectionEvent.Closed(TerminationCause cause) -> closed.put(connection, cause);
        case ConnectionEvent.OfStream(StreamEvent event) -> onStream(connection, event);
        case ConnectionEvent.DatagramsReadable _ -> readDatagrams(connection);
        case ConnectionEvent.Migrated _ -> migrated++;
      }
      endpoint.touch(connection);
    }
  }

  private void readDatagrams(Connection connection) {
    for (byte[] d = connection.readDatagram(); d != null; d = connection.readDatagram()) {
      datagrams.add(d);
      if (echoes) {
        connection.sendDatagram(d);
      }
    }
  }

  private void onStream(Connection connection, StreamEvent event) {
    Streams streams = connection.streams();
    switch (event) {
      case StreamEvent.Readable(long id) when (id & 2) != 0 -> drain(connection, id);
      case StreamEvent.Readable(long id) -> pump(connection, streams, id);
      case StreamEvent.Writable(long id) -> {
        continueUpload(connection, id);
        if (echoes) {
          pump(connection, streams, id);
        } else {
          Transfer transfer = transfer(connection, id);
          if (transfer != null) {
            fill(streams, id, transfer);
          }
        }
      }
      default -> {}
    }
  }

  private @Nullable Transfer transfer(Connection connection, long id) {
    return transfers.getOrDefault(connection, Map.of()).get(id);
  }

  private void pump(Connection connection, Streams streams, long id) {
    if (echoes) {
      echo(streams, id);
      return;
    }
    Transfer transfer = transfer(connection, id);
    if (transfer == null) {
      return;
    }
    byte[] buffer = new byte[8192];
    int length;
    while ((length = streams.read(id, buffer, 0, buffer.length)) > 0) {
      for (int i = 0; i < length; i++) {
        transfer.intact &= buffer[i] == (byte) transfer.expected.nextInt();
      }
      transfer.received += length;
    }
    transfer.ended |= length == Streams.END;
  }

  private static void echo(Streams streams, long id) {
    while (true) {
      int room = Math.min(streams.writableBytes(id), 8192);
      if (room <= 0) {
        return;
      }
      byte[] buffer = new byte[room];
      int length = streams.read(id, buffer, 0, room);
      if (length > 0) {
        streams.write(id, buffer, 0, length);
      } else {
        if (length == Streams.END) {
          streams.finish(id);
        }
        return;
      }
    }
  }

  boolean isServer() {
    return echoes;
  }

  @Nullable Transmit nextTransmit(byte[] buffer, long nowNanos) {
    return endpoint.nextTransmit(buffer, 10, nowNanos);
  }

  Connection connect(Host server, long nowNanos) {
    return endpoint.connect(
        List.of(new NetworkPath(address, server.address)),
        server.publicKey(),
        List.of(ALPN),
        nowNanos);
  }

  byte[] publicKey() {
    return identity.publicKey32();
  }
}
