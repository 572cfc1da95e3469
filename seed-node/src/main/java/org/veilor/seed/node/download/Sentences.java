package org.veilor.seed.node.download;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.getter.GetterFailure;
import org.veilor.seed.core.bao.BaoTree;

/** What failures are called towards people. */
final class Sentences {
  private Sentences() {}

  /** What is behind the wrappings of a future. */
  static @Nullable Throwable cause(@Nullable Throwable problem) {
    Throwable cause = problem;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  static String of(@Nullable Throwable cause) {
    String text = cause == null ? null : cause.getMessage();
    return text == null ? String.valueOf(cause) : text;
  }

  static String of(GetterFailure failure) {
    return switch (failure) {
      case GetterFailure.NotFound _ -> "does not have it";
      case GetterFailure.RestMissing rest ->
          "does not have the part from byte " + rest.fromChunk() * BaoTree.CHUNK_BYTES;
      case GetterFailure.Truncated _ -> "ended its answer in the middle";
      case GetterFailure.Lied lied ->
          "sent wrong bytes at byte " + lied.chunk() * BaoTree.CHUNK_BYTES;
      case GetterFailure.Denied _ -> "refuses to give it to us";
      case GetterFailure.Busy _ -> "has too much to do";
      case GetterFailure.Reset reset -> "reset its answer with code " + reset.code();
      case GetterFailure.SizeRefused refused ->
          "claims an impossible size of "
              + Long.toUnsignedString(refused.claimedSizeBytes())
              + " bytes";
      case GetterFailure.SizeZero _ -> "does not have it (says it has no bytes)";
      case GetterFailure.ConnectionLost gone -> gone.why();
      case GetterFailure.NoHashSequence _ -> "sent no hash sequence";
    };
  }
}
