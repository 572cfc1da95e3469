package org.veilor.seed.node.gateway;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.admission.ContentSample;
import org.veilor.seed.node.gateway.Answer.Piece;
import org.veilor.seed.node.gateway.Answer.Source;
import org.veilor.seed.node.gateway.GatewayContent.Found;
import org.veilor.seed.store.Sha256;

/** Answers from what is here: files, which are sent as they are, and blobs behind a reader. */
final class StoredAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(StoredAnswers.class);

  /** What the address of a request adds to a blob. */
  record Address(boolean immutable, @Nullable String name) {}

  private final ContentTypes types;

  StoredAnswers(ContentTypes types) {
    this.types = types;
  }

  /** Opens the file and answers with it. */
  Answer localFile(RequestHead head, Address address, Found.LocalFile found) throws IOException {
    FileChannel file =
        FileChannel.open(found.file(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    Found.OpenFile open =
        new Found.OpenFile(
            file,
            found.sizeBytes(),
            found.hash(),
            found.sha256(),
            () -> {
              close(file);
              found.release();
            });
    boolean answered = false;
    try {
      Answer answer = openFile(head, address, open);
      answered = true;
      return answer;
    } finally {
      if (!answered) {
        close(file);
      }
    }
  }

  private static void close(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      LOG.warn("a file could not be closed", e);
    }
  }

  /** Answers with an open file; the answer's body releases it. */
  Answer openFile(RequestHead head, Address address, Found.OpenFile found) throws IOException {
    if (found.file().size() < found.sizeBytes()) {
      throw new IOException("the file is shorter than it was when it was hashed");
    }
    String type = types.of(found.hash());
    if (type == null) {
      type = types.sniff(found.hash(), head(found.file(), found.sizeBytes()));
    }
    Representation representation =
        representation(found.hash(), found.sizeBytes(), found.sha256(), type, address);
    return finish(
        head,
        representation,
        found,
        range -> {
          if (range.lengthBytes() > GatewayLimits.SMALL_FILE_BYTES) {
            return new Piece.FilePart(found.file(), range);
          }
          return Piece.Bytes.of(read(found.file(), range));
        });
  }

  /** Answers with verified bytes; the answer's body closes the reader. */
  Answer reader(RequestHead head, Address address, Found.Reader found) throws IOException {
    BlobReader blob = found.reader();
    String type = types.of(found.hash());
    if (type == null) {
      type = types.sniff(found.hash(), head(blob, found.hash()));
    }
    Representation representation =
        representation(found.hash(), blob.sizeBytes(), found.sha256(), type, address);
    return finish(
        head,
        representation,
        found,
        range -> new Piece.Stream(new VerifiedBytes(blob, found.hash(), range)));
  }

  private static Representation representation(
      Hash hash, long sizeBytes, @Nullable Sha256 sha256, String type, Address address) {
    return new Representation(hash, sizeBytes, sha256, type, address.immutable(), address.name());
  }

  private interface PieceMaker {
    Piece make(ByteRange range) throws IOException;
  }

  private static Answer finish(
      RequestHead head, Representation representation, Found found, PieceMaker maker)
      throws IOException {
    RangeField.Selection selection = representation.select(head);
    try {
      Answer answer =
          representation.answer(
              selection,
              Source.LOCAL,
              range -> {
                try {
                  return head.isHead() ? List.of() : List.of(maker.make(range));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              found::release);
      if (selection instanceof RangeField.Selection.Unsatisfiable) {
        found.release();
      }
      return answer;
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
  }

  private static byte[] head(FileChannel file, long sizeBytes) throws IOException {
    return read(file, new ByteRange(0, Math.min(sizeBytes, ContentSample.HEAD_BYTES)));
  }

  private static byte[] read(FileChannel file, ByteRange range) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) range.lengthBytes());
    while (buffer.hasRemaining()) {
      if (file.read(buffer, range.first() + buffer.position()) < 0) {
        throw new EOFException("the file has become shorter");
      }
    }
    return buffer.array();
  }

  private static byte[] head(BlobReader blob, Hash hash) throws IOException {
    int length = (int) Math.min(blob.sizeBytes(), ContentSample.HEAD_BYTES);
    byte[] head = new byte[length];
    int count = 0;
    if (length > 0) {
      try (VerifiedBytes bytes = new VerifiedBytes(blob, hash, new ByteRange(0, length))) {
        int read = bytes.readNow(head, 0, length);
        while (read > 0 && count + read < length) {
          count += read;
          read = bytes.readNow(head, count, length - count);
        }
        count += Math.max(0, read);
      }
    }
    return Arrays.copyOf(head, count);
  }
}
