package org.veilor.seed.node.download;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.getter.ObserverSession;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;

/** Reads an observe stream. */
final class ObserveRun implements RequestRun.Consumer {
  /** Items of one stream: a provider that talks forever is not listened to. */
  private static final int MAX_ITEMS = 100_000;

  /** Told what the provider says it holds. */
  interface Listener {
    void observed(long sizeBytes, ChunkRanges present);
  }

  private final ObserverSession session;
  private final Listener listener;
  private final Runnable onEnd;
  private int items;
  private boolean over;

  ObserveRun(Hash hash, Listener listener, Runnable onEnd) {
    this.session = new ObserverSession(hash);
    this.listener = listener;
    this.onEnd = onEnd;
  }

  @Override
  public void take(RequestRun run, List<RequestRun.Block> blocks, RequestRun.@Nullable End end) {
    boolean isNews = false;
    for (RequestRun.Block block : blocks) {
      isNews |= !over && read(block.bytes(), block.length());
    }
    if (isNews) {
      listener.observed(session.observation().sizeBytes(), session.observation().present());
    }
    if (end != null || over || items > MAX_ITEMS) {
      run.cancel();
      onEnd.run();
    }
  }

  /** Whether there was an item. */
  private boolean read(byte[] bytes, int length) {
    int offset = 0;
    boolean isNews = false;
    while (true) {
      ObserverSession.Event event = session.next(bytes, offset, length - offset);
      offset += session.consumed();
      switch (event) {
        case ObserverSession.Event.NeedMore _ -> {
          return isNews;
        }
        case ObserverSession.Event.Updated _ -> {
          isNews = true;
          items++;
        }
        case ObserverSession.Event.Failed _ -> {
          over = true;
          return isNews;
        }
      }
    }
  }
}
