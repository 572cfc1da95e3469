package org.veilor.seed.quic.tls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import org.veilor.seed.quic.crypto.SeededRandom;
import org.veilor.seed.quic.error.TransportException;

/** Two sessions in memory, with all that came out of each. */
final class Handshake {
  static final TlsIdentity CLIENT = identity(3);
  static final TlsIdentity SERVER = identity(5);
  static final byte[] ALPN = "test".getBytes(StandardCharsets.US_ASCII);
  static final byte[] CLIENT_PARAMETERS = {1, 2, 3};
  static final byte[] SERVER_PARAMETERS = {4, 5};

  final TlsSession client;
  final TlsSession server;
  final List<TlsOutput> fromClient = new ArrayList<>();
  final List<TlsOutput> fromServer = new ArrayList<>();

  /** How many bytes are delivered at once. */
  int pieceLength = Integer.MAX_VALUE;

  Handshake(TlsSession client, TlsSession server) {
    this.client = client;
    this.server = server;
  }

  static TlsIdentity identity(int seedByte) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) seedByte);
    return new TlsIdentity(seed);
  }

  static TlsClientConfig clientConfig() {
    return new TlsClientConfig(CLIENT, SERVER.publicKey32(), List.of(ALPN));
  }

  static TlsServerConfig serverConfig() {
    return new TlsServerConfig(SERVER, List.of(ALPN));
  }

  static TlsSession client(TlsClientConfig config) {
    return TlsSession.client(config, CLIENT_PARAMETERS, new SeededRandom(1));
  }

  static TlsSession server(TlsServerConfig config) {
    return TlsSession.server(config, SERVER_PARAMETERS, new SeededRandom(2));
  }

  /** Until both are silent. */
  void run() throws TransportException {
    boolean progress = true;
    while (progress) {
      boolean clientSpoke = pump(client, fromClient, server);
      boolean serverSpoke = pump(server, fromServer, client);
      progress = clientSpoke || serverSpoke;
    }
  }

  private boolean pump(TlsSession from, List<TlsOutput> log, TlsSession to)
      throws TransportException {
    Queue<TlsOutput> outputs = drain(from);
    log.addAll(outputs);
    for (TlsOutput output : outputs) {
      if (output instanceof TlsOutput.CryptoData data) {
        deliver(to, data);
      }
    }
    return !outputs.isEmpty();
  }

  private void deliver(TlsSession to, TlsOutput.CryptoData data) throws TransportException {
    for (int start = 0; start < data.bytes().length; ) {
      int length = Math.min(pieceLength, data.bytes().length - start);
      to.receive(data.level(), ByteBuffer.wrap(data.bytes(), start, length));
      start += length;
    }
  }

  static Queue<TlsOutput> drain(TlsSession session) {
    Queue<TlsOutput> outputs = new ArrayDeque<>();
    TlsOutput output = session.next();
    while (output != null) {
      outputs.add(output);
      output = session.next();
    }
    return outputs;
  }

  static <T extends TlsOutput> List<T> all(List<TlsOutput> outputs, Class<T> type) {
    return outputs.stream().filter(type::isInstance).map(type::cast).toList();
  }

  static <T extends TlsOutput> T only(List<TlsOutput> outputs, Class<T> type) {
    List<T> found = all(outputs, type);
    if (found.size() != 1) {
      throw new AssertionError(type.getSimpleName() + ": " + found);
    }
    return found.getFirst();
  }
}
