package org.veilor.seed.node.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.net.ConnectionClosedException;
import org.veilor.seed.net.ConnectionPool;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;
import org.veilor.seed.node.download.PeerClient;
import org.veilor.seed.node.download.PeerLink;
import org.veilor.seed.node.download.PeerRequest;
import org.veilor.seed.node.download.UnreachableException;
import org.veilor.seed.quic.connection.TerminationCause;

/** Connections to providers over an iroh endpoint, one a peer. */
public final class NetPeerClient implements PeerClient {
  /** Providers connected to at once. */
  private static final int MAX_CONNECTIONS = 256;

  private static final int READ_BYTES = 64 * 1024;

  /** TLS alerts as QUIC errors (RFC 9001 §4.8): unknown_ca, no_application_protocol. */
  private static final long WRONG_KEY = 0x130;

  private static final long NO_PROTOCOL = 0x178;

  /** A dial that takes longer is in vain: QUIC has repeated itself several times by then. */
  private static final long DIAL_NANOS = MILLISECONDS.toNanos(4500);

  /** A connection that brought something to anybody within this time is not closed. */
  private static final long ALIVE_NANOS = SECONDS.toNanos(3);

  private final IrohEndpoint endpoint;
  private final long dialNanos;
  private final long aliveNanos;
  private final ConnectionPool pool;
  private final Map<PeerConnection, Link> links = new ConcurrentHashMap<>();

  /** All connections of an endpoint live on one event loop, which reads one stream at a time. */
  private final byte[] readBuffer = new byte[READ_BYTES];

  /** A client that dials with this endpoint. */
  public NetPeerClient(IrohEndpoint endpoint) {
    this(endpoint, DIAL_NANOS, ALIVE_NANOS);
  }

  /** A client with times of its own, for tests. */
  NetPeerClient(IrohEndpoint endpoint, long dialNanos, long aliveNanos) {
    this.endpoint = endpoint;
    this.dialNanos = dialNanos;
    this.aliveNanos = aliveNanos;
    this.pool = new ConnectionPool(endpoint, BlobsLimits.ALPN, MAX_CONNECTIONS);
  }

  @Override
  public CompletionStage<PeerLink> connect(EndpointAddr addr) {
    CompletableFuture<PeerLink> result = new CompletableFuture<>();
    var _ =
        pool.get(addr)
            .copy()
            .orTimeout(dialNanos, NANOSECONDS)
            .whenComplete((connection, failure) -> {
              if (failure == null) {
                result.complete(link(connection));
              } else {
                var _ = explain(addr, failure).thenAccept(result::completeExceptionally);
              }
            });
    return result;
  }

  /** All downloads share a link, so that each knows whether the connection serves others. */
  private Link link(PeerConnection connection) {
    return links.computeIfAbsent(
        connection,
        opened -> {
          var _ = opened.closed().thenRunAsync(() -> links.remove(opened));
          return new Link(opened, readBuffer, aliveNanos);
        });
  }

  /** What a dial that came to nothing says about who is there. */
  private CompletableFuture<UnreachableException> explain(EndpointAddr addr, Throwable failure) {
    Throwable wrapped = failure instanceof CompletionException ? failure.getCause() : null;
    Throwable cause = wrapped == null ? failure : wrapped;
    TerminationCause end =
        cause instanceof ConnectionClosedException closed ? closed.terminationCause() : null;
    boolean isSilent =
        cause instanceof TimeoutException || end instanceof TerminationCause.IdleTimeout;
    return isSilent
        ? endpoint
            .hears(addr)
            .thenApply(heard ->
                new UnreachableException(
                    heard
                        ? "what answers at " + where(addr) + " is no iroh endpoint"
                        : "no answer from " + where(addr) + "; is it running and reachable?",
                    true))
        : CompletableFuture.completedFuture(explain(addr, String.valueOf(cause.getMessage()), end));
  }

  private static UnreachableException explain(
      EndpointAddr addr, String message, @Nullable TerminationCause end) {
    return switch (end) {
      case null -> new UnreachableException(message, true);
      case TerminationCause.TransportErrorHere here when here.code() == WRONG_KEY ->
          new UnreachableException(
              "who answers at "
                  + where(addr)
                  + " is another endpoint than "
                  + addr.id().shortText()
                  + "; ask for a new ticket",
              true);
      case TerminationCause.TransportErrorByPeer peer when peer.code() == NO_PROTOCOL ->
          new UnreachableException(
              "the endpoint at " + where(addr) + " does not offer " + BlobsLimits.ALPN, true);
      case TerminationCause.NoCommonVersion _, TerminationCause.TransportErrorHere _ ->
          new UnreachableException(
              "what answers at " + where(addr) + " is no iroh endpoint: " + message, true);
      default ->
          new UnreachableException("no connection to " + where(addr) + ": " + message, false);
    };
  }

  private static String where(EndpointAddr addr) {
    return addr.ipAddrs().stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private static final class Link implements PeerLink {
    private final PeerConnection connection;
    private final byte[] readBuffer;
    private final long aliveNanos;
    private volatile long rttNanos;

    /** When anybody last got something; the event loop writes. */
    private volatile long activeNanos = System.nanoTime();

    Link(PeerConnection connection, byte[] readBuffer, long aliveNanos) {
      this.connection = connection;
      this.readBuffer = readBuffer;
      this.aliveNanos = aliveNanos;
      connection.onLoop(this::measure);
    }

    private void measure() {
      activeNanos = System.nanoTime();
      rttNanos = connection.smoothedRttNanos();
    }

    @Override
    public long rttNanos() {
      return rttNanos;
    }

    @Override
    public PeerRequest open(byte[] request, PeerRequest.Listener listener) {
      Exchange exchange = new Exchange(this, request, listener);
      var _ =
          connection
              .openBidirectional()
              .whenComplete((stream, failure) -> {
                if (failure != null) {
                  listener.onLost(String.valueOf(failure.getMessage()));
                } else {
                  stream.onLoop(() -> exchange.start(stream));
                }
              });
      return exchange;
    }

    @Override
    public void giveUp() {
      if (System.nanoTime() - activeNanos >= aliveNanos) {
        connection.close(0, "");
      }
    }

    @Override
    public boolean isOpen() {
      return connection.isOpen();
    }
  }

  /** One request and its response; all but {@code volatile} fields belong to the event loop. */
  private static final class Exchange implements PeerRequest, StreamListener {
    private final Link link;
    private final byte[] request;
    private final Listener listener;
    private @Nullable PeerStream stream;
    private int written;
    private boolean over;
    private volatile boolean cancelled;
    private volatile boolean paused;

    Exchange(Link link, byte[] request, Listener listener) {
      this.link = link;
      this.request = request.clone();
      this.listener = listener;
    }

    void start(PeerStream opened) {
      stream = opened;
      opened.listen(this);
      writeRequest(opened);
      if (cancelled) {
        abandon(opened);
      }
    }

    private void writeRequest(PeerStream s) {
      int count = Math.min(s.writableBytes(), request.length - written);
      if (count > 0) {
        s.write(request, written, count); // the array is this exchange's own
        written += count;
        if (written == request.length) {
          s.finish();
        }
      }
    }

    @Override
    public void onWritable(PeerStream s) {
      if (!over && written < request.length) {
        writeRequest(s);
      }
    }

    @Override
    public void onReadable(PeerStream s) {
      byte[] buffer = link.readBuffer;
      while (!over && !paused) {
        int count = s.read(buffer, 0, buffer.length);
        if (count == 0) {
          return;
        }
        if (count > 0) {
          link.measure();
          listener.onBytes(buffer, 0, count);
        } else {
          over = true;
          if (count == PeerStream.END) {
            listener.onEnd();
          } else {
            listener.onReset(s.resetCode());
          }
        }
      }
    }

    @Override
    public void onConnectionClosed(PeerStream s) {
      if (!over) {
        over = true;
        listener.onLost("the connection ended");
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      link.connection.onLoop(() -> {
        PeerStream s = stream;
        if (s != null) {
          abandon(s);
        }
      });
    }

    private void abandon(PeerStream s) {
      if (!over) {
        over = true;
        s.stopSending(0);
        if (written < request.length) {
          s.reset(0);
        }
      }
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
      link.connection.onLoop(() -> {
        PeerStream s = stream;
        if (s != null) {
          onReadable(s);
        }
      });
    }
  }
}
