package org.veilor.seed.quic.endpoint;

import java.util.Arrays;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.connection.StatelessClose;
import org.veilor.seed.quic.crypto.AddressTokens;
import org.veilor.seed.quic.crypto.StatelessResetTokens;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.packet.RetryPackets;
import org.veilor.seed.quic.packet.VersionNegotiationPackets;
import org.veilor.seed.quic.path.NetworkPath;

/** Answers that need no connection, each of them smaller or rarer than what provoked it. */
final class Refusals {
  /**
   * RFC 9000 §10.3: "at least 21 bytes", and shorter than what it answers, so that no loop arises.
   */
  private static final int MIN_RESET_LENGTH = 21;

  private static final int MAX_RESET_LENGTH = 43;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final RandomSource random;
  private final StatelessQueue queue;
  private final StatelessResetTokens resetTokens;
  private long resetWindowNanos = Long.MIN_VALUE;
  private int resetsInWindow;

  long retries;
  long versionNegotiations;
  long resets;

  Refusals(RandomSource random, StatelessQueue queue, StatelessResetTokens resetTokens) {
    this.random = random;
    this.queue = queue;
    this.resetTokens = resetTokens;
  }

  /** RFC 9000 §6.1: only datagrams that could have begun a connection get the list of versions. */
  void negotiateVersion(NetworkPath from, ParsedPacket.UnsupportedVersion packet) {
    byte[] first = new byte[1];
    random.fill(first);
    byte[] bytes =
        VersionNegotiationPackets.encode(
            /* destination= */ packet.source(), /* source= */ packet.destination(), first[0]);
    if (queue.offer(from, bytes)) {
      versionNegotiations++;
    }
  }

  /** RFC 9000 §8.1.2: come again with this token. */
  void retry(
      NetworkPath from,
      ParsedPacket.LongHeader initial,
      ConnectionId newId,
      AddressTokens tokens,
      long nowMillis) {
    byte[] token = tokens.retryToken(from.remote(), initial.destination(), newId, nowMillis);
    byte[] bytes = RetryPackets.encode(initial.source(), newId, token, initial.destination());
    if (queue.offer(from, bytes)) {
      retries++;
    }
  }

  /** RFC 9000 §5.2.2: CONNECTION_REFUSED, so that the client need not wait for its timeout. */
  void refuse(NetworkPath from, ParsedPacket.LongHeader initial) {
    queue.offer(from, StatelessClose.refusal(initial.destination(), initial.source()));
  }

  /** RFC 9000 §10.3: the connection of this id is unknown here. */
  void reset(NetworkPath from, ConnectionId id, int receivedLength, long nowNanos) {
    int length = Math.min(receivedLength - 1, MAX_RESET_LENGTH);
    if (length < MIN_RESET_LENGTH || !takeResetCredit(nowNanos)) {
      return;
    }
    byte[] bytes = new byte[length];
    random.fill(bytes);
    bytes[0] = (byte) (0x40 | (bytes[0] & 0x3f));
    byte[] token = resetTokens.tokenFor(id);
    System.arraycopy(token, 0, bytes, length - token.length, token.length);
    if (queue.offer(from, bytes)) {
      resets++;
    }
  }

  private boolean takeResetCredit(long nowNanos) {
    if (resetWindowNanos == Long.MIN_VALUE || nowNanos - resetWindowNanos >= SECOND_NANOS) {
      resetWindowNanos = nowNanos;
      resetsInWindow = 0;
    }
    return ++resetsInWindow <= EndpointConfig.MAX_RESETS_PER_SECOND;
  }

  /** The last 16 bytes, which a stateless reset ends with. */
  static byte[] trailer(byte[] datagram, int offset, int length) {
    int end = offset + length;
    return Arrays.copyOfRange(datagram, end - StatelessResetTokens.TOKEN_LENGTH, end);
  }
}
