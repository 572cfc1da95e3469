package org.veilor.seed.store;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/**
 * A file that is seeded in place.
 *
 * @param service service it belongs to
 * @param path absolute and normalised
 * @param identity state of the file when it was hashed
 * @param sha256 of its content, or null if nobody asked for it
 * @param seededAtMillis when the import became durable, milliseconds since 1970
 */
public record PathRecord(
    String service,
    Path path,
    FileIdentity identity,
    Hash hash,
    @Nullable Sha256 sha256,
    long seededAtMillis) {}
