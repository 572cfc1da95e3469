package org.veilor.seed.blobs.getter;

/** What a failed request says about the provider, and what to do next. */
public enum Blame {
  /** It lacks the blob or a part of it, or does not give it to us: ask another one. */
  NONE_MISSING,
  /** It has too much to do: ask again later. */
  NONE_BUSY,
  /**
   * Missing, or just too many requests at once: iroh-blobs says both with the same code. Repeat the
   * request once, with no other request for this hash beside it, before believing that it is
   * missing.
   */
  RETRY_ONCE_ALONE,
  /** The way to it broke, or it broke: what was verified stays valid, the rest is asked again. */
  TRANSPORT,
  /** It sent bytes that do not belong to the hash. No healthy provider does that: drop it. */
  LIE
}
