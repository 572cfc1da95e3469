package org.veilor.seed.node.announce;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.announcement.GateState;
import org.veilor.seed.gossip.announcement.GateStateCodec;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.store.file.Checksummed;
import org.veilor.seed.store.file.Folders;
import org.veilor.seed.store.file.ReplacedFile;

/**
 * What is remembered of a topic over a restart: which announcements were heard, so that none is
 * taken twice, and the sequence of the last one said, so that others believe the next one even if
 * the clock was set back. {@code services/TOPIC.heard} in the state folder, mode 0600.
 *
 * <p>The sequence plus one as a varint, the bytes of {@link GateStateCodec}, and the BLAKE3 hash of
 * both: a flipped bit could silence somebody.
 */
final class TopicFile {
  /**
   * What it holds.
   *
   * @param lastSequence -1 if nothing was said
   */
  record Memory(long lastSequence, GateState gate) {
    static final Memory NONE = new Memory(-1, GateState.NEW);
  }

  private static final Logger LOG = LoggerFactory.getLogger(TopicFile.class);

  /** Of 10,000 issuers with full windows, and of origins with all the Forgets that count. */
  private static final long MAX_BYTES = 32L << 20;

  private final Path folder;
  private final Path file;

  TopicFile(Path folder, TopicId topic) {
    this.folder = folder;
    this.file = folder.resolve(topic + ".heard");
  }

  /** What was written last; of a damaged file nothing. */
  Memory read() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is too long");
      }
      return decode(Files.readAllBytes(file));
    } catch (NoSuchFileException _) {
      return Memory.NONE;
    } catch (IOException | MalformedException e) {
      LOG.warn(
          "{} is not used ({}); announcements of the last ten minutes can be repeated once",
          file,
          e.getMessage());
      return Memory.NONE;
    }
  }

  /** Replaces it. Not durable: what a loss of power takes can be repeated for ten minutes. */
  void write(Memory memory) {
    try {
      Folders.createPrivate(folder);
      ReplacedFile.write(file, encode(memory), false);
    } catch (IOException e) {
      LOG.error("what was heard of a service cannot be written to {}: {}", file, e.getMessage());
    }
  }

  /** The topic is left for good. */
  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.error("{} cannot be deleted: {}", file, e.getMessage());
    }
  }

  static byte[] encode(Memory memory) {
    return Checksummed.seal(
        new PostcardWriter()
            .writeVarint(memory.lastSequence() + 1)
            .writeFixed(GateStateCodec.encode(memory.gate()))
            .toBytes());
  }

  static Memory decode(byte[] bytes) throws MalformedException {
    PostcardReader in = new PostcardReader(Checksummed.open(bytes));
    long lastSequence = in.readU64() - 1;
    return new Memory(lastSequence, GateStateCodec.decode(in.readFixed(in.remaining())));
  }
}
