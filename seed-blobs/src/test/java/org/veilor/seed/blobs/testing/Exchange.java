package org.veilor.seed.blobs.testing;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.veilor.seed.blobs.provider.Output;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.provider.RequestState;
import org.veilor.seed.core.blob.BlobCatalog;

/**
 * One request and what came of it, in the words of the vectors.
 *
 * @param end {@code fin}, {@code reset CODE}, or {@code open}
 * @param stopSending code of STOP_SENDING, or -1
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
public record Exchange(byte[] response, String end, long stopSending) {
  /** Sends a request in slices, reads the response, and closes the session. */
  public static Exchange run(BlobCatalog catalog, byte[] request, boolean fin, int slice) {
    try (ProviderSession session = new ProviderSession(catalog, ProviderPolicy.admitAll(), 0)) {
      return run(session, request, fin, slice);
    }
  }

  /** Sends a request in one piece with FIN. */
  public static Exchange run(BlobCatalog catalog, byte[] request) {
    return run(catalog, request, true, request.length + 1);
  }

  /** Sends a request on a session and reads the response. */
  public static Exchange run(ProviderSession session, byte[] request, boolean fin, int slice) {
    RequestState state = new RequestState.NeedMore();
    int position = 0;
    do {
      int length = Math.min(slice, request.length - position);
      boolean last = position + length == request.length;
      state = session.onData(request, position, length, last && fin);
      position += length;
    } while (state instanceof RequestState.NeedMore && position < request.length);
    return switch (state) {
      case RequestState.NeedMore _ -> new Exchange(new byte[0], "open", -1);
      case RequestState.Refused refused -> perform(refused.outputs());
      case RequestState.Ready _ -> readResponse(session);
    };
  }

  private static Exchange perform(List<Output> outputs) {
    String end = "open";
    long stopSending = -1;
    for (Output output : outputs) {
      switch (output) {
        case Output.Finish _ -> end = "fin";
        case Output.Reset reset -> end = "reset " + reset.code().code();
        case Output.StopSending stop -> stopSending = stop.code().code();
        case Output.Data _, Output.WaitForUpdate _ -> throw new AssertionError(output);
      }
    }
    return new Exchange(new byte[0], end, stopSending);
  }

  /** Reads what a session has to send, until it ends or waits. */
  public static Exchange readResponse(ProviderSession session) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    // Not at the front: a provider collects several outputs in one array.
    int offset = 72;
    byte[] buffer = new byte[offset + ProviderSession.BUFFER_BYTES];
    while (true) {
      switch (session.next(buffer, offset)) {
        case Output.Data data -> out.write(buffer, offset, data.length());
        case Output.Finish _ -> {
          return new Exchange(out.toByteArray(), "fin", -1);
        }
        case Output.Reset reset -> {
          return new Exchange(out.toByteArray(), "reset " + reset.code().code(), -1);
        }
        case Output.WaitForUpdate _ -> {
          return new Exchange(out.toByteArray(), "open", -1);
        }
        case Output.StopSending stop -> throw new AssertionError(stop);
      }
    }
  }
}
