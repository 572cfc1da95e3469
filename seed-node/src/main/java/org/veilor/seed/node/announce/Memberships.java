package org.veilor.seed.node.announce;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceLimits;
import org.veilor.seed.store.file.Folders;
import org.veilor.seed.store.file.ReplacedFile;

/**
 * The services that this node is in: an invite each, in a file of mode 0600 below {@code services/}
 * of the state folder, so that a copy of the folder is the whole membership and a new database
 * costs none. There is one for each name, because names are what the gateway's addresses have.
 */
public final class Memberships {
  /** Services that a node can be in. */
  public static final int MAX_SERVICES = 256;

  private static final Logger LOG = LoggerFactory.getLogger(Memberships.class);
  private static final String SUFFIX = ".invite";
  private static final int NAME_CHARACTERS = 32;

  private final Path folder;
  private final TreeMap<String, Invite> byName = new TreeMap<>();

  private Memberships(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads what is there; a file that is no invite is named in the log and left alone.
   *
   * @throws IOException with a sentence that names the folder
   */
  public static Memberships open(Path state) throws IOException {
    Memberships memberships = new Memberships(state.resolve("services"));
    try {
      Folders.createPrivate(memberships.folder);
      memberships.read();
      return memberships;
    } catch (IOException e) {
      throw new IOException(
          "the folder "
              + memberships.folder
              + " with the invites of services cannot be read ("
              + e.getMessage()
              + "); check its rights",
          e);
    }
  }

  private void read() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        if (Files.size(file) > ServiceLimits.MAX_INVITE_CHARS) {
          LOG.error("{} is too long to be an invite", file);
          continue;
        }
        try {
          Invite invite = Invite.parse(Files.readString(file));
          byName.put(invite.service().name().name(), invite);
        } catch (MalformedException e) {
          LOG.error("{} is no invite ({}); 'join' the service again", file, e.getMessage());
        }
      }
    }
  }

  /** All of them, by name. */
  public synchronized List<Invite> all() {
    return List.copyOf(byName.values());
  }

  /** The one of a name, or null. */
  public synchronized @Nullable Invite named(String name) {
    return byName.get(name);
  }

  /** Adds one, in place of another one of that name; it is on the disk on return. */
  public synchronized void put(Invite invite) throws IOException {
    String name = invite.service().name().name();
    if (!byName.containsKey(name) && byName.size() >= MAX_SERVICES) {
      throw new IOException("a node can be in " + MAX_SERVICES + " services");
    }
    byte[] text = (invite.text() + "\n").getBytes(StandardCharsets.US_ASCII);
    ReplacedFile.write(file(name), text, true);
    byName.put(name, invite);
  }

  /** Removes the one of a name; whether it was there. */
  public synchronized boolean remove(String name) throws IOException {
    if (byName.remove(name) == null) {
      return false;
    }
    Files.deleteIfExists(file(name));
    Folders.sync(folder);
    return true;
  }

  /** Where it is kept what was heard and said on a topic. */
  TopicFile topicFile(TopicId topic) {
    return new TopicFile(folder, topic);
  }

  /** Where it is kept who was a neighbour on a topic; reads it. */
  KnownPeers knownPeers(TopicId topic) {
    return new KnownPeers(folder, topic);
  }

  private Path file(String name) {
    String hash = Blake3Hasher.hash(name.getBytes(StandardCharsets.UTF_8)).toString();
    return folder.resolve(hash.substring(0, NAME_CHARACTERS) + SUFFIX);
  }
}
