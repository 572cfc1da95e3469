package org.veilor.seed.quic.endpoint;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.ConnectionEvent;
import org.veilor.seed.quic.connection.ConnectionIdSource;
import org.veilor.seed.quic.connection.ConnectionParts;
import org.veilor.seed.quic.connection.StatelessClose;
import org.veilor.seed.quic.connection.Transmit;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.AddressTokens;
import org.veilor.seed.quic.crypto.StatelessResetTokens;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketParser;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.params.TransportParameters;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.qlog.ConnectionObserver;
import org.veilor.seed.quic.tls.TlsClientConfig;
import org.veilor.seed.quic.tls.TlsServerConfig;
import org.veilor.seed.quic.tls.TlsSession;

/**
 * All connections behind a set of sockets, with the same five verbs as one connection.
 *
 * <p>Datagrams are told apart by destination connection id alone, over all sockets: several
 * connections share one 4-tuple, and a client that knocks at two of our addresses with the same
 * Initial gets one connection (transport.md §6.2).
 */
public final class QuicEndpoint {
  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final int INITIAL_ID_LENGTH = 20;

  private final EndpointConfig config;
  private final RandomSource random;
  private final StatelessResetTokens resetTokens;
  private final AddressTokens addressTokens;
  private final StatelessQueue stateless = new StatelessQueue();
  private final Refusals refusals;
  private final Ids ids = new Ids();
  private final Map<ConnectionId, Member> members = new HashMap<>();
  private final Map<Connection, Member> byConnection = new HashMap<>();
  private final Map<ByteBuffer, Member> byResetToken = new HashMap<>();
  private final ArrayDeque<Member> toSend = new ArrayDeque<>();
  private final ArrayDeque<Member> withEvents = new ArrayDeque<>();
  private final Timers timers = new Timers();
  private final TokenStore tokens = new TokenStore();

  private Function<Connection, ConnectionObserver> observers = c -> ConnectionObserver.NONE;
  private int handshakes;
  private long accepted;
  private long dialled;
  private long established;
  private long refused;
  private long resetsReceived;
  private long lastDatagramNanos;
  private long garbage;

  /** An endpoint without connections. */
  public QuicEndpoint(EndpointConfig config, RandomSource random) {
    this.config = config;
    this.random = random;
    this.resetTokens = new StatelessResetTokens(config.resetKey());
    byte[] tokenKey = new byte[32];
    random.fill(tokenKey);
    this.addressTokens = new AddressTokens(tokenKey, random);
    this.refusals = new Refusals(random, stateless, resetTokens);
  }

  /** Whom to tell what happens inside connections that begin from now on; nobody by default. */
  public void observeWith(Function<Connection, ConnectionObserver> newObservers) {
    observers = newObservers;
  }

  // ---- dialling

  /**
   * Begins a connection to the endpoint with this key. It is established or closed by events later.
   *
   * @param candidates paths to try at the same time, at least one
   * @param serverKey the 32-byte Ed25519 public key that the server must prove to have
   * @param alpns protocols offered, the most wanted first
   */
  public Connection connect(
      List<NetworkPath> candidates, byte[] serverKey, List<byte[]> alpns, long nowNanos) {
    return connect(candidates, serverKey, alpns, config.transport(), nowNanos);
  }

  /**
   * The same with limits of its own: who dials to receive wants larger windows than who is dialled.
   */
  public Connection connect(
      List<NetworkPath> candidates,
      byte[] serverKey,
      List<byte[]> alpns,
      TransportConfig transport,
      long nowNanos) {
    ConnectionId destination = ids.random(INITIAL_ID_LENGTH);
    ConnectionId localId = ids.newConnectionId();
    byte[] parameters = ConnectionParts.parameters(transport, localId).build().encode(random);
    TlsSession tls =
        TlsSession.client(
            new TlsClientConfig(config.identity(), serverKey, alpns, config.suites()),
            parameters,
            random);
    Connection connection =
        new ConnectionParts(
                transport,
                true,
                tls,
                destination,
                destination,
                localId,
                destination,
                ids,
                ConnectionParts.newPath(candidates.getFirst(), true, transport, random),
                candidates,
                tokens.take(serverKey),
                random,
                nowNanos)
            .connect();
    connection.observe(observers.apply(connection));
    dialled++;
    Member member = new Member(connection, false);
    member.serverKey = serverKey;
    members.put(localId, member);
    byConnection.put(connection, member);
    touched(member);
    return connection;
  }

  // ---- verb 1: a datagram came in

  /** Takes a datagram in, which may be anything; its bytes are changed. */
  public void handleDatagram(
      NetworkPath from, int ecn, byte[] datagram, int offset, int length, long nowNanos) {
    lastDatagramNanos = nowNanos;
    if (length == 0) {
      garbage++; // UDP has datagrams without a byte
      return;
    }
    ParsedPacket first =
        PacketParser.parse(
            datagram, offset, offset + length, TransportConfig.LOCAL_CONNECTION_ID_LENGTH);
    ConnectionId destination = destinationOf(first);
    Member member = destination == null ? null : members.get(destination);
    if (member == null && first instanceof ParsedPacket.LongHeader header) {
      member = accept(from, header, datagram, length, nowNanos);
      if (member == null) {
        return; // told to come again, refused, or counted as garbage
      }
    }
    if (member != null) {
      member.connection.handleDatagram(from, ecn, datagram, offset, length, nowNanos);
      touched(member);
      return;
    }
    handleStray(first, from, datagram, offset, length, nowNanos);
  }

  private static @Nullable ConnectionId destinationOf(ParsedPacket packet) {
    return switch (packet) {
      case ParsedPacket.LongHeader p -> p.destination();
      case ParsedPacket.ShortHeader p -> p.destination();
      case ParsedPacket.Retry p -> p.destination();
      case ParsedPacket.VersionNegotiation p -> p.destination();
      case ParsedPacket.UnsupportedVersion _, ParsedPacket.Malformed _ -> null;
    };
  }

  private void handleStray(
      ParsedPacket first,
      NetworkPath from,
      byte[] datagram,
      int offset,
      int length,
      long nowNanos) {
    if (first instanceof ParsedPacket.UnsupportedVersion packet
        && length >= TransportConfig.MIN_MTU_BYTES) {
      refusals.negotiateVersion(from, packet);
      return;
    }
    boolean mayBeReset = !PacketParser.isLongHeader(datagram[offset]) && length >= 21;
    Member reset =
        mayBeReset
            ? byResetToken.get(ByteBuffer.wrap(Refusals.trailer(datagram, offset, length)))
            : null;
    if (reset != null) {
      resetsReceived++;
      reset.connection.onStatelessReset(nowNanos);
      touched(reset);
      return;
    }
    garbage++;
    if (first instanceof ParsedPacket.ShortHeader header) {
      refusals.reset(from, header.destination(), length, nowNanos);
    }
  }

  /** A newcomer, if this is one and there is room for it. */
  private @Nullable Member accept(
      NetworkPath from,
      ParsedPacket.LongHeader initial,
      byte[] datagram,
      int datagramLength,
      long nowNanos) {
    // RFC 9000 §14.1: "A server MUST discard an Initial packet that is carried in a UDP datagram
    // with a payload that is smaller than the smallest allowed maximum datagram size of 1200
    // bytes."
    boolean isAcceptable =
        initial.type() == PacketType.INITIAL
            && datagramLength >= TransportConfig.MIN_MTU_BYTES
            && initial.destination().length() >= EndpointConfig.MIN_INITIAL_DESTINATION_LENGTH
            && !config.alpns().isEmpty();
    if (!isAcceptable) {
      garbage++;
      return null;
    }
    AddressTokens.Verdict verdict =
        addressTokens.check(initial.token(), from.remote(), nowNanos / NANOS_PER_MILLI);
    boolean validated =
        switch (verdict) {
          case AddressTokens.ValidRetry retry -> retry.retrySource().equals(initial.destination());
          case AddressTokens.ValidNewToken _ -> true;
          default -> false;
        };
    if (!validated && handshakes >= config.retryAboveHandshakes()) {
      refusals.retry(
          from, initial, ids.newConnectionId(), addressTokens, nowNanos / NANOS_PER_MILLI);
      return null;
    }
    if (handshakes >= config.maxHandshakes()) {
      refused++;
      return null;
    }
    if (!StatelessClose.authenticates(datagram, initial)) {
      garbage++;
      return null;
    }
    if (byConnection.size() >= config.maxConnections()) {
      refused++;
      refusals.refuse(from, initial);
      return null;
    }
    return newMember(from, initial, verdict, validated, nowNanos);
  }

  private Member newMember(
      NetworkPath from,
      ParsedPacket.LongHeader initial,
      AddressTokens.Verdict verdict,
      boolean validated,
      long nowNanos) {
    ConnectionId localId = ids.newConnectionId();
    ConnectionId original = initial.destination();
    TransportParameters.Builder parameters =
        ConnectionParts.parameters(config.transport(), localId)
            .statelessResetToken(resetTokens.tokenFor(localId));
    if (validated && verdict instanceof AddressTokens.ValidRetry retry) {
      original = retry.originalDestination();
      parameters.retrySource(retry.retrySource());
    }
    parameters.originalDestination(original);
    TlsSession tls =
        TlsSession.server(
            new TlsServerConfig(config.identity(), config.alpns(), config.suites()),
            parameters.build().encode(random),
            random);
    Connection connection =
        new ConnectionParts(
                config.transport(),
                false,
                tls,
                original,
                initial.destination(),
                localId,
                initial.source(),
                ids,
                ConnectionParts.newPath(from, validated, config.transport(), random),
                List.of(),
                ConnectionParts.NO_TOKEN,
                random,
                nowNanos)
            .connect();
    connection.observe(observers.apply(connection));
    accepted++;
    handshakes++;
    Member member = new Member(connection, true);
    member.initialDestination = initial.destination();
    members.put(initial.destination(), member);
    members.put(localId, member);
    byConnection.put(connection, member);
    return member;
  }

  // ---- verb 2 and 3: timers

  /** When {@link #handleTimeout} wants to be called; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    return timers.nextNanos();
  }

  /** Handles every timeout that is due. */
  public void handleTimeout(long nowNanos) {
    for (Member member = timers.poll(nowNanos); member != null; member = timers.poll(nowNanos)) {
      if (!member.isRemoved) {
        member.connection.handleTimeout(nowNanos);
        touched(member);
      }
    }
  }

  // ---- verb 4: what to send

  /**
   * Writes the next datagrams into the buffer, from its beginning; connections take turns.
   *
   * @param maxSegments how many datagrams of equal size can be sent at once
   * @return what was written, or null if nobody has anything to send now
   */
  public @Nullable Transmit nextTransmit(byte[] buffer, int maxSegments, long nowNanos) {
    Transmit transmit = stateless.next(buffer);
    while (transmit == null) {
      Member member = toSend.poll();
      if (member == null) {
        return null;
      }
      transmit = member.connection.nextTransmit(buffer, maxSegments, nowNanos);
      if (transmit == null) {
        member.isQueuedToSend = false;
        afterTurn(member);
      } else {
        toSend.add(member);
      }
    }
    return transmit;
  }

  // ---- verb 5: what happened

  /** The next event of any connection, or null. */
  public @Nullable EndpointEvent nextEvent() {
    for (Member member = withEvents.peek(); member != null; member = withEvents.peek()) {
      ConnectionEvent event = member.connection.nextEvent();
      if (event != null) {
        if (event instanceof ConnectionEvent.Established) {
          onEstablished(member);
        }
        return new EndpointEvent(member.connection, event);
      }
      withEvents.poll();
      member.isQueuedForEvents = false;
    }
    return null;
  }

  private void onEstablished(Member member) {
    established++;
    endHandshake(member);
    Connection connection = member.connection;
    if (config.transport().issuesTokens() && !connection.isClient()) {
      connection.sendNewToken(
          addressTokens.newToken(
              connection.remoteAddress().getAddress(), lastDatagramNanos / NANOS_PER_MILLI));
      touched(member);
    }
  }

  private void endHandshake(Member member) {
    if (member.isHandshaking) {
      member.isHandshaking = false;
      handshakes--;
    }
  }

  /**
   * The application used this connection from outside a verb: it may have something to send now.
   */
  public void touch(Connection connection) {
    Member member = byConnection.get(connection);
    if (member != null) {
      touched(member);
    }
  }

  private void touched(Member member) {
    if (member.isRemoved) {
      return;
    }
    // Before anything is sent: the peer may use a new id as soon as it hears of it.
    updateIds(member);
    storeTokens(member);
    if (!member.isQueuedToSend) {
      member.isQueuedToSend = true;
      toSend.add(member);
    }
    if (!member.isQueuedForEvents) {
      member.isQueuedForEvents = true;
      withEvents.add(member);
    }
  }

  /** Nothing more to send: ids and timer are brought up to date, the dead are dropped. */
  private void afterTurn(Member member) {
    updateIds(member);
    Connection connection = member.connection;
    if (connection.isGone()) {
      remove(member);
    } else {
      timers.schedule(member, connection.nextTimeoutNanos());
    }
  }

  private void updateIds(Member member) {
    Connection connection = member.connection;
    for (ConnectionId id : connection.takeIssuedIds()) {
      members.put(id, member);
    }
    for (ConnectionId id : connection.takeRetiredIds()) {
      members.remove(id, member);
    }
    updateResetToken(member, connection.peerResetToken());
  }

  private void storeTokens(Member member) {
    byte[] server = member.serverKey;
    if (server == null) {
      return;
    }
    for (byte[] token = member.connection.takeNewToken();
        token != null;
        token = member.connection.takeNewToken()) {
      tokens.put(server, token);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same array is the usual case, and quickly told
  private void updateResetToken(Member member, byte @Nullable [] token) {
    if (token == member.resetTokenBytes) {
      return;
    }
    member.resetTokenBytes = token;
    ByteBuffer key = token == null ? null : ByteBuffer.wrap(token);
    if (key == null ? member.resetToken == null : key.equals(member.resetToken)) {
      return;
    }
    if (member.resetToken != null) {
      byResetToken.remove(member.resetToken, member);
    }
    if (key != null) {
      byResetToken.put(key, member);
    }
    member.resetToken = key;
  }

  private void remove(Member member) {
    member.isRemoved = true;
    timers.remove(member);
    endHandshake(member);
    updateResetToken(member, null);
    for (ConnectionId id : member.connection.localIds()) {
      members.remove(id, member);
    }
    if (member.initialDestination != null) {
      members.remove(member.initialDestination, member);
    }
    byConnection.remove(member.connection);
  }

  // ---- figures and the end

  /** Closes every connection with an application code; they still need a little time to say so. */
  public void closeAll(long code, String reason, long nowNanos) {
    for (Member member : List.copyOf(byConnection.values())) {
      member.connection.close(code, reason, nowNanos);
      touched(member);
    }
  }

  /** Totals. */
  public EndpointStats stats() {
    return new EndpointStats(
        byConnection.size(),
        handshakes,
        accepted,
        dialled,
        established,
        refused,
        refusals.retries,
        refusals.versionNegotiations,
        refusals.resets,
        resetsReceived,
        garbage);
  }

  /** Entries in every table; a test watches that nothing is left behind. */
  int tableSize() {
    return members.size() + byConnection.size() + byResetToken.size() + timers.size();
  }

  private final class Ids implements ConnectionIdSource {
    @Override
    public ConnectionId newConnectionId() {
      return random(TransportConfig.LOCAL_CONNECTION_ID_LENGTH);
    }

    ConnectionId random(int length) {
      byte[] bytes = new byte[length];
      random.fill(bytes);
      return ConnectionId.of(bytes);
    }

    @Override
    public byte[] resetTokenFor(ConnectionId id) {
      return resetTokens.tokenFor(id);
    }
  }
}
