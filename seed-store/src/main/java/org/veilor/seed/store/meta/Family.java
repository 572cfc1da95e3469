package org.veilor.seed.store.meta;

import java.nio.charset.StandardCharsets;

/** A column family: one kind of row. The names are part of the format on disk. */
public enum Family {
  /** Hash → what is known of the blob. */
  BLOB,
  /** Path of a file → its identity and hash. */
  PATH,
  /** Hash, kind and path → nothing; says who needs a blob. */
  HOLDER,
  /** Kind and hash → bytes that are kept in the database: small outboards, collection blobs. */
  INLINE,
  /** Path of a folder → its collection. */
  COLLECTION,
  /** Path → why it is not seeded. */
  REFUSAL,
  /** Hash → tickets that name who has it. */
  TICKET,
  /** Hash → to whom a blob may be given that is no file of a service. */
  AUDIENCE,
  /** Name → a fact on the database itself, such as the version of its format. */
  META;

  byte[] nameBytes() {
    return name().toLowerCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8);
  }
}
