package org.veilor.seed.gossip.service;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * All that a node needs to join a service: the text {@code veilorservice} and base32. {@code
 * docs/protocol.md} has its bytes. Its last four are a checksum, because a wrong secret would show
 * only as silence.
 *
 * @param origins endpoints trusted to name what the service holds, one at least
 * @param bootstrap endpoints to begin with; may be empty, then the origins have to be looked up
 */
public record Invite(ServiceKey service, List<EndpointId> origins, List<EndpointAddr> bootstrap) {
  private static final String KIND = "veilorservice";
  private static final int VERSION = 1;
  private static final int CHECK_BYTES = 4;
  private static final int PUBLIC = 0;
  private static final int GROUP = 1;

  /**
   * Drops repetitions.
   *
   * @throws IllegalArgumentException if there are no origins, too many of something, or too long
   *     addresses
   */
  public Invite {
    origins = List.copyOf(new LinkedHashSet<>(origins));
    bootstrap = List.copyOf(new LinkedHashSet<>(bootstrap));
    if (origins.isEmpty() || origins.size() > ServiceLimits.MAX_ORIGINS) {
      throw new IllegalArgumentException(
          "a service has 1 to " + ServiceLimits.MAX_ORIGINS + " origins, not " + origins.size());
    }
    if (bootstrap.size() > ServiceLimits.MAX_BOOTSTRAP
        || !bootstrap.stream().allMatch(Invite::isWithinLimits)) {
      throw new IllegalArgumentException("too many endpoints or addresses for an invite");
    }
  }

  private static boolean isWithinLimits(EndpointAddr addr) {
    PostcardWriter out = new PostcardWriter();
    addr.encode(out);
    return addr.addrs().size() <= ServiceLimits.MAX_ADDRESSES
        && out.size() <= ServiceLimits.MAX_ADDR_BYTES;
  }

  /** The text to pass on. Of a group it is a secret. */
  public String text() {
    return KIND + Base32.RFC4648.encode(toBytes());
  }

  private byte[] toBytes() {
    PostcardWriter out = new PostcardWriter().writeU8(VERSION);
    out.writeText(service.name().realm()).writeText(service.name().name());
    switch (service) {
      case ServiceKey.Public _ -> out.writeU8(PUBLIC).writeBoolean(false);
      case ServiceKey.Group(_, ServiceSecret secret) ->
          out.writeU8(GROUP).writeBoolean(true).writeFixed(secret.toBytes());
    }
    out.writeVarint(origins.size());
    origins.forEach(origin -> out.writeFixed(origin.toBytes()));
    out.writeVarint(bootstrap.size());
    bootstrap.forEach(addr -> addr.encode(out));
    return out.writeFixed(check(out.toBytes())).toBytes();
  }

  private static byte[] check(byte[] bytes) {
    return Arrays.copyOf(Blake3Hasher.hash(bytes).toBytes(), CHECK_BYTES);
  }

  /**
   * Reads the text. Upper case, and all that is neither letter nor digit, do not matter: white
   * space, line breaks, invisible characters, hyphens, quotation marks of all languages, the marks
   * of quoted lines, the full stop of a sentence are what chat programs and people add. Neither
   * does what stands before it, such as {@code veilor-seed join}.
   *
   * @throws MalformedException if it is no invite or has been damaged; the message does not repeat
   *     the text
   */
  public static Invite parse(String text) throws MalformedException {
    if (text.length() > ServiceLimits.MAX_INVITE_CHARS) {
      throw new MalformedException(ServiceLimits.MAX_INVITE_CHARS, "invite too long");
    }
    StringBuilder bare = new StringBuilder(text.length());
    text.codePoints().filter(Character::isLetterOrDigit).forEach(bare::appendCodePoint);
    int start = bare.toString().toLowerCase(Locale.ROOT).indexOf(KIND);
    if (start < 0) {
      throw new MalformedException(0, "an invite begins with " + KIND);
    }
    String content = bare.substring(start + KIND.length());
    try {
      return ofBytes(Base32.RFC4648.decode(content));
    } catch (MalformedException e) {
      if (content.toLowerCase(Locale.ROOT).contains(KIND)) {
        throw new MalformedException(e.offset(), "there is more than one; give each by itself");
      }
      throw e;
    }
  }

  private static Invite ofBytes(byte[] bytes) throws MalformedException {
    if (bytes.length > ServiceLimits.MAX_INVITE_BYTES) {
      throw new MalformedException(0, "invite too long");
    }
    int length = bytes.length - CHECK_BYTES;
    if (length < 1) {
      throw new MalformedException(0, "the invite is not complete");
    }
    if (bytes[0] != VERSION) {
      throw new MalformedException(0, "an invite of another version than " + VERSION);
    }
    byte[] check = Arrays.copyOfRange(bytes, length, bytes.length);
    if (!Arrays.equals(check(Arrays.copyOf(bytes, length)), check)) {
      throw new MalformedException(0, "the invite is damaged or not complete");
    }
    PostcardReader in = new PostcardReader(bytes, 1, length - 1);
    Invite invite = new Invite(readService(in), readOrigins(in), readBootstrap(in));
    if (in.remaining() > 0) {
      throw in.malformed("something follows the invite");
    }
    return invite;
  }

  private static ServiceKey readService(PostcardReader in) throws MalformedException {
    String realm = in.readText(ServiceName.MAX_BYTES);
    String name = in.readText(ServiceName.MAX_BYTES);
    ServiceName serviceName;
    try {
      serviceName = new ServiceName(realm, name);
    } catch (IllegalArgumentException e) {
      throw in.malformed(String.valueOf(e.getMessage()));
    }
    boolean group = in.readVariant(2) == GROUP;
    if (in.readBoolean() != group) {
      throw in.malformed("a group has a secret, and nothing else has");
    }
    return group
        ? new ServiceKey.Group(serviceName, ServiceSecret.of(in.readFixed(ServiceSecret.LENGTH)))
        : new ServiceKey.Public(serviceName);
  }

  private static List<EndpointId> readOrigins(PostcardReader in) throws MalformedException {
    int count = in.readCount(ServiceLimits.MAX_ORIGINS, EndpointId.LENGTH);
    if (count == 0) {
      throw in.malformed("no origin");
    }
    List<EndpointId> origins = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      origins.add(EndpointId.of(in.readFixed(EndpointId.LENGTH)));
    }
    return origins;
  }

  private static List<EndpointAddr> readBootstrap(PostcardReader in) throws MalformedException {
    int count = in.readCount(ServiceLimits.MAX_BOOTSTRAP, EndpointId.LENGTH + 1);
    List<EndpointAddr> bootstrap = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      EndpointAddr addr = EndpointAddr.decode(in);
      if (!isWithinLimits(addr)) {
        throw in.malformed("too many or too long addresses");
      }
      bootstrap.add(addr);
    }
    return bootstrap;
  }

  /** What whoever uses it gets and trusts, in sentences for people, without the secret. */
  public String grants() {
    String what =
        switch (service) {
          case ServiceKey.Public _ ->
              "Joins the public service " + shownName() + ", whose files anyone may fetch.";
          case ServiceKey.Group _ ->
              "Joins the group service "
                  + shownName()
                  + " as a member: whoever has this invite can fetch all its files, serve them and"
                  + " invite others. Keep it secret.";
        };
    String trusted = origins.stream().map(EndpointId::shortText).collect(Collectors.joining(", "));
    return what
        + " Trusts "
        + (origins.size() == 1 ? "the origin " : "the origins ")
        + trusted
        + " to say what the service holds and what is to be forgotten. Begins with "
        + (bootstrap.size() == 1 ? "1 endpoint." : bootstrap.size() + " endpoints.")
        + " Everybody in the service learns this node's endpoint id and addresses, and which files"
        + " of the service it has and asks for.";
  }

  /** The service's name, in which whoever made the invite can hide nothing. */
  private String shownName() {
    StringBuilder shown = new StringBuilder();
    service
        .name()
        .toString()
        .codePoints()
        .forEach(each -> {
          if (isSeen(each)) {
            shown.appendCodePoint(each);
          } else {
            shown.append("\\u{").append(Integer.toHexString(each)).append('}');
          }
        });
    return shown.toString();
  }

  private static boolean isSeen(int codePoint) {
    boolean isOddBlank = Character.isSpaceChar(codePoint) && codePoint != ' ';
    return !isOddBlank && Character.getType(codePoint) != Character.FORMAT;
  }

  /** What it grants; never the secret. */
  @Override
  public String toString() {
    return grants();
  }
}
