package org.veilor.seed.core.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.ResponseDecoder;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.ExportName;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.ticket.EndpointTicket;
import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * Whatever comes in, parsers answer or say that it is malformed, and what they accept they can
 * repeat. Without the environment variable of Jazzer these run on their seed inputs only.
 */
class ParserFuzzTest {
  @FuzzTest
  void blobTicket(byte[] input) {
    try {
      BlobTicket ticket = BlobTicket.ofBytes(input);
      check(BlobTicket.parse(ticket.toString()).equals(ticket), "blob ticket");
    } catch (MalformedException e) {
      check(e.offset() >= 0, "offset");
    }
  }

  @FuzzTest
  void blobTicketText(byte[] input) {
    try {
      BlobTicket ticket = BlobTicket.parse("blob" + new String(input, ISO_8859_1));
      check(BlobTicket.ofBytes(ticket.toBytes()).equals(ticket), "blob ticket");
    } catch (MalformedException e) {
      check(e.offset() >= 0, "offset");
    }
  }

  @FuzzTest
  void endpointTicket(byte[] input) {
    try {
      EndpointTicket ticket = EndpointTicket.ofBytes(input);
      check(EndpointTicket.parse(ticket.toString()).equals(ticket), "endpoint ticket");
    } catch (MalformedException e) {
      check(e.offset() >= 0, "offset");
    }
  }

  private interface Parser<T> {
    T parse(String text) throws MalformedException;
  }

  /** Each name that a person or a peer may write down, in all its forms. */
  @FuzzTest
  void texts(byte[] input) {
    String text = new String(input, ISO_8859_1);
    repeat(text, Hash::parse);
    repeat(text, HashAndFormat::parse);
    repeat(text, EndpointId::parse);
    repeat(text, RelayUrl::parse);
    repeat("endpoint" + text, EndpointTicket::parse);
    try {
      EndpointId id = EndpointId.parseZBase32(text);
      check(EndpointId.parseZBase32(id.toZBase32()).equals(id), "z-base-32");
    } catch (MalformedException e) {
      check(e.offset() >= 0, "offset");
    }
    for (Base32 base32 : Base32.values()) {
      try {
        byte[] bytes = base32.decode(text);
        check(base32.encode(bytes).equalsIgnoreCase(text), "one text for the same bytes");
      } catch (MalformedException e) {
        check(e.offset() <= text.length(), "offset");
      }
    }
  }

  private static <T> void repeat(String text, Parser<T> parser) {
    T value;
    try {
      value = parser.parse(text);
    } catch (MalformedException e) {
      check(e.offset() >= 0, "offset");
      return;
    }
    try {
      check(parser.parse(value.toString()).equals(value), "reads what it writes");
    } catch (MalformedException e) {
      throw new AssertionError(value.toString(), e);
    }
  }

  @FuzzTest
  void hashSequence(byte[] input) {
    try {
      HashSequence sequence = HashSequence.ofBytes(input);
      check(input.length == sequence.size() * Hash.LENGTH, "size");
      check(Arrays.equals(sequence.toBytes(), input), "bytes");
      if (sequence.size() > 0) {
        check(sequence.get(sequence.size() - 1).matches(input, input.length - 32), "last");
      }
    } catch (MalformedException e) {
      check(input.length % Hash.LENGTH != 0, "length");
    }
  }

  @FuzzTest
  void postcard(byte[] input) {
    PostcardReader in = new PostcardReader(input);
    try {
      while (in.remaining() > 0) {
        long number = in.readU64();
        byte[] shortest = new PostcardWriter().writeVarint(number).toBytes();
        check(new PostcardReader(shortest).readU64() == number, "number");
        check(in.readText(100).length() <= 100, "text");
        check(in.readBytes(50).length <= 50, "bytes");
      }
    } catch (MalformedException e) {
      check(e.offset() <= input.length, "offset");
    }
  }

  @FuzzTest
  void collection(byte[] input) {
    HashSequence root = HashSequence.of(List.of(Blake3Hasher.hash(input), Hash.EMPTY_BLOB));
    try {
      Collection collection = Collection.decode(root, input);
      check(collection.entries().size() == 1, "one name");
      ExportName.checkAll(collection);
      List<String> path = ExportName.components(collection.entries().getFirst().name());
      check(!path.contains("..") && !path.contains(""), "safe name");
    } catch (MalformedException e) {
      check(e.offset() >= 0, "offset");
    }
  }

  @FuzzTest
  void response(byte[] input) {
    ResponseDecoder decoder =
        new ResponseDecoder(
            SubtreeEngine.preferred(),
            Hash.EMPTY_BLOB,
            ChunkRanges.ofBoundaries(1, 3, 20),
            1L << 40);
    int position = 0;
    while (true) {
      switch (decoder.next(input, position, input.length - position)) {
        case ResponseDecoder.Event.Data data ->
            check(data.leaf().lengthBytes() == 0, "nobody knows bytes with the empty hash");
        case ResponseDecoder.Event.Pair _ -> throw new AssertionError("no pair has the empty hash");
        case ResponseDecoder.Event.Header header -> check(header.claimedSizeBytes() >= 0, "size");
        case ResponseDecoder.Event.NeedMore _ -> {
          check(decoder.endOfStream() instanceof ResponseDecoder.Event.Failed, "incomplete");
          return;
        }
        case ResponseDecoder.Event.Complete _, ResponseDecoder.Event.Failed _ -> {
          return;
        }
      }
      position += decoder.consumed();
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
