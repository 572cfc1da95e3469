package org.veilor.seed.quic.connection;

import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.params.TransportParameters;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.path.Route;
import org.veilor.seed.quic.qlog.ConnectionObserver;
import org.veilor.seed.quic.stream.StreamEvent;
import org.veilor.seed.quic.stream.Streams;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * A QUIC connection as a state machine: five verbs and the streams of the application.
 *
 * <p>{@link #handleDatagram}, {@link #handleTimeout}, {@link #nextTimeoutNanos}, {@link
 * #nextTransmit}, {@link #nextEvent}. It knows no socket, clock or thread; whoever owns it calls
 * the verbs from one thread and passes the time in.
 */
public final class Connection {
  private final TransportConfig config;
  private final boolean isClient;
  private final Handshake handshake;
  private final Path path;
  private final Streams streams;
  private final LocalConnectionIds localIds;
  private final RemoteConnectionIds remoteIds;
  private final ControlFrames control;
  private final DatagramQueues datagrams;
  private final Recovery recovery;
  private final DatagramReader reader;
  private final PacketWriter writer;
  private final FrameHandler frames;
  private final PathManager paths;
  private final Termination termination = new Termination();
  private final Idleness idleness;
  private final ArrayDeque<ConnectionEvent> events = new ArrayDeque<>();
  private final Opening opening;
  private final ArrayDeque<byte[]> newTokens = new ArrayDeque<>();
  private final Observed observed = new Observed();
  private final ConnectionCounters counters = new ConnectionCounters();

  private @Nullable TransportParameters peerParameters;
  private boolean closedEventTold;
  private long pacedUntilNanos = Long.MAX_VALUE;

  Connection(ConnectionParts parts) {
    this.config = parts.config();
    this.isClient = parts.isClient();
    this.opening = new Opening(isClient, parts.originalDestination());
    this.streams = new Streams(isClient, config.streams());
    this.datagrams =
        new DatagramQueues(config.maxDatagramFrameBytes(), config.datagramQueueBytes());
    this.localIds = new LocalConnectionIds(parts.idSource(), parts.localId());
    this.remoteIds = new RemoteConnectionIds(parts.remoteId());
    this.control = new ControlFrames(localIds, remoteIds);
    this.handshake =
        new Handshake(
            isClient,
            parts.tls(),
            isClient ? parts.originalDestination() : parts.initialKeysId(),
            config.keyUpdatePackets(),
            new HandshakeListener());
    this.path = parts.path();
    this.recovery =
        new Recovery(
            isClient,
            handshake,
            path,
            new FrameFates(handshake, streams, localIds, remoteIds, control),
            observed);
    this.reader =
        new DatagramReader(
            handshake, new PacketReader(handshake, path, recovery), new PacketOwner());
    this.writer =
        new PacketWriter(
            handshake,
            recovery,
            path,
            new PacketWriter.Queues(streams, control, datagrams),
            remoteIds,
            parts.localId());
    writer.setToken(parts.token());
    this.frames =
        new FrameHandler(
            handshake, recovery, streams, localIds, remoteIds, datagrams, new FrameOwner());
    this.paths =
        new PathManager(config, path, recovery, remoteIds, parts.candidates(), parts.random());
    this.idleness = new Idleness(config, parts.nowNanos());
    if (isClient) {
      start(parts.nowNanos());
    }
  }

  private void start(long nowNanos) {
    try {
      handshake.pump();
    } catch (TransportException e) {
      closeWithError(e, nowNanos);
    }
  }

  // ---- verb 1: a datagram came in

  /**
   * Takes a datagram in. Its bytes are decrypted in place.
   *
   * @param from where it came from and where it arrived
   * @param ecn the two ECN bits of the IP header
   */
  public void handleDatagram(
      NetworkPath from, int ecn, byte[] datagram, int offset, int length, long nowNanos) {
    if (!paths.accepts(from, handshake.isConfirmed())) {
      counters.droppedPackets++;
      return;
    }
    counters.receivedDatagrams++;
    counters.receivedBytes += length;
    if (from.equals(path.route().networkPath())) {
      path.route().onDatagramReceived(length);
    }
    if (!termination.isOpen()) {
      termination.onPacketWhileClosing();
      if (termination.state() == Termination.State.CLOSING) {
        reader.read(from, ecn, datagram, offset, length, nowNanos);
      }
      return;
    }
    reader.read(from, ecn, datagram, offset, length, nowNanos);
    while (termination.isOpen() && reader.readEarly(nowNanos)) {}
    afterInput();
    observed.look(handshake, termination, nowNanos);
  }

  private void onPacket(
      ReceivedPacket packet,
      DatagramReader.Incoming in,
      @Nullable ConnectionId source,
      long nowNanos)
      throws TransportException {
    if (!termination.isOpen()) {
      frames.handleClosing(packet, nowNanos);
      return;
    }
    if (source != null && !onAuthenticLongHeader(packet, source)) {
      return;
    }
    boolean isNewest = packet.packetNumber() > recovery.space(packet.level()).received().largest();
    observed.onReceived(packet, nowNanos);
    FrameHandler.Summary summary = frames.handle(packet, nowNanos);
    if (!handshake.isDiscarded(packet.level())) {
      recovery
          .space(packet.level())
          .received()
          .onReceived(packet.packetNumber(), summary.isAckEliciting(), in.ecn(), nowNanos);
    }
    idleness.onReceived(nowNanos);
    if (packet.level() == EncryptionLevel.ONE_RTT && !summary.isProbing() && isNewest) {
      paths.onNonProbingPacket(in.from(), in.datagramLength(), nowNanos);
    }
  }

  /** Connection ids and addresses settle while long headers come in; false drops the packet. */
  private boolean onAuthenticLongHeader(ReceivedPacket packet, ConnectionId source) {
    if (!opening.heardFromPeer()) {
      opening.onHeardFromPeer();
      if (isClient) {
        // RFC 9000 §7.2: the client takes over the Source Connection ID of the first Initial.
        remoteIds.replaceInitial(source);
      }
    } else if (!handshake.isComplete() && !source.equals(remoteIds.current())) {
      // "Any further changes to the Destination Connection ID are only permitted by frames."
      counters.droppedPackets++;
      return false;
    }
    paths.onHandshakePacket(packet.networkPath(), packet.level());
    if (!isClient && packet.level() == EncryptionLevel.HANDSHAKE) {
      discard(EncryptionLevel.INITIAL);
    }
    return true;
  }

  /** The endpoint recognised a stateless reset of this connection (RFC 9000 §10.3.1). */
  public void onStatelessReset(long nowNanos) {
    if (termination.isOpen()) {
      termination.onStatelessReset(drainedAt(nowNanos));
    }
  }

  private void afterInput() {
    if (handshake.isComplete() && termination.isOpen() && peerParameters != null) {
      localIds.issueUpTo(peerParameters.activeConnectionIdLimit());
    }
    streams.setRttNanos(path.route().rtt().smoothedNanos());
    applyMtu();
  }

  private void applyMtu() {
    Route route = path.route();
    if (route.mtuDiscovery().changed()) {
      route.congestion().onMtu(route.mtuBytes());
      route.pacer().onMtu(route.mtuBytes());
    }
  }

  // ---- verb 2 and 3: timers

  /** When {@link #handleTimeout} wants to be called; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    if (termination.state() == Termination.State.GONE) {
      return Long.MAX_VALUE;
    }
    if (!termination.isOpen()) {
      return termination.deadlineNanos();
    }
    long next = Math.min(idleDeadlineNanos(), recovery.nextTimeoutNanos());
    next = Math.min(next, Math.min(pacedUntilNanos, paths.nextTimeoutNanos()));
    if (handshake.isComplete()) {
      next = Math.min(next, idleness.keepAliveNanos());
    }
    if (path.route().amplificationCreditBytes() < TransportConfig.MIN_MTU_BYTES) {
      return next; // nothing can be sent before the client proves its address
    }
    for (EncryptionLevel level : EncryptionLevel.values()) {
      if (handshake.canSend(level)) {
        next = Math.min(next, recovery.space(level).received().ackDeadlineNanos());
      }
    }
    return next;
  }

  /** Does what is due at this time; harmless if called early. */
  public void handleTimeout(long nowNanos) {
    if (!termination.isOpen()) {
      if (nowNanos >= termination.deadlineNanos()) {
        termination.onDeadline();
      }
      return;
    }
    if (nowNanos >= idleDeadlineNanos()) {
      // RFC 9000 §10.1: silently closed and its state is discarded.
      termination.vanish(new TerminationCause.IdleTimeout());
      return;
    }
    if (nowNanos >= recovery.nextTimeoutNanos()) {
      recovery.onTimeout(nowNanos);
    }
    if (!paths.onTimeout(nowNanos)) {
      termination.vanish(new TerminationCause.PathLost());
      return;
    }
    if (handshake.isComplete() && nowNanos >= idleness.keepAliveNanos()) {
      control.queuePing();
      idleness.onKeepAlive(nowNanos);
    }
    if (nowNanos >= pacedUntilNanos) {
      pacedUntilNanos = Long.MAX_VALUE;
    }
    applyMtu();
  }

  private long idleDeadlineNanos() {
    return idleness.deadlineNanos(ptoNanos(), handshake.isComplete());
  }

  private long ptoNanos() {
    return recovery.ptoDurationNanos(EncryptionLevel.ONE_RTT);
  }

  private long drainedAt(long nowNanos) {
    return nowNanos + 3 * ptoNanos();
  }

  // ---- verb 4: what to send

  /**
   * Writes the next datagrams for one path into the buffer, from its beginning.
   *
   * @param maxSegments how many datagrams of equal size the caller can send at once
   * @return what was written, or null if there is nothing to send now
   */
  public @Nullable Transmit nextTransmit(byte[] buffer, int maxSegments, long nowNanos) {
    observed.look(handshake, termination, nowNanos);
    try {
      if (termination.state() == Termination.State.GONE) {
        return null;
      }
      if (!termination.isOpen()) {
        return nextClose(buffer, nowNanos);
      }
      if (handshake.isComplete() && handshake.isConfirmed()) {
        Transmit probe = paths.nextProbe(writer, buffer, nowNanos);
        if (probe == null) {
          probe = nextMtuProbe(buffer, nowNanos);
        }
        if (probe != null) {
          return sent(probe, nowNanos);
        }
      }
      return nextTrain(buffer, maxSegments, nowNanos);
    } catch (TransportException e) {
      closeWithError(e, nowNanos);
      return nextClose(buffer, nowNanos);
    }
  }

  private @Nullable Transmit nextTrain(byte[] buffer, int maxSegments, long nowNanos)
      throws TransportException {
    Route route = path.route();
    int mtu = recovery.wantsSmallProbe() ? TransportConfig.MIN_MTU_BYTES : route.mtuBytes();
    int length = 0;
    int segment = 0;
    for (int i = 0; i < maxSegments && length + mtu <= buffer.length; i++) {
      int size = (int) Math.min(mtu, route.amplificationCreditBytes() - length);
      if (size < TransportConfig.MIN_MTU_BYTES) {
        break; // a server waits for the client to prove its address
      }
      boolean withData = mayTransmitData(route, mtu, nowNanos);
      int written = writer.writeDatagram(buffer, length, length + size, withData, nowNanos);
      length += written;
      segment = Math.max(segment, written);
      if (written < mtu || written < segment || recovery.wantsSmallProbe()) {
        break;
      }
    }
    if (length == 0) {
      return null;
    }
    route.onDatagramSent(length);
    return sent(new Transmit(route.networkPath(), paths.copies(), length, segment), nowNanos);
  }

  private boolean mayTransmitData(Route route, int mtu, long nowNanos) {
    if (!writer.hasData()) {
      route.setAppLimited(!route.isCongestionBlocked());
      return false;
    }
    route.setAppLimited(false);
    if (route.isCongestionBlocked()) {
      return false;
    }
    route.pacer().setInSlowStart(route.congestion().inSlowStart());
    long window = route.congestion().windowBytes();
    long delay = route.pacer().delayNanos(route.rtt().smoothedNanos(), window, mtu, nowNanos);
    pacedUntilNanos = delay == 0 ? Long.MAX_VALUE : nowNanos + delay;
    return delay == 0;
  }

  private @Nullable Transmit nextMtuProbe(byte[] buffer, long nowNanos) throws TransportException {
    Route route = path.route();
    int size = route.mtuDiscovery().probeToSend(nowNanos);
    if (size == 0 || route.isCongestionBlocked() || !route.isValidated()) {
      return null;
    }
    int written = writer.writeMtuProbe(buffer, size, nowNanos);
    route.onDatagramSent(written);
    return new Transmit(route.networkPath(), List.of(), written, written);
  }

  private @Nullable Transmit nextClose(byte[] buffer, long nowNanos) {
    Route route = path.route();
    if (!termination.wantsToSend()
        || route.amplificationCreditBytes() < TransportConfig.MIN_MTU_BYTES) {
      return null;
    }
    int length =
        writer.writeClose(
            buffer,
            TransportConfig.MIN_MTU_BYTES,
            termination.inOneRtt(),
            termination.inHandshake(),
            nowNanos);
    termination.onSent();
    if (length == 0) {
      return null;
    }
    route.onDatagramSent(length);
    counters.sentDatagrams++;
    counters.sentBytes += length;
    return new Transmit(route.networkPath(), paths.copies(), length, length);
  }

  private Transmit sent(Transmit transmit, long nowNanos) {
    counters.sentDatagrams +=
        (transmit.length() + transmit.segmentBytes() - 1) / transmit.segmentBytes();
    counters.sentBytes += transmit.length();
    if (recovery.sentAckElicitingAt(nowNanos)) {
      idleness.onAckElicitingSent(nowNanos);
    }
    // RFC 9001 §4.9.1: a client discards Initial keys when it first sends a Handshake packet.
    if (isClient && handshake.space(EncryptionLevel.HANDSHAKE).peekPacketNumber() > 0) {
      discard(EncryptionLevel.INITIAL);
    }
    return transmit;
  }

  // ---- verb 5: what happened

  /** The next thing to tell the owner, or null. */
  public @Nullable ConnectionEvent nextEvent() {
    ConnectionEvent event = events.poll();
    if (event != null) {
      return event;
    }
    TerminationCause cause = termination.cause();
    if (cause != null) {
      if (closedEventTold) {
        return null;
      }
      closedEventTold = true;
      return new ConnectionEvent.Closed(cause);
    }
    if (datagrams.takeNews()) {
      return new ConnectionEvent.DatagramsReadable();
    }
    StreamEvent streamEvent = streams.nextEvent();
    return streamEvent == null ? null : new ConnectionEvent.OfStream(streamEvent);
  }

  // ---- the application

  /** The streams: open, write, read, finish, reset, stop. */
  public Streams streams() {
    return streams;
  }

  /** Queues an unreliable datagram; false if the peer takes none of that size now. */
  public boolean sendDatagram(byte[] payload) {
    if (!termination.isOpen() || payload.length > maxDatagramBytes()) {
      return false;
    }
    datagrams.send(payload);
    return true;
  }

  /** The largest payload of {@link #sendDatagram} now; -1 if the peer takes none. */
  public int maxDatagramBytes() {
    return datagrams.maxPayloadBytes(writer.datagramRoom());
  }

  /** The oldest received datagram, or null. */
  public byte @Nullable [] readDatagram() {
    return datagrams.read();
  }

  /** Asks for an acknowledgement, to learn whether the peer is still there. */
  public void ping() {
    control.queuePing();
  }

  /** Gives the client a token that spares it a Retry next time; servers only. */
  public void sendNewToken(byte[] token) {
    control.queueNewToken(token);
  }

  /** Closes with an application's code and words; told to the peer as far as it can hear. */
  public void close(long code, String reason, long nowNanos) {
    if (termination.isOpen()) {
      termination.closeByApplication(code, reason, drainedAt(nowNanos));
    }
  }

  /**
   * This client goes on from another local address. Does nothing for a server, before the handshake
   * is confirmed, or if the peer forbids it (disable_active_migration, RFC 9000 §18.2).
   */
  public void migrate(NetworkPath to, long nowNanos) {
    boolean isForbidden = peerParameters != null && peerParameters.disableActiveMigration();
    if (isClient && termination.isOpen() && handshake.isConfirmed() && !isForbidden) {
      paths.migrate(to, nowNanos);
      control.queuePing();
    }
  }

  private void closeWithError(TransportException e, long nowNanos) {
    if (termination.isOpen()) {
      counters.errors++;
      termination.closeWithError(e.code(), e.frameType(), e.reason(), drainedAt(nowNanos));
    }
  }

  // ---- what the endpoint and observers ask

  /** Tells somebody what happens inside from now on; {@link ConnectionObserver#NONE} to end it. */
  public void observe(ConnectionObserver observer) {
    observed.by(observer);
  }

  /** Destination of the client's very first packet: both sides know the connection by it. */
  public ConnectionId originalDestination() {
    return opening.originalDestination();
  }

  /** Whether the owner may forget this connection: nothing will be sent or told any more. */
  public boolean isGone() {
    return termination.state() == Termination.State.GONE;
  }

  /** Whether streams still work. */
  public boolean isOpen() {
    return termination.isOpen();
  }

  /** Whether the handshake is complete. */
  public boolean isEstablished() {
    return handshake.isComplete();
  }

  /**
   * What keys bound to this connection are derived from.
   *
   * @throws IllegalStateException before the handshake is complete
   */
  public ExporterSecret exporter() {
    ExporterSecret exporter = handshake.exporter();
    if (exporter == null) {
      throw new IllegalStateException("the handshake is not complete");
    }
    return exporter;
  }

  /** Whether this side dialled. */
  public boolean isClient() {
    return isClient;
  }

  /** Where the peer is now. */
  public InetSocketAddress remoteAddress() {
    return path.route().networkPath().remote();
  }

  /** From where to where packets go now. */
  public NetworkPath networkPath() {
    return path.route().networkPath();
  }

  /** The smoothed round-trip time, nanoseconds. */
  public long smoothedRttNanos() {
    return path.route().rtt().smoothedNanos();
  }

  /** The ids under which this connection is reached from the start. */
  public List<ConnectionId> localIds() {
    return localIds.all();
  }

  /** Ids to route to this connection since the last call. */
  public List<ConnectionId> takeIssuedIds() {
    return localIds.takeNewlyIssued();
  }

  /** Ids not to be routed any more since the last call. */
  public List<ConnectionId> takeRetiredIds() {
    return localIds.takeNewlyRetired();
  }

  /** The oldest token for a later connection to this server since the last call, or null. */
  public byte @Nullable [] takeNewToken() {
    return newTokens.poll();
  }

  /** The token by which the peer would reset this connection, if known. */
  public byte @Nullable [] peerResetToken() {
    return remoteIds.currentResetToken();
  }

  /** Figures for people and tests. */
  public ConnectionStats stats() {
    Route route = path.route();
    OneRttKeys keys = handshake.oneRttKeys();
    return new ConnectionStats(
        counters.sentDatagrams,
        counters.sentBytes,
        counters.receivedDatagrams,
        counters.receivedBytes,
        recovery.lostPackets(),
        counters.droppedPackets,
        keys == null ? 0 : keys.updates(),
        paths.migrations(),
        route.mtuBytes(),
        route.congestion().windowBytes(),
        route.bytesInFlight(),
        route.rtt().smoothedNanos());
  }

  private void discard(EncryptionLevel level) {
    if (!handshake.isDiscarded(level)) {
      recovery.onDiscarded(level);
      handshake.discard(level);
    }
  }

  private void confirmHandshake() {
    handshake.setConfirmed();
    recovery.onConfirmed();
    paths.onConfirmed();
    discard(EncryptionLevel.INITIAL);
    discard(EncryptionLevel.HANDSHAKE);
  }

  private final class HandshakeListener implements Handshake.Listener {
    @Override
    public void onPeerParameters(TransportParameters parameters) throws TransportException {
      ConnectionParts.checkIds(
          parameters,
          isClient,
          remoteIds.current(),
          opening.originalDestination(),
          opening.retrySource());
      peerParameters = parameters;
      streams.setPeerParameters(parameters);
      datagrams.setPeerMaxFrameBytes(parameters.maxDatagramFrameSize());
      idleness.setPeerTimeoutMillis(parameters.maxIdleTimeoutMillis());
      recovery.setPeerAckDelay(
          parameters.maxAckDelayMillis() * 1_000_000L, parameters.ackDelayExponent());
      paths.setPeerMaxUdpPayload(parameters.maxUdpPayloadSize());
      byte[] resetToken = parameters.statelessResetToken();
      if (resetToken != null) {
        remoteIds.setInitialResetToken(resetToken);
      }
    }

    @Override
    public void onComplete(byte[] peerKey, byte[] alpn) {
      events.add(new ConnectionEvent.Established(peerKey, alpn));
      if (!isClient) {
        control.queueHandshakeDone();
        confirmHandshake();
      }
    }
  }

  private final class PacketOwner implements DatagramReader.Owner {
    @Override
    public void onOpened(
        ReceivedPacket packet, DatagramReader.Incoming in, @Nullable ConnectionId source, long now)
        throws TransportException {
      onPacket(packet, in, source, now);
    }

    @Override
    public void onUseless(int datagramLength, long nowNanos) {
      counters.droppedPackets++;
      observed.onDropped(datagramLength, nowNanos);
    }

    @Override
    public boolean mayKeep() {
      return termination.isOpen();
    }

    @Override
    public void onRetry(byte[] datagram, ParsedPacket.Retry retry, long nowNanos) {
      if (!opening.takes(retry, datagram)) {
        counters.droppedPackets++;
        return;
      }
      remoteIds.replaceInitial(retry.source());
      recovery.onDiscarded(EncryptionLevel.INITIAL);
      handshake.restartAfterRetry(retry.source());
      writer.setToken(retry.token());
      idleness.onReceived(nowNanos);
    }

    @Override
    public void onVersionNegotiation(ParsedPacket.VersionNegotiation negotiation) {
      if (opening.isEndedBy(negotiation, localIds.all())) {
        termination.vanish(new TerminationCause.NoCommonVersion());
      }
    }

    @Override
    public boolean takesStatelessReset(byte[] datagram, int end, long nowNanos) {
      byte[] token = remoteIds.currentResetToken();
      boolean isReset =
          token != null
              && MessageDigest.isEqual(
                  token, Arrays.copyOfRange(datagram, end - token.length, end));
      if (isReset) {
        onStatelessReset(nowNanos);
      }
      return isReset;
    }

    @Override
    public void onError(TransportException e, long nowNanos) {
      closeWithError(e, nowNanos);
    }
  }

  private final class FrameOwner implements FrameHandler.Owner {
    @Override
    public void onHandshakeDone() throws TransportException {
      if (!handshake.isComplete()) {
        throw new TransportException(
            TransportErrorCode.PROTOCOL_VIOLATION, "HANDSHAKE_DONE before the handshake was");
      }
      if (!handshake.isConfirmed()) {
        confirmHandshake();
      }
    }

    @Override
    public void onNewToken(byte[] token) {
      if (token.length > TransportConfig.MAX_TOKEN_BYTES) {
        return; // it would leave too little room in an Initial
      }
      newTokens.add(token);
      if (newTokens.size() > TransportConfig.MAX_NEW_TOKENS) {
        newTokens.poll();
      }
    }

    @Override
    public void onPathChallenge(long data, ReceivedPacket packet) {
      paths.onChallenge(data, packet.networkPath(), packet.payload().limit());
    }

    @Override
    public void onPathResponse(long data, long nowNanos) {
      if (paths.onResponse(data)) {
        events.add(new ConnectionEvent.Migrated(remoteAddress()));
      }
    }

    @Override
    public void onCloseByPeer(TerminationCause cause, long nowNanos) {
      termination.onCloseByPeer(cause, drainedAt(nowNanos));
    }
  }
}
