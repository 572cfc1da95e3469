package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.store.meta.MetaException;

/** Whatever a damaged database holds, a row is read or said to be damaged. */
class RowsFuzzTest {
  private static final Path PATH = Path.of("/a");
  private static final Hash HASH = Hash.EMPTY_BLOB;

  @FuzzTest
  void rowsAreReadOrDamaged(byte[] value) {
    try {
      Rows.BlobRow row = Rows.blob(value);
      assertThat(row.outboardBytes()).isNotNegative();
      assertThat(Rows.encode(row)).isEqualTo(value);
    } catch (MetaException e) {
      check(e);
    }
    try {
      PathRecord row = Rows.path(PATH, value);
      assertThat(Rows.path(PATH, Rows.encode(row))).isEqualTo(row);
    } catch (MetaException e) {
      check(e);
    }
    try {
      CollectionRecord row = Rows.collection(PATH, value);
      assertThat(Rows.collection(PATH, Rows.encode(row))).isEqualTo(row);
    } catch (MetaException e) {
      check(e);
    }
    try {
      List<BlobTicket> row = Rows.tickets(HASH, value);
      assertThat(Rows.tickets(HASH, Rows.encode(row))).isEqualTo(row);
    } catch (MetaException e) {
      check(e);
    }
    try {
      Refusal row = Rows.refusal(PATH, value);
      assertThat(Rows.refusal(PATH, Rows.encode(row))).isEqualTo(row);
    } catch (MetaException e) {
      check(e);
    }
  }

  private interface Reading {
    Object read() throws MetaException;
  }

  @FuzzTest
  void keysAreReadOrDamaged(byte[] key) {
    for (Reading reading :
        new Reading[] {
          () -> Keys.path(key),
          () -> Keys.holderKind(key),
          () -> Keys.holderPath(key),
          () -> Keys.droppedHash(key),
          () -> Keys.blob(key)
        }) {
      try {
        assertThat(reading.read()).isNotNull();
      } catch (MetaException e) {
        assertThat(e.kind()).isEqualTo(MetaException.Kind.DAMAGED);
      }
    }
  }

  private static void check(MetaException e) {
    assertThat(e.kind()).isIn(MetaException.Kind.DAMAGED, MetaException.Kind.NEWER);
  }

  /** What reading these rows and keys found when it was first fuzzed. */
  @Test
  void negativeSizesAndShortKeysAreDamage() {
    byte[] negativeSize = new byte[1 + Long.BYTES + 2 + Sha256.LENGTH];
    negativeSize[0] = Rows.VERSION;
    negativeSize[1] = -1;
    rowsAreReadOrDamaged(negativeSize);
    keysAreReadOrDamaged(new byte[0]);
    keysAreReadOrDamaged(new byte[40]);
  }
}
