package org.veilor.seed.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Requests to the gateway, by the client of the JDK. */
final class Http {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  private Http() {}

  /** The body of an answer 200; anything else fails. */
  static byte[] get(String url) {
    try {
      HttpResponse<byte[]> response = ask(url);
      if (response.statusCode() != 200) {
        throw new AssertionError(
            url + ": " + response.statusCode() + " " + new String(response.body(), UTF_8));
      }
      return response.body();
    } catch (IOException e) {
      throw new AssertionError(url + ": " + e, e);
    }
  }

  /**
   * Any answer.
   *
   * @throws IOException if it does not come, or not to its end
   */
  static HttpResponse<byte[]> ask(String url) throws IOException {
    return ask(url, "GET");
  }

  /** The same with another method. */
  static HttpResponse<byte[]> ask(String url, String method) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(LIMIT)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
