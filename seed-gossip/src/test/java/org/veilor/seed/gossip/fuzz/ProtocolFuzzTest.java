package org.veilor.seed.gossip.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.protocol.AddrInfo;
import org.veilor.seed.gossip.protocol.FrameReader;
import org.veilor.seed.gossip.protocol.FrameReader.Event;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.MessageCodec;
import org.veilor.seed.gossip.protocol.PeerData;

/**
 * Whatever a peer sends is read or malformed, and what is read can be written and read again.
 * Without the environment variable of Jazzer these run on their seed inputs only.
 */
class ProtocolFuzzTest {
  @FuzzTest
  void message(byte[] input) {
    Message message;
    try {
      message = MessageCodec.decode(input, 0, input.length);
    } catch (MalformedException e) {
      check(e.offset() <= input.length, "offset");
      return;
    }
    byte[] written = MessageCodec.encode(message);
    check(written.length <= input.length, "we write the shortest form");
    try {
      check(MessageCodec.decode(written, 0, written.length).equals(message), "reads what it wrote");
    } catch (MalformedException e) {
      throw new AssertionError(message.toString(), e);
    }
  }

  /** The first byte says how the rest is cut into slices. */
  @FuzzTest
  void stream(byte[] input) {
    if (input.length < 2) {
      return;
    }
    FrameReader whole = new FrameReader();
    List<Event> events = whole.read(input, 1, input.length - 1);
    FrameReader sliced = new FrameReader();
    List<Event> pieces = new ArrayList<>();
    int slice = 1 + (input[0] & 0xff);
    for (int position = 1; position < input.length; position += slice) {
      pieces.addAll(sliced.read(input, position, Math.min(slice, input.length - position)));
    }
    check(events.equals(pieces), "slices do not matter");
    check(whole.end() == sliced.end(), "the same end");
    for (int i = 0; i < events.size(); i++) {
      check(!(events.get(i) instanceof Event.Received) || i > 0, "the header comes first");
      boolean failed = events.get(i) instanceof Event.Failed;
      check(!failed || i == events.size() - 1, "a failure comes last");
    }
  }

  @FuzzTest
  void addresses(byte[] input) {
    AddrInfo info;
    try {
      info = AddrInfo.decode(PeerData.of(input));
    } catch (MalformedException e) {
      check(e.offset() <= input.length, "offset");
      return;
    }
    check(info.directAddresses().size() <= GossipLimits.MAX_ADDRESSES, "number of addresses");
    PeerData written = info.toPeerData();
    check(written.sizeBytes() <= GossipLimits.MAX_OWN_PEER_DATA_BYTES, "size");
    try {
      AddrInfo again = AddrInfo.decode(written);
      check(info.directAddresses().containsAll(again.directAddresses()), "the same addresses");
    } catch (MalformedException e) {
      throw new AssertionError(info.toString(), e);
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
