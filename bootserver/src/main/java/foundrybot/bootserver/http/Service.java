// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all connections of a server share.
 *
 * @param secure whether bytes are encrypted on their way out
 * @param blocking runs what waits for the file system
 */
record Service(
    HttpSettings.Limits limits,
    HttpHandler handler,
    Recorder recorder,
    OpenFiles files,
    boolean secure,
    Executor blocking) {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  /** Opens a file without making the event loop wait; one of the two is called, on it. */
  void open(
      Path path,
      EventExecutor loop,
      Consumer<OpenFiles.Hold> opened,
      Consumer<IOException> failed) {
    Optional<OpenFiles.Hold> atHand = files.atHand(path);
    if (atHand.isPresent()) {
      opened.accept(atHand.get());
      return;
    }
    blocking.execute(
        () -> {
          try {
            OpenFiles.Hold hold = files.open(path);
            loop.execute(() -> opened.accept(hold));
          } catch (IOException e) {
            loop.execute(() -> failed.accept(e));
          }
        });
  }

  /** What a request gets whose handler failed; the reason is for the log alone. */
  HttpAnswer failed(HttpRequestView request, Throwable failure) {
    LOG.error("http handler failed method={} peer={}", request.method(), request.peer(), failure);
    return HttpAnswer.Body.text(500, "internal error\n", "a failed request");
  }
}
