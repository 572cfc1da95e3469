package org.veilor.seed.blobs.provider;

import java.io.IOException;
import org.veilor.seed.core.hash.Hash;

/** Why a response ended before its end: for the log and for repairs, never for the peer. */
public sealed interface ServeFailure {
  /** The blob at fault. */
  Hash hash();

  /** The blob, or the part of it around this chunk, is not here. */
  record Missing(Hash hash, long chunk) implements ServeFailure {}

  /** The peer may not have the blob. */
  record Denied(Hash hash, String reason) implements ServeFailure {}

  /** The blob does not hash to its name any more, from this chunk on. */
  record Corrupt(Hash hash, long chunk) implements ServeFailure {}

  /** Children of a blob were requested that is no hash sequence, or a too large one. */
  record NoHashSequence(Hash hash, long sizeBytes) implements ServeFailure {}

  /** The blob could not be read. */
  record Unreadable(Hash hash, IOException cause) implements ServeFailure {}
}
