package org.veilor.seed.node.net;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.net.PeerConnection;

/**
 * What all responses together may hold in memory: bytes being made by workers and bytes that peers
 * have not acknowledged. On the event loop only.
 *
 * <p>Peers that ask for everything and read nothing fill the budget and no more. Beyond it every
 * connection still gets one small portion at a time, so that honest peers go on, slower.
 */
final class SendBudget {
  /** Of all connections together. */
  static final long TOTAL_BYTES = 48L << 20;

  /** What a connection may always have, whatever the others hold. */
  static final int CONNECTION_SHARE_BYTES = 2 * ProviderSession.BUFFER_BYTES;

  /** What one connection may hold at most: the window of a long fast path. */
  static final long CONNECTION_BYTES = 8L << 20;

  /**
   * A connection may hold as much as one in so many of the bytes that are still free: few cannot
   * take everything before the others come (dynamic thresholds, Choudhury and Hahne 1998).
   */
  static final int FREE_SHARE = 4;

  private static final class Account {
    long reservedBytes;
    long bufferedBytes;

    long heldBytes() {
      return reservedBytes + bufferedBytes;
    }
  }

  private final Map<PeerConnection, Account> accounts = new HashMap<>();
  private final ArrayDeque<ProviderStream> waiting = new ArrayDeque<>();
  private long heldBytes;

  /** Bytes held now. */
  long heldBytes() {
    return heldBytes;
  }

  /**
   * Sets bytes aside for a response before they are made.
   *
   * @param wanted bytes that would be best
   * @return how many were granted: all, one share, or 0
   */
  int reserve(PeerConnection connection, int wanted) {
    Account account = accounts.computeIfAbsent(connection, c -> new Account());
    refresh(connection, account);
    int granted = 0;
    long free = TOTAL_BYTES - heldBytes;
    long most = Math.min(CONNECTION_BYTES, free / FREE_SHARE);
    if (wanted <= free && account.heldBytes() + wanted <= most) {
      granted = wanted;
    } else if (account.heldBytes() == 0) {
      granted = Math.min(wanted, CONNECTION_SHARE_BYTES);
    }
    account.reservedBytes += granted;
    heldBytes += granted;
    return granted;
  }

  /** Reserved bytes were handed to the connection, or are not needed. */
  void release(PeerConnection connection, long bytes) {
    Account account = accounts.get(connection);
    if (account != null) {
      account.reservedBytes -= bytes;
      heldBytes -= bytes;
      refresh(connection, account);
    }
  }

  private void refresh(PeerConnection connection, Account account) {
    long buffered = connection.isOpen() ? connection.bufferedSendBytes() : 0;
    heldBytes += buffered - account.bufferedBytes;
    account.bufferedBytes = buffered;
  }

  /** The connection is over. */
  void close(PeerConnection connection) {
    Account account = accounts.remove(connection);
    if (account != null) {
      heldBytes -= account.heldBytes();
    }
  }

  /** Puts a response in the queue for what others give back. */
  void await(ProviderStream stream) {
    waiting.add(stream);
  }

  boolean isAwaited() {
    return !waiting.isEmpty();
  }

  /** Brings all accounts up to date and lets those who wait try again, each once. */
  void retry() {
    accounts.forEach(this::refresh);
    int count = waiting.size();
    for (int i = 0; i < count; i++) {
      @Nullable ProviderStream stream = waiting.poll();
      if (stream != null) {
        stream.onBudget();
      }
    }
  }
}
