package org.veilor.seed.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.endpoint.EndpointConfig;
import org.veilor.seed.quic.endpoint.QuicEndpoint;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.qlog.ConnectionObserver;
import org.veilor.seed.quic.tls.TlsIdentity;

/** One bounded file for each connection; a disk that refuses hurts no connection. */
@Timeout(60)
class QlogFolderTest {
  private static final String ALPN = "test/nothing";

  @TempDir Path temp;

  private static byte[] seed(int value) {
    byte[] bytes = new byte[SecretKey.LENGTH];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static IrohEndpoint.Builder onLoopback(int seed) {
    return IrohEndpoint.builder(SecretKey.of(seed(seed)))
        .accept(ALPN, connection -> {})
        .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  private static PeerConnection connect(IrohEndpoint from, IrohEndpoint to) throws Exception {
    InetSocketAddress at = to.boundAddresses().getFirst();
    EndpointAddr address = EndpointAddr.of(to.id(), List.of(TransportAddr.Ip.of(at)));
    return from.connect(address, ALPN).get(10, TimeUnit.SECONDS);
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** A connection that nobody answers: observers only ask it who it is. */
  private static Connection connection(int seed) {
    RandomSource random = new java.util.Random(seed)::nextBytes;
    EndpointConfig config =
        new EndpointConfig(
            new TlsIdentity(seed(1)),
            List.of(),
            List.of(CipherSuite.TLS_AES_128_GCM_SHA256),
            seed(2),
            TransportConfig.defaults(),
            1,
            1,
            1);
    InetSocketAddress nowhere = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9);
    return new QuicEndpoint(config, random)
        .connect(
            List.of(new NetworkPath(nowhere, nowhere)),
            new TlsIdentity(seed(3)).publicKey32(),
            List.of(new byte[] {1}),
            0);
  }

  @Test
  void bothSidesOfAConnectionAreLoggedToTheirEnd() throws Exception {
    Path folder = temp.resolve("new/qlog");
    try (IrohEndpoint server = onLoopback(1).qlogFolder(folder).start();
        IrohEndpoint client = onLoopback(2).qlogFolder(folder).start()) {
      PeerConnection connection = connect(client, server);
      connection.close(7, "enough");
      connection.closed().get(10, TimeUnit.SECONDS);
      assertThat(client.qlogFailures() + server.qlogFailures()).isZero();
    }
    List<Path> files = filesIn(folder);
    assertThat(files).hasSize(2);
    for (Path file : files) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      String text = Files.readString(file);
      assertThat(text)
          .startsWith("\u001e{\"qlog_version\":\"0.3\",\"qlog_format\":\"JSON-SEQ\"")
          .contains("transport:packet_sent", "\"raw_error_code\":7", "\"new\":\"handshake_co")
          .endsWith("}}\n");
    }
    assertThat(files.getFirst().toString()).matches(".*-(client|server)-[0-9a-f]+\\.sqlog");
  }

  @Test
  void nothingIsWrittenUnlessAsked() throws Exception {
    try (IrohEndpoint server = onLoopback(1).start();
        IrohEndpoint client = onLoopback(2).start()) {
      connect(client, server);
      assertThat(client.qlogFailures()).isZero();
    }
    assertThat(filesIn(temp)).isEmpty();
  }

  @Test
  void theOldestFilesMakeRoomAndForeignOnesStay() throws Exception {
    Path foreign = Files.writeString(temp.resolve("00000000-mine.sqlog"), "mine");
    Path former = temp.resolve("20200101T000000000Z-00000001-client-00ff.sqlog");
    Files.writeString(former, "of a former life");
    QlogFolder folder = new QlogFolder(temp, 3, 1 << 20);
    for (int i = 0; i < 5; i++) {
      folder.observe(connection(i)).onState("closed", 0);
    }
    folder.close();
    assertThat(folder.failures()).isZero();
    assertThat(foreign).hasContent("mine");
    assertThat(former).doesNotExist();
    assertThat(filesIn(temp).stream().map(Path::toString).filter(n -> n.contains("-client-")))
        .hasSize(3)
        .anyMatch(name -> name.contains("-00000005-"))
        .noneMatch(name -> name.contains("-00000002-"));
  }

  @Test
  void aFileEndsAtItsLimitWithAWholeRecord() throws Exception {
    QlogFolder folder = new QlogFolder(temp, 3, 4000);
    ConnectionObserver observer = folder.observe(connection(1));
    for (int i = 0; i < 10_000; i++) {
      observer.onPacketDropped(i, System.nanoTime());
    }
    folder.flush();
    folder.close();
    assertThat(folder.failures()).as("a full file is no failure").isZero();
    Path file = filesIn(temp).getFirst();
    assertThat(Files.size(file)).isBetween(3900L, 4000L);
    assertThat(file).content().endsWith("}}\n");
  }

  @Test
  void aLogWhoseFileVanishesEndsQuietly() throws Exception {
    QlogFolder folder = new QlogFolder(temp, 1, 1 << 20);
    ConnectionObserver first = folder.observe(connection(1));
    folder.flush();
    folder.observe(connection(2)).onState("closed", 0);
    for (int i = 0; i < 10_000; i++) {
      first.onPacketDropped(i, System.nanoTime());
    }
    folder.flush();
    folder.close();
    assertThat(folder.failures()).isZero();
    assertThat(filesIn(temp)).hasSize(1);
  }

  @Test
  void connectionsDoNotFailForAFolderThatWentAway() throws Exception {
    Path folder = temp.resolve("qlog");
    try (IrohEndpoint server = onLoopback(1).start();
        IrohEndpoint client = onLoopback(2).qlogFolder(folder).start()) {
      Files.delete(folder);
      PeerConnection connection = connect(client, server);
      connection.close(0, "");
      connection.closed().get(10, TimeUnit.SECONDS);
      for (int i = 0; i < 100 && client.qlogFailures() == 0; i++) {
        Thread.sleep(50);
      }
      assertThat(client.qlogFailures()).isEqualTo(1);
    }
  }

  @Test
  void aFolderThatCannotBeIsToldAtTheStart() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThatThrownBy(() -> onLoopback(1).qlogFolder(file).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write qlog files into " + file);
  }
}
