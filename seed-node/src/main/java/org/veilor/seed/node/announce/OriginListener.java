package org.veilor.seed.node.announce;

import java.util.List;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.service.Invite;

/**
 * Keeps what origins said: it stays true until it is superseded, and every new neighbour is told of
 * it. Called on the announcer's thread; must not block.
 */
public interface OriginListener {
  /** Nobody keeps anything. */
  OriginListener NONE =
      new OriginListener() {
        @Override
        public void entered(Invite invite) {}

        @Override
        public void left(Invite invite) {}

        @Override
        public void heard(Invite invite, Announcement said) {}

        @Override
        public void whenKept(Runnable task) {
          task.run();
        }

        @Override
        public boolean lists(Invite invite) {
          return false;
        }

        @Override
        public List<byte[]> kept(Invite invite) {
          return List.of();
        }
      };

  /** The node is in a service's topic from now on, as this invite has it. */
  void entered(Invite invite);

  /** The node is not in the topic any more, or has another invite. */
  void left(Invite invite);

  /** An origin of the service said a Catalogue or a Forget that was not heard before. */
  void heard(Invite invite, Announcement said);

  /** Runs a task, on any thread, when everything that was heard before is kept. */
  void whenKept(Runnable task);

  /** Whether what appears in the service's folder goes into a catalogue of this node, too. */
  boolean lists(Invite invite);

  /** What new neighbours are to be told, in this order: announcements as they were made. */
  List<byte[]> kept(Invite invite);
}
