package org.veilor.seed.gossip.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.protocol.Message.Disconnect;
import org.veilor.seed.gossip.protocol.Message.ForwardJoin;
import org.veilor.seed.gossip.protocol.Message.Gossip;
import org.veilor.seed.gossip.protocol.Message.Graft;
import org.veilor.seed.gossip.protocol.Message.IHave;
import org.veilor.seed.gossip.protocol.Message.IHaveItem;
import org.veilor.seed.gossip.protocol.Message.Join;
import org.veilor.seed.gossip.protocol.Message.Neighbor;
import org.veilor.seed.gossip.protocol.Message.Priority;
import org.veilor.seed.gossip.protocol.Message.Prune;
import org.veilor.seed.gossip.protocol.Message.Shuffle;
import org.veilor.seed.gossip.protocol.Message.ShuffleReply;

/**
 * The postcard form of messages, without the length in front (iroh-gossip {@code topic.rs:92},
 * {@code hyparview.rs:69}, {@code plumtree.rs:137}).
 *
 * <p>Written in the shortest form. Read as leniently as postcard does: bytes behind the message are
 * ignored, numbers may be longer than necessary, but each id has to be a point of the curve,
 * because a Rust node drops the whole stream of whoever passes another on.
 */
public final class MessageCodec {
  private static final int MEMBERSHIP = 0;
  private static final int BROADCAST = 1;
  private static final int MIN_PEER_INFO_BYTES = EndpointId.LENGTH + 1;
  private static final int MIN_IHAVE_ITEM_BYTES = Hash.LENGTH + 1;

  private MessageCodec() {}

  /** The bytes of a message, however many: {@link FrameWriter} refuses those that are too long. */
  public static byte[] encode(Message message) {
    PostcardWriter out = new PostcardWriter();
    switch (message) {
      case Message.Membership membership -> encodeMembership(membership, out.writeU8(MEMBERSHIP));
      case Message.Broadcast broadcast -> encodeBroadcast(broadcast, out.writeU8(BROADCAST));
    }
    return out.toBytes();
  }

  private static void encodeMembership(Message.Membership message, PostcardWriter out) {
    switch (message) {
      case Join join -> writeData(join.data(), out.writeU8(0));
      case ForwardJoin forward -> {
        writePeer(forward.peer(), out.writeU8(1));
        out.writeVarint(forward.ttl());
      }
      case Shuffle shuffle -> {
        out.writeU8(2).writeFixed(shuffle.origin().toBytes());
        writePeers(shuffle.nodes(), out);
        out.writeVarint(shuffle.ttl());
      }
      case ShuffleReply reply -> writePeers(reply.nodes(), out.writeU8(3));
      case Neighbor neighbor ->
          writeData(
              neighbor.data(), out.writeU8(4).writeBoolean(neighbor.priority() == Priority.LOW));
      case Disconnect disconnect ->
          out.writeU8(5).writeBoolean(disconnect.alive()).writeBoolean(false);
    }
  }

  private static void encodeBroadcast(Message.Broadcast message, PostcardWriter out) {
    switch (message) {
      case Gossip gossip -> {
        out.writeU8(0).writeFixed(gossip.id().toBytes()).writeBytes(gossip.content());
        switch (gossip.scope()) {
          case DeliveryScope.Swarm swarm -> out.writeU8(0).writeVarint(swarm.round());
          case DeliveryScope.Neighbors _ -> out.writeU8(1);
        }
      }
      case Prune _ -> out.writeU8(1);
      case Graft graft -> {
        Hash id = graft.id();
        out.writeU8(2).writeBoolean(id != null);
        if (id != null) {
          out.writeFixed(id.toBytes());
        }
        out.writeVarint(graft.round());
      }
      case IHave have -> {
        out.writeU8(3).writeVarint(have.items().size());
        have.items().forEach(item -> out.writeFixed(item.id().toBytes()).writeVarint(item.round()));
      }
    }
  }

  private static void writePeers(List<PeerInfo> peers, PostcardWriter out) {
    out.writeVarint(peers.size());
    peers.forEach(peer -> writePeer(peer, out));
  }

  private static void writePeer(PeerInfo peer, PostcardWriter out) {
    writeData(peer.data(), out.writeFixed(peer.id().toBytes()));
  }

  private static void writeData(@Nullable PeerData data, PostcardWriter out) {
    out.writeBoolean(data != null);
    if (data != null) {
      out.writeBytes(data.toBytes());
    }
  }

  /**
   * Reads one message; what follows it is ignored.
   *
   * @param length at most {@link GossipLimits#MAX_RECEIVED_FRAME_BYTES}, which bounds every list
   * @throws MalformedException if it is none: then the stream of its sender is of no more use
   */
  public static Message decode(byte[] frame, int offset, int length) throws MalformedException {
    if (length > GossipLimits.MAX_RECEIVED_FRAME_BYTES) {
      throw new MalformedException(0, "message too long");
    }
    PostcardReader in = new PostcardReader(frame, offset, length);
    return in.readVariant(2) == MEMBERSHIP ? decodeMembership(in) : decodeBroadcast(in);
  }

  private static Message decodeMembership(PostcardReader in) throws MalformedException {
    return switch (in.readVariant(6)) {
      case 0 -> new Join(readData(in));
      case 1 -> new ForwardJoin(readPeer(in), in.readU16());
      case 2 -> new Shuffle(readId(in), readPeers(in), in.readU16());
      case 3 -> new ShuffleReply(readPeers(in));
      case 4 -> new Neighbor(in.readVariant(2) == 0 ? Priority.HIGH : Priority.LOW, readData(in));
      default -> {
        boolean alive = in.readBoolean();
        in.readBoolean();
        yield new Disconnect(alive);
      }
    };
  }

  private static Message decodeBroadcast(PostcardReader in) throws MalformedException {
    return switch (in.readVariant(4)) {
      case 0 -> new Gossip(readHash(in), in.readBytes(in.remaining()), readScope(in));
      case 1 -> new Prune();
      case 2 -> new Graft(in.readBoolean() ? readHash(in) : null, in.readU16());
      default -> {
        int count = in.readCount(in.remaining(), MIN_IHAVE_ITEM_BYTES);
        List<IHaveItem> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          items.add(new IHaveItem(readHash(in), in.readU16()));
        }
        yield new IHave(items);
      }
    };
  }

  private static DeliveryScope readScope(PostcardReader in) throws MalformedException {
    return in.readVariant(2) == 0
        ? new DeliveryScope.Swarm(in.readU16())
        : new DeliveryScope.Neighbors();
  }

  private static List<PeerInfo> readPeers(PostcardReader in) throws MalformedException {
    int count = in.readCount(in.remaining(), MIN_PEER_INFO_BYTES);
    List<PeerInfo> peers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      peers.add(readPeer(in));
    }
    return peers;
  }

  private static PeerInfo readPeer(PostcardReader in) throws MalformedException {
    return new PeerInfo(readId(in), readData(in));
  }

  private static @Nullable PeerData readData(PostcardReader in) throws MalformedException {
    return in.readBoolean() ? PeerData.of(in.readBytes(in.remaining())) : null;
  }

  private static EndpointId readId(PostcardReader in) throws MalformedException {
    return EndpointId.of(in.readFixed(EndpointId.LENGTH));
  }

  private static Hash readHash(PostcardReader in) throws MalformedException {
    return Hash.of(in.readFixed(Hash.LENGTH));
  }
}
