package org.veilor.seed.quic.endpoint;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import org.veilor.seed.quic.connection.ConnectionParts;

/**
 * Tokens that servers gave this client for its next connections (RFC 9000 §8.1.3). Each is used
 * once, "to prevent linkability"; servers are told apart by their keys. When there are too many,
 * the server heard of least recently gives way, as in iroh, whose limits these are.
 */
final class TokenStore {
  private final LinkedHashMap<ByteBuffer, ArrayDeque<byte[]>> byServer = new LinkedHashMap<>();

  void put(byte[] serverKey, byte[] token) {
    ByteBuffer server = ByteBuffer.wrap(serverKey);
    ArrayDeque<byte[]> tokens = byServer.remove(server);
    if (tokens == null) {
      tokens = new ArrayDeque<>();
    }
    byServer.put(server, tokens);
    tokens.add(token);
    if (tokens.size() > EndpointConfig.MAX_TOKENS_PER_SERVER) {
      tokens.poll();
    }
    if (byServer.size() > EndpointConfig.MAX_TOKEN_SERVERS) {
      byServer.pollFirstEntry();
    }
  }

  /** The newest token of the server, which is forgotten with this; empty if there is none. */
  byte[] take(byte[] serverKey) {
    ByteBuffer server = ByteBuffer.wrap(serverKey);
    ArrayDeque<byte[]> tokens = byServer.get(server);
    if (tokens == null) {
      return ConnectionParts.NO_TOKEN;
    }
    byte[] newest = tokens.removeLast();
    if (tokens.isEmpty()) {
      byServer.remove(server);
    }
    return newest;
  }

  /** Servers of which there is a token. */
  int size() {
    return byServer.size();
  }
}
