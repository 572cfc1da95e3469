package org.veilor.seed.interop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueHeader;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.KeyPrefix;
import org.veilor.seed.gossip.catalogue.LookupKey;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.catalogue.PageSlot;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.node.config.PeerText;

/** An origin, trusted by all invites, that signs whatever it likes and gives the blobs for it. */
final class LyingOrigin implements AutoCloseable {
  private static final int PNG = 3;

  private final SecretKey key;
  private final ServiceKey service;
  private final OurGossip node;
  private final Map<Hash, MemoryBlob> blobs = new ConcurrentHashMap<>();
  private long generation = 1;

  LyingOrigin(SecretKey key, ServiceKey service) {
    this.key = key;
    this.service = service;
    this.node =
        OurGossip.start(
            key,
            GossipConfig.hardened(),
            hash -> {
              MemoryBlob blob = blobs.get(hash);
              return blob == null ? new BlobLookup.Missing() : new BlobLookup.Found(blob);
            });
  }

  OurGossip node() {
    return node;
  }

  /** Gives a blob from now on. */
  Hash give(byte[] bytes) {
    MemoryBlob blob = MemoryBlob.of(bytes);
    blobs.put(blob.hash(), blob);
    return blob.hash();
  }

  /** A catalogue of one page, whatever that holds. */
  CatalogueClaim catalogue(byte[] page, int entries, long totalBytes) {
    CatalogueHeader header =
        new CatalogueHeader(
            service.name(),
            service.topic(),
            ++generation,
            1_000,
            entries,
            totalBytes,
            Names.HIDDEN,
            List.of(new PageSlot(KeyPrefix.ALL, entries)));
    Hash pageHash = give(page);
    Hash headerHash = give(header.toBytes());
    Hash root = give(HashSequence.of(List.of(headerHash, pageHash)).toBytes());
    return new CatalogueClaim(root, generation, entries, totalBytes);
  }

  /** A page whose entries all lead to one blob. */
  static byte[] page(List<LookupKey> keys, Hash blob, long sizeBytes) {
    PostcardWriter out = new PostcardWriter().writeVarint(keys.size());
    for (LookupKey each : keys) {
      out.writeFixed(each.value().toBytes()).writeFixed(blob.toBytes());
      out.writeVarint(sizeBytes).writeU8(PNG).writeVarint(1_000);
    }
    return out.toBytes();
  }

  /** The keys of some paths, in the order that pages have. */
  List<LookupKey> keys(String... paths) {
    List<LookupKey> keys = new ArrayList<>();
    for (String path : paths) {
      keys.add(new CataloguePath(path).lookupKey(service.topic()));
    }
    Collections.sort(keys);
    return keys;
  }

  /** Says that this is the catalogue. */
  void announce(CatalogueClaim claim) {
    EndpointAddr own = PeerText.parse(node.target());
    say(claim.toBody(own));
  }

  void say(Body body) {
    long now = System.currentTimeMillis();
    long sequence = now * 1_000 + ++generation;
    byte[] said = Announcement.sign(key, service, now, sequence, body).encode();
    node.network().broadcast(service.topic(), said);
  }

  @Override
  public void close() {
    node.close();
  }
}
