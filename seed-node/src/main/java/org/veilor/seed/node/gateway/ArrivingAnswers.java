package org.veilor.seed.node.gateway;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadException;
import org.veilor.seed.node.download.DownloadFailure;
import org.veilor.seed.node.gateway.Answer.Piece;
import org.veilor.seed.node.gateway.Answer.Source;

/**
 * Answers from a download that runs. Its size must be proved and its first bytes be here before the
 * answer begins, so that a failure until then has a status of its own.
 */
final class ArrivingAnswers {
  private final ContentTypes types;

  ArrivingAnswers(ContentTypes types) {
    this.types = types;
  }

  /** Answers as soon as the download can; returns at once. */
  void answer(Exchange exchange, StoredAnswers.Address address, Download download, Hash hash) {
    var _ =
        download
            .size()
            .whenCompleteAsync(
                (size, error) -> {
                  if (error != null) {
                    exchange.send(failure(error, exchange.context().draining().getAsBoolean()));
                  } else if (exchange.isOpen() && !exchange.isAnswered()) {
                    begin(exchange, address, download, hash, size);
                  }
                },
                exchange.context().workers());
  }

  private void begin(
      Exchange exchange,
      StoredAnswers.Address address,
      Download download,
      Hash hash,
      long sizeBytes) {
    RequestHead head = exchange.head();
    Representation untyped =
        new Representation(
            hash, sizeBytes, null, types.of(hash), address.immutable(), address.name());
    RangeField.Selection selection = untyped.select(head);
    Opened opened = new Opened(download);
    boolean sent = false;
    try {
      Answer answer;
      if (selection instanceof RangeField.Selection.Unsatisfiable || head.isHead()) {
        answer = untyped.answer(selection, Source.DOWNLOAD, _ -> List.of(), () -> {});
      } else {
        String type = untyped.type();
        if (type == null && sizeBytes > 0) {
          type = types.sniff(hash, opened.head(exchange, selection, sizeBytes));
        }
        Representation typed =
            new Representation(hash, sizeBytes, null, type, address.immutable(), address.name());
        answer = typed.answer(selection, Source.DOWNLOAD, opened::pieces, opened::close);
      }
      sent = exchange.send(answer);
    } catch (TransferStoppedException e) {
      exchange.send(Errors.answer(504, "nobody gave a first byte in time"));
    } catch (IOException e) {
      exchange.send(failure(e, exchange.context().draining().getAsBoolean()));
    } finally {
      if (!sent) {
        opened.close();
      }
    }
  }

  /** The readers of one answer; closing is for any thread, and once for all. */
  private static final class Opened {
    private final Download download;
    private final ConcurrentLinkedQueue<ArrivingBytes> open = new ConcurrentLinkedQueue<>();
    private @Nullable ArrivingBytes first;
    private byte[] firstBytes = {};

    Opened(Download download) {
      this.download = download;
    }

    private ArrivingBytes open(long from, long until) {
      ArrivingBytes bytes = new ArrivingBytes(download, from, until);
      open.add(bytes);
      return bytes;
    }

    /** The first bytes of the blob; where the answer begins with them, they are kept for it. */
    byte[] head(Exchange exchange, RangeField.Selection selection, long sizeBytes)
        throws IOException, TransferStoppedException {
      ByteRange range =
          selection instanceof RangeField.Selection.Parts(List<ByteRange> ranges)
              ? ranges.getFirst()
              : new ByteRange(0, sizeBytes);
      ArrivingBytes wanted = open(range.first(), range.until());
      wanted.start();
      first = wanted;
      int length = (int) Math.min(GatewayLimits.SNIFFED_BYTES, sizeBytes);
      if (range.first() == 0 && range.lengthBytes() >= length) {
        firstBytes = read(exchange, wanted, length);
        return firstBytes;
      }
      try (ArrivingBytes head = open(0, length)) {
        return read(exchange, head, length);
      }
    }

    private static byte[] read(Exchange exchange, ArrivingBytes source, int length)
        throws IOException, TransferStoppedException {
      PatientReader patience = new PatientReader(exchange);
      byte[] bytes = new byte[length];
      int count = 0;
      while (count < length) {
        int read = patience.read(source, bytes, count, length - count);
        if (read < 0) {
          return Arrays.copyOf(bytes, count);
        }
        count += read;
      }
      return bytes;
    }

    /** The bytes of one range; those of later ones are asked for when it is their turn. */
    List<Piece> pieces(ByteRange range) {
      ArrivingBytes started = first;
      if (started == null) {
        return List.of(new Piece.Stream(open(range.first(), range.until())));
      }
      first = null;
      List<Piece> pieces = new ArrayList<>();
      if (firstBytes.length > 0) {
        pieces.add(Piece.Bytes.of(firstBytes));
      }
      pieces.add(new Piece.Stream(started));
      return pieces;
    }

    void close() {
      open.forEach(ArrivingBytes::close);
    }
  }

  /** What the failure of a download means to a client. */
  private static Answer failure(Throwable error, boolean stopping) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (!(cause instanceof DownloadException failed)) {
      return Errors.answer(502, "the download failed: " + cause.getMessage());
    }
    DownloadFailure failure = failed.failure();
    String why = failure.toString();
    return switch (failure.kind()) {
      case NO_PROVIDER, NOT_FOUND -> Errors.answer(404, why);
      case REFUSED_HERE -> Errors.answer(451, why);
      case DENIED, ALL_FAILED, TOO_LARGE -> Errors.answer(502, why);
      case TIMEOUT -> Errors.answer(504, why);
      case CANCELLED ->
          // who waits for the size is no reader yet: the time of grace can end before its patience
          stopping
              ? Errors.overloaded(java.time.Duration.ofSeconds(2), why)
              : Errors.answer(504, "nobody gave a first byte in time");
      case OVERLOADED -> Errors.overloaded(java.time.Duration.ofSeconds(2), why);
      case STORAGE -> Errors.answer(500, why);
    };
  }
}
