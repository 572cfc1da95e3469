package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reads from channels that other threads may read from as well. */
public final class ChannelBytes {
  private ChannelBytes() {}

  /**
   * Reads as much as there is.
   *
   * @param offset position in the file
   * @return how many bytes: fewer than {@code length} only where the file ends
   */
  public static int fill(
      FileChannel channel, long offset, byte[] target, int targetOffset, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(target, targetOffset, length);
    int done = 0;
    while (done < length) {
      int n = channel.read(buffer, offset + done);
      if (n < 0) {
        break;
      }
      done += n;
    }
    return done;
  }
}
