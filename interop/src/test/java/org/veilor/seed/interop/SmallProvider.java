package org.veilor.seed.interop;

import org.veilor.seed.blobs.provider.Output;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.provider.RequestState;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;

/** The least that provides blobs from memory on a connection, whoever dialled it. */
final class SmallProvider implements StreamListener {
  private final ProviderSession session;
  private final byte[] buffer = new byte[ProviderSession.BUFFER_BYTES];
  private boolean answering;

  private SmallProvider(BlobCatalog catalog) {
    session = new ProviderSession(catalog, ProviderPolicy.admitAll(), System.nanoTime());
  }

  static void serve(PeerConnection connection, BlobCatalog catalog) {
    connection.onStream(stream -> stream.onLoop(() -> stream.listen(new SmallProvider(catalog))));
  }

  @Override
  public void onReadable(PeerStream stream) {
    while (!answering) {
      int read = stream.read(buffer, 0, buffer.length);
      if (read == 0) {
        return;
      }
      RequestState state =
          read == PeerStream.RESET
              ? session.onRequestReset()
              : session.onData(buffer, 0, Math.max(0, read), read == PeerStream.END);
      answering = state instanceof RequestState.Ready;
      if (state instanceof RequestState.Refused) {
        stream.reset(1);
        return;
      }
    }
    onWritable(stream);
  }

  @Override
  public void onWritable(PeerStream stream) {
    while (answering && stream.writableBytes() >= buffer.length) {
      switch (session.next(buffer)) {
        case Output.Data(int count) ->
            stream.write(java.util.Arrays.copyOf(buffer, count), 0, count);
        case Output.Finish _ -> {
          stream.finish();
          answering = false;
        }
        case Output.Reset(var code) -> {
          stream.reset(code.code());
          answering = false;
        }
        case Output.StopSending _, Output.WaitForUpdate _ -> answering = false;
      }
    }
  }

  @Override
  public void onConnectionClosed(PeerStream stream) {
    session.close();
  }
}
