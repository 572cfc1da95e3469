package org.veilor.seed.quic.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.PacketType;

class FrameReaderFuzzTest {
  /** Frames that were read are the same after being written and read again. */
  @FuzzTest
  void framesSurviveARoundTrip(byte[] payload) throws TransportException {
    List<Frame> frames;
    try {
      frames = read(ByteBuffer.wrap(payload));
    } catch (TransportException e) {
      assertThat(e.code()).isIn(0x7L, 0xaL);
      return;
    }
    int size = frames.stream().mapToInt(FrameWriter::size).sum();
    ByteBuffer written = ByteBuffer.allocate(size);
    frames.forEach(frame -> FrameWriter.write(written, frame));
    assertThat(written.hasRemaining()).isFalse();
    assertThat(read(written.flip())).isEqualTo(frames);
  }

  private static List<Frame> read(ByteBuffer payload) throws TransportException {
    FrameReader reader = new FrameReader(payload, PacketType.ONE_RTT);
    List<Frame> frames = new ArrayList<>();
    while (reader.hasNext()) {
      frames.add(reader.next());
    }
    return frames;
  }
}
