package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.control.ControlException.Kind;
import org.veilor.seed.node.control.ControlRequest;
import org.veilor.seed.node.policy.Policy;
import org.veilor.seed.node.policy.PolicyEntry;

/** {@code POST /deny}, {@code POST /allow} and the list of what is denied. */
final class PolicyRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Policy policy;

  PolicyRoutes(Policy policy) {
    this.policy = policy;
  }

  void deny(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    Set<Hash> hashes = hashes(request);
    policy.deny(hashes, request.body().path("reason").asText(""));
    ObjectNode done = JSON.createObjectNode();
    ArrayNode denied = done.putArray("denied");
    hashes.forEach(hash -> denied.add(hash.toString()));
    answer.json(done);
  }

  void allow(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    ObjectNode done = JSON.createObjectNode();
    ArrayNode allowed = done.putArray("allowed");
    ArrayNode refused = done.putArray("refused");
    for (Map.Entry<Hash, @Nullable String> outcome : policy.allow(hashes(request)).entrySet()) {
      String why = outcome.getValue();
      if (why == null) {
        allowed.add(outcome.getKey().toString());
      } else {
        refused.addObject().put("hash", outcome.getKey().toString()).put("why", why);
      }
    }
    answer.json(done);
  }

  void list(ControlAnswer answer) throws IOException {
    List<PolicyEntry> entries = new ArrayList<>(policy.entries());
    entries.sort(Comparator.comparing(PolicyEntry::hash));
    for (PolicyEntry entry : entries) {
      ObjectNode line = JSON.createObjectNode().put("hash", entry.hash().toString());
      line.put("at", entry.atMillis());
      answer.line(
          switch (entry) {
            case PolicyEntry.Deny deny -> line.put("by", "operator").put("reason", deny.reason());
            case PolicyEntry.Forget forget ->
                line.put("by", forget.origin().toString()).put("until", forget.untilMillis());
            case PolicyEntry.Allow _ -> throw new IllegalStateException("not a denial");
          });
    }
  }

  static Set<Hash> hashes(ControlRequest request) throws ControlException {
    Set<Hash> hashes = new LinkedHashSet<>();
    for (JsonNode text : PinRoutes.texts(request)) {
      hashes.add(hash(text.asText()));
    }
    return hashes;
  }

  private static Hash hash(String text) throws ControlException {
    Hash hash;
    try {
      hash =
          text.startsWith("blob")
              ? BlobTicket.parse(text).content().hash()
              : text.length() == 52 ? Hash.parse(text) : HashAndFormat.parse(text).hash();
    } catch (MalformedException e) {
      throw new ControlException(
          Kind.USAGE, "'" + text + "' is neither a hash nor a blob ticket: " + e.getMessage());
    }
    if (hash.equals(Hash.EMPTY_BLOB)) {
      throw new ControlException(
          Kind.REFUSED, "that is the empty blob, which every endpoint has; it cannot be denied");
    }
    return hash;
  }
}
