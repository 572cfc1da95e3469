package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.node.seeding.Adder;

/** Tells whoever asked how it goes, a few times a second, from many threads. */
final class LineStream implements Adder.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(LineStream.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final ControlAnswer answer;
  private long lastNanos = System.nanoTime();
  private boolean gone;

  LineStream(ControlAnswer answer) {
    this.answer = answer;
  }

  /** Says it now, if somebody still listens. */
  synchronized void tell(ObjectNode line) throws IOException {
    answer.line(line);
    answer.flush();
  }

  @Override
  public synchronized void progress(
      long filesDone, long filesTotal, long bytesDone, long bytesTotal) {
    long now = System.nanoTime();
    if (!gone && now - lastNanos >= PAUSE_NANOS) {
      lastNanos = now;
      say(
          JSON.createObjectNode()
              .put("event", "progress")
              .put("files_done", filesDone)
              .put("files_total", filesTotal)
              .put("bytes_done", bytesDone)
              .put("bytes_total", bytesTotal));
    }
  }

  @Override
  public synchronized void skipped(Path path, String why) {
    if (!gone) {
      say(
          JSON.createObjectNode()
              .put("event", "skipped")
              .put("path", path.toString())
              .put("why", why));
    }
  }

  private void say(ObjectNode line) {
    try {
      tell(line);
    } catch (IOException e) {
      gone = true;
      LOG.debug("whoever asked has gone; it goes on", e);
    }
  }
}
