package org.veilor.seed.blobs.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.veilor.seed.blobs.protocol.ObserveItem;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.provider.RequestState;
import org.veilor.seed.blobs.testing.Exchange;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.wire.MalformedException;

/**
 * Whatever a getter sends, the provider answers and stays whole. Without the environment variable
 * of Jazzer these run on their seed inputs only.
 */
class RequestFuzzTest {
  private static final TestCatalog CATALOG = new TestCatalog();

  static {
    CATALOG.addPattern(1025);
    CATALOG.addPattern(100_000);
    CATALOG.addSequence(1025, 100_000, 1025);
  }

  @FuzzTest
  void request(byte[] input) {
    Exchange whole = Exchange.run(CATALOG, input);
    check(!whole.end().isEmpty(), "an end");
    check(CATALOG.openReaders() == 0, "no reader stays open");
    Exchange pieces = Exchange.run(CATALOG, input, true, 3);
    check(Arrays.equals(whole.response(), pieces.response()), "slices do not matter");
    try (ProviderSession session = new ProviderSession(CATALOG, ProviderPolicy.admitAll(), 0)) {
      if (session.onData(input, 0, input.length, true) instanceof RequestState.Ready ready) {
        checkCodec(ready.request());
      }
    }
  }

  private static void checkCodec(Request request) {
    byte[] bytes = RequestCodec.encode(request);
    try {
      check(
          RequestCodec.decodeBody(bytes[0], bytes, 1, bytes.length - 1).equals(request),
          "what was read can be written and read again");
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  @FuzzTest
  void observeItem(byte[] input) {
    try {
      ObserveItem item = ObserveItem.decode(input);
      check(item.encodeFrame().length > 2, "frame");
    } catch (MalformedException e) {
      check(e.offset() <= input.length, "offset");
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
