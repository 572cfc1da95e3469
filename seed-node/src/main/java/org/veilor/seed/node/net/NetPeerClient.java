package org.veilor.seed.node.net;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.net.ConnectionPool;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;
import org.veilor.seed.node.download.PeerClient;
import org.veilor.seed.node.download.PeerLink;
import org.veilor.seed.node.download.PeerRequest;

/** Connections to providers over an iroh endpoint, one a peer. */
public final class NetPeerClient implements PeerClient {
  /** Providers connected to at once. */
  private static final int MAX_CONNECTIONS = 256;

  private static final int READ_BYTES = 64 * 1024;

  private final ConnectionPool pool;

  /** All connections of an endpoint live on one event loop, which reads one stream at a time. */
  private final byte[] readBuffer = new byte[READ_BYTES];

  /** A client that dials with this endpoint. */
  public NetPeerClient(IrohEndpoint endpoint) {
    this.pool = new ConnectionPool(endpoint, BlobsLimits.ALPN, MAX_CONNECTIONS);
  }

  @Override
  public CompletionStage<PeerLink> connect(EndpointAddr addr) {
    return pool.get(addr).thenApply(connection -> new Link(connection, readBuffer));
  }

  private static final class Link implements PeerLink {
    private final PeerConnection connection;
    private final byte[] readBuffer;
    private volatile long rttNanos;

    Link(PeerConnection connection, byte[] readBuffer) {
      this.connection = connection;
      this.readBuffer = readBuffer;
      connection.onLoop(this::measure);
    }

    private void measure() {
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
    public void close() {
      connection.close(0, "");
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
