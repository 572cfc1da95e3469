package org.veilor.seed.node.download;

import org.veilor.seed.core.bao.ChunkRanges;

/** What a {@link DownloadPlan} wants to be done. */
public sealed interface PlanAction {
  /** Answer with {@link PlanInput.Connected} or {@link PlanInput.ProviderLost}. */
  record Connect(ProviderId provider) implements PlanAction {}

  /** Ask what it holds, and go on telling. */
  record Observe(ProviderId provider) implements PlanAction {}

  /** Ask for these chunks, which may contain the {@link ChunkRanges#LAST_CHUNK last one}. */
  record Request(long request, ProviderId provider, ChunkRanges ranges) implements PlanAction {}

  /** The rest of the response is not wanted; the plan has forgotten the request. */
  record Cancel(long request) implements PlanAction {}

  /**
   * Nothing more is wanted of the provider for now; all requests and the observe stream are over.
   *
   * @param broken the connection gave no answer for too long
   */
  record Drop(ProviderId provider, String why, boolean broken) implements PlanAction {}

  /** Everything is here. */
  record Complete() implements PlanAction {}

  /** It cannot be had. */
  record Fail(DownloadFailure failure) implements PlanAction {}
}
