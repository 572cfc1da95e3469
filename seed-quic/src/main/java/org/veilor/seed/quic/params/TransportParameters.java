package org.veilor.seed.quic.params;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;

/**
 * Transport parameters of one endpoint, RFC 9000 §18.2. What is absent on the wire has its default
 * here; connection ids and tokens that are absent are null.
 *
 * @param originalDestination destination of the client's first Initial; server only
 * @param maxIdleTimeoutMillis 0 for none
 * @param statelessResetToken 16 bytes; server only
 * @param maxUdpPayloadSize bytes of the largest datagram the sender takes
 * @param initialMaxData credit for the connection, in bytes
 * @param initialMaxStreamDataBidiLocal credit for streams the sender of the parameters opens
 * @param initialMaxStreamDataBidiRemote credit for bidirectional streams its peer opens
 * @param initialMaxStreamDataUni credit for unidirectional streams its peer opens
 * @param initialMaxStreamsBidi bidirectional streams its peer may open
 * @param initialMaxStreamsUni unidirectional streams its peer may open
 * @param ackDelayExponent 0 to 20
 * @param maxAckDelayMillis below 2^14
 * @param disableActiveMigration the peer must not migrate
 * @param preferredAddress as on the wire, checked for its shape and otherwise ignored; server only
 * @param activeConnectionIdLimit connection ids the sender stores, at least 2
 * @param initialSource source of the sender's first Initial
 * @param retrySource source of the Retry packet, after one; server only
 * @param maxDatagramFrameSize RFC 9221; 0 if the sender takes no DATAGRAM frames
 */
@SuppressWarnings("ArrayRecordComponent") // equality by content is defined below
public record TransportParameters(
    @Nullable ConnectionId originalDestination,
    long maxIdleTimeoutMillis,
    byte @Nullable [] statelessResetToken,
    long maxUdpPayloadSize,
    long initialMaxData,
    long initialMaxStreamDataBidiLocal,
    long initialMaxStreamDataBidiRemote,
    long initialMaxStreamDataUni,
    long initialMaxStreamsBidi,
    long initialMaxStreamsUni,
    int ackDelayExponent,
    int maxAckDelayMillis,
    boolean disableActiveMigration,
    byte @Nullable [] preferredAddress,
    long activeConnectionIdLimit,
    @Nullable ConnectionId initialSource,
    @Nullable ConnectionId retrySource,
    long maxDatagramFrameSize) {

  /** The default of max_udp_payload_size, in bytes. */
  public static final int DEFAULT_MAX_UDP_PAYLOAD_SIZE = 65527;

  /** The default of ack_delay_exponent. */
  public static final int DEFAULT_ACK_DELAY_EXPONENT = 3;

  /** The default of max_ack_delay, in milliseconds. */
  public static final int DEFAULT_MAX_ACK_DELAY_MILLIS = 25;

  /** The default and the least of active_connection_id_limit. */
  public static final int DEFAULT_ACTIVE_CONNECTION_ID_LIMIT = 2;

  /** A builder that starts with the defaults of the RFC. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts with these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Decodes the content of the quic_transport_parameters extension.
   *
   * @param fromServer whether server-only parameters are permitted
   * @throws TransportException TRANSPORT_PARAMETER_ERROR
   */
  public static TransportParameters decode(byte[] bytes, boolean fromServer)
      throws TransportException {
    return new TransportParametersDecoder(bytes, fromServer).decode();
  }

  /**
   * Encodes those that differ from their default, and one reserved parameter, in random order:
   * peers must cope with both (RFC 9000 §18.1).
   */
  public byte[] encode(RandomSource random) {
    return TransportParametersEncoder.encode(this, random);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TransportParameters that
        && Arrays.equals(statelessResetToken, that.statelessResetToken)
        && Arrays.equals(preferredAddress, that.preferredAddress)
        && Objects.equals(originalDestination, that.originalDestination)
        && Objects.equals(initialSource, that.initialSource)
        && Objects.equals(retrySource, that.retrySource)
        && disableActiveMigration == that.disableActiveMigration
        && Arrays.equals(numbers(), that.numbers());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(numbers()) * 31 + Objects.hashCode(initialSource);
  }

  private long[] numbers() {
    return new long[] {
      maxIdleTimeoutMillis,
      maxUdpPayloadSize,
      initialMaxData,
      initialMaxStreamDataBidiLocal,
      initialMaxStreamDataBidiRemote,
      initialMaxStreamDataUni,
      initialMaxStreamsBidi,
      initialMaxStreamsUni,
      ackDelayExponent,
      maxAckDelayMillis,
      activeConnectionIdLimit,
      maxDatagramFrameSize
    };
  }

  /** Collects values; the ranges are checked by {@link #build}. */
  public static final class Builder {
    @Nullable ConnectionId originalDestination;
    long maxIdleTimeoutMillis;
    byte @Nullable [] statelessResetToken;
    long maxUdpPayloadSize = DEFAULT_MAX_UDP_PAYLOAD_SIZE;
    long initialMaxData;
    long initialMaxStreamDataBidiLocal;
    long initialMaxStreamDataBidiRemote;
    long initialMaxStreamDataUni;
    long initialMaxStreamsBidi;
    long initialMaxStreamsUni;
    int ackDelayExponent = DEFAULT_ACK_DELAY_EXPONENT;
    int maxAckDelayMillis = DEFAULT_MAX_ACK_DELAY_MILLIS;
    boolean disableActiveMigration;
    byte @Nullable [] preferredAddress;
    long activeConnectionIdLimit = DEFAULT_ACTIVE_CONNECTION_ID_LIMIT;
    @Nullable ConnectionId initialSource;
    @Nullable ConnectionId retrySource;
    long maxDatagramFrameSize;

    Builder() {}

    private Builder(TransportParameters from) {
      originalDestination = from.originalDestination;
      maxIdleTimeoutMillis = from.maxIdleTimeoutMillis;
      statelessResetToken = from.statelessResetToken;
      maxUdpPayloadSize = from.maxUdpPayloadSize;
      initialMaxData = from.initialMaxData;
      initialMaxStreamDataBidiLocal = from.initialMaxStreamDataBidiLocal;
      initialMaxStreamDataBidiRemote = from.initialMaxStreamDataBidiRemote;
      initialMaxStreamDataUni = from.initialMaxStreamDataUni;
      initialMaxStreamsBidi = from.initialMaxStreamsBidi;
      initialMaxStreamsUni = from.initialMaxStreamsUni;
      ackDelayExponent = from.ackDelayExponent;
      maxAckDelayMillis = from.maxAckDelayMillis;
      disableActiveMigration = from.disableActiveMigration;
      preferredAddress = from.preferredAddress;
      activeConnectionIdLimit = from.activeConnectionIdLimit;
      initialSource = from.initialSource;
      retrySource = from.retrySource;
      maxDatagramFrameSize = from.maxDatagramFrameSize;
    }

    /** Sets {@link TransportParameters#originalDestination}. */
    public Builder originalDestination(ConnectionId id) {
      originalDestination = id;
      return this;
    }

    /** Sets {@link TransportParameters#maxIdleTimeoutMillis}. */
    public Builder maxIdleTimeoutMillis(long millis) {
      maxIdleTimeoutMillis = millis;
      return this;
    }

    /** Sets {@link TransportParameters#statelessResetToken}, 16 bytes. */
    public Builder statelessResetToken(byte[] token) {
      statelessResetToken = token.clone();
      return this;
    }

    /** Sets {@link TransportParameters#maxUdpPayloadSize}. */
    public Builder maxUdpPayloadSize(long bytes) {
      maxUdpPayloadSize = bytes;
      return this;
    }

    /** Sets {@link TransportParameters#initialMaxData}. */
    public Builder initialMaxData(long bytes) {
      initialMaxData = bytes;
      return this;
    }

    /** Sets {@link TransportParameters#initialMaxStreamDataBidiLocal}. */
    public Builder initialMaxStreamDataBidiLocal(long bytes) {
      initialMaxStreamDataBidiLocal = bytes;
      return this;
    }

    /** Sets {@link TransportParameters#initialMaxStreamDataBidiRemote}. */
    public Builder initialMaxStreamDataBidiRemote(long bytes) {
      initialMaxStreamDataBidiRemote = bytes;
      return this;
    }

    /** Sets {@link TransportParameters#initialMaxStreamDataUni}. */
    public Builder initialMaxStreamDataUni(long bytes) {
      initialMaxStreamDataUni = bytes;
      return this;
    }

    /** Sets {@link TransportParameters#initialMaxStreamsBidi}. */
    public Builder initialMaxStreamsBidi(long count) {
      initialMaxStreamsBidi = count;
      return this;
    }

    /** Sets {@link TransportParameters#initialMaxStreamsUni}. */
    public Builder initialMaxStreamsUni(long count) {
      initialMaxStreamsUni = count;
      return this;
    }

    /** Sets {@link TransportParameters#ackDelayExponent}. */
    public Builder ackDelayExponent(int exponent) {
      ackDelayExponent = exponent;
      return this;
    }

    /** Sets {@link TransportParameters#maxAckDelayMillis}. */
    public Builder maxAckDelayMillis(int millis) {
      maxAckDelayMillis = millis;
      return this;
    }

    /** Sets {@link TransportParameters#disableActiveMigration}. */
    public Builder disableActiveMigration(boolean disable) {
      disableActiveMigration = disable;
      return this;
    }

    /** Sets {@link TransportParameters#activeConnectionIdLimit}. */
    public Builder activeConnectionIdLimit(long limit) {
      activeConnectionIdLimit = limit;
      return this;
    }

    /** Sets {@link TransportParameters#initialSource}. */
    public Builder initialSource(ConnectionId id) {
      initialSource = id;
      return this;
    }

    /** Sets {@link TransportParameters#retrySource}. */
    public Builder retrySource(ConnectionId id) {
      retrySource = id;
      return this;
    }

    /** Sets {@link TransportParameters#maxDatagramFrameSize}. */
    public Builder maxDatagramFrameSize(long bytes) {
      maxDatagramFrameSize = bytes;
      return this;
    }

    /** The parameters. Throws {@link IllegalArgumentException} if a value is out of its range. */
    public TransportParameters build() {
      @Nullable String problem = ParameterRanges.problem(this);
      if (problem != null) {
        throw new IllegalArgumentException(problem);
      }
      return unchecked();
    }

    TransportParameters unchecked() {
      return new TransportParameters(
          originalDestination,
          maxIdleTimeoutMillis,
          statelessResetToken,
          maxUdpPayloadSize,
          initialMaxData,
          initialMaxStreamDataBidiLocal,
          initialMaxStreamDataBidiRemote,
          initialMaxStreamDataUni,
          initialMaxStreamsBidi,
          initialMaxStreamsUni,
          ackDelayExponent,
          maxAckDelayMillis,
          disableActiveMigration,
          preferredAddress,
          activeConnectionIdLimit,
          initialSource,
          retrySource,
          maxDatagramFrameSize);
    }
  }
}
