package org.veilor.seed.node.gateway;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.gateway.Answer.Body;
import org.veilor.seed.node.gateway.Answer.Piece;
import org.veilor.seed.node.gateway.Answer.Source;

/**
 * Asks the service's own server and passes its answer on while it comes (RFC 9110 section 7.6).
 * Conditions and ranges are the server's affair. What is no success must not stay in any cache:
 * Misskey is known to send its errors with a lifetime of a year.
 */
final class UpstreamProxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamProxy.class);
  private static final String PSEUDONYM = "veilor-seed";

  /** Fields that belong to one connection, and those that the client library writes itself. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "host",
          "content-length",
          "expect");

  /** Fields with which an answer could stay in a cache. */
  private static final List<String> LIFETIME =
      List.of("Cache-Control", "Expires", "Age", "ETag", "Last-Modified", "Pragma");

  private final HttpClient client;
  private final Duration timeout;

  UpstreamProxy(Duration timeout, Executor workers) {
    this.timeout = timeout;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .executor(workers)
            .build();
  }

  /** Answers as soon as the server does; returns at once. */
  void answer(Exchange exchange, URI address) {
    Fields fields = exchange.head().fields();
    if (fields.all("Via").stream().anyMatch(via -> via.contains(PSEUDONYM))) {
      // the server asked us itself: asking it again would never end
      exchange.send(Errors.answer(404, "the service has sent this request here itself"));
      return;
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(timeout)
            .method(exchange.head().method(), HttpRequest.BodyPublishers.noBody());
    forward(fields, request);
    var _ =
        client
            .sendAsync(request.build(), _ -> new UpstreamBytes.Subscriber())
            .whenComplete((response, error) -> {
              if (response != null) {
                respond(exchange, response);
              } else {
                exchange.send(failure(address, error));
              }
            });
  }

  private static void forward(Fields fields, HttpRequest.Builder request) {
    fields.forEach((name, value) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(lower) && !fields.hasToken("Connection", name)) {
        try {
          request.header(name, value);
        } catch (IllegalArgumentException e) {
          LOG.debug("the field {} is not passed on: {}", name, e.getMessage());
        }
      }
    });
    request.header("Via", "1.1 " + PSEUDONYM);
  }

  private static Answer failure(URI address, @Nullable Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    String where = "the service's own server at " + address.getAuthority();
    if (cause instanceof HttpTimeoutException) {
      return Errors.answer(504, where + " does not answer in time");
    }
    LOG.info("{} cannot be asked", address, cause);
    return Errors.answer(502, where + " cannot be asked");
  }

  private static void respond(Exchange exchange, HttpResponse<UpstreamBytes> response) {
    UpstreamBytes bytes = response.body();
    int status = response.statusCode();
    if (status >= 500 || status < 200) {
      bytes.close();
      exchange.send(Errors.answer(502, "the service's own server answered " + status));
      return;
    }
    Fields fields = new Fields();
    Fields received = new Fields();
    response
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> received.add(name, value)));
    received.forEach((name, value) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(lower) && !received.hasToken("Connection", name)) {
        fields.add(name, value);
      }
    });
    if (status >= 400) {
      LIFETIME.forEach(fields::remove);
      fields.add("Cache-Control", "no-store");
    }
    fields.addIfAbsent("X-Content-Type-Options", "nosniff");
    fields.add("Via", "1.1 " + PSEUDONYM);
    long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
    Body body =
        exchange.head().isHead()
            ? new Body(List.of(), length, bytes::close)
            : new Body(List.of(new Piece.Stream(bytes)), length, bytes::close);
    if (!exchange.send(new Answer(status, fields, body, Source.UPSTREAM))) {
      bytes.close();
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
