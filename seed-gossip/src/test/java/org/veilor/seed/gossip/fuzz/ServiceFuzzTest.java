package org.veilor.seed.gossip.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.MembershipProof;

/**
 * Whatever somebody pastes or a stranger claims is read or malformed. Without the environment
 * variable of Jazzer these run on their seed inputs only.
 */
class ServiceFuzzTest {
  private static final String KIND = "veilorservice";

  @FuzzTest
  void inviteText(byte[] input) {
    checkInvite(new String(input, UTF_8));
    checkInvite(KIND + new String(input, UTF_8));
  }

  /** The bytes behind the text, with a right checksum. */
  @FuzzTest
  void inviteBytes(byte[] input) {
    byte[] check = Arrays.copyOf(Blake3Hasher.hash(input).toBytes(), 4);
    byte[] bytes = new PostcardWriter().writeFixed(input).writeFixed(check).toBytes();
    checkInvite(KIND + Base32.RFC4648.encode(bytes));
  }

  private static void checkInvite(String text) {
    Invite invite;
    try {
      invite = Invite.parse(text);
    } catch (MalformedException e) {
      check(e.offset() >= 0, "offset");
      return;
    }
    try {
      check(Invite.parse(invite.text()).equals(invite), "reads what it writes");
    } catch (MalformedException e) {
      throw new AssertionError(invite.grants(), e);
    }
  }

  @FuzzTest
  void membership(byte[] input) {
    try {
      byte[] again = MembershipProof.encode(MembershipProof.decode(input));
      check(again.length <= input.length, "no more claims than there were");
    } catch (MalformedException e) {
      check(e.offset() <= input.length, "offset");
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
