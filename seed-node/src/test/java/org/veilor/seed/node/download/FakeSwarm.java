package org.veilor.seed.node.download;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.veilor.seed.blobs.provider.Output;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.provider.RequestState;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;

/** Providers in this process: real provider sessions behind links with delay, rate and faults. */
final class FakeSwarm implements PeerClient {
  /** What a provider does wrong. */
  enum Fault {
    NONE,
    LIES,
    STALLS,
    RESETS,
    DENIES,
    BUSY,
    LOSES_CONNECTION,
    NO_FIN,
    HUGE_SIZE,
    SIZE_ZERO,
    TRICKLES,
    REFUSES
  }

  /** One provider. */
  static final class Node {
    final EndpointAddr addr;
    final Map<Hash, MemoryBlob> blobs = new ConcurrentHashMap<>();
    Fault fault = Fault.NONE;
    long faultAfterBytes;
    long rttMillis;
    long bytesPerSecond = Long.MAX_VALUE;
    final AtomicLong sentBytes = new AtomicLong();
    final AtomicInteger connects = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger mostOpen = new AtomicInteger();
    private long nextFreeNanos;

    Node(int number) {
      byte[] seed = new byte[32];
      seed[0] = (byte) number;
      seed[1] = (byte) (number >> 8);
      addr = EndpointAddr.of(SecretKey.of(seed).id());
    }

    Provider provider() {
      return Provider.of(addr);
    }

    void add(MemoryBlob blob) {
      blobs.put(blob.hash(), blob);
    }

    /** Waits for the rate of the node. */
    void pace(int bytes) throws InterruptedException {
      if (bytesPerSecond == Long.MAX_VALUE) {
        return;
      }
      long wait;
      synchronized (this) {
        long now = System.nanoTime();
        nextFreeNanos = Math.max(nextFreeNanos, now) + bytes * 1_000_000_000L / bytesPerSecond;
        wait = nextFreeNanos - now;
      }
      if (wait > 1_000_000) {
        Thread.sleep(wait / 1_000_000);
      }
    }
  }

  final Map<EndpointAddr, Node> nodes = new ConcurrentHashMap<>();

  Node node(int number) {
    Node node = new Node(number);
    nodes.put(node.addr, node);
    return node;
  }

  @Override
  public CompletionStage<PeerLink> connect(EndpointAddr addr) {
    Node node = nodes.get(addr);
    CompletableFuture<PeerLink> link = new CompletableFuture<>();
    if (node == null || node.fault == Fault.REFUSES) {
      link.completeExceptionally(new IOException("nobody answers"));
      return link;
    }
    node.connects.incrementAndGet();
    Thread.ofVirtual()
        .start(() -> {
          sleep(node.rttMillis);
          link.complete(new Link(node));
        });
    return link;
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Link implements PeerLink {
    private final Node node;
    private volatile boolean closed;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();

    Link(Node node) {
      this.node = node;
    }

    @Override
    public long rttNanos() {
      return node.rttMillis * 1_000_000;
    }

    @Override
    public PeerRequest open(byte[] request, PeerRequest.Listener listener) {
      Stream stream = new Stream(this, listener);
      streams.add(stream);
      node.requests.incrementAndGet();
      int count = node.open.incrementAndGet();
      node.mostOpen.accumulateAndGet(count, Math::max);
      Thread.ofVirtual()
          .start(() -> {
            try {
              stream.serve(request);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } finally {
              node.open.decrementAndGet();
              streams.remove(stream);
            }
          });
      return stream;
    }

    void lose() {
      closed = true;
      streams.forEach(Stream::lose);
    }

    @Override
    public void giveUp() {
      lose();
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }
  }

  private static final class Stream implements PeerRequest {
    private final Link link;
    private final Listener listener;
    private boolean paused;
    private boolean cancelled;
    private boolean lost;

    Stream(Link link, Listener listener) {
      this.link = link;
      this.listener = listener;
    }

    void serve(byte[] request) throws InterruptedException {
      Node node = link.node;
      sleep(node.rttMillis);
      if (node.fault == Fault.SIZE_ZERO) {
        listener.onBytes(new byte[8], 0, 8);
        listener.onEnd();
        return;
      }
      if (node.fault == Fault.RESETS || node.fault == Fault.DENIES || node.fault == Fault.BUSY) {
        listener.onReset(node.fault == Fault.RESETS ? 3 : node.fault == Fault.DENIES ? 1 : 2);
        return;
      }
      ProviderSession session =
          new ProviderSession(
              hash -> {
                MemoryBlob blob = node.blobs.get(hash);
                return blob == null ? new BlobLookup.Missing() : new BlobLookup.Found(blob);
              },
              ProviderPolicy.admitAll(),
              System.nanoTime());
      RequestState state = session.onData(request, 0, request.length, true);
      if (!(state instanceof RequestState.Ready)) {
        throw new IllegalStateException("a malformed request: " + state);
      }
      byte[] buffer = new byte[ProviderSession.BUFFER_BYTES];
      boolean first = true;
      while (awaitReading()) {
        switch (session.next(buffer)) {
          case Output.Data data -> {
            if (first && node.fault == Fault.HUGE_SIZE) {
              buffer[7] = 0x10;
            }
            first = false;
            send(buffer, data.length());
          }
          case Output.Finish _ -> {
            if (node.fault != Fault.NO_FIN) {
              listener.onEnd();
            }
            return;
          }
          case Output.Reset reset -> {
            listener.onReset(reset.code().code());
            return;
          }
          case Output.StopSending _ -> {}
          case Output.WaitForUpdate _ -> awaitCancel();
        }
      }
      if (lost) {
        listener.onLost("the connection ended");
      }
    }

    private void send(byte[] buffer, int length) throws InterruptedException {
      Node node = link.node;
      node.pace(length);
      long before = node.sentBytes.getAndAdd(length);
      boolean isDue = before + length > node.faultAfterBytes;
      switch (node.fault) {
        case LIES -> {
          if (isDue) {
            buffer[length - 1] ^= 1;
          }
        }
        case STALLS -> {
          if (isDue) {
            awaitCancel();
            return;
          }
        }
        case LOSES_CONNECTION -> {
          if (isDue) {
            node.sentBytes.set(0);
            link.lose();
            return;
          }
        }
        case TRICKLES -> {
          for (int i = 0; i < length && awaitReading(); i++) {
            Thread.sleep(20);
            listener.onBytes(buffer, i, 1);
          }
          return;
        }
        default -> {}
      }
      listener.onBytes(buffer, 0, length);
    }

    private synchronized void awaitCancel() throws InterruptedException {
      while (!cancelled && !lost) {
        wait();
      }
    }

    private synchronized boolean awaitReading() throws InterruptedException {
      while (paused && !cancelled && !lost) {
        wait();
      }
      return !cancelled && !lost;
    }

    synchronized void lose() {
      lost = true;
      notifyAll();
    }

    @Override
    public synchronized void cancel() {
      cancelled = true;
      notifyAll();
    }

    @Override
    public synchronized void pause() {
      paused = true;
    }

    @Override
    public synchronized void resume() {
      paused = false;
      notifyAll();
    }
  }
}
