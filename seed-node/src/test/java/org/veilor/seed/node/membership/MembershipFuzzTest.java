package org.veilor.seed.node.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.service.Members.Member;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.node.membership.MemberExchange.Output;

/**
 * Whatever a stranger sends as a proof is answered with nothing, or refused. Without the
 * environment variable of Jazzer these run on their seed inputs only.
 */
class MembershipFuzzTest {
  private static final MembershipProof PROOF =
      new MembershipProof(
          SecretKey.of(bytes("them")).id(), SecretKey.of(bytes("us")).id(), bytes("exporter"));
  private static final ServiceKey.Group GROUP =
      new ServiceKey.Group(new ServiceName("realm", "name"), ServiceSecret.of(bytes("secret")));

  private static byte[] bytes(String text) {
    return Blake3Hasher.hash(text.getBytes(UTF_8)).toBytes();
  }

  /** The first byte says how the others are cut into pieces. */
  @FuzzTest
  void exchange(byte[] input) {
    int piece = input.length == 0 ? 1 : 1 + (input[0] & 0x7f);
    MemberExchange acceptor = MemberExchange.acceptor(PROOF, List.of(GROUP), 0);
    MemberExchange dialler = MemberExchange.dialler(PROOF, List.of(GROUP), 0);
    for (int at = 1; at < input.length; at += piece) {
      int count = Math.min(piece, input.length - at);
      check(isQuiet(acceptor.received(input, at, count, 0)), "an early answer");
      check(isQuiet(dialler.received(input, at, count, 0)), "an early end");
    }
    switch (acceptor.ended(0)) {
      case Output.Answer(byte[] message, var members) -> {
        check(members.isEmpty(), "nobody can guess a proof");
        check(Arrays.equals(message, new byte[1]), "one answer for all strangers");
      }
      case Output.Refuse _, Output.Wait _ -> {}
      case Output.Done _ -> throw new AssertionError("an acceptor answers");
    }
    if (dialler.ended(0) instanceof Output.Done(var members)) {
      check(members.isEmpty(), "nobody can guess a proof");
    }
  }

  private static boolean isQuiet(Output output) {
    return output instanceof Output.Wait || output instanceof Output.Refuse;
  }

  /** What a node keeps over a restart may be damaged; here with a right checksum. */
  @FuzzTest
  void memberFile(byte[] input) {
    byte[] bytes =
        new PostcardWriter()
            .writeFixed(input)
            .writeFixed(Blake3Hasher.hash(input).toBytes())
            .toBytes();
    List<Member> members;
    try {
      members = MemberFile.decode(bytes);
    } catch (MalformedException e) {
      check(e.offset() <= bytes.length, "offset");
      return;
    }
    try {
      check(MemberFile.decode(MemberFile.encode(members)).equals(members), "reads what it writes");
    } catch (MalformedException e) {
      throw new AssertionError(members.toString(), e);
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
