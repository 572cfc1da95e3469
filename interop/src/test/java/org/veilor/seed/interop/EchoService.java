package org.veilor.seed.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import org.veilor.seed.net.BlockingStream;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;

/** Our side of {@code veilor-echo/0}, see README.md: for tests of the QUIC layer. */
final class EchoService {
  static final String ALPN = "veilor-echo/0";
  private static final int CHUNK = 16 * 1024;

  private EchoService() {}

  static void serve(PeerConnection connection) {
    connection.onDatagram(connection::sendDatagram);
    connection.onStream(stream -> {
      if (stream.isBidirectional()) {
        stream.onLoop(() -> stream.listen(new Echo()));
      } else {
        Thread.startVirtualThread(() -> answer(connection, stream));
      }
    });
  }

  private static void answer(PeerConnection connection, PeerStream stream) {
    try {
      byte[] all = new BlockingStream(stream).input().readAllBytes();
      try (var out = new BlockingStream(connection.openUnidirectional().join()).output()) {
        out.write(all);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes come back; a reset and a stop are answered with the same code. */
  private static final class Echo implements StreamListener {
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private boolean over;
    private boolean ended;

    @Override
    public void onReadable(PeerStream stream) {
      // What is not read holds the peer back: never more than a chunk waits here.
      while (waiting.isEmpty() && !over && !ended) {
        byte[] chunk = new byte[CHUNK];
        int read = stream.read(chunk, 0, chunk.length);
        if (read == PeerStream.RESET) {
          over = true;
          stream.reset(stream.resetCode());
        } else if (read == PeerStream.END) {
          ended = true;
          stream.finish();
        } else if (read == 0) {
          return;
        } else {
          waiting.add(java.util.Arrays.copyOf(chunk, read));
          write(stream);
        }
      }
    }

    private void write(PeerStream stream) {
      while (!waiting.isEmpty()) {
        byte[] chunk = waiting.element();
        int room = stream.writableBytes();
        if (room < 0) {
          waiting.clear();
          return;
        }
        if (room == 0) {
          return;
        }
        waiting.remove();
        int count = Math.min(room, chunk.length);
        stream.write(chunk, 0, count);
        if (count < chunk.length) {
          waiting.addFirst(java.util.Arrays.copyOfRange(chunk, count, chunk.length));
        }
      }
    }

    @Override
    public void onWritable(PeerStream stream) {
      write(stream);
      onReadable(stream);
    }

    @Override
    public void onStopped(PeerStream stream, long code) {
      over = true;
      waiting.clear();
      stream.stopSending(code);
    }
  }
}
