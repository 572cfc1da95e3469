package org.veilor.seed.quic.simulation;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches that a server never sends more than three times what it received to an address from which
 * nobody has answered it yet (RFC 9000 §8). The network cannot read packets, so an address counts
 * as proved once whoever was reached there sends something. RFC 9000 §8.2.3 takes a PATH_RESPONSE
 * from any other address too.
 */
final class Amplification {
  private record Pair(InetSocketAddress server, InetSocketAddress client) {}

  private static final class Account {
    long received;
    long sent;
    @Nullable Host reached;
    boolean isProved;
  }

  private final Map<Pair, Account> accounts = new HashMap<>();

  private Account account(InetSocketAddress server, InetSocketAddress client) {
    return accounts.computeIfAbsent(new Pair(server, client), p -> new Account());
  }

  /** A server is about to send. */
  void check(InetSocketAddress server, InetSocketAddress client, int bytes) {
    Account account = account(server, client);
    if (!account.isProved && account.sent + bytes > 3 * account.received) {
      throw new AssertionError(
          "amplification: "
              + (account.sent + bytes)
              + " for "
              + account.received
              + " to "
              + client);
    }
  }

  void onSent(InetSocketAddress from, InetSocketAddress to, int bytes, @Nullable Host sender) {
    account(from, to).sent += bytes;
    accounts.forEach((pair, account) ->
        account.isProved |=
            sender != null && pair.server.equals(to) && sender.equals(account.reached));
  }

  void onDelivered(InetSocketAddress from, InetSocketAddress to, int bytes, Host receiver) {
    account(to, from).received += bytes;
    account(from, to).reached = receiver;
  }
}
