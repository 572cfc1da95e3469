package org.veilor.seed.quic.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Takes handshake messages apart and puts them together again, changed. */
final class TlsMessages {
  static final int CLIENT_HELLO = 1;
  static final int SERVER_HELLO = 2;
  static final int NEW_SESSION_TICKET = 4;
  static final int ENCRYPTED_EXTENSIONS = 8;
  static final int CERTIFICATE = 11;
  static final int CERTIFICATE_REQUEST = 13;
  static final int CERTIFICATE_VERIFY = 15;
  static final int FINISHED = 20;
  static final int KEY_UPDATE = 24;

  private TlsMessages() {}

  /** A message with its header. */
  static byte[] message(int type, byte[] body) {
    return ByteBuffer.allocate(4 + body.length).putInt(type << 24 | body.length).put(body).array();
  }

  static List<byte[]> split(byte[] flight) {
    List<byte[]> messages = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(flight);
    while (in.hasRemaining()) {
      byte[] message = new byte[4 + (in.getInt(in.position()) & 0xff_ffff)];
      in.get(message);
      messages.add(message);
    }
    return messages;
  }

  static List<Integer> types(byte[] flight) {
    return split(flight).stream().map(message -> (int) message[0]).toList();
  }

  static byte[] body(byte[] flight, int type) {
    for (byte[] message : split(flight)) {
      if (message[0] == type) {
        return Arrays.copyOfRange(message, 4, message.length);
      }
    }
    throw new AssertionError("no message of type " + type);
  }

  /** The flight with the body of one message changed. */
  static byte[] edit(byte[] flight, int type, UnaryOperator<byte[]> change) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] message : split(flight)) {
      out.writeBytes(
          message[0] == type
              ? message(type, change.apply(Arrays.copyOfRange(message, 4, message.length)))
              : message);
    }
    return out.toByteArray();
  }

  /** The flight with the extensions of its ClientHello or EncryptedExtensions changed. */
  static byte[] editExtensions(byte[] flight, int type, Consumer<Map<Integer, byte[]>> change) {
    return edit(
        flight,
        type,
        body -> {
          int offset = type == CLIENT_HELLO ? clientHelloExtensionsOffset(body) : 0;
          Map<Integer, byte[]> extensions = extensions(body, offset);
          change.accept(extensions);
          ByteArrayOutputStream list = new ByteArrayOutputStream();
          extensions.forEach((id, value) -> {
            list.writeBytes(u16(id));
            list.writeBytes(u16(value.length));
            list.writeBytes(value);
          });
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          out.write(body, 0, offset);
          out.writeBytes(u16(list.size()));
          out.writeBytes(list.toByteArray());
          return out.toByteArray();
        });
  }

  static Map<Integer, byte[]> clientHelloExtensions(byte[] flight) {
    byte[] body = body(flight, CLIENT_HELLO);
    return extensions(body, clientHelloExtensionsOffset(body));
  }

  static Map<Integer, byte[]> encryptedExtensions(byte[] flight) {
    return extensions(body(flight, ENCRYPTED_EXTENSIONS), 0);
  }

  static int clientHelloExtensionsOffset(byte[] body) {
    ByteBuffer in = ByteBuffer.wrap(body).position(2 + 32);
    in.position(in.position() + 1 + in.get(in.position()));
    in.position(in.position() + 2 + in.getShort(in.position()));
    in.position(in.position() + 1 + in.get(in.position()));
    return in.position();
  }

  private static Map<Integer, byte[]> extensions(byte[] body, int offset) {
    Map<Integer, byte[]> extensions = new LinkedHashMap<>();
    ByteBuffer in = ByteBuffer.wrap(body).position(offset);
    in.getShort();
    while (in.hasRemaining()) {
      int id = in.getShort() & 0xffff;
      byte[] value = new byte[in.getShort() & 0xffff];
      in.get(value);
      extensions.put(id, value);
    }
    return extensions;
  }

  private static byte[] u16(int value) {
    return new byte[] {(byte) (value >>> 8), (byte) value};
  }
}
