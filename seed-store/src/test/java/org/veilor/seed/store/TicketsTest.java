package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.ticket.BlobTicket;

/** Who is known to have a blob outlasts the process. */
final class TicketsTest {
  private static final Hash HASH = MemoryBlob.of(new byte[] {1, 2, 3}).hash();

  @TempDir Path state;

  private static BlobTicket ticket(int endpoint, HashAndFormat content) {
    byte[] secret = new byte[SecretKey.LENGTH];
    secret[0] = (byte) endpoint;
    return new BlobTicket(EndpointAddr.of(SecretKey.of(secret).id(), List.of()), content);
  }

  @Test
  void theNewestOfEachEndpointAreKept() throws Exception {
    List<BlobTicket> given = new ArrayList<>();
    for (int i = 0; i < StoreLimits.TICKETS + 2; i++) {
      given.add(ticket(i, HashAndFormat.raw(HASH)));
    }
    BlobTicket again = ticket(5, HashAndFormat.hashSequence(HASH));
    try (BlobStore store = BlobStore.open(state, StoreOptions.defaults())) {
      assertThat(store.tickets(HASH)).isEmpty();
      store.keepTickets(given);
      store.keepTickets(List.of(again));
    }
    try (BlobStore store = BlobStore.open(state, StoreOptions.defaults())) {
      List<BlobTicket> kept = store.tickets(HASH);
      assertThat(kept).hasSize(StoreLimits.TICKETS).startsWith(again, given.getLast());
      assertThat(kept).doesNotContain(given.get(5)).doesNotContain(given.getFirst());
      assertThat(store.tickets(Hash.EMPTY_BLOB)).isEmpty();
    }
  }
}
