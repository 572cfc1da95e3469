package org.veilor.seed.blobs.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ErrorCode;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.core.bao.ResponseEncoder;
import org.veilor.seed.core.blob.BlobCatalog;

/**
 * The provider's side of one stream: takes the bytes of a request, yields the bytes of its
 * response.
 *
 * <p>It has no thread, no clock and no socket. The owner of the connection feeds it ({@link
 * #onData}, {@link #onTimeout}, {@link #onStopSending}); once the request is {@link
 * RequestState.Ready} a worker, since files are read, asks for {@link #next} whenever the stream
 * can take a chunk group. Calls must not overlap; the worker hands back to the owner before the
 * owner closes.
 *
 * <p>How it refuses (observed of iroh-blobs 0.104): a malformed request gets an empty, cleanly
 * finished response, and STOP_SENDING 0 if it has not ended; a Push gets RESET 1 and STOP_SENDING
 * 0.
 */
public final class ProviderSession implements AutoCloseable {
  /** Bytes that the buffer for {@link #next} must have. */
  public static final int BUFFER_BYTES = ResponseEncoder.MAX_STEP_BYTES;

  private final BlobCatalog catalog;
  private final ProviderPolicy policy;
  private final long deadlineNanos;
  private final RequestReceiver receiver = new RequestReceiver();
  private RequestState state = new RequestState.NeedMore();
  private @Nullable Responder responder;
  private OptionalLong stopCode = OptionalLong.empty();
  private boolean over;
  private boolean closed;

  /**
   * A session for a stream that the getter has just opened.
   *
   * @param catalog the blobs that this peer may be given
   * @param policy of the connection
   */
  public ProviderSession(BlobCatalog catalog, ProviderPolicy policy, long nowNanos) {
    this.catalog = catalog;
    this.policy = policy;
    this.deadlineNanos = nowNanos + BlobsLimits.REQUEST_DEADLINE_NANOS;
  }

  /**
   * Takes the next bytes of the request half. Once the state is no longer {@link
   * RequestState.NeedMore} it stays as it is and bytes are ignored.
   *
   * @param fin whether the request half ends behind these bytes
   */
  public RequestState onData(byte[] data, int offset, int length, boolean fin) {
    Objects.checkFromIndexSize(offset, length, data.length);
    if (state instanceof RequestState.NeedMore) {
      state =
          switch (receiver.onData(data, offset, length, fin)) {
            case RequestReceiver.Outcome.Incomplete _ -> state;
            case RequestReceiver.Outcome.Complete complete -> admit(complete.request(), fin);
            case RequestReceiver.Outcome.Malformed _ -> refused(new Output.Finish(), fin);
          };
    }
    return state;
  }

  private RequestState admit(Request request, boolean fin) {
    return switch (request) {
      case Request.Push _ ->
          new RequestState.Refused(
              List.of(
                  new Output.Reset(ErrorCode.PERMISSION), new Output.StopSending(ErrorCode.NONE)));
      case Request.Get get -> admit(get, fin, new BlobResponder(catalog, get));
      case Request.GetMany many -> admit(many, fin, new BlobResponder(catalog, many));
      case Request.Observe observe -> admit(observe, fin, new ObserveResponder(catalog, observe));
    };
  }

  private RequestState admit(Request request, boolean fin, Responder answer) {
    return switch (policy.decide(request)) {
      case ADMIT -> {
        responder = answer;
        yield new RequestState.Ready(request);
      }
      case REFUSE_PERMISSION -> refused(new Output.Reset(ErrorCode.PERMISSION), fin);
      case REFUSE_LIMIT -> refused(new Output.Reset(ErrorCode.LIMIT), fin);
    };
  }

  private static RequestState refused(Output output, boolean fin) {
    List<Output> outputs = new ArrayList<>();
    outputs.add(output);
    if (!fin) {
      outputs.add(new Output.StopSending(ErrorCode.NONE));
    }
    return new RequestState.Refused(outputs);
  }

  /** The getter reset the request half; without a request the response is empty. */
  public RequestState onRequestReset() {
    if (state instanceof RequestState.NeedMore) {
      state = refused(new Output.Finish(), true);
    }
    return state;
  }

  /** When {@link #onTimeout} wants to be called. */
  public OptionalLong nextDeadlineNanos() {
    return state instanceof RequestState.NeedMore && !closed
        ? OptionalLong.of(deadlineNanos)
        : OptionalLong.empty();
  }

  /** Refuses a request that is not complete by its deadline. */
  public RequestState onTimeout(long nowNanos) {
    if (state instanceof RequestState.NeedMore && nowNanos - deadlineNanos >= 0) {
      state =
          new RequestState.Refused(
              List.of(new Output.Reset(ErrorCode.LIMIT), new Output.StopSending(ErrorCode.LIMIT)));
    }
    return state;
  }

  /** The getter does not want the rest of the response; {@link #next} then yields a reset. */
  public void onStopSending(long code) {
    stopCode = OptionalLong.of(code);
  }

  /**
   * The next output of an admitted request.
   *
   * @param buffer receives the bytes of {@link Output.Data}
   * @param offset where in the buffer; {@link #BUFFER_BYTES} must fit behind it
   * @throws IllegalStateException if there is no admitted request, or the response is over
   */
  public Output next(byte[] buffer, int offset) {
    Objects.checkFromIndexSize(offset, BUFFER_BYTES, buffer.length);
    if (responder == null || over || closed) {
      throw new IllegalStateException("nothing to answer");
    }
    Output output =
        stopCode.isPresent()
            ? new Output.Reset(ErrorCode.INTERNAL)
            : responder.next(buffer, offset);
    over = output instanceof Output.Finish || output instanceof Output.Reset;
    return output;
  }

  /** As {@link #next(byte[], int)}, to the front of the buffer. */
  public Output next(byte[] buffer) {
    return next(buffer, 0);
  }

  /** Why the response ended early, if it did. */
  public Optional<ServeFailure> failure() {
    return responder == null ? Optional.empty() : responder.failure();
  }

  /** What was handed out for sending so far. */
  public ProviderStatistics statistics() {
    return responder == null ? ProviderStatistics.NONE : responder.statistics();
  }

  /** Releases readers and tells the policy. May be called twice. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (responder != null) {
      responder.close();
    }
    if (state instanceof RequestState.Ready ready) {
      policy.ended(ready.request());
    }
  }
}
