package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.net.BlockingStream;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;

/** An endpoint that asks daemons by hand and shows exactly what they answer. */
final class Asker implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int LONGEST = 1 << 20;

  /** Of a blob that nobody has. */
  private static final String ABSENT = "ab".repeat(Hash.LENGTH);

  private final IrohEndpoint endpoint;

  /** One with a key of its own. */
  Asker(String name) throws IOException {
    byte[] secret = Blake3Hasher.hash(name.getBytes(StandardCharsets.UTF_8)).toBytes();
    endpoint =
        IrohEndpoint.builder(SecretKey.of(secret)).bind(new InetSocketAddress(LOOPBACK, 0)).start();
  }

  EndpointId id() {
    return endpoint.id();
  }

  PeerConnection connect(Daemon daemon, String alpn) {
    String listen = daemon.listen().getFirst();
    int port = Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1));
    try {
      EndpointAddr addr =
          EndpointAddr.of(
              EndpointId.parse(daemon.endpoint()),
              List.of(TransportAddr.Ip.of(new InetSocketAddress(LOOPBACK, port))));
      return endpoint.connect(addr, alpn).orTimeout(100, TimeUnit.SECONDS).join();
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  /** Everything that comes back for these bytes, in hex, and how it ends. */
  static String exchange(PeerConnection connection, byte[] said) throws IOException {
    BlockingStream stream = new BlockingStream(connection.openBidirectional().join());
    say(stream, said);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    InputStream in = stream.input();
    try {
      for (int count = in.read(buffer); count >= 0 && all.size() < LONGEST; ) {
        all.write(buffer, 0, count);
        count = in.read(buffer);
      }
      return HexFormat.of().formatHex(all.toByteArray()) + " end";
    } catch (IOException e) {
      return HexFormat.of().formatHex(all.toByteArray()) + " " + e.getMessage();
    }
  }

  private static void say(BlockingStream stream, byte[] said) throws IOException {
    try (OutputStream out = stream.output()) {
      out.write(said);
    }
  }

  /** What a daemon answers to a request that ends. */
  String ask(Daemon daemon, Request request) throws IOException {
    PeerConnection connection = connect(daemon, BlobsLimits.ALPN);
    try {
      return exchange(connection, RequestCodec.encode(request));
    } finally {
      connection.close(0, "");
    }
  }

  /** The first that a daemon says to somebody who observes. */
  String observe(Daemon daemon, Request.Observe request) throws IOException {
    PeerConnection connection = connect(daemon, BlobsLimits.ALPN);
    try {
      BlockingStream stream = new BlockingStream(connection.openBidirectional().join());
      say(stream, RequestCodec.encode(request));
      byte[] buffer = new byte[8192];
      int count = stream.input().read(buffer);
      return HexFormat.of().formatHex(buffer, 0, Math.max(0, count));
    } finally {
      connection.close(0, "");
    }
  }

  /** What this endpoint shows over a connection to prove that it is in a group. */
  byte[] proof(PeerConnection connection, ServiceKey.Group group) {
    byte[] exporter =
        connection.exportKeyingMaterial(
            MembershipProof.EXPORTER_LABEL, new byte[0], MembershipProof.EXPORTER_BYTES);
    MembershipProof proof = new MembershipProof(id(), connection.remoteId(), exporter);
    return MembershipProof.encode(proof.claims(List.of(group)));
  }

  private static Hash hash(String hex) {
    try {
      return Hash.parse(hex);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether a daemon gives it a blob. */
  boolean gets(Daemon from, String hash) throws IOException {
    return ask(from, Request.Get.blob(hash(hash))).endsWith(" end");
  }

  /** To this one it is as if the blob did not exist. */
  void assertAbsent(Daemon from, String hash) throws IOException {
    Hash here = hash(hash);
    Hash absent = hash(ABSENT);
    assertThat(ask(from, Request.Get.blob(here)))
        .isEqualTo(ask(from, Request.Get.blob(absent)))
        .doesNotEndWith(" end");
    assertThat(ask(from, Request.Get.hashSequence(here)))
        .isEqualTo(ask(from, Request.Get.hashSequence(absent)))
        .doesNotEndWith(" end");
    assertThat(ask(from, new Request.GetMany(List.of(here), ChunkRangesSequence.ALL)))
        .isEqualTo(ask(from, new Request.GetMany(List.of(absent), ChunkRangesSequence.ALL)))
        .doesNotEndWith(" end");
    assertThat(observe(from, new Request.Observe(here, ChunkRanges.ALL)))
        .isEqualTo(observe(from, new Request.Observe(absent, ChunkRanges.ALL)))
        .isNotEmpty();
  }

  /** An unmodified client of iroh-blobs sees no difference either. */
  static void assertAbsentForRust(Daemon from, String hash) {
    for (String each : List.of(hash, ABSENT)) {
      Peer.Result get =
          Peers.start("get", "--addr", from.target(), "--hash", each).finish(Peer.USUAL);
      assertThat(get.exit()).isEqualTo(1);
      assertThat(get.last("failed").path("code").asInt()).isEqualTo(3);
      Peer.Result observe =
          Peers.start("observe", "--addr", from.target(), "--hash", each).finish(Peer.USUAL);
      assertThat(observe.last("item").path("size").asLong()).isZero();
      assertThat(observe.last("item").path("boundaries")).isEmpty();
    }
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
