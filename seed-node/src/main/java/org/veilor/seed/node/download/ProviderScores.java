package org.veilor.seed.node.download;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What downloads learn of providers, for the next ones: the most recent few thousand. */
final class ProviderScores {
  private static final int MAX_SCORES = 4096;

  /**
   * What is known of one provider.
   *
   * @param bytesPerSecond 0 if it was never measured
   * @param rttNanos 0 if it was never measured
   * @param bytes verified and of use
   * @param failures requests and connections
   * @param lies responses that did not verify
   */
  record Score(long bytesPerSecond, long rttNanos, long bytes, long failures, long lies) {
    static final Score UNKNOWN = new Score(0, 0, 0, 0, 0);
  }

  private final Map<ProviderId, Score> scores =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ProviderId, Score> eldest) {
          return size() > MAX_SCORES;
        }
      };

  synchronized Score of(ProviderId id) {
    return scores.getOrDefault(id, Score.UNKNOWN);
  }

  synchronized void failed(ProviderId id, boolean isLie) {
    Score old = scores.getOrDefault(id, Score.UNKNOWN);
    scores.put(
        id,
        new Score(
            old.bytesPerSecond(),
            old.rttNanos(),
            old.bytes(),
            old.failures() + 1,
            old.lies() + (isLie ? 1 : 0)));
  }

  synchronized void measured(DownloadProgress.Share share) {
    if (share.bytes() == 0) {
      return;
    }
    Score old = scores.getOrDefault(share.provider(), Score.UNKNOWN);
    scores.put(
        share.provider(),
        new Score(
            share.bytesPerSecond() > 0 ? share.bytesPerSecond() : old.bytesPerSecond(),
            share.rttNanos() > 0 ? share.rttNanos() : old.rttNanos(),
            old.bytes() + share.bytes(),
            old.failures(),
            old.lies()));
  }

  /** Those first that never lied, in the order given; liars last. */
  List<Provider> inOrder(List<Provider> providers) {
    List<Provider> sorted = new ArrayList<>(providers);
    sorted.sort(Comparator.comparingLong(provider -> Math.min(1, of(provider.id()).lies())));
    return sorted;
  }

  synchronized Map<ProviderId, Score> all() {
    return new LinkedHashMap<>(scores);
  }
}
