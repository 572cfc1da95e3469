package org.veilor.seed.store;

import java.nio.file.Path;
import org.veilor.seed.core.hash.Hash;

/**
 * A folder that is seeded as an iroh collection.
 *
 * @param folder absolute and normalised
 * @param hash of the root blob, a hash sequence; with format HashSeq it is the folder's ticket
 * @param metadataHash of the blob with the names, the first child of the root
 * @param files number of files
 * @param sizeBytes of all files together
 * @param storedAtMillis when it became durable, milliseconds since 1970
 */
public record CollectionRecord(
    String service,
    Path folder,
    Hash hash,
    Hash metadataHash,
    int files,
    long sizeBytes,
    long storedAtMillis) {}
