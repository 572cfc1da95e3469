package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** A new file that is being written. One thread. */
public interface FileOutput extends AutoCloseable {
  /** Writes all remaining bytes of {@code bytes} to {@code position}. */
  void write(ByteBuffer bytes, long position) throws IOException;

  /** Returns when everything written is on the disk. */
  void sync() throws IOException;

  @Override
  void close() throws IOException;

  /** Creates files; tests have one whose disk is full. */
  @FunctionalInterface
  interface Creator {
    /** Creates {@code path}, which must not exist. */
    FileOutput create(Path path) throws IOException;
  }

  /** Files of the file system. */
  Creator REAL =
      path -> {
        FileChannel channel =
            FileChannel.open(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        return new FileOutput() {
          @Override
          public void write(ByteBuffer bytes, long position) throws IOException {
            long at = position;
            while (bytes.hasRemaining()) {
              at += channel.write(bytes, at);
            }
          }

          @Override
          public void sync() throws IOException {
            channel.force(true);
          }

          @Override
          public void close() throws IOException {
            channel.close();
          }
        };
      };
}
