package org.veilor.seed.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class PacketParserFuzzTest {
  /** Any datagram parses to packets that lie in it and follow each other. */
  @FuzzTest
  void packetsLieInTheirDatagram(byte[] datagram) {
    int offset = 0;
    while (offset < datagram.length) {
      int next =
          switch (PacketParser.parse(datagram, offset, datagram.length, 8)) {
            case ParsedPacket.LongHeader p -> {
              assertThat(p.endOffset() - p.packetNumberOffset()).isGreaterThanOrEqualTo(20);
              yield p.endOffset();
            }
            case ParsedPacket.ShortHeader p -> {
              assertThat(p.endOffset() - p.packetNumberOffset()).isGreaterThanOrEqualTo(20);
              yield p.endOffset();
            }
            case ParsedPacket.Retry p -> {
              assertThat(
                      RetryPackets.integrityTagIsValid(
                          datagram, p.startOffset(), p.endOffset(), p.destination()))
                  .isFalse();
              yield p.endOffset();
            }
            case ParsedPacket.VersionNegotiation p -> datagram.length;
            case ParsedPacket.UnsupportedVersion p -> datagram.length;
            case ParsedPacket.Malformed p -> datagram.length;
          };
      assertThat(next).isGreaterThan(offset).isLessThanOrEqualTo(datagram.length);
      offset = next;
    }
  }
}
