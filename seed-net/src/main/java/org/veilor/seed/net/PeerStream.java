package org.veilor.seed.net;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.stream.StreamEvent;
import org.veilor.seed.quic.stream.Streams;

/**
 * A QUIC stream of a connection.
 *
 * <p>{@link #read}, {@link #readableBytes}, {@link #writableBytes} and {@link #write} belong to the
 * event loop; {@link #finish}, {@link #reset} and {@link #stopSending} may be called from anywhere.
 */
public final class PeerStream {
  /** {@link #read}: the peer finished its half, and everything was read. */
  public static final int END = Streams.END;

  /** {@link #read}: the peer reset its half; see {@link #resetCode}. */
  public static final int RESET = Streams.RESET;

  private final PeerConnection connection;
  private final long id;
  private @Nullable StreamListener listener;
  private boolean missedReadable;
  private boolean missedClose;
  private long missedStop = -1;
  private long resetCode = -1;

  PeerStream(PeerConnection connection, long id) {
    this.connection = connection;
    this.id = id;
  }

  /** The connection it belongs to. */
  public PeerConnection connection() {
    return connection;
  }

  /** The stream id of RFC 9000 §2.1. */
  public long id() {
    return id;
  }

  /** Whether both sides can send on it. */
  public boolean isBidirectional() {
    return (id & 2) == 0;
  }

  /** Sets who is told; what was missed before is told at once. On the event loop. */
  public void listen(StreamListener newListener) {
    listener = newListener;
    if (missedReadable) {
      missedReadable = false;
      newListener.onReadable(this);
    }
    if (missedStop >= 0) {
      newListener.onStopped(this, missedStop);
    }
    if (missedClose) {
      newListener.onConnectionClosed(this);
    }
  }

  /** Bytes that {@link #read} gives now. */
  public int readableBytes() {
    return connection.streams().readableBytes(id);
  }

  /** Reads what is there: a count, 0 for nothing now, {@link #END} or {@link #RESET}. */
  public int read(byte[] target, int offset, int length) {
    int read = connection.streams().read(id, target, offset, length);
    connection.touch();
    return read;
  }

  /** The code of the peer's reset. */
  public long resetCode() {
    return resetCode >= 0 ? resetCode : connection.streams().resetCode(id);
  }

  /** How much may be written now; -1 if the stream takes no more at all. */
  public int writableBytes() {
    return connection.isOpen() ? connection.streams().writableBytes(id) : -1;
  }

  /** Writes bytes, at most {@link #writableBytes}; the array is the stream's from now on. */
  public void write(byte[] owned, int offset, int length) {
    connection.streams().write(id, owned, offset, length);
    connection.touch();
  }

  /** No more will be written: the peer sees the end after what was written. */
  public void finish() {
    connection.onLoop(() -> connection.streams().finish(id));
  }

  /** Gives up writing; what the peer has not got yet is lost to it. */
  public void reset(long code) {
    connection.onLoop(() -> connection.streams().reset(id, code));
  }

  /** Asks the peer to write no more. */
  public void stopSending(long code) {
    connection.onLoop(() -> connection.streams().stopSending(id, code));
  }

  /** Runs something on the event loop, where this stream may be read and written. */
  public void onLoop(Runnable action) {
    connection.onLoop(action);
  }

  void dispatch(StreamEvent event) {
    StreamListener told = listener;
    switch (event) {
      case StreamEvent.Readable _ -> readable();
      case StreamEvent.ResetByPeer reset -> {
        // Reading the reset may end the stream, and its code is forgotten with it.
        resetCode = reset.code();
        readable();
      }
      case StreamEvent.Writable _ -> {
        if (told != null) {
          told.onWritable(this);
        }
      }
      case StreamEvent.Stopped stopped -> {
        if (told == null) {
          missedStop = stopped.code();
        } else {
          told.onStopped(this, stopped.code());
        }
      }
      case StreamEvent.Finished _ -> {
        if (told != null) {
          told.onFinished(this);
        }
      }
      case StreamEvent.Opened _, StreamEvent.StreamsAvailable _ -> {}
    }
  }

  private void readable() {
    StreamListener told = listener;
    if (told == null) {
      missedReadable = true;
    } else {
      told.onReadable(this);
    }
  }

  void onConnectionClosed() {
    StreamListener told = listener;
    if (told == null) {
      missedClose = true;
    } else {
      told.onConnectionClosed(this);
    }
  }
}
