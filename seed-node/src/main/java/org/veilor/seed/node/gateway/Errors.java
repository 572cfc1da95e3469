package org.veilor.seed.node.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.veilor.seed.node.gateway.Answer.Body;
import org.veilor.seed.node.gateway.Answer.Source;

/** Answers that say why there is nothing: a word for programs, why, and what to do. */
final class Errors {
  private Errors() {}

  /** The answer with that status. */
  static Answer answer(int status, String reason) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("error", word(status)).put("reason", reason).put("cure", cure(status));
    byte[] body = (node + "\n").getBytes(StandardCharsets.UTF_8);
    Fields fields =
        new Fields()
            .add("Content-Type", "application/json")
            .add("Cache-Control", "no-store")
            .add("X-Content-Type-Options", "nosniff");
    return new Answer(status, fields, Body.of(body), Source.GATEWAY);
  }

  /** 503 with the time after which to come again. */
  static Answer overloaded(Duration retryAfter, String reason) {
    Answer answer = answer(503, reason);
    long seconds = Math.clamp(retryAfter.plusMillis(999).toSeconds(), 1, 3600);
    answer.fields().add("Retry-After", Long.toString(seconds));
    return answer;
  }

  /** 405: this gateway only reads. */
  static Answer methodNotAllowed(String method) {
    Answer answer = answer(405, "'" + method + "' is not answered here");
    answer.fields().add("Allow", "GET, HEAD");
    return answer;
  }

  /** 416 with the size that there is. */
  static Answer unsatisfiable(long sizeBytes, String reason) {
    Answer answer = answer(416, reason);
    answer.fields().add("Content-Range", "bytes */" + sizeBytes);
    return answer;
  }

  private static String word(int status) {
    return switch (status) {
      case 400 -> "bad-request";
      case 404 -> "not-found";
      case 405 -> "method-not-allowed";
      case 408 -> "request-timeout";
      case 412 -> "precondition-failed";
      case 413 -> "body-too-large";
      case 414 -> "address-too-long";
      case 416 -> "range-not-satisfiable";
      case 431 -> "header-too-large";
      case 451 -> "denied";
      case 501 -> "not-implemented";
      case 502 -> "providers-failing";
      case 503 -> "overloaded";
      case 504 -> "too-slow";
      case 505 -> "version-not-supported";
      default -> "internal-error";
    };
  }

  private static String cure(int status) {
    return switch (status) {
      case 400, 413, 414, 431, 501, 505 -> "mend the request; the same one will be refused again";
      case 404 -> "check the address; 'veilor-seed why' tells what is known about a path or a hash";
      case 405 -> "use GET or HEAD";
      case 408 -> "send the request at once";
      case 412 -> "leave out If-Match, or name the current entity tag";
      case 416 -> "ask for fewer ranges, inside the size that Content-Range names";
      case 451 -> "nothing can be done here; the operator of this node can 'veilor-seed allow' it";
      case 502, 504 -> "try again later; 'veilor-seed why' tells what happened with each provider";
      case 503 -> "try again after the time that Retry-After names";
      default -> "the log of the node has more";
    };
  }
}
