package org.veilor.seed.node.gateway;

import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.gateway.Answer.Source;
import org.veilor.seed.node.gateway.GatewayContent.Found;
import org.veilor.seed.node.gateway.Preconditions.Outcome;

/** From a request to its answer: the routes, and what each thing that was found means in HTTP. */
final class GatewayRequests implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayRequests.class);
  private static final Duration MOMENT = Duration.ofSeconds(1);
  private static final StoredAnswers.Address BY_HASH = new StoredAnswers.Address(true, null);

  private final GatewayContent content;
  private final GatewayPages pages;
  private final Exchange.Context context;
  private final Semaphore permits;
  private final StoredAnswers stored;
  private final ArrivingAnswers arriving;
  private final UpstreamProxy upstream;

  GatewayRequests(GatewayContent content, GatewayPages pages, Exchange.Context context) {
    this.content = content;
    this.pages = pages;
    this.context = context;
    permits = new Semaphore(context.settings().maxRequests());
    ContentTypes types = new ContentTypes();
    stored = new StoredAnswers(types);
    arriving = new ArrivingAnswers(types);
    upstream = new UpstreamProxy(context.settings().timeouts().firstByte(), context.workers());
  }

  /** Answers; called on the event loop of the exchange and returns at once. */
  void handle(Exchange exchange) {
    RequestHead head = exchange.head();
    if (!head.isGet() && !head.isHead()) {
      exchange.send(Errors.methodNotAllowed(head.method()));
      return;
    }
    Route route = Route.parse(head.target());
    exchange.route(name(route));
    switch (route) {
      case Route.Bad(String reason) -> exchange.send(Errors.answer(400, reason));
      case Route.Unknown() -> exchange.send(Errors.answer(404, "there is nothing at this address"));
      case Route.Moved(String location) -> {
        Answer answer = PageAnswers.text(308, "text/plain; charset=utf-8", location + "\n");
        answer.fields().add("Location", location);
        exchange.send(answer);
      }
      case Route.Live() ->
          exchange.send(PageAnswers.text(200, "text/plain; charset=utf-8", "ok\n"));
      default -> work(exchange, route);
    }
  }

  private void work(Exchange exchange, Route route) {
    if (!permits.tryAcquire()) {
      exchange.send(Errors.overloaded(MOMENT, "too many requests are being answered"));
      return;
    }
    exchange.onEnd(permits::release);
    if (route instanceof Route.Blob(Hash hash) && answeredAtOnce(exchange, hash)) {
      return;
    }
    try {
      context.workers().execute(() -> answer(exchange, route));
    } catch (RejectedExecutionException e) {
      exchange.send(Errors.overloaded(MOMENT, "the node is stopping"));
    }
  }

  /** Answers here, on the event loop, with what is at hand: the way to a worker costs more. */
  private boolean answeredAtOnce(Exchange exchange, Hash hash) {
    try {
      Found found = content.atHand(hash);
      if (found != null) {
        send(exchange, found(exchange, BY_HASH, found, null));
      }
      return found != null;
    } catch (RuntimeException e) {
      failed(exchange, e);
      return true;
    }
  }

  private static void failed(Exchange exchange, RuntimeException e) {
    LOG.error("a bug in {}", exchange.head().target(), e);
    exchange.send(Errors.answer(500, "internal error"));
  }

  private void answer(Exchange exchange, Route route) {
    try {
      switch (route) {
        case Route.Blob(Hash hash) -> blob(exchange, hash);
        case Route.ServicePath path -> path(exchange, path);
        default -> exchange.send(page(exchange, route));
      }
    } catch (RuntimeException e) {
      failed(exchange, e);
    }
  }

  private Answer page(Exchange exchange, Route route) {
    return switch (route) {
      case Route.Status() -> PageAnswers.status(pages.status());
      case Route.Metrics() -> {
        PrometheusText text = new PrometheusText();
        context.metrics().write(text);
        pages.metrics(text);
        yield PageAnswers.text(200, "text/plain; version=0.0.4; charset=utf-8", text.toString());
      }
      case Route.Ready() -> {
        String why = context.draining().getAsBoolean() ? "the node is stopping" : pages.notReady();
        yield PageAnswers.text(
            why == null ? 200 : 503,
            "text/plain; charset=utf-8",
            why == null ? "ready\n" : "not ready: " + why + "\n");
      }
      case Route.ServiceIndex index ->
          PageAnswers.listing(
              index,
              pages.list(index.service(), index.folder(), index.after(), GatewayLimits.MAX_LISTED),
              exchange.head().fields().combined("Accept"));
      default -> throw new IllegalStateException("no page: " + route);
    };
  }

  private void blob(Exchange exchange, Hash hash) {
    RequestHead head = exchange.head();
    Outcome outcome = Preconditions.evaluate(head.fields(), Representation.etag(hash));
    // whoever gets no bytes causes no download either
    boolean headOnly = head.isHead() || outcome != Outcome.PROCEED;
    await(
        exchange,
        content.blob(hash, headOnly),
        found -> {
          if (outcome == Outcome.NOT_MODIFIED && found instanceof Found.Missing) {
            // what is named by its hash is the same wherever it is
            return Representation.notModified(hash);
          }
          return found(exchange, BY_HASH, found, null);
        });
  }

  private void path(Exchange exchange, Route.ServicePath path) {
    RequestHead head = exchange.head();
    int slash = path.path().lastIndexOf('/');
    StoredAnswers.Address address =
        new StoredAnswers.Address(false, path.path().substring(slash + 1));
    boolean conditional = head.fields().has("If-None-Match") || head.fields().has("If-Match");
    boolean headOnly = head.isHead() || conditional;
    await(
        exchange,
        content.path(path.service(), path.path(), headOnly),
        found -> {
          if (headOnly && !head.isHead() && goesOn(head, found)) {
            found.release();
            await(
                exchange,
                content.path(path.service(), path.path(), false),
                again -> found(exchange, address, again, path.query()));
            return null;
          }
          return found(exchange, address, found, path.query());
        });
  }

  /** Whether a conditional GET must be answered with bytes, which were not asked for yet. */
  private static boolean goesOn(RequestHead head, Found found) {
    Hash hash = hash(found);
    return hash == null
        ? found instanceof Found.Missing
        : Preconditions.evaluate(head.fields(), Representation.etag(hash)) == Outcome.PROCEED;
  }

  private static @Nullable Hash hash(Found found) {
    return switch (found) {
      case Found.LocalFile file -> file.hash();
      case Found.OpenFile file -> file.hash();
      case Found.Reader reader -> reader.hash();
      case Found.Arriving download -> download.hash();
      case Found.Elsewhere known -> known.hash();
      default -> null;
    };
  }

  /**
   * Sends the answer when something was found, and 504 when that takes too long.
   *
   * @param answer makes the answer and takes care of what was found; null where it sends itself
   */
  private void await(
      Exchange exchange, CompletionStage<Found> stage, Function<Found, @Nullable Answer> answer) {
    ScheduledFuture<?> timer =
        exchange
            .channel()
            .eventLoop()
            .schedule(
                () -> exchange.send(Errors.answer(504, "nobody gave a first byte in time")),
                context.settings().timeouts().firstByte().toNanos(),
                TimeUnit.NANOSECONDS);
    exchange.onEnd(() -> timer.cancel(false));
    var _ =
        stage.whenCompleteAsync(
            (found, error) -> {
              if (found == null) {
                LOG.error("a bug: {} could not be looked for", exchange.head().target(), error);
                exchange.send(Errors.answer(500, "internal error"));
              } else if (exchange.isAnswered() || !exchange.isOpen()) {
                found.release();
                exchange.send(Errors.answer(504, "nobody gave a first byte in time"));
              } else {
                send(exchange, answer.apply(found));
              }
            },
            context.workers());
  }

  private static void send(Exchange exchange, @Nullable Answer answer) {
    if (answer != null && !exchange.send(answer)) {
      answer.body().onRelease().run();
    }
  }

  /** The answer for what was found, which is released or handed on; null where it comes later. */
  private @Nullable Answer found(
      Exchange exchange, StoredAnswers.Address address, Found found, @Nullable String query) {
    Hash hash = hash(found);
    if (hash != null) {
      Outcome outcome = Preconditions.evaluate(exchange.head().fields(), Representation.etag(hash));
      if (outcome != Outcome.PROCEED) {
        found.release();
        return outcome == Outcome.FAILED
            ? Errors.answer(412, "the entity tag is another one")
            : Representation.notModified(hash);
      }
    }
    return switch (found) {
      case Found.Arriving(Download download, Hash name) -> {
        arriving.answer(exchange, address, download, name);
        yield null;
      }
      case Found.Upstream(URI uri) -> {
        upstream.answer(exchange, withQuery(uri, query));
        yield null;
      }
      case Found.Elsewhere(Hash name, long sizeBytes) ->
          elsewhere(exchange.head(), address, name, sizeBytes);
      case Found.LocalFile _, Found.OpenFile _, Found.Reader _ ->
          stored(exchange.head(), address, found);
      default -> none(found);
    };
  }

  private static URI withQuery(URI uri, @Nullable String query) {
    return query == null || uri.getRawQuery() != null ? uri : URI.create(uri + "?" + query);
  }

  private static Answer elsewhere(
      RequestHead head, StoredAnswers.Address address, Hash hash, long sizeBytes) {
    if (!head.isHead()) {
      return Errors.answer(404, "it is not here");
    }
    Representation known =
        new Representation(hash, sizeBytes, null, null, address.immutable(), address.name());
    return known.answer(
        new RangeField.Selection.Whole(), Source.GATEWAY, _ -> java.util.List.of(), () -> {});
  }

  private Answer stored(RequestHead head, StoredAnswers.Address address, Found found) {
    try {
      return switch (found) {
        case Found.LocalFile file -> stored.localFile(head, address, file);
        case Found.OpenFile file -> stored.openFile(head, address, file);
        case Found.Reader reader -> stored.reader(head, address, reader);
        default -> throw new IllegalStateException("not stored: " + found);
      };
    } catch (IOException e) {
      found.release();
      LOG.warn("{} is here and cannot be read", head.target(), e);
      return Errors.answer(502, "the file is here and cannot be read");
    }
  }

  private static Answer none(Found found) {
    return switch (found) {
      case Found.UnknownService() -> Errors.answer(404, "there is no such service here");
      case Found.Missing() -> Errors.answer(404, "nobody is known to have it");
      case Found.Denied(String why) -> Errors.answer(451, why);
      case Found.Failing(String why) -> Errors.answer(502, why);
      case Found.TooSlow() -> Errors.answer(504, "nobody gave a first byte in time");
      case Found.Overloaded(Duration after) ->
          Errors.overloaded(after, "too much is being fetched at once");
      default -> throw new IllegalStateException("found: " + found);
    };
  }

  private static String name(Route route) {
    return switch (route) {
      case Route.Blob _ -> "blobs";
      case Route.ServicePath _ -> "path";
      case Route.ServiceIndex _, Route.Moved _ -> "index";
      case Route.Status _ -> "status";
      case Route.Metrics _ -> "metrics";
      case Route.Live _, Route.Ready _ -> "health";
      case Route.Unknown _ -> "unknown";
      case Route.Bad _ -> "bad";
    };
  }

  @Override
  public void close() {
    upstream.close();
  }
}
