package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.control.ControlException.Kind;
import org.veilor.seed.node.control.ControlRequest;
import org.veilor.seed.node.download.DownloadException;
import org.veilor.seed.node.download.DownloadFailure;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.StoreException;

/** {@code POST /pin} and {@code POST /unpin} of the control API. */
final class PinRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Pins pins;
  private final BlobStore store;
  private final Denials denials;

  PinRoutes(Pins pins, BlobStore store, Denials denials) {
    this.denials = denials;
    this.pins = pins;
    this.store = store;
  }

  /** What is to be pinned: each hash once, with the tickets that were given for it. */
  private record Asked(HashAndFormat content, List<BlobTicket> tickets) {}

  void pin(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    Map<Hash, Asked> all = new LinkedHashMap<>();
    for (JsonNode text : texts(request)) {
      Asked asked = asked(text.asText());
      Asked known = all.putIfAbsent(asked.content.hash(), asked);
      if (known != null) {
        known.tickets.addAll(asked.tickets);
      }
    }
    LineStream stream = new LineStream(answer);
    for (Asked asked : all.values()) {
      stream.tell(pin(asked, stream));
    }
  }

  private ObjectNode pin(Asked asked, LineStream stream) {
    ObjectNode line = JSON.createObjectNode().put("hash", asked.content.hash().toString());
    Pins.Listener listener =
        (filesDone, filesTotal, bytesDone, bytesTotal) ->
            stream.progress(filesDone, filesTotal, bytesDone, bytesTotal);
    String denied = denials.denied(asked.content.hash());
    if (denied != null) {
      return failed(line, DownloadFailure.Kind.REFUSED_HERE, denied);
    }
    try {
      Pins.Pinned pinned =
          asked.tickets.isEmpty()
              ? pins.pin(asked.content, listener)
              : pins.pin(asked.tickets, listener);
      line.put("event", "pinned").put("files", pinned.files());
      return line.put("size_bytes", pinned.sizeBytes());
    } catch (DownloadException e) {
      return failed(line, e.failure().kind(), e.getMessage());
    } catch (IOException | StoreException e) {
      return failed(line, DownloadFailure.Kind.STORAGE, e.getMessage());
    }
  }

  private static ObjectNode failed(
      ObjectNode line, DownloadFailure.Kind kind, @Nullable String why) {
    String event =
        switch (kind) {
          case NO_PROVIDER, NOT_FOUND -> "absent";
          case DENIED -> "refused";
          case REFUSED_HERE -> "denied";
          case ALL_FAILED, TOO_LARGE, TIMEOUT, CANCELLED, OVERLOADED, STORAGE -> "failed";
        };
    return line.put("event", event).put("why", String.valueOf(why));
  }

  void unpin(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    List<Hash> unpinned = new ArrayList<>();
    for (JsonNode text : texts(request)) {
      Hash hash = asked(text.asText()).content.hash();
      if (!pins.unpin(hash)) {
        throw new ControlException(
            Kind.NOT_FOUND, hash + " is not pinned; 'veilor-seed ls --cached' lists what is");
      }
      unpinned.add(hash);
    }
    ObjectNode done = JSON.createObjectNode();
    ArrayNode hashes = done.putArray("unpinned");
    unpinned.forEach(hash -> hashes.add(hash.toString()));
    answer.json(done);
  }

  /** The list that a request is about. */
  static JsonNode texts(ControlRequest request) throws ControlException {
    JsonNode texts = request.body().path("what");
    if (!texts.isArray() || texts.isEmpty()) {
      throw new ControlException(Kind.USAGE, "\"what\" must be a list of tickets and hashes");
    }
    return texts;
  }

  private Asked asked(String text) throws ControlException {
    try {
      if (text.startsWith("blob")) {
        BlobTicket ticket = BlobTicket.parse(text);
        return new Asked(ticket.content(), new ArrayList<>(List.of(ticket)));
      }
      Hash hash = Hash.parse(text);
      boolean isCollection =
          store.tickets(hash).stream()
              .anyMatch(known -> known.content().format() == BlobFormat.HASH_SEQUENCE);
      return new Asked(
          isCollection ? HashAndFormat.hashSequence(hash) : HashAndFormat.raw(hash),
          new ArrayList<>());
    } catch (MalformedException e) {
      throw new ControlException(
          Kind.USAGE, "'" + text + "' is neither a blob ticket nor a hash: " + e.getMessage());
    }
  }
}
