package org.veilor.seed.node.membership;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * One exchange of proofs over one stream, either side: a function of what comes and of the time.
 * {@code docs/protocol.md} section 8.
 *
 * <p>What an acceptor sends to somebody of whom it believes nothing is one and the same message,
 * made by the same steps, whatever groups it is in.
 */
final class MemberExchange {
  /** Where it stands. */
  private enum State {
    /** In: new. Out: OVER, by the end of what the other one sends, an error, or the deadline. */
    READING,
    /** In: READING. */
    OVER
  }

  /** What is to be done. */
  sealed interface Output {
    /** Nothing yet. */
    record Wait() implements Output {}

    /**
     * Send this and finish. (An acceptor.)
     *
     * @param members the groups that the other one has proved
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Answer(byte[] message, Set<ServiceKey.Group> members) implements Output {}

    /** All is said, and the other one has proved these. (A dialler.) */
    record Done(Set<ServiceKey.Group> members) implements Output {}

    /** It came to nothing: reset the stream, and stop reading. */
    record Refuse(String why) implements Output {}
  }

  private final boolean isDialler;
  private final MembershipProof theirs;
  private final List<ServiceKey.Group> ours;
  private final long deadlineNanos;
  private byte[] received = new byte[0];
  private State state = State.READING;

  private MemberExchange(
      boolean isDialler, MembershipProof theirs, List<ServiceKey.Group> ours, long nowNanos) {
    this.isDialler = isDialler;
    this.theirs = theirs;
    this.ours = ours;
    this.deadlineNanos = nowNanos + MembershipLimits.EXCHANGE_NANOS;
  }

  /**
   * The side that opened the stream; it sends {@link #claims} and finishes.
   *
   * @param theirs what the other one has to prove: it is the prover
   * @param ours the groups that are claimed, at most {@code ServiceLimits.MAX_GROUPS}
   */
  static MemberExchange dialler(
      MembershipProof theirs, List<ServiceKey.Group> ours, long nowNanos) {
    return new MemberExchange(true, theirs, ours, nowNanos);
  }

  /**
   * The side that answers.
   *
   * @param theirs what the other one has to prove: it is the prover
   * @param ours all groups that this node is in
   */
  static MemberExchange acceptor(
      MembershipProof theirs, List<ServiceKey.Group> ours, long nowNanos) {
    return new MemberExchange(false, theirs, ours, nowNanos);
  }

  /** What a dialler sends. */
  byte[] claims() {
    return MembershipProof.encode(theirs.reversed().claims(ours));
  }

  /** Takes bytes; the array is the caller's again. */
  Output received(byte[] data, int offset, int length, long nowNanos) {
    if (state == State.OVER) {
      return new Output.Wait();
    }
    if (received.length + length > MembershipProof.MAX_MESSAGE_BYTES) {
      return refuse("more than a message can have");
    }
    int before = received.length;
    received = Arrays.copyOf(received, before + length);
    System.arraycopy(data, offset, received, before, length);
    return at(nowNanos);
  }

  /** The other one has said all. */
  Output ended(long nowNanos) {
    if (state == State.OVER || at(nowNanos) instanceof Output.Refuse) {
      return new Output.Wait();
    }
    List<MembershipProof.Claim> claims;
    try {
      claims = MembershipProof.decode(received);
    } catch (MalformedException e) {
      return refuse("no list of claims: " + e.getMessage());
    }
    state = State.OVER;
    if (isDialler) {
      return new Output.Done(theirs.believed(claims, ours));
    }
    MembershipProof.Answer answer = theirs.answer(claims, ours);
    return new Output.Answer(MembershipProof.encode(answer.reply()), answer.members());
  }

  /** Looks at the time. */
  Output at(long nowNanos) {
    return state == State.READING && nowNanos - deadlineNanos >= 0
        ? refuse("it took too long")
        : new Output.Wait();
  }

  private Output refuse(String why) {
    state = State.OVER;
    received = new byte[0];
    return new Output.Refuse(why);
  }
}
