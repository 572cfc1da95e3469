package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.admission.Admission;
import org.veilor.seed.node.admission.Verdict;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.node.seeding.FileFacts;
import org.veilor.seed.node.seeding.PathState;
import org.veilor.seed.node.seeding.Reasons;
import org.veilor.seed.node.seeding.Seeder;
import org.veilor.seed.node.seeding.SeederStatus;
import org.veilor.seed.store.BlobRecord;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.CollectionRecord;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.Refusal;
import org.veilor.seed.store.Sha256;

/**
 * Says why a path or a hash is or is not seeded. The answer has {@code state} (one word), {@code
 * seeded} (whether peers get it now), {@code why} (one sentence) and what is known besides.
 */
final class Explainer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlobStore store;
  private final Seeder seeder;
  private final ExposedBlobs exposed;
  private final PullExplainer pulled;
  private final Denials denials;

  Explainer(Node node) {
    this.store = node.store();
    this.seeder = node.seeder();
    this.exposed = node.exposed();
    this.denials = node.denials();
    this.pulled = new PullExplainer(node.cache(), node.downloader(), node.providers(), node.pins());
  }

  /** Explains a hash. */
  ObjectNode hash(Hash hash) {
    ObjectNode node = JSON.createObjectNode().put("hash", hash.toString());
    if (hash.equals(Hash.EMPTY_BLOB)) {
      return answer(node, "seeded", true, "it is the empty blob, which every endpoint has");
    }
    String forbidden = denials.denied(hash);
    if (forbidden != null) {
      return answer(node, "denied", false, "it is neither served nor fetched: " + forbidden);
    }
    BlobRecord blob = store.blob(hash);
    if (blob == null) {
      PullExplainer.State state = pulled.explain(hash, node);
      boolean isForAll = !state.isServed() || exposed.isCachedForEverybody(hash);
      String but = isForAll ? "" : "; it came from a group, so that strangers do not get it";
      return answer(node, state.word(), state.isServed() && isForAll, state.why() + but);
    }
    node.put("size_bytes", blob.sizeBytes());
    putSha256(node, blob.sha256());
    ArrayNode paths = node.putArray("paths");
    blob.paths().forEach(path -> paths.add(path.toString()));
    String denied = exposed.denied(hash);
    if (denied != null) {
      return answer(node, "withheld", false, "it is stored but not given to everybody: " + denied);
    }
    return answer(
        node,
        "seeded",
        true,
        blob.place() == BlobRecord.Place.DATABASE
            ? "it is part of a collection and is seeded from the database"
            : "it is seeded from " + blob.paths().size() + " file(s) in place");
  }

  /** Explains a path. */
  ObjectNode path(Path path) {
    ObjectNode node = JSON.createObjectNode().put("path", path.toString());
    ServiceSettings service = seeder.serviceOf(path);
    if (service != null) {
      node.put("service", service.name());
      String paused = paused(service);
      if (paused != null) {
        node.put("service_paused", paused);
      }
    }
    PathRecord row = store.path(path);
    if (row != null) {
      node.put("hash", row.hash().toString()).put("size_bytes", row.identity().sizeBytes());
      putSha256(node, row.sha256());
      node.put("seeded_at", row.seededAtMillis());
      node.put("service", row.service());
    }
    PathState state = seeder.state(path);
    if (state != null) {
      return onItsWay(node, path, state, row);
    }
    return row != null ? stored(node, path, row) : notStored(node, path, service);
  }

  private @Nullable String paused(ServiceSettings service) {
    for (SeederStatus.Service each : seeder.status().services()) {
      if (each.name().equals(service.name())) {
        return each.paused();
      }
    }
    return null;
  }

  /** Whether the file is what was hashed, and can be read. */
  private static boolean isAsHashed(Path path, @Nullable PathRecord row) {
    try {
      return row != null
          && Files.isReadable(path)
          && FileFacts.of(path).identity().isSameState(row.identity());
    } catch (IOException e) {
      return false;
    }
  }

  private static ObjectNode onItsWay(
      ObjectNode node, Path path, PathState state, @Nullable PathRecord row) {
    boolean seeded = isAsHashed(path, row);
    String before = seeded ? "; meanwhile what was hashed before is seeded" : "";
    String word = state.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    return switch (state) {
      case PathState.Settling(boolean closed, var _, int attempts, long _) ->
          answer(
              node,
              word,
              seeded,
              (closed
                      ? "it was written a moment ago and must stay quiet before it is hashed"
                      : "it may still be written to; it is hashed when it stays quiet for longer")
                  + (attempts > 0 ? " (it changed " + attempts + " times while it was read)" : "")
                  + before);
      case PathState.Queued _ ->
          answer(node, word, seeded, "it waits for a free hash worker" + before);
      case PathState.Hashing _ -> answer(node, word, seeded, "it is being hashed now" + before);
      case PathState.Waiting(String why, int _, long _) ->
          answer(node, word, seeded, why + "; it is tried again" + before);
      case PathState.Missing(boolean explicit, long _) ->
          answer(
              node,
              word,
              false,
              (explicit ? "it was deleted or renamed" : "a scan did not find it")
                  + "; it is dropped if it does not come back in a moment");
      case PathState.Seen _, PathState.Seeded _, PathState.Refused _, PathState.Gone _ ->
          answer(node, word, seeded, "its state is settled");
    };
  }

  private ObjectNode stored(ObjectNode node, Path path, PathRecord row) {
    String paused = node.path("service_paused").asText("");
    String forbidden = denials.denied(row.hash());
    if (forbidden != null) {
      return answer(node, "denied", false, "it is hashed but given to nobody: " + forbidden);
    }
    String denied = exposed.denied(row.hash());
    if (denied != null) {
      return answer(node, "withheld", false, "it is hashed but not given to everybody: " + denied);
    }
    try {
      FileFacts facts = FileFacts.of(path);
      if (facts.identity().isSameState(row.identity()) && !Files.isReadable(path)) {
        return answer(node, "unreadable", false, "it is hashed, but may not be read any more");
      }
      if (facts.identity().isSameState(row.identity())) {
        return answer(
            node,
            "seeded",
            true,
            "it is seeded in place"
                + (paused.isEmpty() ? "" : "; its service is paused: " + paused));
      }
      return answer(
          node,
          "changed",
          false,
          "it changed since it was hashed; "
              + (paused.isEmpty()
                  ? "it is hashed again soon"
                  : "its service is paused: " + paused));
    } catch (IOException e) {
      return answer(
          node,
          "missing",
          false,
          "it is known but cannot be looked at ("
              + Reasons.of(e)
              + ")"
              + (paused.isEmpty()
                  ? "; the next scan decides"
                  : "; its service is paused: " + paused));
    }
  }

  private ObjectNode notStored(ObjectNode node, Path path, @Nullable ServiceSettings service) {
    CollectionRecord collection = store.collection(path);
    if (collection != null) {
      node.put("hash", collection.hash().toString()).put("files", collection.files());
      node.put("size_bytes", collection.sizeBytes());
      return answer(node, "seeded", true, "it is a folder, seeded as a collection");
    }
    FileFacts facts;
    try {
      facts = FileFacts.of(path);
    } catch (IOException e) {
      Refusal refusal = store.refusal(path);
      String last = refusal == null ? "" : "; the last that is known: " + refusal.why();
      return answer(
          node, "unknown", false, "it cannot be looked at (" + Reasons.of(e) + ")" + last);
    }
    if (service == null) {
      return answer(
          node,
          "outside",
          false,
          "it lies in no folder of a service; 'veilor-seed add' seeds it all the same");
    }
    return inService(node, path, service, facts);
  }

  private ObjectNode inService(
      ObjectNode node, Path path, ServiceSettings service, FileFacts facts) {
    switch (facts.kind()) {
      case LINK -> {
        return answer(
            node,
            "refused",
            false,
            "it is a symbolic link; links are never followed (a target inside the folder is seeded"
                + " under its own path)");
      }
      case SPECIAL -> {
        return answer(node, "refused", false, "it is a pipe, a socket or a device");
      }
      case FOLDER -> {
        return answer(
            node,
            "folder",
            false,
            "it is a folder; its files are seeded one by one, and 'veilor-seed ticket' makes a"
                + " collection of them");
      }
      case REGULAR -> {
        // goes on below
      }
    }
    Verdict.Refused byName =
        Admission.byName(service.preset(), service.directory().relativize(path));
    if (byName != null) {
      node.put("rule", byName.rule().name().toLowerCase(Locale.ROOT));
      return answer(node, "refused", false, byName.why());
    }
    Refusal refusal = store.refusal(path);
    if (refusal != null) {
      node.put("since", refusal.atMillis());
      return answer(node, "refused", false, refusal.why());
    }
    String paused = node.path("service_paused").asText("");
    return answer(
        node,
        paused.isEmpty() ? "unseen" : "paused",
        false,
        paused.isEmpty()
            ? "it was not looked at yet; the next scan does"
            : "its service is paused: " + paused);
  }

  private static void putSha256(ObjectNode node, @Nullable Sha256 sha256) {
    if (sha256 != null) {
      node.put("sha256", sha256.toString());
    }
  }

  private static ObjectNode answer(ObjectNode node, String state, boolean seeded, String why) {
    return node.put("state", state).put("seeded", seeded).put("why", why);
  }
}
