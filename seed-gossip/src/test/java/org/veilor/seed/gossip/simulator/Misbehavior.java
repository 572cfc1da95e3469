package org.veilor.seed.gossip.simulator;

import java.util.List;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message;

/** What a malicious node does beside, or in place of, what it should. */
public interface Misbehavior {
  /** What is sent in place of a message; nothing, the message itself, or something else. */
  List<Message> instead(EndpointId to, Message message);

  /** What every neighbour is sent once a second. */
  List<Message> everySecond();
}
