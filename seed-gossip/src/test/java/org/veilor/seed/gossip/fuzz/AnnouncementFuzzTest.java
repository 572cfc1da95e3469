package org.veilor.seed.gossip.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Set;
import org.veilor.seed.core.identity.Signature;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.AnnouncementGate;
import org.veilor.seed.gossip.announcement.GateLimits;
import org.veilor.seed.gossip.announcement.GateOutcome;
import org.veilor.seed.gossip.announcement.GateState;
import org.veilor.seed.gossip.announcement.GateStateCodec;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;

/**
 * Whatever comes as an announcement is read or malformed, and believed only if it is signed.
 * Without the environment variable of Jazzer these run on their seed inputs only.
 */
class AnnouncementFuzzTest {
  private static final ServiceKey SERVICE = new ServiceKey.Public(new ServiceName("realm", "name"));

  @FuzzTest
  void announcement(byte[] input) {
    Announcement announcement;
    try {
      announcement = Announcement.decode(input);
    } catch (MalformedException e) {
      check(e.offset() <= input.length, "offset");
      return;
    }
    check(Arrays.equals(announcement.encode(), input), "there is one form");
    boolean signed = announcement.verify(SERVICE);
    check(!signed || input.length > Signature.LENGTH, "an answer about the signature");
  }

  /** A gate of a service that no seed is for: nobody could guess a signature. */
  @FuzzTest
  void gate(byte[] input) {
    ServiceKey other = new ServiceKey.Public(new ServiceName("other", "name"));
    AnnouncementGate gate =
        new AnnouncementGate(other, Set.of(), GateLimits.standard(), GateState.NEW, 1_000);
    GateOutcome outcome = gate.offer(input, 1_000);
    check(outcome instanceof GateOutcome.Dropped, "nothing is accepted");
    check(gate.issuers() == 0 && gate.accepted() == 0, "nothing is remembered");
  }

  /** What a node keeps over a restart may be damaged. */
  @FuzzTest
  void gateState(byte[] input) {
    GateState state;
    try {
      state = GateStateCodec.decode(input);
    } catch (MalformedException e) {
      check(e.offset() <= input.length, "offset");
      return;
    }
    AnnouncementGate gate =
        new AnnouncementGate(SERVICE, Set.of(), GateLimits.standard(), state, 1_000);
    check(gate.issuers() <= state.issuers().size(), "issuers");
    try {
      GateState again = GateStateCodec.decode(GateStateCodec.encode(state));
      check(again.equals(state), "reads what it writes");
    } catch (MalformedException e) {
      throw new AssertionError(state.toString(), e);
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
