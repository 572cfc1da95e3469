package org.veilor.seed.blobs.provider;

import java.util.List;
import org.veilor.seed.blobs.protocol.Request;

/** How far the request of a stream is. */
public sealed interface RequestState {
  /** More bytes are needed. */
  record NeedMore() implements RequestState {}

  /** The request is complete and admitted; ask the session for its output. */
  record Ready(Request request) implements RequestState {}

  /** The request is malformed, late, or refused: carry out these outputs, then it is over. */
  record Refused(List<Output> outputs) implements RequestState {
    /** Copies the list. */
    public Refused {
      outputs = List.copyOf(outputs);
    }
  }
}
