package org.veilor.seed.node.membership;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Members.Member;
import org.veilor.seed.gossip.service.ServiceLimits;
import org.veilor.seed.store.file.Checksummed;
import org.veilor.seed.store.file.Folders;
import org.veilor.seed.store.file.ReplacedFile;

/**
 * The members of groups on the disk: {@code services/members} of the state folder, mode 0600.
 *
 * <p>A version, a count, and for each member 32 bytes of topic id, 32 of endpoint id and the time;
 * then the BLAKE3 hash of all before. That the file is there says, too, that the node has been in a
 * group.
 */
final class MemberFile {
  private static final Logger LOG = LoggerFactory.getLogger(MemberFile.class);
  private static final int VERSION = 1;
  private static final int MIN_ENTRY_BYTES = TopicId.LENGTH + EndpointId.LENGTH + 1;
  private static final int MAX_BYTES = 64 + ServiceLimits.MAX_MEMBERS * (MIN_ENTRY_BYTES + 9);

  private final Path folder;
  private final Path file;

  MemberFile(Path state) {
    this.folder = state.resolve("services");
    this.file = folder.resolve("members");
  }

  boolean exists() {
    return Files.exists(file);
  }

  /** What was written last; nobody if there is nothing, or something damaged: they prove again. */
  List<Member> read() {
    if (!exists()) {
      return List.of();
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is too long");
      }
      return decode(Files.readAllBytes(file));
    } catch (IOException | MalformedException e) {
      LOG.warn("{} is not used ({}); members will prove themselves again", file, e.getMessage());
      return List.of();
    }
  }

  /** Replaces the file; durable on return. */
  void write(List<Member> members) throws IOException {
    Folders.createPrivate(folder);
    ReplacedFile.write(file, encode(members), true);
  }

  static byte[] encode(List<Member> members) {
    PostcardWriter out = new PostcardWriter().writeVarint(VERSION).writeVarint(members.size());
    for (Member member : members) {
      out.writeFixed(member.group().toBytes()).writeFixed(member.endpoint().toBytes());
      out.writeVarint(member.provedAtMillis());
    }
    return Checksummed.seal(out.toBytes());
  }

  static List<Member> decode(byte[] bytes) throws MalformedException {
    PostcardReader in = new PostcardReader(Checksummed.open(bytes));
    if (in.readU64() != VERSION) {
      throw in.malformed("it is of another version");
    }
    int count = in.readCount(ServiceLimits.MAX_MEMBERS, MIN_ENTRY_BYTES);
    List<Member> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      TopicId group = TopicId.of(in.readFixed(TopicId.LENGTH));
      members.add(new Member(group, endpoint(in), in.readU64()));
    }
    if (in.remaining() > 0) {
      throw in.malformed("something follows");
    }
    return members;
  }

  private static EndpointId endpoint(PostcardReader in) throws MalformedException {
    return EndpointId.of(in.readFixed(EndpointId.LENGTH));
  }
}
