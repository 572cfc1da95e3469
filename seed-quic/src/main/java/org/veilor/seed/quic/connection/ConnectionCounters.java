package org.veilor.seed.quic.connection;

/** What a connection counts as it goes. */
final class ConnectionCounters {
  long sentDatagrams;
  long sentBytes;
  long receivedDatagrams;
  long receivedBytes;
  long droppedPackets;
  long errors;
}
