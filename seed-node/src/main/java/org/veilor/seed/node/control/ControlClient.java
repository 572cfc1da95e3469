package org.veilor.seed.node.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to the daemon: one HTTP/1.1 request on each connection, with the two forms of bodies that
 * our own server sends (a length, or chunks).
 */
public final class ControlClient {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path socket;

  /**
   * Creates a client.
   *
   * @param socket the path of the daemon's socket
   */
  public ControlClient(Path socket) {
    this.socket = socket;
  }

  /** No daemon answers. */
  public static final class NoDaemonException extends IOException {
    private static final long serialVersionUID = 1L;

    NoDaemonException(Path socket, Throwable cause) {
      super(
          "no daemon answers on "
              + socket
              + "; start one with 'veilor-seed run', or name its state folder with --state",
          cause);
    }
  }

  /** Takes the values of a streamed answer. */
  @FunctionalInterface
  public interface LineConsumer {
    /** Takes one value. */
    void accept(JsonNode value) throws IOException, ControlException;
  }

  /** Asks for one JSON value. */
  public JsonNode get(String path, Map<String, String> query) throws IOException, ControlException {
    return one("GET", target(path, query), null);
  }

  /** Sends a JSON body and takes one JSON value. */
  public JsonNode post(String path, Map<String, String> query, @Nullable JsonNode body)
      throws IOException, ControlException {
    return one("POST", target(path, query), body);
  }

  /** Takes a streamed answer line by line; a line with an error ends it. */
  public void lines(
      String method,
      String path,
      Map<String, String> query,
      @Nullable JsonNode body,
      LineConsumer consumer)
      throws IOException, ControlException {
    try (Exchange exchange = send(method, target(path, query), body)) {
      InputStream in = exchange.body();
      for (String line = readLine(in, ControlLimits.MAX_LINE_BYTES);
          line != null;
          line = readLine(in, ControlLimits.MAX_LINE_BYTES)) {
        JsonNode value = JSON.readTree(line);
        throwIfError(value);
        consumer.accept(value);
      }
    }
  }

  private JsonNode one(String method, String target, @Nullable JsonNode body)
      throws IOException, ControlException {
    try (Exchange exchange = send(method, target, body)) {
      return JSON.readTree(exchange.body().readNBytes(ControlLimits.MAX_ANSWER_BYTES));
    }
  }

  private static String target(String path, Map<String, String> query) {
    StringJoiner parameters = new StringJoiner("&", "?", "").setEmptyValue("");
    query.forEach((name, value) ->
        parameters.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return path + parameters;
  }

  private record Exchange(SocketChannel channel, InputStream body) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private Exchange send(String method, String target, @Nullable JsonNode body)
      throws IOException, ControlException {
    SocketChannel channel = connect();
    boolean handedOver = false;
    try {
      byte[] bytes = body == null ? new byte[0] : JSON.writeValueAsBytes(body);
      String head =
          method
              + " "
              + target
              + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type:"
              + " application/json\r\nContent-Length: "
              + bytes.length
              + "\r\n\r\n";
      write(channel, head.getBytes(StandardCharsets.US_ASCII));
      write(channel, bytes);
      InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 64 << 10);
      Exchange exchange = answer(channel, in);
      handedOver = true;
      return exchange;
    } finally {
      if (!handedOver) {
        channel.close();
      }
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw new NoDaemonException(socket, e);
    }
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static Exchange answer(SocketChannel channel, InputStream in)
      throws IOException, ControlException {
    String status = headerLine(in);
    boolean chunked = false;
    long length = -1;
    for (String line = headerLine(in); !line.isEmpty(); line = headerLine(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("transfer-encoding:")) {
        chunked = lower.contains("chunked");
      } else if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(15).strip());
      }
    }
    InputStream body = chunked ? new ChunkedInput(in) : new BoundedInput(in, length);
    if (!status.matches("HTTP/1\\.1 2\\d\\d.*")) {
      JsonNode value = JSON.readTree(body.readNBytes(ControlLimits.MAX_LINE_BYTES));
      throwIfError(value);
      throw new IOException("the daemon answered " + status);
    }
    return new Exchange(channel, body);
  }

  private static void throwIfError(JsonNode value) throws ControlException {
    if (value.hasNonNull("error") && value.hasNonNull("kind")) {
      throw new ControlException(
          ControlException.Kind.ofWord(value.get("kind").asText()), value.get("error").asText());
    }
  }

  private static String headerLine(InputStream in) throws IOException {
    String line = readLine(in, ControlLimits.MAX_HEADER_BYTES);
    if (line == null) {
      throw new EOFException("the daemon closed the connection without an answer");
    }
    return line;
  }

  /** A line without its end, or null at the end of the stream. */
  private static @Nullable String readLine(InputStream in, int maxBytes) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
      }
      if (line.size() >= maxBytes) {
        throw new IOException("the daemon answered with too long a line");
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** A body of known length; -1 means until the connection ends. */
  private static final class BoundedInput extends InputStream {
    private final InputStream in;
    private long rest;

    BoundedInput(InputStream in, long length) {
      this.in = in;
      this.rest = length < 0 ? Long.MAX_VALUE : length;
    }

    @Override
    public int read() throws IOException {
      int b = rest > 0 ? in.read() : -1;
      rest -= b >= 0 ? 1 : 0;
      return b;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (rest <= 0 || length == 0) {
        return length == 0 ? 0 : -1;
      }
      int count = in.read(target, offset, (int) Math.min(length, rest));
      rest -= Math.max(0, count);
      return count;
    }
  }

  /** A chunked body (RFC 9112 section 7.1) without extensions or trailers. */
  private static final class ChunkedInput extends InputStream {
    private final InputStream in;
    private long rest;
    private boolean ended;
    private boolean first = true;

    ChunkedInput(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (rest == 0 && !ended) {
        if (!first) {
          headerLine(in);
        }
        first = false;
        rest = Long.parseLong(headerLine(in).strip(), 16);
        ended = rest == 0;
      }
      if (ended) {
        return -1;
      }
      int count = in.read(target, offset, (int) Math.min(length, rest));
      if (count < 0) {
        throw new EOFException("the daemon stopped in the middle of its answer");
      }
      rest -= count;
      return count;
    }
  }
}
