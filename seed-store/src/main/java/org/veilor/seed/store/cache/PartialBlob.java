package org.veilor.seed.store.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;

/**
 * A blob that is being written. Whoever writes has verified what it writes.
 *
 * <p>Any thread may call any method. A pair must be written before the leaves below it, as a
 * response brings them. An {@code IOException} other than {@link CacheFullException} means that the
 * blob was removed, or that the disk fails.
 */
public interface PartialBlob extends AutoCloseable {
  /** Of the whole blob. */
  Hash hash();

  /** Of the whole blob; as claimed until {@link #isSizeProven()}. */
  long sizeBytes();

  /** Whether the size is more than a claim; also from an earlier try. */
  boolean isSizeProven();

  /** Whole chunk groups that are here, also from an earlier try. */
  ChunkRanges present();

  /**
   * Writes verified chunks that follow each other; many at once cost the file system least. Less
   * than a chunk group counts when the rest of the group has come.
   *
   * @param bytes of whole chunks, but for the last of the blob; all are taken
   */
  void write(long startChunk, ByteBuffer bytes) throws IOException;

  /**
   * Writes a verified pair; one that no outboard holds is left out.
   *
   * @param buffer holds 64 bytes from the start
   */
  void writePair(BaoItem.Parent parent, byte[] buffer) throws IOException;

  /**
   * The size is proven. If it was claimed wrong, the blob starts anew and nothing is present.
   *
   * @throws CacheFullException if there is no room for a blob of that size
   */
  void sizeProven(long sizeBytes) throws IOException;

  /**
   * A reader that sees what is present as it grows, also after commit; with a lease. It fails when
   * the blob starts anew or is abandoned.
   */
  BlobReader reader();

  /** Makes what is present durable: data synced, outboard synced, then the bitfield. */
  void checkpoint() throws IOException;

  /**
   * Makes the complete blob durable and gives it to the cache. Only {@link #close} may follow.
   *
   * @throws IllegalStateException if something is missing
   */
  void commit() throws IOException;

  /** Ends writing. What is present stays, as far as it can be kept, for the next try. */
  @Override
  void close();

  /** Ends writing and deletes what is there. */
  void abandon();
}
